//! Conditions of a search in SQL.

use std::{borrow::Cow, ops::Range};

use call::CallId;
use rusqlite::{Connection, types::Value as Bound};
use uuid::Uuid;

use super::column::{Column, Kind, column};
use crate::{
    HistoryError,
    query::{Condition, RecordField, RecordQuery, Test, Value},
    sqlite::{fault::Fault, id, predicate::Predicate, records, scaled::Scaled, text},
};

/// A value, ready to be compared with a column.
enum Operand {
    Text(String),
    Number(Scaled),
    /// What is at least the start and less than the end.
    Span(Range<i64>),
}

/// Adds `condition` to `predicate`.
pub(super) fn add(predicate: &mut Predicate, condition: &Condition) -> Result<(), HistoryError> {
    let column = column(condition.field);
    match (column.rate, &condition.test) {
        (None, _) => test(predicate, &column, condition),
        (Some(rate), Test::IsAbsent) => {
            predicate.and(&format!("{rate} IS NULL"), []);
            Ok(())
        }
        (Some(rate), _) => {
            let mut of_rate = Predicate::default();
            test(&mut of_rate, &column, condition)?;
            let sql = format!("{rate} IN (SELECT id FROM rates WHERE {})", of_rate.sql());
            predicate.and(&sql, of_rate.bound().iter().cloned());
            Ok(())
        }
    }
}

/// The span of time, in microseconds, in which a call must have started, if this is all that `conditions` say.
pub(super) fn span(conditions: &[Condition]) -> Option<Range<i64>> {
    let mut span = i64::MIN..i64::MAX;
    for Condition { field, test } in conditions {
        let is_start = *field == RecordField::StartedAt;
        match test {
            Test::AtLeast(value) if is_start => span.start = span.start.max(instants(value)?.start),
            Test::Above(value) if is_start => span.start = span.start.max(instants(value)?.end),
            Test::Below(value) if is_start => span.end = span.end.min(instants(value)?.start),
            Test::AtMost(value) if is_start => span.end = span.end.min(instants(value)?.end),
            _ => return None,
        }
    }
    Some(span)
}

/// The microseconds that a value means; `None` if it is no time.
fn instants(value: &Value) -> Option<Range<i64>> {
    match value {
        Value::Time(at) => Some(at.as_micros()..at.as_micros().saturating_add(1)),
        Value::Span(span) => Some(span.start.as_micros()..span.end.as_micros()),
        Value::Text(_) | Value::Int(_) | Value::Bool(_) | Value::Length(_) | Value::Decimal(_) => None,
    }
}

fn test(predicate: &mut Predicate, column: &Column, condition: &Condition) -> Result<(), HistoryError> {
    let field = condition.field;
    let mismatch = || HistoryError::Mismatch { field };
    let operand = |value: &Value| operand(column, value).ok_or_else(mismatch);
    let operands = |values: &[Value]| values.iter().map(operand).collect::<Result<Vec<_>, _>>();
    match &condition.test {
        Test::Is(Value::Text(id)) if field == RecordField::CallId => call_id(predicate, id),
        Test::Is(Value::Int(serial)) if field == RecordField::Serial => by_serial(predicate, *serial),
        Test::Is(_) | Test::IsOneOf(_) | Test::IsNoneOf(_) if column.kind == Kind::Text => {
            text::add(predicate, &column.sql, &condition.text_test().ok_or_else(mismatch)?);
        }
        Test::StartsWith(_) | Test::EndsWith(_) | Test::Contains(_) | Test::ContainsOneOf(_) => {
            let test = condition.text_test().filter(|_| column.kind == Kind::Text);
            text::add(predicate, &column.sql, &test.ok_or_else(mismatch)?);
        }
        Test::Is(value) => is(predicate, column, &operand(value)?),
        Test::IsOneOf(values) => one_of(predicate, column, &operands(values)?),
        Test::IsNoneOf(values) => none_of(predicate, column, &operands(values)?),
        Test::Above(value) => compare(predicate, column, Comparison::Above, operand(value)?),
        Test::AtLeast(value) => compare(predicate, column, Comparison::AtLeast, operand(value)?),
        Test::Below(value) => compare(predicate, column, Comparison::Below, operand(value)?),
        Test::AtMost(value) => compare(predicate, column, Comparison::AtMost, operand(value)?),
        Test::IsAbsent => predicate.and(&format!("{} IS NULL", column.sql), []),
    }
    Ok(())
}

fn operand(column: &Column, value: &Value) -> Option<Operand> {
    Some(match (column.kind, value) {
        (Kind::Text, Value::Text(text)) => Operand::Text(text.clone()),
        (Kind::Int, Value::Int(number)) => Operand::Number(Scaled::whole(*number)),
        (Kind::Bool, Value::Bool(yes)) => Operand::Number(Scaled::whole(i64::from(*yes))),
        (Kind::Time, Value::Time(_) | Value::Span(_)) => Operand::Span(instants(value)?),
        (Kind::Length, Value::Length(length)) => Operand::Number(Scaled::length(*length)),
        (Kind::Amount, Value::Decimal(amount)) => Operand::Text(amount.to_string()),
        (Kind::Price, Value::Decimal(amount)) => Operand::Number(Scaled::money(*amount)),
        _ => return None,
    })
}

/// The row of the table of calls.
const CALL_WITH_ID: &str = "SELECT id FROM calls WHERE call_id = ?";

/// Whether a row begins when the call in row `call`, or a part of that, does.
fn begins_with(call: &str) -> String {
    format!(
        "started_at IN (SELECT started_at FROM calls WHERE id = ({call}) \
         UNION ALL SELECT started_at FROM parts WHERE call = ({call}))"
    )
}

