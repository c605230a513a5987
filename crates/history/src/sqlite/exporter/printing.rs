//! Calls that were found, on their way into the file of an export: of those that are sealed, only the columns are read
//! that are printed.

use std::{collections::HashMap, mem, sync::Arc};

use rusqlite::Connection;

use super::{file::Out, job::ExportError, running::Running};
use crate::{
    HistoryError,
    columns::{FieldBatch, Row, RowFile, with_values},
    export::RowPrinter,
    query::RecordField,
    sqlite::{
        id, records,
        sealed::{Candidate, Files, Source},
    },
};

/// Bytes that are gathered before they are packed.
const BLOCK: usize = 64 * 1_024;

/// Files of which rows are held at the same time: parts of one day.
const MOST_FILES: usize = 8;

/// Prints calls.
pub(super) struct Printing<'a> {
    printer: Box<dyn RowPrinter>,
    fields: Vec<RecordField>,
    running: &'a Running,
    out: &'a Out,
    block: Vec<u8>,
    /// Rows that are printed.
    count: u64,
}

/// What was read last of each of some files.
type Read = HashMap<*const Files, (Arc<RowFile>, FieldBatch)>;

impl<'a> Printing<'a> {
    /// Begins the file.
    pub(super) fn begin(mut printer: Box<dyn RowPrinter>, running: &'a Running, out: &'a Out) -> Self {
        let mut block = Vec::with_capacity(2 * BLOCK);
        printer.header(&mut block);
        Self { fields: printer.fields(), printer, running, out, block, count: 0 }
    }

    /// Prints calls in their order.
    pub(super) fn print(
        &mut self,
        snapshot: &Connection,
        candidates: &[Candidate],
    ) -> Result<(), ExportError> {
        let mut read = Read::new();
        for candidate in candidates {
            match &candidate.source {
                Source::Hot(call) => self.print_hot(snapshot, candidate, *call)?,
                Source::Sealed(files, row) => self.print_sealed(&mut read, candidate, files, *row)?,
            }
            self.count += 1;
            self.running.wrote(self.count);
            if self.block.len() >= BLOCK {
                self.out.put(mem::replace(&mut self.block, Vec::with_capacity(2 * BLOCK)))?;
            }
            if self.running.is_halted() {
                return Err(ExportError::Stopped);
            }
        }
        Ok(())
    }

    fn print_hot(
        &mut self,
        snapshot: &Connection,
        candidate: &Candidate,
        call: i64,
    ) -> Result<(), ExportError> {
        let (record, part) = (records::load(snapshot, call)?, candidate.key.part);
        let rows = record.rows();
        let row = rows.iter().find(|row| (row.owner.account, row.part) == (candidate.account, part));
        let missing = || HistoryError::Unreadable { what: "call record", reason: "a row has no part".into() };
        let row = Row::new(row.ok_or_else(missing)?, id::serial(call, part));
        with_values(&row, &self.fields, |values| self.printer.row(values, &mut self.block));
        Ok(())
    }

    fn print_sealed(
        &mut self,
        read: &mut Read,
        candidate: &Candidate,
        files: &Arc<Files>,
        row: u32,
    ) -> Result<(), ExportError> {
        let known = read.get(&Arc::as_ptr(files));
        if known.is_none_or(|(_, batch)| !batch.has(row)) {
            let file = known.map_or_else(|| files.rows(), |(file, _)| Ok(file.clone()))?;
            if read.len() >= MOST_FILES {
                read.clear();
            }
            let batch = FieldBatch::around(&file, row, file.rows_of(candidate.account), &self.fields)?;
            read.insert(Arc::as_ptr(files), (file, batch));
        }
        let (_, batch) = &read[&Arc::as_ptr(files)];
        let values: Vec<_> = batch.values(row).collect();
        self.printer.row(&values, &mut self.block);
        Ok(())
    }

    /// Ends the file; gives how many rows there are.
    pub(super) fn end(mut self) -> Result<u64, ExportError> {
        self.printer.footer(&mut self.block);
        self.out.put(self.block)?;
        Ok(self.count)
    }
}
