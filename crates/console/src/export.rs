//! Exports of a search: a file of comma-separated values (RFC 4180), packed by the store. The request is the query of
//! the search, with its stretch of time fixed.

use call::{AccountId, CallRecord, Timestamp};
use history::export::{ExportFormat, FileType, Opened, Packing, RowPrinter, UnreadableRequest};
use http_core::formula::disarmed;

use crate::{
    errors::Failure,
    form::Fields,
    search::{Column, Row, Search},
};

/// The name of the format, as jobs keep it.
pub const NAME: &str = "console-csv";

/// The format.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleCsv;

impl ExportFormat for ConsoleCsv {
    fn name(&self) -> &'static str {
        NAME
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "csv.gz", packing: Packing::Gzip }
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        let fields = Fields::parse(request.as_bytes());
        // The stretch is in the request: what is now does not matter.
        let search = Search::read(&fields, Timestamp::MAX).map_err(unreadable)?;
        let printer = Printer { account, columns: search.columns.clone() };
        Ok(Opened { query: search.query(vec![account]), printer: Box::new(printer) })
    }
}

fn unreadable(failure: Failure) -> UnreadableRequest {
    UnreadableRequest(match failure {
        Failure::Refused { message, .. } => message,
        Failure::SignedOut { .. } => "it is none".to_owned(),
    })
}

struct Printer {
    account: AccountId,
    columns: Vec<Column>,
}

impl RowPrinter for Printer {
    fn header(&mut self, out: &mut Vec<u8>) {
        line(self.columns.iter().map(|column| column.name().to_owned()), out);
    }

    fn row(&mut self, record: &CallRecord, out: &mut Vec<u8>) {
        let row = Row { account: self.account, record };
        line(self.columns.iter().map(|column| column.value(&row)), out);
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// Every value in quotes.
fn line(values: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    for (index, value) in values.enumerate() {
        out.extend(if index > 0 { &b",\""[..] } else { b"\"" });
        out.extend(disarmed(&value).replace('"', "\"\"").as_bytes());
        out.push(b'"');
    }
    out.extend(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_written_as_text() {
        let mut out = Vec::new();
        line(["a\"b", "=1+1", ""].into_iter().map(str::to_owned), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\"a\"\"b\",\"") && text.ends_with(",\"\"\r\n"), "{text}");
        assert!(!text.contains("\"=1+1\""), "{text}");
    }
}
