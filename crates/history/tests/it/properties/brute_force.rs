//! A search without a database.

use std::{cmp::Ordering, time::Duration};

use call::{AccountId, CallRecord, state::Sides};
use history::{
    AnnotationEdit, Annotations, Condition, RecordField, RecordQuery, Test, Value, annotations::WorkEdit,
    query::SideFilter,
};

/// A record and the account that it is seen from.
pub type Seen<'a> = (AccountId, &'a CallRecord);

/// All that match, in order.
pub fn search<'a>(records: &'a [CallRecord], query: &RecordQuery) -> Vec<Seen<'a>> {
    let seen = records.iter().filter_map(|record| Some((seen_from(record, query)?, record)));
    let mut found: Vec<_> = seen.filter(|seen| query.conditions.iter().all(|c| passes(*seen, c))).collect();
    found.sort_by(|one, other| {
        let by_field = order(value(*one, query.sort.field), value(*other, query.sort.field));
        let by_field = if query.sort.descending { by_field.reverse() } else { by_field };
        by_field.then(one.1.call_id.cmp(&other.1.call_id))
    });
    found
}

/// The origination account if it is asked for and has the side, else the termination account.
fn seen_from(record: &CallRecord, query: &RecordQuery) -> Option<AccountId> {
    let sides = [Some(record.origination), record.termination];
    let mut accounts = sides.into_iter().flatten().map(|owner| owner.account);
    accounts.find(|account| {
        let sides = record.sides_of(*account);
        let fits = match query.side {
            SideFilter::Any => sides.is_some(),
            SideFilter::Originated => matches!(sides, Some(Sides::Originated | Sides::Both)),
            SideFilter::Terminated => matches!(sides, Some(Sides::Terminated | Sides::Both)),
            SideFilter::OnlyTerminated => sides == Some(Sides::Terminated),
        };
        fits && query.accounts.contains(account)
    })
}

fn passes(seen: Seen<'_>, condition: &Condition) -> bool {
    let Some(value) = value(seen, condition.field) else { return condition.test == Test::IsAbsent };
    let compared = |with: &Value| compare(&value, with);
    let lower = |text: &str| text.to_ascii_lowercase();
    let text = || match &value {
        Value::Text(text) => lower(text),
        _ => panic!("{:?} is no text", condition.field),
    };
    match &condition.test {
        Test::Is(with) => compared(with).is_eq(),
        Test::IsOneOf(values) => values.iter().any(|with| compared(with).is_eq()),
        Test::IsNoneOf(values) => values.iter().all(|with| compared(with).is_ne()),
        Test::Above(with) => compared(with).is_gt(),
        Test::AtLeast(with) => compared(with).is_ge(),
        Test::Below(with) => compared(with).is_lt(),
        Test::AtMost(with) => compared(with).is_le(),
        Test::StartsWith(part) => text().starts_with(&lower(part)),
        Test::EndsWith(part) => text().ends_with(&lower(part)),
        Test::Contains(part) => text().contains(&lower(part)),
        Test::IsAbsent => false,
    }
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Time(one), Value::Time(other)) => one.cmp(other),
        (Value::Length(one), Value::Length(other)) => one.cmp(other),
        (Value::Decimal(one), Value::Decimal(other)) => one.cmp(other),
        _ => panic!("{one:?} and {other:?} are of different kinds"),
    }
}

/// Nothing before something, texts without regard to case.
fn order(one: Option<Value>, other: Option<Value>) -> Ordering {
    match (one, other) {
        (Some(Value::Text(one)), Some(Value::Text(other))) => {
            one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase())
        }
        (Some(one), Some(other)) => compare(&one, &other),
        (one, other) => one.is_some().cmp(&other.is_some()),
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
pub fn value((account, record): Seen<'_>, field: RecordField) -> Option<Value> {
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let int = |number: i64| Some(Value::Int(number));
    let is_outbound = record.origination.account == account;
    let times = &record.times;
    let noted = Annotations::after(is_outbound.then(|| notes_about(record)).as_ref());
    match field {
        RecordField::CallId => text(&record.call_id.to_string()),
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
        RecordField::AnsweredBy => text(record.answered_by.as_ref()?),
        RecordField::TransferredToNumber => text(record.transferred_to.as_ref()?.number.as_str()),
        RecordField::TransferredToName => text(record.transferred_to.as_ref()?.name.as_ref()?),
        RecordField::ScreenPop => text(record.screen_pop.as_ref()?),
        RecordField::CallerCode => int(record.caller_leg.status.as_ref()?.code.into()),
        RecordField::CalledCode => int(record.called_leg.as_ref()?.status.as_ref()?.code.into()),
        RecordField::CallerAddress => text(&record.caller_leg.address?.ip().to_string()),
        RecordField::SipCallId => text(record.caller_leg.sip_call_id.as_ref()?),
        RecordField::OriginationPrice => Some(Value::Decimal(record.origination_charge()?.price)),
        RecordField::TerminationPrice => Some(Value::Decimal(record.termination_charge()?.price)),
        RecordField::Notes => Some(Value::Text(noted.notes?)),
        RecordField::IsFlagged => Some(Value::Bool(noted.is_flagged)),
        RecordField::FlagNotes => Some(Value::Text(noted.flag_notes?)),
        RecordField::Work => Some(Value::Length(noted.work)),
    }
}
