//! Exports of call records: what is asked for, and the CSV that comes of it (contract yeti.md, 6.3).

pub mod columns;
pub mod csv;
pub mod reading;
pub mod request;

use call::AccountId;
use history::{
    Condition, Export, RecordField, RecordQuery, Test, Value,
    export::{ExportFormat, FileType, Opened, Packing, UnreadableRequest},
    query::SideFilter,
};

use self::{csv::CsvPrinter, request::StoredExportV1};

/// The CSV of an account's calls.
pub struct CdrCsv;

impl CdrCsv {
    /// The format's name, as stored with jobs.
    pub const NAME: &str = "yeti-cdr-csv-1";
}

impl ExportFormat for CdrCsv {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "csv.gz", packing: Packing::Gzip }
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        let request = StoredExportV1::parse(request)?;
        let printer = CsvPrinter::new(request.time_format(), request.zone()?);
        Ok(Opened { query: query(account, &request), printer: Box::new(printer) })
    }
}

/// The calls that the account sent and that the filters keep, newest first.
fn query(account: AccountId, request: &StoredExportV1) -> RecordQuery {
    let number = |digits: String| {
        let spellings = [digits.clone(), format!("+{digits}")];
        Test::IsOneOf(spellings.map(Value::Text).to_vec())
    };
    let conditions = [
        Some((RecordField::StartedAt, Test::AtLeast(Value::Time(request.started_from())))),
        Some((RecordField::StartedAt, Test::Below(Value::Time(request.started_before())))),
        request.answered.map(|answered| (RecordField::IsAnswered, Test::Is(Value::Bool(answered)))),
        request.seconds.map(|seconds| (RecordField::ConnectedSeconds, Test::Is(Value::Int(seconds)))),
        request.seconds_from.map(|least| (RecordField::ConnectedSeconds, Test::AtLeast(Value::Int(least)))),
        request.seconds_to.map(|most| (RecordField::ConnectedSeconds, Test::AtMost(Value::Int(most)))),
        request.caller_digits().map(|caller| (RecordField::CallerRouted, number(caller))),
        request.called_digits().map(|called| (RecordField::CalledRouted, number(called))),
    ];
    let conditions = conditions.into_iter().flatten().map(|(field, test)| Condition { field, test });
    RecordQuery {
        side: SideFilter::Originated,
        conditions: conditions.collect(),
        ..RecordQuery::newest(vec![account], u32::MAX)
    }
}

/// Media type and extension of an export's file.
pub fn file_type_of(_: &Export) -> (&'static str, &'static str) {
    ("text/csv; charset=utf-8", CdrCsv.file_type().extension)
}

/// The text of a SHA-256.
pub fn hex(sha256: &[u8; 32]) -> String {
    sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}
