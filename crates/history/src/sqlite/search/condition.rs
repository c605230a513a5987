//! Conditions of a search in SQL.

use std::ops::Range;

use rusqlite::types::Value as Bound;
use uuid::Uuid;

use super::column::{Column, Kind, column};
use crate::{
    HistoryError,
    query::{Condition, RecordField, Test, Value},
    sqlite::{predicate::Predicate, scaled::Scaled},
};

/// A value, ready to be compared with a column.
enum Operand {
    Text(String),
    Number(Scaled),
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
        match (field, test) {
            (RecordField::StartedAt, Test::AtLeast(Value::Time(at))) => {
                span.start = span.start.max(at.as_micros())
            }
            (RecordField::StartedAt, Test::Above(Value::Time(at))) => {
                span.start = span.start.max(at.as_micros().saturating_add(1));
            }
            (RecordField::StartedAt, Test::Below(Value::Time(at))) => span.end = span.end.min(at.as_micros()),
            (RecordField::StartedAt, Test::AtMost(Value::Time(at))) => {
                span.end = span.end.min(at.as_micros().saturating_add(1));
            }
            _ => return None,
        }
    }
    Some(span)
}

fn test(predicate: &mut Predicate, column: &Column, condition: &Condition) -> Result<(), HistoryError> {
    let field = condition.field;
    let operand = |value: &Value| operand(column, value).ok_or(HistoryError::Mismatch { field });
    let operands = |values: &[Value]| values.iter().map(operand).collect::<Result<Vec<_>, _>>();
    match &condition.test {
        Test::Is(Value::Text(id)) if field == RecordField::CallId => call_id(predicate, id),
        Test::Is(Value::Int(serial)) if field == RecordField::Serial => by_serial(predicate, *serial),
        Test::Is(value) => one_of(predicate, column, &[operand(value)?]),
        Test::IsOneOf(values) => one_of(predicate, column, &operands(values)?),
        Test::IsNoneOf(values) => none_of(predicate, column, &operands(values)?),
        Test::Above(value) => compare(predicate, column, [">", ">"], operand(value)?),
        Test::AtLeast(value) => compare(predicate, column, [">=", ">"], operand(value)?),
        Test::Below(value) => compare(predicate, column, ["<", "<="], operand(value)?),
        Test::AtMost(value) => compare(predicate, column, ["<=", "<="], operand(value)?),
        _ if takes_text(&condition.test) && column.kind != Kind::Text => {
            return Err(HistoryError::Mismatch { field });
        }
        Test::StartsWith(value) => predicate.and_prefix_in_any_case(&column.sql, value),
        Test::EndsWith(value) => predicate.and_suffix_in_any_case(&column.sql, value),
        Test::Contains(value) => predicate.and_contains(&column.sql, value),
        Test::ContainsOneOf(values) => contains_one_of(predicate, &column.sql, values),
        Test::IsAbsent => predicate.and(&format!("{} IS NULL", column.sql), []),
    }
    Ok(())
}

/// Whether the test is one for texts alone.
fn takes_text(test: &Test) -> bool {
    matches!(test, Test::StartsWith(_) | Test::EndsWith(_) | Test::Contains(_) | Test::ContainsOneOf(_))
}

fn operand(column: &Column, value: &Value) -> Option<Operand> {
    Some(match (column.kind, value) {
        (Kind::Text, Value::Text(text)) => Operand::Text(text.clone()),
        (Kind::Int, Value::Int(number)) => Operand::Number(Scaled::whole(*number)),
        (Kind::Bool, Value::Bool(yes)) => Operand::Number(Scaled::whole(i64::from(*yes))),
        (Kind::Time, Value::Time(at)) => Operand::Number(Scaled::whole(at.as_micros())),
        (Kind::Length, Value::Length(length)) => Operand::Number(Scaled::length(*length)),
        (Kind::Decimal, Value::Decimal(amount)) => Operand::Text(amount.to_string()),
        (Kind::Price, Value::Decimal(amount)) => Operand::Number(Scaled::money(*amount)),
        _ => return None,
    })
}

/// The start of the call leads to its place among the account's calls.
fn call_id(predicate: &mut Predicate, id: &str) {
    match Uuid::parse_str(id).ok().filter(|uuid| uuid.to_string() == id) {
        Some(uuid) => {
            let bytes = || Bound::from(uuid.as_bytes().to_vec());
            let sql = "call_id = ? AND started_at = (SELECT started_at FROM calls WHERE call_id = ?)";
            predicate.and(sql, [bytes(), bytes()]);
        }
        None => predicate.and("0", []),
    }
}

fn contains_one_of(predicate: &mut Predicate, column: &str, values: &[String]) {
    let tests: Vec<_> = values.iter().map(|_| format!("instr(lower({column}), ?) > 0")).collect();
    let sql = if tests.is_empty() { "0".to_owned() } else { format!("({})", tests.join(" OR ")) };
    predicate.and(&sql, values.iter().map(|value| value.to_ascii_lowercase().into()));
}

/// As with the call's id.
fn by_serial(predicate: &mut Predicate, serial: i64) {
    let sql = "call = ? AND started_at = (SELECT started_at FROM calls WHERE id = ?)";
    predicate.and(sql, [serial.into(), serial.into()]);
}

/// `operators`: for a value that a stored number can equal, and for one that lies between two of them and
/// is represented by the lower.
fn compare(predicate: &mut Predicate, column: &Column, operators: [&str; 2], operand: Operand) {
    let [exact, between] = operators;
    let (operator, bound) = match operand {
        Operand::Text(text) => (exact, text.into()),
        Operand::Number(number) if number.is_exact => (exact, number.floor.into()),
        Operand::Number(number) => (between, number.floor.into()),
    };
    predicate.and(&format!("{} {operator} ?", column.sql), [bound]);
}

fn one_of(predicate: &mut Predicate, column: &Column, operands: &[Operand]) {
    let bound: Vec<_> = operands.iter().filter_map(equal).collect();
    match bound.len() {
        0 => predicate.and("0", []),
        1 => predicate.and(&format!("{} = ?", column.sql), bound),
        count => predicate.and(&format!("{} IN ({})", column.sql, marks(count)), bound),
    }
}

fn none_of(predicate: &mut Predicate, column: &Column, operands: &[Operand]) {
    let bound: Vec<_> = operands.iter().filter_map(equal).collect();
    let sql = format!("{0} IS NOT NULL AND {0} NOT IN ({1})", column.sql, marks(bound.len()));
    predicate.and(&sql, bound);
}

/// The stored value that equals the operand, if there can be one.
fn equal(operand: &Operand) -> Option<Bound> {
    match operand {
        Operand::Text(text) => Some(text.clone().into()),
        Operand::Number(number) => number.is_exact.then_some(number.floor.into()),
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}
