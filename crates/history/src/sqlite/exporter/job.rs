//! One export job: from the stored request to the rows of its file.

use std::{io, mem};

use rusqlite::Connection;

use super::{file::Out, running::Running};
use crate::{
    Export, HistoryError,
    export::{ExportFormat, Opened, RowPrinter, UnreadableRequest},
    sqlite::{
        fault::Fault,
        records::{self, CallPart},
        search::Search,
    },
};

/// Records that are read on one state of the database. A reader holds back the clean-up of the write-ahead
/// log, so a long export reads in portions.
const PORTION: usize = 1_000;

/// Bytes that are gathered before they are packed.
const BLOCK: usize = 64 * 1_024;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// No dialect brought the format.
    #[error("there is no export format {0:?}")]
    UnknownFormat(String),
    /// The dialect does not understand its own request any more.
    #[error(transparent)]
    Request(#[from] UnreadableRequest),
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] HistoryError),
    /// The file cannot be written.
    #[error("the file cannot be written")]
    File(#[from] io::Error),
    /// The format did.
    #[error("the format panicked")]
    Panicked,
    /// The store is being closed, or the export was cancelled.
    #[error("it was stopped")]
    Stopped,
}

impl From<Fault> for ExportError {
    fn from(fault: Fault) -> Self {
        fault.during("read the records of an export").into()
    }
}

/// A job, understood.
pub(super) struct Job {
    search: Search,
    printer: Box<dyn RowPrinter>,
}

impl Job {
    /// Reads the request. Whatever it says, the job finds records of the export's own account only.
    pub(super) fn open(format: &dyn ExportFormat, export: &Export) -> Result<Self, ExportError> {
        let Opened { mut query, printer } = format.open(export.account, &export.request)?;
        query.accounts = vec![export.account];
        Ok(Self { search: Search::new(&query)?, printer })
    }

    /// Writes everything; says how many rows there are. Never holds more than a portion in memory.
    pub(super) fn write(
        self,
        connection: &Connection,
        running: &Running,
        out: &Out,
    ) -> Result<u64, ExportError> {
        let Self { search, printer } = self;
        running.expect(search.count(connection)?);
        let mut rows = Rows::begin(printer, running, out);
        let limit = if search.can_go_on() { PORTION as u64 } else { u64::MAX };
        let mut last = None;
        loop {
            let before = rows.count;
            let snapshot = connection.unchecked_transaction().map_err(Fault::from)?;
            search.each(&snapshot, last, 0..limit, |found| {
                last = Some(found.place);
                rows.take(found.call, &snapshot)
            })?;
            rows.print(&snapshot)?;
            if rows.count - before < limit {
                return rows.end();
            }
        }
    }
}

/// The rows on their way into the file.
struct Rows<'a> {
    printer: Box<dyn RowPrinter>,
    running: &'a Running,
    out: &'a Out,
    /// Calls that are not printed yet, in the order of the export.
    portion: Vec<CallPart>,
    block: Vec<u8>,
    /// Rows that are printed.
    count: u64,
}

impl<'a> Rows<'a> {
    fn begin(mut printer: Box<dyn RowPrinter>, running: &'a Running, out: &'a Out) -> Self {
        let mut block = Vec::with_capacity(2 * BLOCK);
        printer.header(&mut block);
        Self { printer, running, out, portion: Vec::with_capacity(PORTION), block, count: 0 }
    }

    fn take(&mut self, call: CallPart, snapshot: &Connection) -> Result<(), ExportError> {
        self.portion.push(call);
        if self.portion.len() < PORTION { Ok(()) } else { self.print(snapshot) }
    }

    /// Prints what has been taken.
    fn print(&mut self, snapshot: &Connection) -> Result<(), ExportError> {
        for record in records::load_all(snapshot, &self.portion)? {
            self.printer.row(&record, &mut self.block);
            self.count += 1;
            self.running.wrote(self.count);
            if self.block.len() >= BLOCK {
                self.out.put(mem::replace(&mut self.block, Vec::with_capacity(2 * BLOCK)))?;
            }
            if self.running.is_halted() {
                return Err(ExportError::Stopped);
            }
        }
        self.portion.clear();
        Ok(())
    }

    /// Gives how many rows there are.
    fn end(mut self) -> Result<u64, ExportError> {
        self.printer.footer(&mut self.block);
        self.out.put(self.block)?;
        Ok(self.count)
    }
}
