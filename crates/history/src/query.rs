//! What can be asked of the records.

use std::{ops::Range, sync::Arc, time::Duration};

use call::{
    AccountId, CallRecord, Timestamp,
    event::Side,
    filter::{TextKind, TextOperator, TextTest},
    quality::LegQuality,
};
use rust_decimal::Decimal;

use crate::scaled::stored_length;

/// A search. All conditions must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordQuery {
    /// Whose records: those in which one of these accounts has a side. Empty = none. A call, or a part of one,
    /// that two of them share is found once.
    pub accounts: Vec<AccountId>,
    /// Which side the account must have. Of two accounts that share a call, only one that has this side can
    /// find it.
    pub side: SideFilter,
    /// What is found.
    pub grain: Grain,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// The order.
    pub sort: Sort,
    /// The order of what is equal in this, one after the other; in the end by call id, ascending.
    pub then: Vec<Sort>,
    /// Records to skip.
    pub offset: u64,
    /// Records to return, at most.
    pub limit: u32,
    /// Whether to count all that match.
    pub count: bool,
}

impl RecordQuery {
    /// The newest records of `accounts`, without conditions, not counted.
    pub fn newest(accounts: Vec<AccountId>, limit: u32) -> Self {
        Self {
            accounts,
            side: SideFilter::Any,
            grain: Grain::Call,
            conditions: Vec::new(),
            sort: Sort { field: RecordField::StartedAt, descending: true },
            then: Vec::new(),
            offset: 0,
            limit,
            count: false,
        }
    }
}

/// What is found of calls in which more than their two accounts had a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grain {
    /// The call, once: of an account that only sent or took a part of it, that part.
    #[default]
    Call,
    /// Everything that is rated of itself: the call, and each part that one of the accounts sent or took.
    Part,
}

/// Which side of a call an account must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideFilter {
    /// Any.
    #[default]
    Any,
    /// The account sends the call (calls inside the account included).
    Originated,
    /// The account takes the call (calls inside the account included).
    Terminated,
    /// The account takes the call and does not send it.
    OnlyTerminated,
}

/// A test of one field. A field without a value passes only [`Test::IsAbsent`].
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is tested.
    pub field: RecordField,
    /// How.
    pub test: Test,
}

impl Condition {
    /// The test of a text that it is; `None` if it is another.
    pub fn text_test(&self) -> Option<TextTest> {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let texts = |values: &[Value]| values.iter().map(text).collect::<Option<Vec<_>>>();
        let (operator, values) = match &self.test {
            Test::Is(value) => (TextOperator::Is, vec![text(value)?]),
            Test::IsOneOf(values) => (TextOperator::Is, texts(values)?),
            Test::IsNoneOf(values) => (TextOperator::IsNot, texts(values)?),
            Test::StartsWith(value) => (TextOperator::StartsWith, vec![value.clone()]),
            Test::EndsWith(value) => (TextOperator::EndsWith, vec![value.clone()]),
            Test::Contains(value) => (TextOperator::Contains, vec![value.clone()]),
            Test::ContainsOneOf(values) => (TextOperator::Contains, values.clone()),
            Test::Above(_) | Test::AtLeast(_) | Test::Below(_) | Test::AtMost(_) | Test::IsAbsent => {
                return None;
            }
        };
        Some(TextTest::new(self.field.text_kind(), operator, values))
    }
}

/// How a field is tested. How texts are compared is for [`TextTest`] to say, and which is greater for their
/// bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal.
    Is(Value),
    /// Equal to one of these.
    IsOneOf(Vec<Value>),
    /// Has a value, and another than these.
    IsNoneOf(Vec<Value>),
    /// Greater.
    Above(Value),
    /// Greater or equal.
    AtLeast(Value),
    /// Less.
    Below(Value),
    /// Less or equal.
    AtMost(Value),
    /// Text that begins with this, in either case.
    StartsWith(String),
    /// Text that ends with this, in either case.
    EndsWith(String),
    /// Text that contains this, in either case.
    Contains(String),
    /// Text that contains one of these, in either case.
    ContainsOneOf(Vec<String>),
    /// Has no value.
    IsAbsent,
}

/// A value to compare with. Its kind must be the field's.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// Whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// Instant.
    Time(Timestamp),
    /// Stretch of time, for instants that are known less exactly than they are kept: an instant in it is equal,
    /// one at its end or later is greater, and one before it is less.
    Span(Range<Timestamp>),
    /// Length.
    Length(Duration),
    /// Amount of money.
    Decimal(Decimal),
}

