//! Annotations: what holds now, in a row per call and account, and the changes that led to it.

use std::time::Duration;

use call::{AccountId, CallId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

use super::{fault::Fault, id, scaled};
use crate::{
    annotations::{Annotation, AnnotationChange, AnnotationEdit, Annotations},
    stored,
};

/// Makes a change for each of its accounts; what of it changes nothing is not written. Gives the accounts for which it
/// changed something.
pub(super) fn change(connection: &Connection, annotation: &Annotation) -> Result<Vec<AccountId>, Fault> {
    let Annotation { accounts, call, change } = annotation;
    let mut changed = Vec::new();
    for account in accounts {
        let mut annotations = find(connection, *account, *call)?;
        if let Some(edit) = annotations.lacking(&change.edit) {
            annotations.apply(&edit);
            put(connection, *account, *call, &annotations)?;
            let change = AnnotationChange { edit, by: change.by.clone(), ..*change };
            insert_change(connection, *account, *call, &change)?;
            changed.push(*account);
        }
    }
    Ok(changed)
}

/// Gives what was noted about a call that was merged into another to that one.
pub(super) fn hand_over(connection: &Connection, merged: CallId, into: CallId) -> Result<(), Fault> {
    let accounts = accounts_of(connection, merged)?;
    if accounts.is_empty() {
        return Ok(());
    }
    for sql in [
        "UPDATE annotation_changes SET call_id = ?2 WHERE call_id = ?1",
        "DELETE FROM annotations WHERE call_id IN (?1, ?2)",
    ] {
        connection.prepare_cached(sql)?.execute([id::bytes(&merged), id::bytes(&into)])?;
    }
    for account in accounts_of(connection, into)? {
        let edits = all_edits(connection, account, into)?;
        put(connection, account, into, &Annotations::after(&edits))?;
    }
    Ok(())
}

/// The annotations of a call for an account; none if nothing was noted.
pub(super) fn find(connection: &Connection, account: AccountId, call: CallId) -> Result<Annotations, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT notes, is_flagged, flag_notes, work, form_ids FROM annotations
         WHERE call_id = ?1 AND account_id = ?2",
    )?;
    let found = select.query_row(params![id::bytes(&call), account.0], annotations).optional()?;
    Ok(found.unwrap_or_default())
}

/// The latest changes, newest first.
pub(super) fn changes(
    connection: &Connection,
    account: AccountId,
    call: CallId,
    limit: u32,
) -> Result<Vec<AnnotationChange>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT at, format, change FROM annotation_changes WHERE call_id = ?1 AND account_id = ?2
         ORDER BY at DESC, id DESC LIMIT ?3",
    )?;
    let mut rows = select.query(params![id::bytes(&call), account.0, limit])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let (by, edit) = stored::read_annotation_change(row.get(1)?, row.get_ref(2)?.as_blob()?)?;
        changes.push(AnnotationChange { at: Timestamp::from_micros(row.get(0)?), by, edit });
    }
    Ok(changes)
}

/// Oldest first.
fn all_edits(
    connection: &Connection,
    account: AccountId,
    call: CallId,
) -> Result<Vec<AnnotationEdit>, Fault> {
    let changes = changes(connection, account, call, u32::MAX)?;
    Ok(changes.into_iter().rev().map(|change| change.edit).collect())
}

fn accounts_of(connection: &Connection, call: CallId) -> rusqlite::Result<Vec<AccountId>> {
    let mut select =
        connection.prepare_cached("SELECT DISTINCT account_id FROM annotation_changes WHERE call_id = ?1")?;
    select.query_map([id::bytes(&call)], |row| row.get(0).map(AccountId))?.collect()
}

fn put(
    connection: &Connection,
    account: AccountId,
    call: CallId,
    annotations: &Annotations,
) -> rusqlite::Result<()> {
    let mut replace = connection
        .prepare_cached("INSERT OR REPLACE INTO annotations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    replace.execute(params![
        id::bytes(&call),
        account.0,
        annotations.notes,
        annotations.is_flagged,
        annotations.flag_notes,
        scaled::stored_length(annotations.work),
        serde_json::Value::from(annotations.form_ids.as_slice()).to_string(),
    ])?;
    Ok(())
}

fn insert_change(
    connection: &Connection,
    account: AccountId,
    call: CallId,
    change: &AnnotationChange,
) -> rusqlite::Result<()> {
    let mut json = Vec::new();
    stored::write_annotation_change(change, &mut json);
    connection
        .prepare_cached(
            "INSERT INTO annotation_changes (call_id, account_id, at, format, change)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id::bytes(&call), account.0, change.at.as_micros(), stored::JSON, json])?;
    Ok(())
}

fn annotations(row: &Row<'_>) -> rusqlite::Result<Annotations> {
    let form_ids = serde_json::from_str(row.get_ref(4)?.as_str()?);
    Ok(Annotations {
        notes: row.get(0)?,
        is_flagged: row.get(1)?,
        flag_notes: row.get(2)?,
        work: Duration::from_micros(row.get::<_, i64>(3)?.unsigned_abs()),
        form_ids: form_ids
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(4, Type::Text, error.into()))?,
    })
}
