//! Conditions, ready to be put to the values of columns.

use std::ops::{Range, RangeInclusive};

use call::filter::TextTest;
use rust_decimal::Decimal;

use crate::{
    HistoryError,
    query::{Condition, LegField, QualityField, RateField, RecordField, Test, Value},
    scaled::Scaled,
};

/// A condition that was understood.
pub(crate) struct Matcher {
    /// What is tested.
    pub(crate) field: RecordField,
    /// How.
    pub(crate) test: Matching,
}

/// How a value is tested. Only [`Matching::Absence`] is passed by no value.
pub(crate) enum Matching {
    Absence,
    Numbers(NumberTest),
    Texts(TextTest),
    /// Texts in the order of their bytes.
    TextOrder(Comparison, String),
    Amounts(AmountTest),
}

/// A test of a number. Numbers are instants and lengths in microseconds, and prices in millionths.
pub(crate) enum NumberTest {
    Within(RangeInclusive<i64>),
    OneOf(Vec<RangeInclusive<i64>>),
    NoneOf(Vec<RangeInclusive<i64>>),
}

/// A test of a decimal.
pub(crate) enum AmountTest {
    OneOf(Vec<Decimal>),
    NoneOf(Vec<Decimal>),
    Compared(Comparison, Decimal),
}

/// Which values pass, in comparison with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// The kind of values that a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Bool,
    Time,
    Length,
    /// A decimal as it is.
    Amount,
    /// A price, in millionths.
    Price,
}

impl Comparison {
    fn accepts<T: PartialOrd + ?Sized>(self, value: &T, with: &T) -> bool {
        match self {
            Self::Above => value > with,
            Self::AtLeast => value >= with,
            Self::Below => value < with,
            Self::AtMost => value <= with,
        }
    }
}

impl NumberTest {
    pub(crate) fn accepts(&self, number: i64) -> bool {
        match self {
            Self::Within(range) => range.contains(&number),
            Self::OneOf(ranges) => ranges.iter().any(|range| range.contains(&number)),
            Self::NoneOf(ranges) => !ranges.iter().any(|range| range.contains(&number)),
        }
    }
}

impl NumberTest {
    /// Whether any of a range may pass.
    pub(super) fn may_accept(&self, any: &RangeInclusive<i64>) -> bool {
        let overlaps = |range: &RangeInclusive<i64>| range.start() <= any.end() && any.start() <= range.end();
        match self {
            Self::Within(range) => overlaps(range),
            Self::OneOf(ranges) => ranges.iter().any(overlaps),
            Self::NoneOf(_) => true,
        }
    }

    /// Whether all of a range are sure to pass.
    pub(crate) fn accepts_all(&self, all: &RangeInclusive<i64>) -> bool {
        match self {
            Self::Within(range) => range.contains(all.start()) && range.contains(all.end()),
            Self::OneOf(_) | Self::NoneOf(_) => false,
        }
    }
}

impl AmountTest {
    pub(crate) fn accepts(&self, amount: &Decimal) -> bool {
        match self {
            Self::OneOf(amounts) => amounts.contains(amount),
            Self::NoneOf(amounts) => !amounts.contains(amount),
            Self::Compared(comparison, with) => comparison.accepts(amount, with),
        }
    }
}

impl Matching {
    /// Whether a text passes.
    pub(crate) fn accepts_text(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Absence, text) => text.is_none(),
            (Self::Texts(test), Some(text)) => test.accepts(text),
            (Self::TextOrder(comparison, with), Some(text)) => comparison.accepts(text, with.as_str()),
            (Self::Texts(_) | Self::TextOrder(..), None) | (Self::Numbers(_) | Self::Amounts(_), _) => false,
        }
    }

    /// Whether a number passes.
    pub(crate) fn accepts_number(&self, number: Option<i64>) -> bool {
        match (self, number) {
            (Self::Absence, number) => number.is_none(),
            (Self::Numbers(test), Some(number)) => test.accepts(number),
            (Self::Numbers(_), None) | (Self::Texts(_) | Self::TextOrder(..) | Self::Amounts(_), _) => false,
        }
    }

    /// Whether a decimal passes.
    pub(crate) fn accepts_amount(&self, amount: Option<&Decimal>) -> bool {
        match (self, amount) {
            (Self::Absence, amount) => amount.is_none(),
            (Self::Amounts(test), Some(amount)) => test.accepts(amount),
            (Self::Amounts(_), None) | (Self::Texts(_) | Self::TextOrder(..) | Self::Numbers(_), _) => false,
        }
    }
}

impl Matcher {
    /// Checks a condition and makes it ready.
    pub(crate) fn new(condition: &Condition) -> Result<Self, HistoryError> {
        let field = condition.field;
        let test = matching(condition).ok_or(HistoryError::Mismatch { field })?;
        Ok(Self { field, test })
    }

