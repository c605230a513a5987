//! What a row of an export holds (contract yeti.md, 6.3), whatever the file's format.

use std::net::IpAddr;

use call::{CallRecord, Timestamp, event::Side, record::LegFacts, time::whole_seconds};
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

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// What its values are, where there are any.
    pub kind: Kind,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Flag,
    /// Instants.
    Time,
    /// Whole numbers.
    Number,
    /// Amounts of money.
    Amount,
    /// Texts, or IP addresses.
    Text,
}

/// How many values a row has.
pub const COUNT: usize = 29;

/// The columns, in order.
pub const COLUMNS: [Column; COUNT] = [
    column("Time Start", Kind::Time),
    column("Time Connect", Kind::Time),
    column("Time End", Kind::Time),
    column("Success", Kind::Flag),
    column("Duration", Kind::Number),
    column("Src Name In", Kind::Text),
    column("Src Prefix In", Kind::Text),
    column("Dst Prefix In", Kind::Text),
    column("From Domain", Kind::Text),
    column("To Domain", Kind::Text),
    column("Ruri Domain", Kind::Text),
    column("Lega Disconnect Code", Kind::Number),
    column("Lega Disconnect Reason", Kind::Text),
    column("Auth Orig Ip", Kind::Text),
    column("Auth Orig Port", Kind::Number),
    column("Src Prefix Routing", Kind::Text),
    column("Dst Prefix Routing", Kind::Text),
    column("Destination Prefix", Kind::Text),
    column("Destination Initial Interval", Kind::Number),
    column("Destination Next Interval", Kind::Number),
    column("Destination Initial Rate", Kind::Amount),
    column("Destination Next Rate", Kind::Amount),
    column("Destination Fee", Kind::Amount),
    column("Customer Price", Kind::Amount),
    column("Customer Duration", Kind::Number),
    column("Orig Call", Kind::Text),
    column("Local Tag", Kind::Text),
    column("Lega User Agent", Kind::Text),
    column("Diversion In", Kind::Text),
];

const fn column(title: &'static str, kind: Kind) -> Column {
    Column { title, kind }
}

/// The row of a call. The account is the one that sends it: the leg and the price are those of this side.
pub fn cells(record: &CallRecord) -> [Cell<'_>; COUNT] {
    let LegFacts { status, address, user_agent, sip_call_id, local_tag, .. } = &record.caller_leg;
    let LegFacts { from_domain, to_domain, ruri_domain, diversion, .. } = &record.caller_leg;
    let rate = record.rate(Side::Origination);
    let is_answered = record.answered_at.is_some();
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
        address.map(|address| address.ip().to_canonical()).into(),
        address.map(|address| u64::from(address.port())).into(),
        Cell::Text(record.caller_routed.as_str()),
        Cell::Text(record.called_routed.as_str()),
        rate.map(|rate| rate.prefix.as_str()).into(),
        rate.map(|rate| rate.initial_interval.as_secs()).into(),
        rate.map(|rate| rate.next_interval.as_secs()).into(),
        rate.map(|rate| rate.initial_rate).into(),
        rate.map(|rate| rate.next_rate).into(),
        rate.map(|rate| rate.fee).into(),
        record.charge(Side::Origination).map(|charge| charge.price).into(),
        record.billed(Side::Origination).map(|length| length.as_secs()).into(),
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
