//! `cdr.cdr` of a Yeti, as `\copy cdr.cdr TO 'cdr.csv' CSV HEADER` writes it. A rerouted attempt (`is_last_cdr` is
//! false) is no call of its own and is passed over.

use std::time::Duration;

use call::{event::EndCause, rating::Rate};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Header, LineReader, at, needed, whole};
use crate::{
    field::{Field, Mistake},
    foreign::{EndedBy, ForeignCall, ForeignParty, cause_of},
    source::{Passed, Understood},
};

/// The layout.
pub(super) struct Dump {
    zone: TimeZone,
    header: Header,
}

/// Columns without which a dump is none.
const NEEDED: [&str; 9] = [
    "id",
    "time_start",
    "time_connect",
    "time_end",
    "customer_acc_id",
    "vendor_acc_id",
    "src_prefix_in",
    "dst_prefix_in",
    "success",
];

impl Dump {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, header: Header::default() }
    }

    fn field<'a>(&self, line: &'a csv::StringRecord, name: &'a str) -> Field<'a> {
        at(line, name, self.header.place(name))
    }
}

impl LineReader for Dump {
    fn has_header(&self) -> bool {
        true
    }

    fn learn(&mut self, header: &csv::StringRecord) -> Result<(), Mistake> {
        self.header = Header::of(header);
        NEEDED.iter().try_for_each(|name| self.header.needed(name).map(drop))
    }

    fn read(&self, line: &csv::StringRecord) -> Result<Understood, Mistake> {
        let field = |name| self.field(line, name);
        if field("is_last_cdr").flag()? == Some(false) {
            return Ok(Understood::PassedOver(Passed::Attempt));
        }
        let time = |name| field(name).instant(&self.zone);
        let started_at = needed(time("time_start"), "time_start", "a time")?;
        let ended_at = needed(time("time_end"), "time_end", "a time")?;
        let is_answered = field("success").flag()?.unwrap_or_default();
        let answered_at = time("time_connect")?.filter(|_| is_answered);
        let status = field("lega_disconnect_code").status(field("lega_disconnect_reason"))?;
        let cause = match (&answered_at, &status) {
            (Some(_), _) => EndCause::Normal,
            (None, Some(status)) => cause_of(status.code),
            (None, None) => EndCause::Failed,
        };
        let id = field("uuid").given().or(field("id").given()).map(|id| id.text.to_owned());
        let call = ForeignCall {
            identity: id.unwrap_or_else(|| whole(line)),
            started_at,
            ringing_at: None,
            answered_at,
            ended_at,
            caller: self.caller(line)?,
            caller_name: field("src_name_in").text()?,
            called: self.called(line)?,
            cause,
            ended_by: ended_by(field("disconnect_initiator_id")),
            status,
        };
        Ok(call.into())
    }
}

impl Dump {
    fn caller(&self, line: &csv::StringRecord) -> Result<ForeignParty, Mistake> {
        let field = |name| self.field(line, name);
        let vat = field("customer_acc_vat").amount()?.unwrap_or_default();
        Ok(ForeignParty {
            number: field("src_prefix_in").text()?.unwrap_or_else(|| "".into()),
            routed: field("src_prefix_routing").text()?.map(|number| (*number).into()),
            account: field("customer_acc_id").given().map(|id| id.text.to_owned()),
            endpoint: None,
            rate: self.rate(line, "destination", vat)?,
            sip_call_id: field("orig_call_id").text()?,
            address: self.address(
                line,
                ["auth_orig_ip", "sign_orig_ip"],
                ["auth_orig_port", "sign_orig_port"],
            )?,
            user_agent: field("lega_user_agent").text()?,
        })
    }

    fn called(&self, line: &csv::StringRecord) -> Result<ForeignParty, Mistake> {
        let field = |name| self.field(line, name);
        Ok(ForeignParty {
            number: field("dst_prefix_in").text()?.unwrap_or_else(|| "".into()),
            routed: field("dst_prefix_routing").text()?.map(|number| (*number).into()),
            account: field("vendor_acc_id").given().map(|id| id.text.to_owned()),
            endpoint: None,
            rate: self.rate(line, "dialpeer", Decimal::ZERO)?,
            sip_call_id: field("term_call_id").text()?,
            address: self.address(line, ["sign_term_ip", ""], ["sign_term_port", ""])?,
            user_agent: field("legb_user_agent").text()?,
        })
    }

    fn address(
        &self,
        line: &csv::StringRecord,
        ips: [&str; 2],
        ports: [&str; 2],
    ) -> Result<Option<std::net::SocketAddr>, Mistake> {
        let first = self.field(line, ips[0]).address(self.field(line, ports[0]))?;
        match first {
            Some(address) => Ok(Some(address)),
            None => self.field(line, ips[1]).address(self.field(line, ports[1])),
        }
    }

    /// `None` if the line tells none.
    fn rate(&self, line: &csv::StringRecord, of: &str, vat: Decimal) -> Result<Option<Rate>, Mistake> {
        let names = ["prefix", "initial_interval", "initial_rate", "next_interval", "next_rate", "fee"]
            .map(|name| format!("{of}_{name}"));
        let [prefix, initial_interval, initial_rate, next_interval, next_rate, fee] =
            names.each_ref().map(|name| self.field(line, name));
        let (Some(initial), Some(next)) = (initial_rate.amount()?, next_rate.amount()?) else {
            return Ok(None);
        };
        let interval = |field: Field<'_>| -> Result<Duration, Mistake> {
            Ok(Duration::from_secs(field.whole(0..=86_400)?.unwrap_or(1)))
        };
        Ok(Some(Rate {
            prefix: prefix.text()?.map(|prefix| prefix.to_string()).unwrap_or_default(),
            initial_interval: interval(initial_interval)?,
            initial_rate: initial,
            next_interval: interval(next_interval)?,
            next_rate: next,
            fee: fee.amount()?.unwrap_or_default(),
            attempt_fee: Decimal::ZERO,
            vat,
        }))
    }
}

/// `class4.disconnect_initiators`: 0 traffic manager, 1 traffic switch, 2 destination, 3 origination.
fn ended_by(field: Field<'_>) -> EndedBy {
    match field.text {
        "2" => EndedBy::Called,
        "3" => EndedBy::Caller,
        _ => EndedBy::Switch,
    }
}
