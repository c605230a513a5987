//! One export job: from the stored request to the rows of its file.

use std::{io, mem};

use rusqlite::Connection;

use super::{file::Out, running::Running};
use crate::{
    Export, HistoryError,
    export::{ExportFormat, Opened, RowPrinter, UnreadableRequest},
    sqlite::{fault::Fault, records, search::Search},
};

/// Records that are read on one state of the database. A reader holds back the clean-up of the write-ahead
/// log, so a long export reads in portions.
const PORTION: u64 = 1_000;

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
        mut self,
        connection: &Connection,
        running: &Running,
        out: &Out,
    ) -> Result<u64, ExportError> {
        running.expect(self.search.count(connection)?);
        let mut block = Vec::with_capacity(2 * BLOCK);
        self.printer.header(&mut block);
        let portion = if self.search.can_go_on() { PORTION } else { u64::MAX };
        let (mut rows, mut last) = (0, None);
        loop {
            let before = rows;
            let snapshot = connection.unchecked_transaction().map_err(Fault::from)?;
            self.search.each(&snapshot, last, 0..portion, |found| {
                self.printer.row(&*records::load(&snapshot, found.call)?, &mut block);
                rows += 1;
                last = Some(found.place);
                running.wrote(rows);
                if block.len() >= BLOCK {
                    out.put(mem::replace(&mut block, Vec::with_capacity(2 * BLOCK)))?;
                }
                if running.is_halted() { Err(ExportError::Stopped) } else { Ok(()) }
            })?;
            if rows - before < portion {
                break;
            }
        }
        self.printer.footer(&mut block);
        out.put(block)?;
        Ok(rows)
    }
}
