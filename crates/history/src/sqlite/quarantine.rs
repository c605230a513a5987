//! What can never be stored, or never read back, is kept aside with the reason, so that all the rest goes on.

use call::{CallEvent, CallId, CallRecord};
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};

use super::{fault::Fault, id, journal};
use crate::{Annotation, HistoryError, stored};

/// Something that was put aside.
pub(super) struct Outcast {
    what: &'static str,
    call: Option<CallId>,
    reason: String,
}

impl Outcast {
    /// Says so in the log; the reason holds no numbers and no names.
    pub(super) fn report(&self) {
        let (what, reason, call) = (self.what, &self.reason, self.call.map(tracing::field::display));
        tracing::error!(what, reason, call, "put aside in the table `quarantine`, as it cannot be stored");
    }
}

/// Whether the same would fail again, however often it is repeated.
pub(super) fn is_lasting(fault: &Fault) -> bool {
    match fault {
        Fault::History(_) => true,
        Fault::Sqlite(error) => error.sqlite_error_code().is_none_or(|code| {
            matches!(
                code,
                ErrorCode::ConstraintViolation
                    | ErrorCode::TooBig
                    | ErrorCode::TypeMismatch
                    | ErrorCode::ParameterOutOfRange
            )
        }),
    }
}

/// Does something inside a transaction as if it had never been, if it cannot be done.
pub(super) fn attempt(
    connection: &Connection,
    act: impl FnOnce() -> Result<(), Fault>,
) -> Result<Result<(), Fault>, Fault> {
    connection.execute_batch("SAVEPOINT attempt")?;
    match act() {
        Ok(()) => {
            connection.execute_batch("RELEASE attempt")?;
            Ok(Ok(()))
        }
        Err(fault) if is_lasting(&fault) => {
            connection.execute_batch("ROLLBACK TO attempt; RELEASE attempt")?;
            Ok(Err(fault))
        }
        Err(fault) => Err(fault),
    }
}

/// Puts an event aside.
pub(super) fn event(connection: &Connection, event: &CallEvent, fault: &Fault) -> Result<Outcast, Fault> {
    let mut json = Vec::new();
    stored::write_events(&[event], &mut json);
    put(connection, "event", Some(event.call_id), (stored::JSON, &json), fault)
}

/// Puts an annotation aside.
pub(super) fn annotation(
    connection: &Connection,
    annotation: &Annotation,
    fault: &Fault,
) -> Result<Outcast, Fault> {
    let mut json = Vec::new();
    stored::write_annotation_change(&annotation.change, &mut json);
    put(connection, "annotation", Some(annotation.call), (stored::JSON, &json), fault)
}

/// Puts a record aside.
pub(super) fn record(connection: &Connection, record: &CallRecord, fault: &Fault) -> Result<Outcast, Fault> {
    let mut bytes = Vec::new();
    stored::write_record(record, &mut bytes);
    put(connection, "record", Some(record.call_id), (stored::MESSAGE_PACK, &bytes), fault)
}

/// Moves the rows of the journal that cannot be read aside, so that the store can be opened, and with them what
/// others hold of calls that began in such a row: no record will ever remove it.
pub(super) fn unreadable_rows(connection: &mut Connection) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (latest, mut outcasts) = (journal::latest_seq(&transaction)?, Vec::new());
    for (first, fault, format, bytes) in unreadable(&transaction)? {
        outcasts.push(put(&transaction, "row of the journal", None, (format, &bytes), &fault)?);
        journal::remove(&transaction, first)?;
    }
    for orphan in journal::take_orphans(&transaction)? {
        let reason = "the journal lacks the beginning of its call".to_owned();
        let fault = HistoryError::Unreadable { what: "event", reason }.into();
        outcasts.push(event(&transaction, &orphan, &fault)?);
    }
    if !outcasts.is_empty() {
        journal::note_commit(&transaction, latest)?;
    }
    transaction.commit()?;
    outcasts.iter().for_each(Outcast::report);
    Ok(())
}

type UnreadableRow = (u64, Fault, i64, Vec<u8>);

fn unreadable(connection: &Connection) -> Result<Vec<UnreadableRow>, Fault> {
    let reading = journal::open_rows(connection)?.into_iter().filter_map(|(first, format, bytes)| {
        match stored::read_events(format, &bytes) {
            Err(error @ HistoryError::Unreadable { .. }) => Some((first, error.into(), format, bytes)),
            _ => None,
        }
    });
    Ok(reading.collect())
}

/// How much lies there.
pub(super) fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_one("SELECT count(*) FROM quarantine", [], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

fn put(
    connection: &Connection,
    what: &'static str,
    call: Option<CallId>,
    (format, bytes): (i64, &[u8]),
    fault: &Fault,
) -> Result<Outcast, Fault> {
    let reason = fault.to_string();
    let mut insert = connection.prepare_cached(
        "INSERT INTO quarantine (what, call_id, format, content, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let call_id = call.as_ref().map(id::bytes);
    let whole = insert.execute(params![what, call_id, format, bytes, reason]).map_err(Fault::from);
    match whole {
        Ok(_) => {}
        Err(too_much) if is_lasting(&too_much) => {
            insert.execute(params![what, call_id, format, [0_u8; 0].as_slice(), reason])?;
        }
        Err(fault) => return Err(fault),
    }
    Ok(Outcast { what, call, reason })
}
