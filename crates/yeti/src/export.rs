//! Exports of call records: what is asked for, and the file that comes of it (contract yeti.md, 6.3). Parquet is
//! an extension.

pub mod columns;
pub mod csv;
mod digits;
pub mod parquet;
pub mod reading;
pub mod request;
mod wall;

use call::AccountId;
use history::{
    Condition, Export, Grain, RecordField, RecordQuery, Test, Value,
    export::{ExportFormat, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
    query::SideFilter,
};
use http_core::formula::Formulas;

use self::{columns::Chosen, csv::CsvPrinter, parquet::ParquetPrinter, request::StoredExportV1};
use crate::wire::cdr_export::FileFormatWire;

/// The calls of an account as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CdrFile(pub FileFormatWire);

impl CdrFile {
    /// The formats that there are.
    pub const ALL: [Self; 2] = [Self(FileFormatWire::Csv), Self(FileFormatWire::Parquet)];

    /// The format of a job; `None` if the job is another dialect's.
    pub fn of(export: &Export) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.name() == export.format)
    }

    /// The media type of its files.
    pub fn media_type(&self) -> &'static str {
        match self.0 {
            FileFormatWire::Csv => "text/csv; charset=utf-8",
            FileFormatWire::Parquet => "application/vnd.apache.parquet",
        }
    }
}

impl ExportFormat for CdrFile {
    fn name(&self) -> &'static str {
        match self.0 {
            FileFormatWire::Csv => "yeti-cdr-csv-1",
            FileFormatWire::Parquet => "yeti-cdr-parquet-1",
        }
    }

    fn file_type(&self) -> FileType {
        match self.0 {
            FileFormatWire::Csv => FileType { extension: "csv.gz", packing: Packing::Gzip },
            FileFormatWire::Parquet => FileType { extension: "parquet", packing: Packing::Plain },
        }
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        self.open_with(account, request, Formulas::default())
    }
}

impl CdrFile {
    fn open_with(
        &self,
        account: AccountId,
        request: &str,
        formulas: Formulas,
    ) -> Result<Opened, UnreadableRequest> {
        let request = StoredExportV1::parse(request)?;
        let (time_format, zone) = (request.time_format(), request.zone()?);
        let columns = Chosen::of(request.fields.as_deref());
        let columns = columns.map_err(|name| UnreadableRequest(format!("there is no column {name:?}")))?;
        let printer: Box<dyn RowPrinter> = match self.0 {
            FileFormatWire::Csv => Box::new(CsvPrinter::new(columns, time_format, zone).with(formulas)),
            FileFormatWire::Parquet => Box::new(ParquetPrinter::new(columns, time_format, zone)),
        };
        Ok(Opened { query: query(account, &request), printer })
    }
}

/// The files of a server that does this to formulas.
#[derive(Clone, Copy, Debug)]
pub struct CdrFormat {
    /// Which.
    pub file: CdrFile,
    /// What becomes of formulas in CSV.
    pub formulas: Formulas,
}

impl ExportFormat for CdrFormat {
    fn name(&self) -> &'static str {
        self.file.name()
    }

    fn file_type(&self) -> FileType {
        self.file.file_type()
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        self.file.open_with(account, request, self.formulas)
    }
}

/// The calls that the account sent and that the filters keep, newest first.
fn query(account: AccountId, request: &StoredExportV1) -> RecordQuery {
    let number = |number: &String| Test::Is(Value::Text(number.trim().to_owned()));
    let conditions = [
        Some((RecordField::StartedAt, Test::AtLeast(Value::Time(request.started_from())))),
        Some((RecordField::StartedAt, Test::Below(Value::Time(request.started_before())))),
        request.answered.map(|answered| (RecordField::IsAnswered, Test::Is(Value::Bool(answered)))),
        request.seconds.map(|seconds| (RecordField::ConnectedSeconds, Test::Is(Value::Int(seconds)))),
        request.seconds_from.map(|least| (RecordField::ConnectedSeconds, Test::AtLeast(Value::Int(least)))),
        request.seconds_to.map(|most| (RecordField::ConnectedSeconds, Test::AtMost(Value::Int(most)))),
        request.caller.as_ref().map(|caller| (RecordField::CallerRouted, number(caller))),
        request.called.as_ref().map(|called| (RecordField::CalledRouted, number(called))),
    ];
    let conditions = conditions.into_iter().flatten().map(|(field, test)| Condition { field, test });
    RecordQuery {
        side: SideFilter::Originated,
        grain: Grain::Part,
        conditions: conditions.collect(),
        ..RecordQuery::newest(vec![account], u32::MAX)
    }
}