/// The id that a text is, as it is written.
fn id_of(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|uuid| uuid.to_string() == text)
}

/// The query about calls that have records: one that was merged into another is that one.
pub(super) fn resolved<'a>(
    connection: &Connection,
    query: &'a RecordQuery,
) -> Result<Cow<'a, RecordQuery>, Fault> {
    let mut resolved = Cow::Borrowed(query);
    for (place, condition) in query.conditions.iter().enumerate() {
        let (RecordField::CallId, Test::Is(Value::Text(text))) = (condition.field, &condition.test) else {
            continue;
        };
        if let Some(call) = id_of(text).map(CallId::from_uuid) {
            let into = Value::Text(records::resolved(connection, call)?.to_string());
            resolved.to_mut().conditions[place].test = Test::Is(into);
        }
    }
    Ok(resolved)
}

/// The start of the call, or of a part of it, leads to the places among the account's calls.
fn call_id(predicate: &mut Predicate, id: &str) {
    match id_of(id) {
        Some(uuid) => {
            let bytes = || Bound::from(uuid.as_bytes().to_vec());
            let sql = format!("call = ({CALL_WITH_ID}) AND {}", begins_with(CALL_WITH_ID));
            predicate.and(&sql, std::array::from_fn::<_, 3, _>(|_| bytes()));
        }
        None => predicate.and("0", []),
    }
}

/// As with the call's id.
fn by_serial(predicate: &mut Predicate, serial: i64) {
    let Some((call, part)) = id::of_serial(serial) else { return predicate.and("0", []) };
    let start = match part {
        0 => "sides < 16 AND started_at = (SELECT started_at FROM calls WHERE id = ?)",
        _ => {
            "substr(call_id, 17) = ? AND started_at = (SELECT started_at FROM parts WHERE call = ? AND part = ?)"
        }
    };
    let bound: Vec<Bound> = match part {
        0 => vec![call.into(), call.into()],
        _ => vec![call.into(), part.to_be_bytes().to_vec().into(), call.into(), i64::from(part).into()],
    };
    predicate.and(&format!("call = ? AND {start}"), bound);
}

#[derive(Clone, Copy)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Comparison {
    /// For a value that a stored one can equal.
    fn exact(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// For a value that lies between two stored ones and is represented by the lower.
    fn between(self) -> &'static str {
        match self {
            Self::Above | Self::AtLeast => ">",
            Self::Below | Self::AtMost => "<=",
        }
    }

    fn of_span(self, Range { start, end }: Range<i64>) -> (&'static str, i64) {
        match self {
            Self::Above => (">=", end),
            Self::AtLeast => (">=", start),
            Self::Below => ("<", start),
            Self::AtMost => ("<", end),
        }
    }
}

fn compare(predicate: &mut Predicate, column: &Column, comparison: Comparison, operand: Operand) {
    let (operator, bound): (_, Bound) = match operand {
        Operand::Text(text) => (comparison.exact(), text.into()),
        Operand::Number(number) if number.is_exact => (comparison.exact(), number.floor.into()),
        Operand::Number(number) => (comparison.between(), number.floor.into()),
        Operand::Span(span) => {
            let (operator, bound) = comparison.of_span(span);
            (operator, bound.into())
        }
    };
    predicate.and(&format!("{} {operator} ?", column.sql), [bound]);
}

fn is(predicate: &mut Predicate, column: &Column, operand: &Operand) {
    let sql = &column.sql;
    match operand {
        Operand::Text(text) => predicate.and(&format!("{sql} = ?"), [text.clone().into()]),
        Operand::Number(number) if number.is_exact => {
            predicate.and(&format!("{sql} = ?"), [number.floor.into()]);
        }
        Operand::Number(_) => predicate.and("0", []),
        Operand::Span(span) => {
            predicate.and(&format!("{sql} >= ? AND {sql} < ?"), [span.start.into(), span.end.into()]);
        }
    }
}

/// However many there are, they are one value for SQLite, which takes some thousands.
fn one_of(predicate: &mut Predicate, column: &Column, operands: &[Operand]) {
    match operands {
        [operand] => is(predicate, column, operand),
        _ => predicate.and(&within(column), [list(operands)]),
    }
}

fn none_of(predicate: &mut Predicate, column: &Column, operands: &[Operand]) {
    let sql = format!("{} IS NOT NULL AND NOT {}", column.sql, within(column));
    predicate.and(&sql, [list(operands)]);
}

/// Whether the column's value is one of a [`list`].
fn within(column: &Column) -> String {
    let sql = &column.sql;
    match column.kind {
        Kind::Time => format!(
            "EXISTS (SELECT 1 FROM json_each(?) WHERE {sql} >= json_extract(value, '$[0]') \
             AND {sql} < json_extract(value, '$[1]'))"
        ),
        Kind::Text | Kind::Int | Kind::Bool | Kind::Length | Kind::Amount | Kind::Price => {
            format!("({sql} IN (SELECT value FROM json_each(?)))")
        }
    }
}

/// Those of the operands that a stored value can equal, as a list in JSON.
fn list(operands: &[Operand]) -> Bound {
    let items = operands.iter().filter_map(|operand| match operand {
        Operand::Text(text) => Some(serde_json::json!(text)),
        Operand::Number(number) => number.is_exact.then(|| serde_json::json!(number.floor)),
        Operand::Span(span) => Some(serde_json::json!([span.start, span.end])),
    });
    serde_json::Value::Array(items.collect()).to_string().into()
}
