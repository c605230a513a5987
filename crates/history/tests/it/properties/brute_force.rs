//! A search without a database.

use std::{cmp::Ordering, time::Duration};

use call::{
    AccountId, CallRecord, event::Side, filter::TextOperator, party::Transport, quality::LegQuality,
    rating::Rate, record::LegFacts, state::Sides,
};
use history::{
    AnnotationEdit, Annotations, Condition, Grain, LegField, QualityField, RateField, RecordField,
    RecordQuery, Sort, Test, Value, annotations::WorkEdit, query::SideFilter,
};
use rust_decimal::Decimal;
use testkit::texts;

/// What an account has of a call: a record, and its serial number.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub account: AccountId,
    pub serial: i64,
    /// The call, or the part of it.
    pub record: &'a CallRecord,
    /// The call.
    whole: &'a CallRecord,
    part: u16,
    sides: Sides,
}

/// All that match, in order, of what was stored in the order given.
pub fn search<'a>(records: &'a [CallRecord], query: &RecordQuery) -> Vec<Seen<'a>> {
    let seen = records.iter().zip(1..).flat_map(|(record, serial)| seen_from(record, serial, query));
    let mut found: Vec<_> = seen.filter(|seen| query.conditions.iter().all(|c| passes(*seen, c))).collect();
    found.sort_by(|one, other| {
        let by = |sort: &Sort| {
            let order = order(value(*one, sort.field), value(*other, sort.field));
            if sort.descending { order.reverse() } else { order }
        };
        let by_fields = query.then.iter().map(by).fold(by(&query.sort), Ordering::then);
        by_fields.then((one.record.call_id, one.part).cmp(&(other.record.call_id, other.part)))
    });
    found
}

/// The rows in which the accounts that are asked for have the side: the first, if calls are looked for, else the
/// first of each part.
fn seen_from<'a>(whole: &'a CallRecord, serial: i64, query: &RecordQuery) -> Vec<Seen<'a>> {
    let fits = |sides: Sides| match query.side {
        SideFilter::Any => true,
        SideFilter::Originated => sides != Sides::Terminated,
        SideFilter::Terminated => sides != Sides::Originated,
        SideFilter::OnlyTerminated => sides == Sides::Terminated,
    };
    let rows =
        whole.rows().into_iter().filter(|row| query.accounts.contains(&row.owner.account) && fits(row.sides));
    let mut seen: Vec<Seen<'a>> = Vec::new();
    for row in rows {
        let is_told = match query.grain {
            Grain::Call => !row.is_call || !seen.is_empty(),
            Grain::Part => seen.iter().any(|told| told.part == row.part),
        };
        let serial = serial + (i64::from(row.part) << 40);
        let (account, part, sides) = (row.owner.account, row.part, row.sides);
        seen.extend((!is_told).then_some(Seen { account, serial, record: row.call, whole, part, sides }));
    }
    seen
}

fn passes(seen: Seen<'_>, condition: &Condition) -> bool {
    let Some(value) = value(seen, condition.field) else { return condition.test == Test::IsAbsent };
    let compared = |with: &Value| compare(&value, with);
    if let Value::Text(text) = &value
        && let Some((operator, values)) = text_test(&condition.test)
    {
        return texts::passes(condition.field.text_kind(), operator, &values, text);
    }
    match &condition.test {
        Test::Is(with) => compared(with).is_eq(),
        Test::IsOneOf(values) => values.iter().any(|with| compared(with).is_eq()),
        Test::IsNoneOf(values) => values.iter().all(|with| compared(with).is_ne()),
        Test::Above(with) => compared(with).is_gt(),
        Test::AtLeast(with) => compared(with).is_ge(),
        Test::Below(with) => compared(with).is_lt(),
        Test::AtMost(with) => compared(with).is_le(),
        Test::StartsWith(_) | Test::EndsWith(_) | Test::Contains(_) | Test::ContainsOneOf(_) => {
            panic!("{:?} is no text", condition.field)
        }
        Test::IsAbsent => false,
    }
}

