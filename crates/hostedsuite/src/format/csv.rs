//! CSV: a line for each row, under a line of member names. Whatever is nested is JSV in its cell.
//!
//! What a spreadsheet would take for a formula is disarmed, unless the configuration says otherwise; telephone
//! numbers keep their `+`.

use http_core::formula::Formulas;

use super::jsv;
use crate::dto::{Value, value::double};

/// The text.
pub fn print(value: &Value, formulas: Formulas) -> String {
    let mut text = String::new();
    if let Some(dto) = value.row_type() {
        line(&mut text, dto.all_members().map(|member| member.name.to_owned()));
    }
    for row in value.rows() {
        match row {
            Value::Object(..) => line(&mut text, row.members().map(|(_, value)| cell(value, formulas))),
            other => line(&mut text, [cell(other, formulas)]),
        }
    }
    text
}

fn line(text: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<_> = cells.into_iter().map(|cell| quoted(&cell)).collect();
    *text += &cells.join(",");
    *text += "\r\n";
}

fn cell(value: &Value, formulas: Formulas) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => formulas.cell(text).into_owned(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => double(*number),
        Value::Bool(truth) => jsv::word(*truth).to_owned(),
        Value::List(..) | Value::Dictionary(_) | Value::Object(..) => jsv::print(value),
    }
}

fn quoted(cell: &str) -> String {
    let is_special = cell.contains(['"', ',', '\r', '\n']) || cell.starts_with(['[', '{']);
    if is_special { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