/// A field of a record that can be tested and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordField {
    /// Text: the call's id.
    CallId,
    /// Int: the record's [serial number](FoundRecord::serial).
    Serial,
    /// Int: the account that the record is seen from.
    Account,
    /// Int: the center of the account that the record is seen from.
    Center,
    /// Time: when it was accepted.
    StartedAt,
    /// Time: when it was answered.
    AnsweredAt,
    /// Time: when it ended.
    EndedAt,
    /// Bool: whether it was answered.
    IsAnswered,
    /// Bool: whether the account that the record is seen from sends the call.
    IsOutbound,
    /// Length: start to end.
    Total,
    /// Length: answer to end.
    Connected,
    /// Int: answer to end in whole seconds, rounded to the nearest.
    ConnectedSeconds,
    /// Length: until the called party answered (pdd and ring).
    Wait,
    /// Length: talking.
    Talk,
    /// Length: on hold.
    Hold,
    /// Length: being transferred.
    Transfer,
    /// Int: number of holds.
    HoldCount,
    /// Int: number of recordings.
    RecordingCount,
    /// Text: the caller's number as received.
    CallerReceived,
    /// Text: the caller's number as routed.
    CallerRouted,
    /// Text: the caller's name.
    CallerName,
    /// Text: the number as dialed.
    CalledReceived,
    /// Text: the called number as routed.
    CalledRouted,
    /// Text: who answered.
    AnsweredBy,
    /// Text: number of the transfer's target.
    TransferredToNumber,
    /// Text: name of the transfer's target.
    TransferredToName,
    /// Text: text shown for the called number.
    ScreenPop,
    /// Decimal: what the account of a side pays (origination) or is paid (termination), VAT included.
    Price(Side),
    /// Decimal: the same without VAT.
    NetPrice(Side),
    /// Int: seconds that were billed; no value without an answer.
    BilledSeconds(Side),
    /// What the rate of a side says.
    Rate(Side, RateField),
    /// What SIP said on the calling or on the called party's leg.
    Leg(Side, LegField),
    /// How well the sound of the calling or of the called party's leg arrived.
    Quality(Side, QualityField),
    /// Text: what the account that the record is seen from noted.
    Notes,
    /// Bool: whether that account flagged it.
    IsFlagged,
    /// Text: what that account noted about the flag.
    FlagNotes,
    /// Length: after-call work of that account.
    Work,
}

impl RecordField {
    /// What its texts say, if it holds text.
    pub const fn text_kind(self) -> TextKind {
        match self {
            Self::CallerReceived
            | Self::CallerRouted
            | Self::CalledReceived
            | Self::CalledRouted
            | Self::TransferredToNumber => TextKind::Number,
            Self::Rate(_, field) => field.text_kind(),
            Self::Leg(_, field) => field.text_kind(),
            Self::CallId
            | Self::CallerName
            | Self::AnsweredBy
            | Self::TransferredToName
            | Self::ScreenPop
            | Self::Notes
            | Self::FlagNotes => TextKind::Plain,
            // These hold no text, so that it does not matter.
            Self::Serial
            | Self::Account
            | Self::Center
            | Self::StartedAt
            | Self::AnsweredAt
            | Self::EndedAt
            | Self::IsAnswered
            | Self::IsOutbound
            | Self::Total
            | Self::Connected
            | Self::ConnectedSeconds
            | Self::Wait
            | Self::Talk
            | Self::Hold
            | Self::Transfer
            | Self::HoldCount
            | Self::RecordingCount
            | Self::Price(_)
            | Self::NetPrice(_)
            | Self::BilledSeconds(_)
            | Self::Quality(..)
            | Self::IsFlagged
            | Self::Work => TextKind::Plain,
        }
    }
}

impl RateField {
    const fn text_kind(self) -> TextKind {
        match self {
            Self::Prefix => TextKind::Number,
            Self::InitialInterval
            | Self::InitialRate
            | Self::NextInterval
            | Self::NextRate
            | Self::Fee
            | Self::Vat => TextKind::Plain,
        }
    }
}

impl LegField {
    const fn text_kind(self) -> TextKind {
        match self {
            Self::Address => TextKind::Address,
            Self::Code
            | Self::Reason
            | Self::Port
            | Self::Transport
            | Self::SipCallId
            | Self::LocalTag
            | Self::UserAgent
            | Self::FromDomain
            | Self::ToDomain
            | Self::RuriDomain
            | Self::Diversion
            | Self::Asserted
            | Self::Preferred
            | Self::Privacy
            | Self::RemoteParty
            | Self::RemotePartyPrivacy => TextKind::Plain,
        }
    }
}

