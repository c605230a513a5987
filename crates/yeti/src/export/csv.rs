//! The rows of an export: every value quoted, nothing where there is none.

use history::{
    RecordField,
    export::{FieldValue, RowPrinter},
};
use http_core::formula::Formulas;
use jiff::tz::TimeZone;

use super::{
    columns::{Cell, Chosen},
    digits,
    wall::Wall,
};
use crate::wire::cdr_export::TimeFormatWire;

/// Prints rows.
pub struct CsvPrinter {
    columns: Chosen,
    wall: Wall,
    formulas: Formulas,
}

impl CsvPrinter {
    /// Prints these columns, and times in this form and zone.
    pub fn new(columns: Chosen, time_format: TimeFormatWire, zone: TimeZone) -> Self {
        Self { columns, wall: Wall::new(time_format, zone), formulas: Formulas::default() }
    }

    /// The same, with this done to formulas.
    pub fn with(self, formulas: Formulas) -> Self {
        Self { formulas, ..self }
    }
}

impl RowPrinter for CsvPrinter {
    fn fields(&self) -> Vec<RecordField> {
        self.columns.fields()
    }

    fn header(&mut self, out: &mut Vec<u8>) {
        let titles: Vec<_> = self.columns.columns().map(|column| column.title).collect();
        out.extend_from_slice(titles.join(",").as_bytes());
        out.push(b'\n');
    }

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        for (place, cell) in self.columns.cells(values).enumerate() {
            if place > 0 {
                out.push(b',');
            }
            put(cell, &mut self.wall, self.formulas, out);
        }
        out.push(b'\n');
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

fn put(cell: Cell<'_>, wall: &mut Wall, formulas: Formulas, out: &mut Vec<u8>) {
    if cell == Cell::Empty {
        return;
    }
    out.push(b'"');
    match cell {
        Cell::Empty => {}
        Cell::Flag(yes) => out.push(if yes { b't' } else { b'f' }),
        Cell::Time(at) => wall.print(at, out),
        Cell::Number(number) => digits::number(number, out),
        Cell::Amount(amount) => digits::amount(amount, out),
        Cell::Text(text) => quote(&formulas.cell(&text), out),
    }
    out.push(b'"');
}

/// What stands between quotes: quotes in it are doubled.
fn quote(text: &str, out: &mut Vec<u8>) {
    for (place, part) in text.split('"').enumerate() {
        if place > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, formulas: Formulas) -> String {
        let (mut wall, mut out) = (Wall::new(TimeFormatWire::default(), TimeZone::UTC), Vec::new());
        put(Cell::Text(text.into()), &mut wall, formulas, &mut out);
        String::from_utf8(out).expect("a text")
    }

    #[test]
    fn a_name_that_a_spreadsheet_would_run_is_disarmed_and_a_number_keeps_its_plus() {
        let link = "=HYPERLINK(\"http://evil.example\")";
        assert_eq!(cell(link, Formulas::Disarmed), "\"'=HYPERLINK(\"\"http://evil.example\"\")\"");
        assert_eq!(cell(link, Formulas::Kept), "\"=HYPERLINK(\"\"http://evil.example\"\")\"");
        assert_eq!(cell("+14155550100", Formulas::Disarmed), "\"+14155550100\"");
    }
}
