//! Tests of texts in SQL: by functions of SQLite's own where they say the same, else by the test itself.

use call::filter::{TextKind, TextOperator, TextTest};
use rusqlite::{
    Connection, Error, Result,
    functions::{Context, FunctionFlags},
    types::{FromSqlError, Type, ValueRef},
};

use super::predicate::Predicate;

const KINDS: [TextKind; 3] = [TextKind::Plain, TextKind::Number, TextKind::Address];
const OPERATORS: [TextOperator; 5] = [
    TextOperator::Is,
    TextOperator::IsNot,
    TextOperator::StartsWith,
    TextOperator::EndsWith,
    TextOperator::Contains,
];

/// Makes `text_passes(text, test)` known to a connection: `NULL` for no text.
pub(super) fn add_function(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("text_passes", 2, flags, passes)
}

/// Adds a test of the text in `column`, which may be an expression.
pub(super) fn add(predicate: &mut Predicate, column: &str, test: &TextTest) {
    let mut values = test.values();
    match (values.next(), values.next()) {
        (Some(value), None) if add_by_sql(predicate, column, test, value) => {}
        _ => predicate.and(&format!("text_passes({column}, ?)"), [write(test).into()]),
    }
}

/// Whether it could be said in SQL alone, which is faster.
fn add_by_sql(predicate: &mut Predicate, column: &str, test: &TextTest, value: &str) -> bool {
    let column = match test.kind() {
        TextKind::Plain => column.to_owned(),
        TextKind::Number => format!("ltrim({column}, '+')"),
        TextKind::Address => return false,
    };
    // What is no letter is the same in either case, and comes of no letter.
    let has_case = value.bytes().any(|byte| !byte.is_ascii() || byte.is_ascii_alphabetic() || byte == 0);
    match test.operator() {
        TextOperator::Is => predicate.and(&format!("{column} = ?"), [value.to_owned().into()]),
        TextOperator::StartsWith if !has_case => {
            predicate.and(&format!("instr({column}, ?) = 1"), [value.to_owned().into()]);
        }
        TextOperator::Contains if !has_case => {
            predicate.and(&format!("instr({column}, ?) > 0"), [value.to_owned().into()]);
        }
        TextOperator::EndsWith if !has_case && !value.is_empty() => {
            let end = format!("substr({column}, -{})", value.len());
            predicate.and(&format!("{end} = ?"), [value.to_owned().into()]);
        }
        TextOperator::IsNot | TextOperator::StartsWith | TextOperator::EndsWith | TextOperator::Contains => {
            return false;
        }
    }
    true
}

/// The test as a value to bind.
fn write(test: &TextTest) -> Vec<u8> {
    let place = |found: Option<usize>| found.unwrap_or_default();
    let kind = place(KINDS.iter().position(|kind| *kind == test.kind()));
    let operator = place(OPERATORS.iter().position(|operator| *operator == test.operator()));
    let values: Vec<_> = test.values().collect();
    rmp_serde::to_vec(&(kind, operator, values)).expect("numbers and texts can be written")
}

fn read(value: ValueRef<'_>) -> std::result::Result<TextTest, FromSqlError> {
    let (kind, operator, values): (usize, usize, Vec<String>) =
        rmp_serde::from_slice(value.as_blob()?).map_err(FromSqlError::other)?;
    let known = KINDS.get(kind).zip(OPERATORS.get(operator));
    let (kind, operator) = known.ok_or(FromSqlError::InvalidType)?;
    Ok(TextTest::new(*kind, *operator, values))
}

/// The test is read once for a statement.
fn passes(context: &Context<'_>) -> Result<Option<bool>> {
    let test = context.get_or_create_aux(1, read)?;
    match context.get_raw(0) {
        ValueRef::Null => Ok(None),
        text => {
            let failed = |error| Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
            Ok(Some(test.accepts(text.as_str().map_err(failed)?)))
        }
    }
}