/// A field of a [`Rate`](call::rating::Rate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateField {
    /// Text: the number prefix that matched.
    Prefix,
    /// Int: seconds of the first billing step.
    InitialInterval,
    /// Decimal: price per minute in the first step.
    InitialRate,
    /// Int: seconds of each later step.
    NextInterval,
    /// Decimal: price per minute later.
    NextRate,
    /// Decimal: price of an answered call as such.
    Fee,
    /// Decimal: percent added to everything.
    Vat,
}

/// A field of [`LegFacts`](call::record::LegFacts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegField {
    /// Int: the final SIP status code, toward the caller or from the called party.
    Code,
    /// Text: the reason phrase of that status.
    Reason,
    /// Text: the peer's IP address.
    Address,
    /// Int: the peer's port.
    Port,
    /// Int: what carried SIP, as SIP servers number it: 1 UDP, 2 TCP, 3 TLS, 5 WebSocket.
    Transport,
    /// Text: the Call-ID header.
    SipCallId,
    /// Text: our tag.
    LocalTag,
    /// Text: the peer's `User-Agent` or `Server`.
    UserAgent,
    /// Text: host of the From URI.
    FromDomain,
    /// Text: host of the To URI.
    ToDomain,
    /// Text: host of the request URI.
    RuriDomain,
    /// Text: `Diversion` headers, comma-joined.
    Diversion,
    /// Text: `P-Asserted-Identity` headers, comma-joined.
    Asserted,
    /// Text: `P-Preferred-Identity` headers, comma-joined.
    Preferred,
    /// Text: `Privacy` headers, comma-joined.
    Privacy,
    /// Text: `Remote-Party-ID` headers, comma-joined.
    RemoteParty,
    /// Text: `RPID-Privacy` headers, comma-joined.
    RemotePartyPrivacy,
}

/// A field of a [`LegQuality`]: of what the party sent (received), and of what it was sent, as far as it has reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QualityField {
    /// Int: packets that should have come from the party.
    ReceivedPackets,
    /// Int: packets of those that have not.
    ReceivedLost,
    /// Length: their mean jitter.
    ReceivedJitter,
    /// Int: packets that should have come to the party.
    SentPackets,
    /// Int: packets of those that have not.
    SentLost,
    /// Length: their mean jitter.
    SentJitter,
    /// Length: to the party and back, on the average.
    RoundTrip,
    /// Decimal: what people would say of it, from 1 to 4.5 ([`LegQuality::mos`]).
    Mos,
}

impl QualityField {
    /// All, in their order.
    pub const ALL: [Self; 8] = [
        Self::ReceivedPackets,
        Self::ReceivedLost,
        Self::ReceivedJitter,
        Self::SentPackets,
        Self::SentLost,
        Self::SentJitter,
        Self::RoundTrip,
        Self::Mos,
    ];

    /// Its name where columns have names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReceivedPackets => "received_packets",
            Self::ReceivedLost => "received_lost",
            Self::ReceivedJitter => "received_jitter",
            Self::SentPackets => "sent_packets",
            Self::SentLost => "sent_lost",
            Self::SentJitter => "sent_jitter",
            Self::RoundTrip => "round_trip",
            Self::Mos => "mos",
        }
    }

    /// What a leg has in it, as it is compared: lengths in microseconds, the MOS in millionths.
    pub(crate) fn of(self, quality: &LegQuality) -> Option<i64> {
        let LegQuality { received, sent, round_trip } = quality;
        match self {
            Self::ReceivedPackets => received.map(|stream| stream.packets.into()),
            Self::ReceivedLost => received.map(|stream| stream.lost.into()),
            Self::ReceivedJitter => received.map(|stream| stored_length(stream.jitter)),
            Self::SentPackets => sent.map(|stream| stream.packets.into()),
            Self::SentLost => sent.map(|stream| stream.lost.into()),
            Self::SentJitter => sent.map(|stream| stored_length(stream.jitter)),
            Self::RoundTrip => round_trip.map(stored_length),
            Self::Mos => quality.mos().map(|mos| i64::from(mos.hundredths()) * 10_000),
        }
    }
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what. Records without a value come last in ascending order, as in PostgreSQL. Text is ordered without
    /// regard to ASCII case.
    pub field: RecordField,
    /// Greatest first.
    pub descending: bool,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordPage {
    /// The records of the page.
    pub records: Vec<FoundRecord>,
    /// How many match in all; `None` if it was not asked.
    pub total: Option<u64>,
}

/// A record that a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRecord {
    /// The account that it is seen from: the origination account if it is among those asked for and has the
    /// side asked for, else the termination account.
    pub account: AccountId,
    /// A small number for the record in this store. It stays when the record is replaced.
    pub serial: u64,
    /// The record.
    pub record: Arc<CallRecord>,
}