fn text_test(test: &Test) -> Option<(TextOperator, Vec<String>)> {
    let texts = |values: &[Value]| {
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            _ => panic!("{value:?} is no text"),
        };
        values.iter().map(text).collect()
    };
    Some(match test {
        Test::Is(value) => (TextOperator::Is, texts(std::slice::from_ref(value))),
        Test::IsOneOf(values) => (TextOperator::Is, texts(values)),
        Test::IsNoneOf(values) => (TextOperator::IsNot, texts(values)),
        Test::StartsWith(part) => (TextOperator::StartsWith, vec![part.clone()]),
        Test::EndsWith(part) => (TextOperator::EndsWith, vec![part.clone()]),
        Test::Contains(part) => (TextOperator::Contains, vec![part.clone()]),
        Test::ContainsOneOf(parts) => (TextOperator::Contains, parts.clone()),
        Test::Above(_) | Test::AtLeast(_) | Test::Below(_) | Test::AtMost(_) | Test::IsAbsent => return None,
    })
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Time(one), Value::Time(other)) => one.cmp(other),
        (Value::Time(one), Value::Span(span)) if *one < span.start => Ordering::Less,
        (Value::Time(one), Value::Span(span)) if *one >= span.end => Ordering::Greater,
        (Value::Time(_), Value::Span(_)) => Ordering::Equal,
        (Value::Length(one), Value::Length(other)) => one.cmp(other),
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        _ => panic!("{one:?} and {other:?} are of different kinds"),
    }
}

