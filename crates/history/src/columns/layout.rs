//! The columns of a rows file: their names, their types and how they are packed.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use call::event::Side;
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties},
    schema::{
        parser::parse_message_type,
        types::{ColumnPath, TypePtr},
    },
};

use crate::query::{LegField, QualityField, RateField, RecordField};

/// Rows of a page: what is read at least of a column.
pub(super) const PAGE: usize = 8_192;

/// Rows of a group. While a file is written, a group is held in memory.
pub(super) const GROUP: usize = 8 * PAGE;

/// Places of the amounts of a rate in their columns. Digits beyond are rounded there; what is tested is the rate
/// itself.
pub(super) const AMOUNT_SCALE: u32 = 12;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    /// A field of the record.
    Field(RecordField),
    /// Which sides of the call the account has, and what kind of row it is: see [`Bits`](crate::bits::Bits).
    Sides,
    /// Which part of the call it is; 0 for the call itself.
    Part,
    /// Of a part that stands for the call: the accounts whose rows do so before it, and their sides.
    Ahead,
    /// The account on the other side, if it is another.
    OtherAccount,
    /// The country of the number of a side (ISO 3166-1 numeric).
    Country(Side),
    /// The rate of a side as a whole, in JSON.
    Rate(Side),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Flag,
    Number,
    /// An instant, in microseconds.
    Time,
    /// A length, in microseconds.
    Length,
    /// A price or a mark, in millionths.
    Price,
    /// A decimal with more places.
    Amount,
    Text,
    Uuid,
}

/// A column, described.
pub(super) struct Described {
    pub(super) column: Column,
    pub(super) name: String,
    pub(super) shape: Shape,
    /// Whether there is a row without a value.
    pub(super) is_optional: bool,
    /// Whether most rows have a value of their own, so that a dictionary would only take room.
    is_various: bool,
}

/// Lists the fields that are no family, so that a new one does not compile until it has a column.
macro_rules! plain_fields {
    ($($field:ident: $shape:ident $name:literal),* $(,)?) => {
        const PLAIN: &[RecordField] = &[$(RecordField::$field),*];

        /// The shape and name of a field's column; `None` for what is no part of a record.
        fn of_field(field: RecordField) -> Option<(Shape, String)> {
            Some(match field {
                $(RecordField::$field => (Shape::$shape, $name.to_owned()),)*
                RecordField::Price(side) => (Shape::Price, prefixed(side, "price")),
                RecordField::NetPrice(side) => (Shape::Price, prefixed(side, "net_price")),
                RecordField::BilledSeconds(side) => (Shape::Number, prefixed(side, "billed_seconds")),
                RecordField::Rate(side, field) => of_rate(side, field),
                RecordField::Leg(side, field) => of_leg(side, field),
                RecordField::Quality(side, field) => of_quality(side, field),
                RecordField::Notes | RecordField::IsFlagged | RecordField::FlagNotes | RecordField::Work => {
                    return None;
                }
            })
        }
    };
}

plain_fields! {
    Account: Number "account",
    StartedAt: Time "started_at",
    AnsweredAt: Time "answered_at",
    EndedAt: Time "ended_at",
    CallId: Uuid "call_id",
    Serial: Number "serial",
    Center: Number "center",
    IsAnswered: Flag "is_answered",
    IsOutbound: Flag "is_outbound",
    Total: Length "total_microseconds",
    Connected: Length "connected_microseconds",
    ConnectedSeconds: Number "connected_seconds",
    Wait: Length "wait_microseconds",
    Talk: Length "talk_microseconds",
    Hold: Length "hold_microseconds",
    Transfer: Length "transfer_microseconds",
    HoldCount: Number "hold_count",
    RecordingCount: Number "recording_count",
    CallerReceived: Text "caller_received",
    CallerRouted: Text "caller_routed",
    CallerName: Text "caller_name",
    CalledReceived: Text "called_received",
    CalledRouted: Text "called_routed",
    AnsweredBy: Text "answered_by",
    TransferredToNumber: Text "transferred_to_number",
    TransferredToName: Text "transferred_to_name",
    ScreenPop: Text "screen_pop",
}

macro_rules! family {
    ($list:ident, $of:ident, $kind:ident, $family:ident, $party:ident: $($field:ident: $shape:ident $name:literal),* $(,)?) => {
        const $list: &[$kind] = &[$($kind::$field),*];

        fn $of(side: Side, field: $kind) -> (Shape, String) {
            match field {
                $($kind::$field => (Shape::$shape, $party(side, $name)),)*
            }
        }
    };
}

family! { OF_RATE, of_rate, RateField, Rate, prefixed:
    Prefix: Text "rate_prefix",
    InitialInterval: Number "rate_initial_interval_seconds",
    InitialRate: Amount "rate_initial_per_minute",
    NextInterval: Number "rate_next_interval_seconds",
    NextRate: Amount "rate_next_per_minute",
    Fee: Amount "rate_fee",
    Vat: Amount "rate_vat_percent",
}

