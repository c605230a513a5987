//! What a row of an export holds (contract yeti.md, 6.3), whatever the file's format.

use std::{net::IpAddr, sync::Arc};

use call::{
    CallRecord, Timestamp, event::Side, party::CallerIdentity, record::LegFacts, time::whole_seconds,
};
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
    /// The name that a request chooses it by.
    pub name: &'static str,
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
pub const COUNT: usize = 34;

/// How many columns a file has whose request does not choose: the first ones.
pub const USUAL: usize = 29;

/// The columns that a request can choose of, in order.
pub const COLUMNS: [Column; COUNT] = [
    column("time_start", "Time Start", Kind::Time),
    column("time_connect", "Time Connect", Kind::Time),
    column("time_end", "Time End", Kind::Time),
    column("success", "Success", Kind::Flag),
    column("duration", "Duration", Kind::Number),
    column("src_name_in", "Src Name In", Kind::Text),
    column("src_prefix_in", "Src Prefix In", Kind::Text),
    column("dst_prefix_in", "Dst Prefix In", Kind::Text),
    column("from_domain", "From Domain", Kind::Text),
    column("to_domain", "To Domain", Kind::Text),
    column("ruri_domain", "Ruri Domain", Kind::Text),
    column("lega_disconnect_code", "Lega Disconnect Code", Kind::Number),
    column("lega_disconnect_reason", "Lega Disconnect Reason", Kind::Text),
    column("auth_orig_ip", "Auth Orig Ip", Kind::Text),
    column("auth_orig_port", "Auth Orig Port", Kind::Number),
    column("src_prefix_routing", "Src Prefix Routing", Kind::Text),
    column("dst_prefix_routing", "Dst Prefix Routing", Kind::Text),
    column("destination_prefix", "Destination Prefix", Kind::Text),
    column("destination_initial_interval", "Destination Initial Interval", Kind::Number),
    column("destination_next_interval", "Destination Next Interval", Kind::Number),
    column("destination_initial_rate", "Destination Initial Rate", Kind::Amount),
    column("destination_next_rate", "Destination Next Rate", Kind::Amount),
    column("destination_fee", "Destination Fee", Kind::Amount),
    column("customer_price", "Customer Price", Kind::Amount),
    column("customer_duration", "Customer Duration", Kind::Number),
    column("orig_call_id", "Orig Call", Kind::Text),
    column("local_tag", "Local Tag", Kind::Text),
    column("lega_user_agent", "Lega User Agent", Kind::Text),
    column("diversion_in", "Diversion In", Kind::Text),
    column("pai_in", "Pai In", Kind::Text),
    column("ppi_in", "Ppi In", Kind::Text),
    column("privacy_in", "Privacy In", Kind::Text),
    column("rpid_in", "Rpid In", Kind::Text),
    column("rpid_privacy_in", "Rpid Privacy In", Kind::Text),
];

const fn column(name: &'static str, title: &'static str, kind: Kind) -> Column {
    Column { name, title, kind }
}

/// The columns of a file, as places in [`COLUMNS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen(Vec<usize>);

impl Chosen {
    /// The columns of these names, in their order; the usual ones if there is no choice. `Err` with the first name
    /// that no column has.
    pub fn of(names: Option<&[String]>) -> Result<Self, String> {
        let Some(names) = names else { return Ok(Self((0..USUAL).collect())) };
        let place = |name: &String| COLUMNS.iter().position(|column| column.name == name);
        let places = names.iter().map(|name| place(name).ok_or_else(|| name.clone()));
        places.collect::<Result<_, _>>().map(Self)
    }

    /// What they are.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.0.iter().map(|place| COLUMNS[*place])
    }

    /// The row of a call.
    pub fn cells<'a>(&self, record: &'a CallRecord) -> impl Iterator<Item = Cell<'a>> {
        let cells = cells(record);
        self.0.iter().map(move |place| cells[*place])
    }
}

/// The row of a call. The account is the one that sends it: the leg and the price are those of this side.
fn cells(record: &CallRecord) -> [Cell<'_>; COUNT] {
    let LegFacts { status, address, user_agent, sip_call_id, local_tag, .. } = &record.caller_leg;
    let LegFacts { from_domain, to_domain, ruri_domain, diversion, identity, .. } = &record.caller_leg;
    let said = |what: fn(&CallerIdentity) -> &Option<Arc<str>>| {
        Cell::from(identity.as_deref().and_then(|identity| what(identity).as_deref()))
    };
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
        said(|identity| &identity.asserted),
        said(|identity| &identity.preferred),
        said(|identity| &identity.privacy),
        said(|identity| &identity.remote_party),
        said(|identity| &identity.remote_party_privacy),
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
