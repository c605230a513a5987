//! CSV of any origin, with a mapping.

use std::{collections::HashMap, time::Duration};

use call::{event::EndCause, rating::Rate};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Header, LineReader, at, needed, whole};
use crate::{
    field::{Field, Mistake},
    foreign::{EndedBy, ForeignCall, ForeignParty, cause_of},
    mapping::Mapping,
    source::Understood,
};

/// The layout.
pub(super) struct Mapped {
    zone: TimeZone,
    /// What is where: what a column holds, its name, its place.
    columns: HashMap<&'static str, (String, Option<usize>)>,
}

impl Mapped {
    pub(super) fn new(mapping: &Mapping, zone: TimeZone) -> Self {
        let columns = mapping.columns.given().map(|(what, name)| (what, (name.to_owned(), None)));
        Self { zone, columns: columns.collect() }
    }

    fn field<'a>(&'a self, line: &'a csv::StringRecord, what: &'a str) -> Field<'a> {
        match self.columns.get(what) {
            Some((name, place)) => at(line, name, *place),
            None => Field::new(what, ""),
        }
    }

    fn party(&self, line: &csv::StringRecord, side: [&str; 6]) -> Result<ForeignParty, Mistake> {
        let [number, routed, account, endpoint, address, sip_call_id] =
            side.map(|what| self.field(line, what));
        let owned = |field: Field<'_>| field.given().map(|given| given.text.to_owned());
        Ok(ForeignParty {
            number: number.text()?.unwrap_or_else(|| "".into()),
            routed: routed.text()?.map(|number| (*number).into()),
            account: owned(account),
            endpoint: owned(endpoint),
            rate: None,
            sip_call_id: sip_call_id.text()?,
            address: address.address(Field::new("port", ""))?,
            user_agent: None,
        })
    }

    fn times(&self, line: &csv::StringRecord) -> Result<[Option<call::Timestamp>; 4], Mistake> {
        let field = |what| self.field(line, what);
        let started_at = needed(field("started_at").instant(&self.zone), field("started_at").name, "a time")?;
        let ended_at = match (field("ended_at").instant(&self.zone)?, field("total_seconds").length()?) {
            (Some(ended_at), _) => ended_at,
            (None, Some(total)) => started_at + total,
            (None, None) => return Err(Mistake::new("ended_at or total_seconds", "", "one of them")),
        };
        let answered_at = match field("answered_at").instant(&self.zone)? {
            Some(answered_at) => Some(answered_at),
            None => {
                field("talk_seconds").length()?.filter(|talk| !talk.is_zero()).map(|talk| ended_at - talk)
            }
        };
        Ok([Some(started_at), field("ringing_at").instant(&self.zone)?, answered_at, Some(ended_at)])
    }
}

impl LineReader for Mapped {
    fn has_header(&self) -> bool {
        true
    }

    fn learn(&mut self, header: &csv::StringRecord) -> Result<(), Mistake> {
        let header = Header::of(header);
        for what in ["started_at", "caller", "called"] {
            if !self.columns.contains_key(what) {
                return Err(Mistake::new(
                    &format!("columns.{what}"),
                    "",
                    "the name of a column in the first line",
                ));
            }
        }
        for (name, place) in self.columns.values_mut() {
            *place = Some(header.needed(name)?);
        }
        Ok(())
    }

    fn read(&self, line: &csv::StringRecord) -> Result<Understood, Mistake> {
        let field = |what| self.field(line, what);
        let [started_at, ringing_at, answered_at, ended_at] = self.times(line)?;
        let (Some(started_at), Some(ended_at)) = (started_at, ended_at) else {
            return Err(Mistake::new("started_at", "", "a time"));
        };
        let caller = [
            "caller",
            "caller_routed",
            "caller_account",
            "caller_endpoint",
            "caller_address",
            "caller_sip_call_id",
        ];
        let called = [
            "called",
            "called_routed",
            "called_account",
            "called_endpoint",
            "called_address",
            "called_sip_call_id",
        ];
        let (mut caller, mut called) = (self.party(line, caller)?, self.party(line, called)?);
        caller.rate = price(field("origination_price"))?;
        called.rate = price(field("termination_price"))?;
        let status = field("sip_code").status(field("sip_reason"))?;
        let cause = match (&answered_at, &status) {
            (Some(_), _) => EndCause::Normal,
            (None, Some(status)) => cause_of(status.code),
            (None, None) => EndCause::NoAnswer,
        };
        let call = ForeignCall {
            identity: field("id").given().map_or_else(|| whole(line), |id| id.text.to_owned()),
            started_at,
            ringing_at,
            answered_at,
            ended_at,
            caller,
            caller_name: field("caller_name").text()?,
            called,
            cause,
            ended_by: ended_by(field("released_by"))?,
            status,
        };
        Ok(call.into())
    }
}

/// A rate that makes an answered call cost just so much.
fn price(field: Field<'_>) -> Result<Option<Rate>, Mistake> {
    let rate = |price| Rate {
        prefix: String::new(),
        initial_interval: Duration::from_secs(1),
        initial_rate: Decimal::ZERO,
        next_interval: Duration::from_secs(1),
        next_rate: Decimal::ZERO,
        fee: price,
        attempt_fee: Decimal::ZERO,
        vat: Decimal::ZERO,
    };
    Ok(field.amount()?.map(rate))
}

fn ended_by(field: Field<'_>) -> Result<EndedBy, Mistake> {
    match field.text {
        "caller" => Ok(EndedBy::Caller),
        "called" => Ok(EndedBy::Called),
        "" | "switch" => Ok(EndedBy::Switch),
        found => Err(Mistake::new(field.name, found, "caller, called or switch")),
    }
}