family! { OF_LEG, of_leg, LegField, Leg, of_party:
    Code: Number "sip_code",
    Reason: Text "sip_reason",
    Address: Text "address",
    Port: Number "port",
    Transport: Number "transport",
    SipCallId: Text "sip_call_id",
    LocalTag: Text "local_tag",
    UserAgent: Text "user_agent",
    FromDomain: Text "from_domain",
    ToDomain: Text "to_domain",
    RuriDomain: Text "ruri_domain",
    Diversion: Text "diversion",
    Asserted: Text "asserted_identity",
    Preferred: Text "preferred_identity",
    Privacy: Text "privacy",
    RemoteParty: Text "remote_party_id",
    RemotePartyPrivacy: Text "rpid_privacy",
}

/// Its name says what it is counted in.
fn of_quality(side: Side, field: QualityField) -> (Shape, String) {
    let (shape, unit) = match field {
        QualityField::ReceivedPackets
        | QualityField::ReceivedLost
        | QualityField::SentPackets
        | QualityField::SentLost => (Shape::Number, ""),
        QualityField::ReceivedJitter | QualityField::SentJitter | QualityField::RoundTrip => {
            (Shape::Length, "_microseconds")
        }
        QualityField::Mos => (Shape::Price, ""),
    };
    (shape, of_party(side, &format!("{}{unit}", field.name())))
}

const SIDES: [Side; 2] = [Side::Origination, Side::Termination];

fn prefixed(side: Side, name: &str) -> String {
    match side {
        Side::Origination => format!("origination_{name}"),
        Side::Termination => format!("termination_{name}"),
    }
}

fn of_party(side: Side, name: &str) -> String {
    match side {
        Side::Origination => format!("caller_{name}"),
        Side::Termination => format!("called_{name}"),
    }
}

/// Every column, in the order of the file.
pub(super) static COLUMNS: LazyLock<Vec<Described>> = LazyLock::new(|| {
    let both = |make: &dyn Fn(Side) -> Column| SIDES.map(make).to_vec();
    let field = |make: fn(Side) -> RecordField| both(&move |side| Column::Field(make(side)));
    let mut columns: Vec<_> = PLAIN.iter().map(|field| Column::Field(*field)).collect();
    columns.extend([Column::Sides, Column::Part, Column::Ahead, Column::OtherAccount]);
    columns.extend(both(&Column::Country));
    for make in [RecordField::Price, RecordField::NetPrice, RecordField::BilledSeconds] {
        columns.extend(field(make));
    }
    for side in SIDES {
        columns.push(Column::Rate(side));
        columns.extend(OF_RATE.iter().map(|field| Column::Field(RecordField::Rate(side, *field))));
        columns.extend(OF_LEG.iter().map(|field| Column::Field(RecordField::Leg(side, *field))));
    }
    for side in SIDES {
        let of_leg = QualityField::ALL.map(|field| Column::Field(RecordField::Quality(side, field)));
        columns.extend(of_leg);
    }
    columns.into_iter().filter_map(Described::new).collect()
});

static PLACES: LazyLock<HashMap<Column, usize>> = LazyLock::new(|| {
    COLUMNS.iter().enumerate().map(|(place, described)| (described.column, place)).collect()
});

/// Where a column is in the file.
pub(super) fn place(column: Column) -> usize {
    PLACES[&column]
}

impl Described {
    fn new(column: Column) -> Option<Self> {
        let (shape, name) = match column {
            Column::Field(field) => of_field(field)?,
            Column::Sides => (Shape::Number, "sides".to_owned()),
            Column::Part => (Shape::Number, "part".to_owned()),
            Column::Ahead => (Shape::Text, "ahead".to_owned()),
            Column::OtherAccount => (Shape::Number, "other_account".to_owned()),
            Column::Country(side) => (Shape::Number, of_party(side, "country")),
            Column::Rate(side) => (Shape::Text, prefixed(side, "rate")),
        };
        let (is_optional, is_various) = (is_optional(column), is_various(column));
        Some(Self { column, name, shape, is_optional, is_various })
    }

    fn parquet(&self) -> String {
        let repetition = if self.is_optional { "optional" } else { "required" };
        let name = &self.name;
        let kind = match self.shape {
            Shape::Flag => format!("boolean {name}"),
            Shape::Number | Shape::Length => format!("int64 {name}"),
            Shape::Time => format!("int64 {name} (TIMESTAMP(MICROS,true))"),
            Shape::Price => format!("int64 {name} (DECIMAL(18,6))"),
            Shape::Amount => format!("fixed_len_byte_array(16) {name} (DECIMAL(38,{AMOUNT_SCALE}))"),
            Shape::Text => format!("binary {name} (STRING)"),
            Shape::Uuid => format!("fixed_len_byte_array(16) {name} (UUID)"),
        };
        format!("{repetition} {kind};")
    }
}

