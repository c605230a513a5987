//! The rows of an export: every value quoted, nothing where there is none.

use std::fmt::{self, Write};

use call::{CallRecord, Timestamp};
use history::export::RowPrinter;
use http_core::{formula::Formulas, time::in_zone};
use jiff::{Zoned, tz::TimeZone};

use super::columns::{Cell, Chosen};
use crate::wire::cdr_export::TimeFormatWire;

/// Prints rows.
pub struct CsvPrinter {
    columns: Chosen,
    time_format: TimeFormatWire,
    zone: TimeZone,
    formulas: Formulas,
}

impl CsvPrinter {
    /// Prints these columns, and times in this form and zone.
    pub fn new(columns: Chosen, time_format: TimeFormatWire, zone: TimeZone) -> Self {
        Self { columns, time_format, zone, formulas: Formulas::default() }
    }

    /// The same, with this done to formulas.
    pub fn with(self, formulas: Formulas) -> Self {
        Self { formulas, ..self }
    }

    fn put(&self, cell: Cell<'_>, out: &mut Vec<u8>) {
        if cell == Cell::Empty {
            return;
        }
        out.push(b'"');
        let mut quoted = Quoted(out);
        let written = match cell {
            Cell::Empty => Ok(()),
            Cell::Flag(yes) => quoted.write_str(if yes { "t" } else { "f" }),
            Cell::Time(at) => quoted.write_str(&self.time(at)),
            Cell::Number(number) => write!(quoted, "{number}"),
            Cell::Amount(amount) => write!(quoted, "{}", amount.normalize()),
            Cell::Address(address) => write!(quoted, "{address}"),
            Cell::Text(text) => quoted.write_str(&self.formulas.cell(text)),
        };
        written.expect("memory takes everything");
        out.push(b'"');
    }

    fn time(&self, at: Timestamp) -> String {
        let at = in_zone(at, &self.zone);
        match self.time_format {
            TimeFormatWire::RoundToSeconds => at.strftime("%F %T").to_string(),
            TimeFormatWire::WithoutTimezone => at.strftime("%F %T%.6f").to_string(),
            TimeFormatWire::WithTimezone => format!("{}{}", at.strftime("%F %T%.6f"), offset(&at)),
        }
    }
}

/// As PostgreSQL writes it: minutes and seconds only where there are any.
fn offset(at: &Zoned) -> String {
    let total = at.offset().seconds();
    let sign = if total < 0 { '-' } else { '+' };
    let total = total.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3_600, total / 60 % 60, total % 60);
    match (minutes, seconds) {
        (0, 0) => format!("{sign}{hours:02}"),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

impl RowPrinter for CsvPrinter {
    fn header(&mut self, out: &mut Vec<u8>) {
        let titles: Vec<_> = self.columns.columns().map(|column| column.title).collect();
        out.extend_from_slice(titles.join(",").as_bytes());
        out.push(b'\n');
    }

    fn row(&mut self, record: &CallRecord, out: &mut Vec<u8>) {
        for (place, cell) in self.columns.cells(record).enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.put(cell, out);
        }
        out.push(b'\n');
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// What stands between quotes: quotes in it are doubled.
struct Quoted<'a>(&'a mut Vec<u8>);

impl fmt::Write for Quoted<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (place, part) in text.split('"').enumerate() {
            if place > 0 {
                self.0.extend_from_slice(b"\"\"");
            }
            self.0.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }
}
