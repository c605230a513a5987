//! The event log from the disk.

use std::sync::Arc;

use call::AccountId;
use rusqlite::{Connection, Row, params};

use super::{keeping::floor, rows};
use crate::{Concerned, Happening, LogEntry, LogPage, LogQuery, sqlite::fault::Fault, stored};

/// Rows that one question looks at, at most.
const ROWS: i64 = 4_096;

/// What comes after a number.
pub(in crate::sqlite) fn page(connection: &Connection, query: &LogQuery) -> Result<LogPage, Fault> {
    let (floor, latest) = (floor(connection)?, rows::latest_number(connection)?);
    let mut page = LogPage::beginning(query.after, floor, latest);
    let mut select = connection.prepare_cached(
        "SELECT first, count, format, events, aside, accounts FROM journal
         WHERE first >= coalesce((SELECT max(first) FROM journal WHERE first <= ?1), 0) ORDER BY first LIMIT ?2",
    )?;
    let mut rows = select.query(params![rows::number(page.through + 1), ROWS])?;
    while let Some(row) = rows.next()? {
        let last = row.get::<_, i64>(0)?.unsigned_abs() + row.get::<_, i64>(1)?.unsigned_abs() - 1;
        if concerns(row.get_ref(5)?.as_blob_or_null()?, &query.filter.accounts) {
            page.take(entries(row)?.iter(), query);
            if page.entries.len() >= query.limit {
                return Ok(page);
            }
        }
        page.through = page.through.max(last);
    }
    Ok(page)
}

/// Whether a row concerns any of `accounts`.
fn concerns(row: Option<&[u8]>, accounts: &[AccountId]) -> bool {
    let (concerned, _) = row.unwrap_or_default().as_chunks();
    concerned.iter().any(|account| accounts.contains(&AccountId(u32::from_le_bytes(*account))))
}

fn entries(row: &Row<'_>) -> Result<Vec<Arc<LogEntry>>, Fault> {
    let first = row.get::<_, i64>(0)?.unsigned_abs();
    let events = stored::read_events(row.get(2)?, row.get_ref(3)?.as_blob()?)?;
    let (concerned, notices) = stored::read_aside(row.get_ref(4)?.as_blob_or_null()?)?;
    let nobody = std::iter::repeat_with(Concerned::default);
    let calls = events.into_iter().zip(concerned.into_iter().chain(nobody));
    let calls = calls.map(|(event, concerned)| (concerned, Happening::Call(Arc::new(event))));
    let others = notices.into_iter().map(|notice| (Concerned::from(&notice), Happening::Other(notice)));
    let numbered = (first..).zip(calls.chain(others));
    Ok(numbered.map(|(number, (concerned, what))| Arc::new(LogEntry { number, concerned, what })).collect())
}
