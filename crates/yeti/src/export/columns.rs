//! What a row of an export holds (contract yeti.md, 6.3), whatever the file's format.

use std::borrow::Cow;

use call::{Timestamp, event::Side, filter::TextKind};
use directory::model::HiddenFields;
use history::{LegField, RateField, RecordField, export::FieldValue};
use rust_decimal::Decimal;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
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
    /// Text.
    Text(Cow<'a, str>),
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
    /// What of a call it shows. The account is the one that sends it: the leg and the price are those of this side.
    field: RecordField,
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
    column("time_start", "Time Start", Kind::Time, RecordField::StartedAt),
    column("time_connect", "Time Connect", Kind::Time, RecordField::AnsweredAt),
    column("time_end", "Time End", Kind::Time, RecordField::EndedAt),
    column("success", "Success", Kind::Flag, RecordField::IsAnswered),
    column("duration", "Duration", Kind::Number, RecordField::ConnectedSeconds),
    column("src_name_in", "Src Name In", Kind::Text, RecordField::CallerName),
    column("src_prefix_in", "Src Prefix In", Kind::Text, RecordField::CallerReceived),
    column("dst_prefix_in", "Dst Prefix In", Kind::Text, RecordField::CalledReceived),
    column("from_domain", "From Domain", Kind::Text, leg(LegField::FromDomain)),
    column("to_domain", "To Domain", Kind::Text, leg(LegField::ToDomain)),
    column("ruri_domain", "Ruri Domain", Kind::Text, leg(LegField::RuriDomain)),
    column("lega_disconnect_code", "Lega Disconnect Code", Kind::Number, leg(LegField::Code)),
    column("lega_disconnect_reason", "Lega Disconnect Reason", Kind::Text, leg(LegField::Reason)),
    column("auth_orig_ip", "Auth Orig Ip", Kind::Text, leg(LegField::Address)),
    column("auth_orig_port", "Auth Orig Port", Kind::Number, leg(LegField::Port)),
    column("src_prefix_routing", "Src Prefix Routing", Kind::Text, RecordField::CallerRouted),
    column("dst_prefix_routing", "Dst Prefix Routing", Kind::Text, RecordField::CalledRouted),
    column("destination_prefix", "Destination Prefix", Kind::Text, rate(RateField::Prefix)),
    column(
        "destination_initial_interval",
        "Destination Initial Interval",
        Kind::Number,
        rate(RateField::InitialInterval),
    ),
    column(
        "destination_next_interval",
        "Destination Next Interval",
        Kind::Number,
        rate(RateField::NextInterval),
    ),
    column(
        "destination_initial_rate",
        "Destination Initial Rate",
        Kind::Amount,
        rate(RateField::InitialRate),
    ),
    column("destination_next_rate", "Destination Next Rate", Kind::Amount, rate(RateField::NextRate)),
    column("destination_fee", "Destination Fee", Kind::Amount, rate(RateField::Fee)),
    column("customer_price", "Customer Price", Kind::Amount, RecordField::Price(Side::Origination)),
    column(
        "customer_duration",
        "Customer Duration",
        Kind::Number,
        RecordField::BilledSeconds(Side::Origination),
    ),
    column("orig_call_id", "Orig Call", Kind::Text, leg(LegField::SipCallId)),
    column("local_tag", "Local Tag", Kind::Text, leg(LegField::LocalTag)),
    column("lega_user_agent", "Lega User Agent", Kind::Text, leg(LegField::UserAgent)),
    column("diversion_in", "Diversion In", Kind::Text, leg(LegField::Diversion)),
    column("pai_in", "Pai In", Kind::Text, leg(LegField::Asserted)),
    column("ppi_in", "Ppi In", Kind::Text, leg(LegField::Preferred)),
    column("privacy_in", "Privacy In", Kind::Text, leg(LegField::Privacy)),
    column("rpid_in", "Rpid In", Kind::Text, leg(LegField::RemoteParty)),
    column("rpid_privacy_in", "Rpid Privacy In", Kind::Text, leg(LegField::RemotePartyPrivacy)),
];

impl Column {
    /// Whether it shows what is hidden.
    pub fn is_hidden(&self, hidden: &HiddenFields) -> bool {
        hidden.has(&self.name.replace('_', "-"))
    }
}

const fn column(name: &'static str, title: &'static str, kind: Kind, field: RecordField) -> Column {
    Column { name, title, kind, field }
}

const fn leg(field: LegField) -> RecordField {
    RecordField::Leg(Side::Origination, field)
}

const fn rate(field: RateField) -> RecordField {
    RecordField::Rate(Side::Origination, field)
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

    /// What they show, in their order.
    pub fn fields(&self) -> Vec<RecordField> {
        self.columns().map(|column| column.field).collect()
    }

    /// The row of a call, of which `values` are what the [fields](Self::fields) say.
    pub fn cells<'a>(&self, values: &[FieldValue<'a>]) -> impl Iterator<Item = Cell<'a>> {
        self.columns().zip(values).map(|(column, value)| cell(column.field, *value))
    }
}

fn cell(field: RecordField, value: FieldValue<'_>) -> Cell<'_> {
    match value {
        FieldValue::Absent => Cell::Empty,
        FieldValue::Flag(yes) => Cell::Flag(yes),
        FieldValue::Time(at) => Cell::Time(at),
        FieldValue::Length(length) => Cell::Number(length.as_secs()),
        FieldValue::Number(number) => Cell::Number(number.unsigned_abs()),
        FieldValue::Amount(amount) => Cell::Amount(amount),
        FieldValue::Text(text) if field == leg(LegField::Address) => Cell::Text(address(text)),
        FieldValue::Text(text) => Cell::Text(text.into()),
        FieldValue::Call(call) => Cell::Text(call.to_string().into()),
    }
}

/// In the one notation of all those that say the same. One of version 4 has it already.
fn address(text: &str) -> Cow<'_, str> {
    if text.contains(':') { TextKind::Address.canonical(text) } else { text.into() }
}