/// Something before nothing, texts without regard to case.
fn order(one: Option<Value>, other: Option<Value>) -> Ordering {
    match (one, other) {
        (Some(Value::Text(one)), Some(Value::Text(other))) => {
            one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase())
        }
        (Some(one), Some(other)) => compare(&one, &other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

/// What the account that sends a call notes about it. The other account notes nothing.
pub fn notes_about(record: &CallRecord) -> AnnotationEdit {
    AnnotationEdit {
        notes: record.answered_by.as_ref().map(ToString::to_string),
        is_flagged: Some(record.hold_count % 2 == 1),
        flag_notes: record.caller_name.as_ref().map(ToString::to_string),
        work: Some(WorkEdit::Is(record.times.hold)),
        ..AnnotationEdit::default()
    }
}

/// A field of the record as it is seen from the account.
pub fn value(seen: Seen<'_>, field: RecordField) -> Option<Value> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let int = |number: i64| Some(Value::Int(number));
    let Seen { account, serial, record, whole, sides, .. } = seen;
    let is_outbound = sides != Sides::Terminated;
    let times = &record.times;
    let own = record.own_of(account);
    let noted =
        Annotations::after((whole.origination.account == account).then(|| notes_about(whole)).as_ref());
    match field {
        RecordField::CallId => text(&record.call_id.to_string()),
        RecordField::Serial => int(serial),
        RecordField::Account => int(account.0.into()),
        RecordField::Center => {
            let owner = if is_outbound { record.origination } else { record.termination? };
            int(owner.center?.0.into())
        }
        RecordField::StartedAt => Some(Value::Time(record.started_at)),
        RecordField::AnsweredAt => record.answered_at.map(Value::Time),
        RecordField::EndedAt => Some(Value::Time(record.ended_at)),
        RecordField::IsAnswered => Some(Value::Bool(record.answered_at.is_some())),
        RecordField::IsOutbound => Some(Value::Bool(is_outbound)),
        RecordField::Total => Some(Value::Length(record.ended_at.since(record.started_at))),
        RecordField::Connected => Some(Value::Length(record.connected())),
        RecordField::ConnectedSeconds => {
            int((record.connected() + Duration::from_millis(500)).as_secs().try_into().unwrap())
        }
        RecordField::Wait => Some(Value::Length(times.pdd + times.ring)),
        RecordField::Talk => Some(Value::Length(times.talk)),
        RecordField::Hold => Some(Value::Length(times.hold)),
        RecordField::Transfer => Some(Value::Length(times.transfer)),
        RecordField::HoldCount => int(record.hold_count.into()),
        RecordField::RecordingCount => int(record.recordings.len().try_into().unwrap()),
        RecordField::CallerReceived => text(record.caller_received.as_str()),
        RecordField::CallerRouted => text(record.caller_routed.as_str()),
        RecordField::CallerName => text(record.caller_name.as_ref()?),
        RecordField::CalledReceived => text(record.called_received.as_str()),
        RecordField::CalledRouted => text(record.called_routed.as_str()),
        RecordField::AnsweredBy => text(own.answered_by()?),
        RecordField::TransferredToNumber => text(own.transferred_to_number()?.as_str()),
        RecordField::TransferredToName => text(own.transferred_to_name()?),
        RecordField::ScreenPop => text(own.screen_pop()?),
        RecordField::Notes => Some(Value::Text(noted.notes?)),
        RecordField::IsFlagged => Some(Value::Bool(noted.is_flagged)),
        RecordField::FlagNotes => Some(Value::Text(noted.flag_notes?)),
        RecordField::Work => Some(Value::Length(noted.work)),
        RecordField::Price(side) => Some(Value::Decimal(record.charge(side)?.price)),
        RecordField::NetPrice(side) => {
            let net = Rate { vat: Decimal::ZERO, ..record.rate(side)?.clone() };
            let charge = record.answered_at.map(|_| net.charge(record.connected()));
            Some(Value::Decimal(charge.unwrap_or_else(|| net.attempt_charge()).price))
        }
        RecordField::BilledSeconds(side) => int(record.billed(side)?.as_secs().try_into().unwrap()),
        RecordField::Rate(side, field) => Some(value_of_rate(record.rate(side)?, field)),
        RecordField::Quality(side, field) => value_of_quality(record.leg(side)?.quality.as_deref()?, field),
        RecordField::Leg(Side::Origination, field) => value_of_leg(&record.caller_leg, field),
        RecordField::Leg(Side::Termination, field) => value_of_leg(record.called_leg.as_ref()?, field),
    }
}

fn value_of_rate(rate: &Rate, field: RateField) -> Value {
    let seconds = |length: Duration| Value::Int(length.as_secs().try_into().unwrap());
    match field {
        RateField::Prefix => Value::Text(rate.prefix.clone()),
        RateField::InitialInterval => seconds(rate.initial_interval),
        RateField::InitialRate => Value::Decimal(rate.initial_rate),
        RateField::NextInterval => seconds(rate.next_interval),
        RateField::NextRate => Value::Decimal(rate.next_rate),
        RateField::Fee => Value::Decimal(rate.fee),
        RateField::Vat => Value::Decimal(rate.vat),
    }
}

fn value_of_quality(quality: &LegQuality, field: QualityField) -> Option<Value> {
    let int = |number: u32| Some(Value::Int(number.into()));
    match field {
        QualityField::ReceivedPackets => int(quality.received?.packets),
        QualityField::ReceivedLost => int(quality.received?.lost),
        QualityField::ReceivedJitter => Some(Value::Length(quality.received?.jitter)),
        QualityField::SentPackets => int(quality.sent?.packets),
        QualityField::SentLost => int(quality.sent?.lost),
        QualityField::SentJitter => Some(Value::Length(quality.sent?.jitter)),
        QualityField::RoundTrip => Some(Value::Length(quality.round_trip?)),
        QualityField::Mos => Some(Value::Decimal(Decimal::new(quality.mos()?.hundredths().into(), 2))),
    }
}

fn value_of_leg(leg: &LegFacts, field: LegField) -> Option<Value> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let int = |number: i64| Some(Value::Int(number));
    match field {
        LegField::Code => int(leg.status.as_ref()?.code.into()),
        LegField::Reason => text(&leg.status.as_ref()?.reason),
        LegField::Address => text(&leg.address?.ip().to_string()),
        LegField::Port => int(leg.address?.port().into()),
        LegField::Transport => int(match leg.transport? {
            Transport::Udp => 1,
            Transport::Tcp => 2,
            Transport::Tls => 3,
            Transport::Ws => 5,
        }),
        LegField::SipCallId => text(leg.sip_call_id.as_ref()?),
        LegField::LocalTag => text(leg.local_tag.as_ref()?),
        LegField::UserAgent => text(leg.user_agent.as_ref()?),
        LegField::FromDomain => text(leg.from_domain.as_ref()?),
        LegField::ToDomain => text(leg.to_domain.as_ref()?),
        LegField::RuriDomain => text(leg.ruri_domain.as_ref()?),
        LegField::Diversion => text(leg.diversion.as_ref()?),
        LegField::Asserted => text(leg.identity.as_ref()?.asserted.as_ref()?),
        LegField::Preferred => text(leg.identity.as_ref()?.preferred.as_ref()?),
        LegField::Privacy => text(leg.identity.as_ref()?.privacy.as_ref()?),
        LegField::RemoteParty => text(leg.identity.as_ref()?.remote_party.as_ref()?),
        LegField::RemotePartyPrivacy => text(leg.identity.as_ref()?.remote_party_privacy.as_ref()?),
    }
}