fn is_optional(column: Column) -> bool {
    use RecordField::{
        Account, CallId, CalledReceived, CalledRouted, CallerReceived, CallerRouted, Connected,
        ConnectedSeconds, EndedAt, Hold, HoldCount, IsAnswered, IsOutbound, RecordingCount, Serial,
        StartedAt, Talk, Total, Transfer, Wait,
    };
    let always = [
        Account,
        CallId,
        CalledReceived,
        CalledRouted,
        CallerReceived,
        CallerRouted,
        Connected,
        ConnectedSeconds,
        EndedAt,
        Hold,
        HoldCount,
        IsAnswered,
        IsOutbound,
        RecordingCount,
        Serial,
        StartedAt,
        Talk,
        Total,
        Transfer,
        Wait,
    ];
    match column {
        Column::Field(field) => !always.contains(&field),
        Column::Sides | Column::Part => false,
        Column::Ahead | Column::OtherAccount | Column::Country(_) | Column::Rate(_) => true,
    }
}

fn is_various(column: Column) -> bool {
    use RecordField::{
        AnsweredAt, CallId, CalledReceived, CalledRouted, CallerReceived, CallerRouted, Connected, EndedAt,
        Leg, Serial, StartedAt, Talk, Total, Wait,
    };
    let Column::Field(field) = column else { return false };
    let various = [
        AnsweredAt,
        CallId,
        CalledReceived,
        CalledRouted,
        CallerReceived,
        CallerRouted,
        Connected,
        EndedAt,
        Serial,
        StartedAt,
        Talk,
        Total,
        Wait,
    ];
    various.contains(&field) || matches!(field, Leg(_, LegField::SipCallId | LegField::LocalTag))
}

/// Whether it has texts or ids of digits that are as good as random: what looks harder for repetitions finds short ones
/// that make it larger, and slower to unpack.
fn is_random(column: Column) -> bool {
    is_looked_up(column) || column == Column::Field(RecordField::CallId)
}

/// How it is packed; `None` if it lies as it is.
fn level(column: Column) -> Option<i32> {
    match column {
        _ if is_dense(column) => None,
        _ if is_random(column) => Some(1),
        _ => Some(6),
    }
}

fn compression(column: Column) -> Compression {
    match level(column) {
        Some(level) => Compression::ZSTD(ZstdLevel::try_new(level).expect("there is such a level")),
        None => Compression::UNCOMPRESSED,
    }
}

/// Whether the differences from one value to the next are as good as random: packed, they cannot be made smaller, and
/// need not be unpacked twice.
fn is_dense(column: Column) -> bool {
    use RecordField::{Connected, EndedAt, Talk, Total};
    matches!(column, Column::Field(EndedAt | Total | Connected | Talk))
}

/// Whether one of its texts is often looked for that few calls have: a filter tells in which groups it is not, at the
/// cost of a byte a row.
fn is_looked_up(column: Column) -> bool {
    use RecordField::{CalledReceived, CalledRouted, CallerReceived, CallerRouted, Leg};
    let Column::Field(field) = column else { return false };
    [CallerReceived, CallerRouted, CalledReceived, CalledRouted].contains(&field)
        || matches!(field, Leg(_, LegField::SipCallId))
}

/// How values are written that are in no dictionary, if not one after the other. Prices repeat, unless calls are billed
/// by small steps.
fn encoding(described: &Described) -> Option<Encoding> {
    match described.shape {
        Shape::Price => Some(Encoding::DELTA_BINARY_PACKED),
        _ if !described.is_various => None,
        Shape::Number | Shape::Time | Shape::Length => Some(Encoding::DELTA_BINARY_PACKED),
        Shape::Text if is_looked_up(described.column) => Some(Encoding::DELTA_BYTE_ARRAY),
        Shape::Text | Shape::Flag | Shape::Amount | Shape::Uuid => None,
    }
}

/// One group of so many is looked through in vain.
const MISTAKEN: f64 = 0.05;

/// The schema of a rows file.
pub(super) fn schema() -> TypePtr {
    let columns: String = COLUMNS.iter().map(Described::parquet).collect();
    let text = format!("message calls {{ {columns} }}");
    Arc::new(parse_message_type(&text).expect("the notation is right"))
}

/// How a rows file is packed.
pub(super) fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("trunkline".to_owned())
        .set_data_page_row_count_limit(PAGE)
        .set_write_batch_size(PAGE)
        .set_data_page_size_limit(usize::MAX)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_column_index_truncate_length(Some(32))
        .set_statistics_truncate_length(Some(32));
    for described in COLUMNS.iter().filter(|described| is_looked_up(described.column)) {
        let path = ColumnPath::from(described.name.as_str());
        properties = properties
            .set_column_bloom_filter_enabled(path.clone(), true)
            .set_column_bloom_filter_max_ndv(path.clone(), GROUP as u64)
            .set_column_bloom_filter_fpp(path, MISTAKEN);
    }
    for described in COLUMNS.iter() {
        let path = ColumnPath::from(described.name.as_str());
        properties = properties
            .set_column_compression(path.clone(), compression(described.column))
            .set_column_dictionary_enabled(path.clone(), !described.is_various);
        if let Some(encoding) = encoding(described) {
            properties = properties.set_column_encoding(path, encoding);
        }
    }
    properties.build()
}
