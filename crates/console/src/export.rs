//! Exports of a search: a file of comma-separated values (RFC 4180), packed by the store. The request is the query of
//! the search, with its stretch of time fixed.

use call::{AccountId, Timestamp, event::Side};
use history::{
    LegField, RecordField,
    export::{ExportFormat, FieldValue, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
};
use http_core::{formula::disarmed, time::rfc3339};

use crate::{
    errors::Failure,
    form::Fields,
    look,
    search::{Column, Search},
    words,
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
    /// Whether the account sends the call, then those of the columns.
    fn fields(&self) -> Vec<RecordField> {
        let of_columns = self.columns.iter().flat_map(|column| fields(*column));
        std::iter::once(RecordField::IsOutbound).chain(of_columns).collect()
    }

    fn header(&mut self, out: &mut Vec<u8>) {
        line(self.columns.iter().map(|column| column.name().to_owned()), out);
    }

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        let mut values = values.iter();
        let is_outbound = values.next() == Some(&FieldValue::Flag(true));
        let cells = self.columns.iter().map(|column| {
            let own: Vec<_> = values.by_ref().take(fields(*column).len()).collect();
            let chosen = if is_outbound { own.first() } else { own.last() };
            match column {
                Column::Account => self.account.to_string(),
                Column::Direction => words::direction(is_outbound).to_owned(),
                Column::Flag => flag(chosen).to_owned(),
                // Whose phone it was that answered elsewhere is no matter of who sends the call.
                Column::AnsweredBy if is_outbound => String::new(),
                _ => chosen.map(|value| text(value)).unwrap_or_default(),
            }
        });
        let cells: Vec<_> = cells.collect();
        line(cells.into_iter(), out);
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// What a column is made of: a field, or the two of either side, that of who sends the call first.
fn fields(column: Column) -> Vec<RecordField> {
    let sides = [Side::Origination, Side::Termination];
    let legs = |field| sides.map(|side| RecordField::Leg(side, field)).to_vec();
    match column {
        Column::Account | Column::Direction => Vec::new(),
        Column::Started => vec![RecordField::StartedAt],
        Column::Caller => vec![RecordField::CallerRouted],
        Column::CallerName => vec![RecordField::CallerName],
        Column::Called => vec![RecordField::CalledReceived],
        Column::AnsweredBy => vec![RecordField::AnsweredBy],
        Column::Outcome => vec![RecordField::IsAnswered],
        Column::Wait => vec![RecordField::Wait],
        Column::Connected => vec![RecordField::Connected],
        Column::Hold => vec![RecordField::Hold],
        Column::Cost => sides.map(RecordField::Price).to_vec(),
        Column::Code => legs(LegField::Code),
        Column::SipCallId => legs(LegField::SipCallId),
        Column::Address => legs(LegField::Address),
        Column::UserAgent => legs(LegField::UserAgent),
        Column::Quality(field) => sides.map(|side| RecordField::Quality(side, field)).to_vec(),
        Column::Notes => vec![RecordField::Notes],
        Column::Flag => vec![RecordField::IsFlagged],
    }
}

fn flag(value: Option<&&FieldValue<'_>>) -> &'static str {
    if value == Some(&&FieldValue::Flag(true)) { words::FLAGGED } else { "" }
}

/// A value as a file has it; lengths in seconds.
fn text(value: &FieldValue<'_>) -> String {
    match value {
        FieldValue::Absent => String::new(),
        FieldValue::Flag(true) => words::YES.to_owned(),
        FieldValue::Flag(false) => words::NO.to_owned(),
        FieldValue::Time(at) => rfc3339(*at),
        FieldValue::Length(length) => format!("{:.3}", length.as_secs_f64()),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Amount(amount) => look::money(*amount),
        FieldValue::Text(text) => (*text).to_owned(),
        FieldValue::Call(call) => call.to_string(),
    }
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