    /// That a call started in a span of time (in microseconds).
    pub(crate) fn started(span: RangeInclusive<i64>) -> Self {
        Self { field: RecordField::StartedAt, test: Matching::Numbers(NumberTest::Within(span)) }
    }
}

/// `None` if a value is of another kind than the field.
fn matching(condition: &Condition) -> Option<Matching> {
    if condition.test == Test::IsAbsent {
        return Some(Matching::Absence);
    }
    match kind(condition.field) {
        Kind::Text => texts(condition),
        Kind::Amount => amounts(&condition.test).map(Matching::Amounts),
        kind @ (Kind::Int | Kind::Bool | Kind::Time | Kind::Length | Kind::Price) => {
            numbers(kind, &condition.test).map(Matching::Numbers)
        }
    }
}

fn texts(condition: &Condition) -> Option<Matching> {
    let (comparison, value) = match &condition.test {
        Test::Above(value) => (Comparison::Above, value),
        Test::AtLeast(value) => (Comparison::AtLeast, value),
        Test::Below(value) => (Comparison::Below, value),
        Test::AtMost(value) => (Comparison::AtMost, value),
        _ => return condition.text_test().map(Matching::Texts),
    };
    match value {
        Value::Text(text) => Some(Matching::TextOrder(comparison, text.clone())),
        _ => None,
    }
}

fn amounts(test: &Test) -> Option<AmountTest> {
    let amount = |value: &Value| match value {
        Value::Decimal(amount) => Some(*amount),
        _ => None,
    };
    let amounts = |values: &[Value]| values.iter().map(amount).collect::<Option<Vec<_>>>();
    Some(match test {
        Test::Is(value) => AmountTest::OneOf(vec![amount(value)?]),
        Test::IsOneOf(values) => AmountTest::OneOf(amounts(values)?),
        Test::IsNoneOf(values) => AmountTest::NoneOf(amounts(values)?),
        Test::Above(value) => AmountTest::Compared(Comparison::Above, amount(value)?),
        Test::AtLeast(value) => AmountTest::Compared(Comparison::AtLeast, amount(value)?),
        Test::Below(value) => AmountTest::Compared(Comparison::Below, amount(value)?),
        Test::AtMost(value) => AmountTest::Compared(Comparison::AtMost, amount(value)?),
        Test::StartsWith(_)
        | Test::EndsWith(_)
        | Test::Contains(_)
        | Test::ContainsOneOf(_)
        | Test::IsAbsent => {
            return None;
        }
    })
}

fn numbers(kind: Kind, test: &Test) -> Option<NumberTest> {
    let value = |value: &Value| stretch(kind, value);
    let equal = |values: &[Value]| -> Option<Vec<_>> {
        let stretches: Option<Vec<_>> = values.iter().map(value).collect();
        Some(stretches?.into_iter().flat_map(|stretch| stretch.equal()).collect())
    };
    Some(match test {
        Test::Is(is) => NumberTest::OneOf(value(is)?.equal().into_iter().collect()),
        Test::IsOneOf(values) => NumberTest::OneOf(equal(values)?),
        Test::IsNoneOf(values) => NumberTest::NoneOf(equal(values)?),
        Test::Above(with) => value(with)?.above().into(),
        Test::AtLeast(with) => value(with)?.at_least().into(),
        Test::Below(with) => value(with)?.below().into(),
        Test::AtMost(with) => value(with)?.at_most().into(),
        Test::StartsWith(_)
        | Test::EndsWith(_)
        | Test::Contains(_)
        | Test::ContainsOneOf(_)
        | Test::IsAbsent => {
            return None;
        }
    })
}

/// Nothing passes `None`.
impl From<Option<RangeInclusive<i64>>> for NumberTest {
    fn from(range: Option<RangeInclusive<i64>>) -> Self {
        range.map_or_else(|| Self::OneOf(Vec::new()), Self::Within)
    }
}

/// What a value is among whole numbers: those that equal it lie in `[least, end)`; if there are none, both are
/// the first that is greater.
struct Stretch {
    least: i128,
    end: i128,
}

impl Stretch {
    fn of(scaled: Scaled) -> Self {
        let floor = i128::from(scaled.floor);
        if scaled.is_exact {
            Self { least: floor, end: floor + 1 }
        } else {
            Self { least: floor + 1, end: floor + 1 }
        }
    }

    fn range(least: i128, end: i128) -> Option<RangeInclusive<i64>> {
        let (least, most) = (least.max(i64::MIN.into()), (end - 1).min(i64::MAX.into()));
        let bound = |number: i128| i64::try_from(number).ok();
        (least <= most).then_some(())?;
        Some(bound(least)?..=bound(most)?)
    }

