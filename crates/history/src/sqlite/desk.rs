//! What was put aside, for operators: to be looked at, to be stored after all, or to be thrown away.

use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::Arc,
};

use call::CallId;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};

use super::{
    DATABASE, LOCK, OpenError, fault::Fault, id, journal, recent::Recent, records::RecordWriter, schema,
    sealed::Sealed,
};
use crate::{HistoryError, stored};

/// The quarantine of a store.
pub struct QuarantineDesk {
    connection: Connection,
    sealed: Arc<Sealed>,
    lock: File,
}

/// Something that was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// Its number.
    pub id: i64,
    /// `event`, `record`, `annotation` or `row of the journal`.
    pub what: String,
    /// The call that it is about, if it is about one.
    pub call: Option<CallId>,
    /// Why it could not be stored, or read.
    pub reason: String,
    /// Its stored form: 1 for JSON, 2 for MessagePack.
    pub format: i64,
    /// The bytes of that.
    pub content: Vec<u8>,
}

/// What became of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// It is stored, and no longer put aside.
    Stored,
    /// There is nothing of this number.
    NotThere,
    /// A server works on the store: it is to be stopped first.
    InUse,
    /// The call has a record already, which it would undo.
    CallIsOver,
    /// What is put aside of an annotation does not say for whom it is.
    NotReplayable,
}

impl QuarantineDesk {
    /// Opens that of the store in `folder`, beside a server or without one.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(LOCK);
        let lock = File::options().write(true).open(&path);
        let lock = lock.map_err(|source| OpenError::File { path, source })?;
        let connection = schema::open_other(&folder.join(DATABASE))?;
        let sealed = Sealed::new(folder.to_path_buf(), 1);
        Ok(Self { connection, sealed, lock })
    }

    /// All of it, oldest first.
    pub fn list(&self) -> Result<Vec<PutAside>, HistoryError> {
        let list = || -> rusqlite::Result<_> {
            let mut select = self.connection.prepare(&format!("{COLUMNS} ORDER BY id"))?;
            select.query_map([], put_aside)?.collect()
        };
        list().map_err(|error| Fault::from(error).during("list its quarantine"))
    }

    /// One of them.
    pub fn show(&self, number: i64) -> Result<Option<PutAside>, HistoryError> {
        let found =
            self.connection.query_row(&format!("{COLUMNS} WHERE id = ?1"), [number], put_aside).optional();
        found.map_err(|error| Fault::from(error).during("read its quarantine"))
    }

    /// Throws one away; false if there is none of this number.
    pub fn discard(&self, number: i64) -> Result<bool, HistoryError> {
        let gone = self.connection.execute("DELETE FROM quarantine WHERE id = ?1", [number]);
        gone.map(|rows| rows > 0).map_err(|error| Fault::from(error).during("change its quarantine"))
    }

    /// Stores one after all. An error says that it still cannot be.
    pub fn replay(&mut self, number: i64) -> Result<Replayed, HistoryError> {
        match self.lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Replayed::InUse),
            Err(TryLockError::Error(error)) => {
                return Err(HistoryError::Store { what: "lock its folder", source: Box::new(error) });
            }
        }
        let Some(aside) = self.show(number)? else { return Ok(Replayed::NotThere) };
        self.store(&aside).map_err(|fault| fault.during("store what was put aside"))
    }

    fn store(&mut self, aside: &PutAside) -> Result<Replayed, Fault> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seq = journal::latest_seq(&transaction)? + 1;
        match &*aside.what {
            "record" => {
                let record = stored::read_record(aside.format, &aside.content)?;
                let mut records = RecordWriter::new(self.sealed.clone(), Arc::new(Recent::off()));
                records.store(&transaction, seq, &record)?;
                records.write_sums(&transaction)?;
            }
            "event" | "row of the journal" => {
                let events = stored::read_events(aside.format, &aside.content)?;
                for event in &events {
                    let is_sealed = self.sealed.find(&transaction, event.call_id)?.is_some();
                    if is_sealed || journal::end_of(&transaction, event.call_id)?.is_some() {
                        return Ok(Replayed::CallIsOver);
                    }
                }
                journal::append_events(&transaction, seq, &events)?;
            }
            _ => return Ok(Replayed::NotReplayable),
        }
        transaction.execute("DELETE FROM quarantine WHERE id = ?1", [aside.id])?;
        transaction.commit()?;
        Ok(Replayed::Stored)
    }
}

const COLUMNS: &str = "SELECT id, what, call_id, reason, format, content FROM quarantine";

fn put_aside(row: &Row<'_>) -> rusqlite::Result<PutAside> {
    let has_call = !matches!(row.get_ref(2)?, rusqlite::types::ValueRef::Null);
    Ok(PutAside {
        id: row.get(0)?,
        what: row.get(1)?,
        call: has_call.then(|| id::uuid(row, 2)).transpose()?.map(CallId::from_uuid),
        reason: row.get(3)?,
        format: row.get(4)?,
        content: row.get(5)?,
    })
}
