//! What a row of an export holds (contract yeti.md, 6.3), whatever the file's format.

use std::net::IpAddr;

use call::{CallRecord, Timestamp, record::LegFacts, time::whole_seconds};
use rust_decimal::Decimal;

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Time(Timestamp),
    /// A whole number.
    Number(u64),
    /// An amount of money.
    Amount(Decimal),
    /// An IP address.
    Address(IpAddr),
    /// Text.
    Text(&'a str),
}

/// How many values a row has.
pub const COLUMNS: usize = 29;

/// Their titles, in order.
pub const TITLES: [&str; COLUMNS] = [
    "Time Start",
    "Time Connect",
    "Time End",
    "Success",
    "Duration",
    "Src Name In",
    "Src Prefix In",
    "Dst Prefix In",
    "From Domain",
    "To Domain",
    "Ruri Domain",
    "Lega Disconnect Code",
    "Lega Disconnect Reason",
    "Auth Orig Ip",
    "Auth Orig Port",
    "Src Prefix Routing",
    "Dst Prefix Routing",
    "Destination Prefix",
    "Destination Initial Interval",
    "Destination Next Interval",
    "Destination Initial Rate",
    "Destination Next Rate",
    "Destination Fee",
    "Customer Price",
    "Customer Duration",
    "Orig Call",
    "Local Tag",
    "Lega User Agent",
    "Diversion In",
];

/// The row of a call. The account is the one that sends it: the leg and the price are those of this side.
pub fn cells(record: &CallRecord) -> [Cell<'_>; COLUMNS] {
    let LegFacts { status, address, user_agent, sip_call_id, local_tag, .. } = &record.caller_leg;
    let LegFacts { from_domain, to_domain, ruri_domain, diversion, .. } = &record.caller_leg;
    let (rate, charge) = (record.origination_rate.as_ref(), record.origination_charge());
    let is_answered = record.answered_at.is_some();
    let billed = charge.filter(|_| is_answered);
    [
        Cell::Time(record.started_at),
        record.answered_at.into(),
        Cell::Time(record.ended_at),
        Cell::Flag(is_answered),
        Cell::Number(whole_seconds(record.connected())),
        record.caller_name.as_deref().into(),
        Cell::Text(record.caller_received.as_str()),
        Cell::Text(record.called_received.as_str()),
        from_domain.as_deref().into(),
        to_domain.as_deref().into(),
        ruri_domain.as_deref().into(),
        status.as_ref().map(|status| u64::from(status.code)).into(),
        status.as_ref().map(|status| &*status.reason).into(),
        address.map(|address| address.ip()).into(),
        address.map(|address| u64::from(address.port())).into(),
        Cell::Text(record.caller_routed.as_str()),
        Cell::Text(record.called_routed.as_str()),
        rate.map(|rate| rate.prefix.as_str()).into(),
        rate.map(|rate| rate.initial_interval.as_secs()).into(),
        rate.map(|rate| rate.next_interval.as_secs()).into(),
        rate.map(|rate| rate.initial_rate).into(),
        rate.map(|rate| rate.next_rate).into(),
        rate.map(|rate| rate.fee).into(),
        charge.map(|charge| charge.price).into(),
        billed.map(|charge| charge.duration.as_secs()).into(),
        sip_call_id.as_deref().into(),
        local_tag.as_deref().into(),
        user_agent.as_deref().into(),
        diversion.as_deref().into(),
    ]
}

macro_rules! cells_from {
    ($($value:ty => $cell:ident),*) => { $(
        impl<'a> From<Option<$value>> for Cell<'a> {
            fn from(value: Option<$value>) -> Self {
                value.map_or(Self::Empty, Self::$cell)
            }
        }
    )* };
}

cells_from!(Timestamp => Time, u64 => Number, Decimal => Amount, IpAddr => Address, &'a str => Text);