    fn equal(&self) -> Option<RangeInclusive<i64>> {
        Self::range(self.least, self.end)
    }

    fn above(&self) -> Option<RangeInclusive<i64>> {
        Self::range(self.end, i128::MAX)
    }

    fn at_least(&self) -> Option<RangeInclusive<i64>> {
        Self::range(self.least, i128::MAX)
    }

    fn below(&self) -> Option<RangeInclusive<i64>> {
        Self::range(i128::MIN, self.least)
    }

    fn at_most(&self) -> Option<RangeInclusive<i64>> {
        Self::range(i128::MIN, self.end)
    }
}

fn stretch(kind: Kind, value: &Value) -> Option<Stretch> {
    Some(Stretch::of(match (kind, value) {
        (Kind::Int, Value::Int(number)) => Scaled::whole(*number),
        (Kind::Bool, Value::Bool(yes)) => Scaled::whole(i64::from(*yes)),
        (Kind::Time, Value::Time(at)) => Scaled::whole(at.as_micros()),
        (Kind::Time, Value::Span(Range { start, end })) => {
            return Some(Stretch { least: start.as_micros().into(), end: end.as_micros().into() });
        }
        (Kind::Length, Value::Length(length)) => Scaled::length(*length),
        (Kind::Price, Value::Decimal(amount)) => Scaled::money(*amount),
        _ => return None,
    }))
}

/// The kind of a field's values.
pub(crate) fn kind(field: RecordField) -> Kind {
    match field {
        RecordField::CallId
        | RecordField::CallerReceived
        | RecordField::CallerRouted
        | RecordField::CallerName
        | RecordField::CalledReceived
        | RecordField::CalledRouted
        | RecordField::AnsweredBy
        | RecordField::TransferredToNumber
        | RecordField::TransferredToName
        | RecordField::ScreenPop
        | RecordField::Notes
        | RecordField::FlagNotes => Kind::Text,
        RecordField::Serial
        | RecordField::Account
        | RecordField::Center
        | RecordField::ConnectedSeconds
        | RecordField::HoldCount
        | RecordField::RecordingCount
        | RecordField::BilledSeconds(_) => Kind::Int,
        RecordField::IsAnswered | RecordField::IsOutbound | RecordField::IsFlagged => Kind::Bool,
        RecordField::StartedAt | RecordField::AnsweredAt | RecordField::EndedAt => Kind::Time,
        RecordField::Total
        | RecordField::Connected
        | RecordField::Wait
        | RecordField::Talk
        | RecordField::Hold
        | RecordField::Transfer
        | RecordField::Work => Kind::Length,
        RecordField::Price(_) | RecordField::NetPrice(_) => Kind::Price,
        RecordField::Rate(_, field) => match field {
            RateField::Prefix => Kind::Text,
            RateField::InitialInterval | RateField::NextInterval => Kind::Int,
            RateField::InitialRate | RateField::NextRate | RateField::Fee | RateField::Vat => Kind::Amount,
        },
        RecordField::Quality(_, field) => match field {
            QualityField::ReceivedPackets
            | QualityField::ReceivedLost
            | QualityField::SentPackets
            | QualityField::SentLost => Kind::Int,
            QualityField::ReceivedJitter | QualityField::SentJitter | QualityField::RoundTrip => Kind::Length,
            QualityField::Mos => Kind::Price,
        },
        RecordField::Leg(_, field) => match field {
            LegField::Code | LegField::Port | LegField::Transport => Kind::Int,
            LegField::Reason
            | LegField::Address
            | LegField::SipCallId
            | LegField::LocalTag
            | LegField::UserAgent
            | LegField::FromDomain
            | LegField::ToDomain
            | LegField::RuriDomain
            | LegField::Diversion
            | LegField::Asserted
            | LegField::Preferred
            | LegField::Privacy
            | LegField::RemoteParty
            | LegField::RemotePartyPrivacy => Kind::Text,
        },
    }
}

/// The span of time, in microseconds, in which a call that passes must have started.
pub(crate) fn span(matchers: &[Matcher]) -> RangeInclusive<i64> {
    let mut span = i64::MIN..=i64::MAX;
    for matcher in matchers.iter().filter(|matcher| matcher.field == RecordField::StartedAt) {
        let (least, most) = match &matcher.test {
            Matching::Numbers(NumberTest::Within(range)) => (*range.start(), *range.end()),
            Matching::Numbers(NumberTest::OneOf(ranges)) => {
                let least = ranges.iter().map(|range| *range.start()).min();
                least.zip(ranges.iter().map(|range| *range.end()).max()).unwrap_or((1, 0))
            }
            _ => continue,
        };
        span = least.max(*span.start())..=most.min(*span.end());
    }
    span
}
