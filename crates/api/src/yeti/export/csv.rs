//! The rows of an export: every value quoted, nothing where there is none.

use call::{CallRecord, Timestamp, record::LegFacts, time::whole_seconds};
use history::export::RowPrinter;
use jiff::{Zoned, tz::TimeZone};

use crate::{time::in_zone, yeti::wire::cdr_export::TimeFormatWire};

const HEADER: &str = "Time Start,Time Connect,Time End,Success,Duration,Src Name In,Src Prefix In,\
    Dst Prefix In,From Domain,To Domain,Ruri Domain,Lega Disconnect Code,Lega Disconnect Reason,\
    Auth Orig Ip,Auth Orig Port,Src Prefix Routing,Dst Prefix Routing,Destination Prefix,\
    Destination Initial Interval,Destination Next Interval,Destination Initial Rate,Destination Next Rate,\
    Destination Fee,Customer Price,Customer Duration,Orig Call,Local Tag,Lega User Agent,Diversion In\n";

/// Prints rows.
pub struct CsvPrinter {
    time_format: TimeFormatWire,
    zone: TimeZone,
}

impl CsvPrinter {
    /// Prints times in this form and zone.
    pub fn new(time_format: TimeFormatWire, zone: TimeZone) -> Self {
        Self { time_format, zone }
    }

    fn time(&self, at: Timestamp) -> String {
        let at = in_zone(at, &self.zone);
        match self.time_format {
            TimeFormatWire::RoundToSeconds => at.strftime("%F %T").to_string(),
            TimeFormatWire::WithoutTimezone => at.strftime("%F %T%.6f").to_string(),
            TimeFormatWire::WithTimezone => format!("{}{}", at.strftime("%F %T%.6f"), offset(&at)),
        }
    }
}

/// As PostgreSQL writes it: minutes and seconds only where there are any.
fn offset(at: &Zoned) -> String {
    let total = at.offset().seconds();
    let sign = if total < 0 { '-' } else { '+' };
    let total = total.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    match (minutes, seconds) {
        (0, 0) => format!("{sign}{hours:02}"),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

impl RowPrinter for CsvPrinter {
    fn header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(HEADER.as_bytes());
    }

    /// The account is the one that sends the call: the leg and the price are those of this side.
    fn row(&mut self, record: &CallRecord, out: &mut Vec<u8>) {
        let LegFacts { status, address, user_agent, sip_call_id, local_tag, .. } = &record.caller_leg;
        let LegFacts { from_domain, to_domain, ruri_domain, diversion, .. } = &record.caller_leg;
        let (rate, charge) = (record.origination_rate.as_ref(), record.origination_charge());
        let is_answered = record.answered_at.is_some();
        let mut row = Row { out, is_first: true };
        row.put(Some(self.time(record.started_at)));
        row.put(record.answered_at.map(|at| self.time(at)));
        row.put(Some(self.time(record.ended_at)));
        row.put(Some(if is_answered { "t" } else { "f" }));
        row.put(Some(whole_seconds(record.connected())));
        row.put(record.caller_name.as_ref());
        row.put(Some(&record.caller_received));
        row.put(Some(&record.called_received));
        row.put(from_domain.as_ref());
        row.put(to_domain.as_ref());
        row.put(ruri_domain.as_ref());
        row.put(status.as_ref().map(|status| status.code));
        row.put(status.as_ref().map(|status| &status.reason));
        row.put(address.map(|address| address.ip()));
        row.put(address.map(|address| address.port()));
        row.put(Some(&record.caller_routed));
        row.put(Some(&record.called_routed));
        row.put(rate.map(|rate| &rate.prefix));
        row.put(rate.map(|rate| rate.initial_interval.as_secs()));
        row.put(rate.map(|rate| rate.next_interval.as_secs()));
        row.put(rate.map(|rate| rate.initial_rate.normalize()));
        row.put(rate.map(|rate| rate.next_rate.normalize()));
        row.put(rate.map(|rate| rate.fee.normalize()));
        row.put(charge.map(|charge| charge.price.normalize()));
        row.put(charge.filter(|_| is_answered).map(|charge| charge.duration.as_secs()));
        row.put(sip_call_id.as_ref());
        row.put(local_tag.as_ref());
        row.put(user_agent.as_ref());
        row.put(diversion.as_ref());
        row.end();
    }
}

/// A row in the making.
struct Row<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl Row<'_> {
    fn put(&mut self, value: Option<impl ToString>) {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        if let Some(value) = value {
            let text = value.to_string().replace('"', "\"\"");
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        }
    }

    fn end(self) {
        self.out.push(b'\n');
    }
}
