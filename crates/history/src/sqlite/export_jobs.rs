//! The table of export jobs.

use call::{AccountId, CustomerId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{fault::Fault, id};
use crate::{
    Export, ExportId, ExportPage, ExportStatus,
    export::{ExportCounts, FileFacts},
};

const COLUMNS: &str = "SELECT id, customer_id, account_id, format, request, status, row_count, created_at,
                       updated_at, bytes, sha256 FROM exports";

/// Stores a new job.
pub(super) fn insert(connection: &Connection, export: &Export) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO exports (id, customer_id, account_id, format, request, status, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            key(export.id),
            export.customer.0,
            export.account.0,
            export.format,
            export.request,
            name(export.status),
            export.created_at.as_micros(),
            export.updated_at.as_micros(),
        ])?;
    Ok(())
}

/// Stores how a job ended; one that was deleted meanwhile stays deleted. Says whether
/// this has ended it.
pub(super) fn end(connection: &Connection, export: &Export) -> rusqlite::Result<bool> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "UPDATE exports SET status = ?2, row_count = ?3, bytes = ?4, sha256 = ?5, updated_at = ?6
             WHERE id = ?1 AND status = ?7",
        )?
        .execute(params![
            key(export.id),
            name(export.status),
            export.rows.map(number),
            export.file.map(|file| number(file.bytes)),
            export.file.map(|file| file.sha256),
            export.updated_at.as_micros(),
            name(ExportStatus::Pending),
        ])
        .map(|ended| ended > 0)
}

/// Stores that a job is deleted, unless it is already; gives whose it was.
pub(super) fn delete(
    connection: &Connection,
    id: ExportId,
    now: Timestamp,
) -> rusqlite::Result<Option<AccountId>> {
    connection
        .prepare_cached(
            "UPDATE exports SET status = ?2, updated_at = ?3 WHERE id = ?1 AND status <> ?2 RETURNING account_id",
        )?
        .query_row(params![key(id), name(ExportStatus::Deleted), now.as_micros()], |row| {
            row.get(0).map(AccountId)
        })
        .optional()
}

fn key(id: ExportId) -> [u8; 16] {
    id.0.into_bytes()
}

/// How far a job is, if there is one.
pub(super) fn status_of(connection: &Connection, id: ExportId) -> rusqlite::Result<Option<ExportStatus>> {
    connection
        .prepare_cached("SELECT status FROM exports WHERE id = ?1")?
        .query_row([key(id)], |row| status(row, 0))
        .optional()
}

/// One job, if it belongs to one of `accounts`.
pub(super) fn find(
    connection: &Connection,
    accounts: &[AccountId],
    id: ExportId,
) -> Result<Option<Export>, Fault> {
    let mut select = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    let export = select.query_row([key(id)], export).optional()?;
    Ok(export.filter(|export| accounts.contains(&export.account)))
}

/// The jobs of `accounts`, newest first, without the first `offset`, no more than `limit`.
pub(super) fn page(
    connection: &Connection,
    accounts: &[AccountId],
    offset: u64,
    limit: u32,
) -> Result<ExportPage, Fault> {
    let accounts = super::search::list(accounts);
    let of_accounts = "account_id IN (SELECT value FROM json_each(?1))";
    let mut count =
        connection.prepare_cached(&format!("SELECT count(*) FROM exports WHERE {of_accounts}"))?;
    let total: i64 = count.query_one([&accounts], |row| row.get(0))?;
    let mut select = connection.prepare_cached(&format!(
        "{COLUMNS} WHERE {of_accounts} ORDER BY created_at DESC, id LIMIT ?2 OFFSET ?3"
    ))?;
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let exports = select.query_map(params![accounts, limit, offset], export)?.collect::<Result<_, _>>()?;
    Ok(ExportPage { exports, total: u64::try_from(total).unwrap_or(0) })
}

/// How many jobs an account has that are not deleted.
pub(super) fn counts(connection: &Connection, account: AccountId) -> rusqlite::Result<ExportCounts> {
    connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE status = ?2), count(*) FROM exports
             WHERE account_id = ?1 AND status IN (?2, ?3)",
        )?
        .query_row(params![account.0, name(ExportStatus::Pending), name(ExportStatus::Completed)], |row| {
            Ok(ExportCounts { waiting: row.get(0)?, kept: row.get(1)? })
        })
}

/// The jobs that were done before an instant and whose files are there.
pub(super) fn done_before(connection: &Connection, instant: Timestamp) -> Result<Vec<Export>, Fault> {
    let mut select = connection.prepare(&format!("{COLUMNS} WHERE status = ?1 AND updated_at < ?2"))?;
    let done = select.query_map(params![name(ExportStatus::Completed), instant.as_micros()], export)?;
    Ok(done.collect::<Result<_, _>>()?)
}

/// The jobs that are not done, oldest first.
pub(super) fn pending(connection: &Connection) -> rusqlite::Result<Vec<Export>> {
    let mut select = connection.prepare(&format!("{COLUMNS} WHERE status = ?1 ORDER BY created_at, id"))?;
    select.query_map([name(ExportStatus::Pending)], export)?.collect()
}

fn export(row: &Row<'_>) -> rusqlite::Result<Export> {
    Ok(Export {
        id: ExportId(id::uuid(row, 0)?),
        customer: CustomerId(row.get(1)?),
        account: AccountId(row.get(2)?),
        format: row.get(3)?,
        request: row.get(4)?,
        status: status(row, 5)?,
        rows: row.get::<_, Option<i64>>(6)?.and_then(|rows| u64::try_from(rows).ok()),
        created_at: Timestamp::from_micros(row.get(7)?),
        updated_at: Timestamp::from_micros(row.get(8)?),
        file: row
            .get::<_, Option<i64>>(9)?
            .zip(row.get(10)?)
            .map(|(bytes, sha256)| FileFacts { bytes: bytes.unsigned_abs(), sha256 }),
        progress: None,
    })
}

/// The name of a status on disk.
fn name(status: ExportStatus) -> &'static str {
    match status {
        ExportStatus::Pending => "pending",
        ExportStatus::Completed => "completed",
        ExportStatus::Failed => "failed",
        ExportStatus::Deleted => "deleted",
    }
}

fn status(row: &Row<'_>, index: usize) -> rusqlite::Result<ExportStatus> {
    match row.get_ref(index)?.as_str()? {
        "pending" => Ok(ExportStatus::Pending),
        "completed" => Ok(ExportStatus::Completed),
        "failed" => Ok(ExportStatus::Failed),
        "deleted" => Ok(ExportStatus::Deleted),
        other => {
            let reason = format!("an export has the status {other:?}, which is not known");
            Err(rusqlite::Error::FromSqlConversionFailure(index, Type::Text, reason.into()))
        }
    }
}
