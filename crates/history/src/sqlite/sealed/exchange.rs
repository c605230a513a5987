//! Parts that give way: to another with the same rows or some of them, or to nothing.

use rusqlite::{Connection, params};

use super::{NewPart, list};
use crate::{
    HistoryError,
    sqlite::{
        balances, daily,
        deleted::{self, Deleted},
        fault::Fault,
        records,
    },
};

/// What takes the place of parts.
#[derive(Clone, Debug)]
pub(in crate::sqlite) struct Exchange {
    /// The parts that go, all of them taken over whole.
    pub(in crate::sqlite) old: Vec<OldPart>,
    /// What comes for them.
    pub(in crate::sqlite) new: Option<NewPart>,
    /// Rows that are in `old` and not in `new`.
    pub(in crate::sqlite) deleted: Deleted,
}

/// A part that goes.
#[derive(Clone, Debug)]
pub(in crate::sqlite) struct OldPart {
    pub(in crate::sqlite) id: i64,
    /// How many rows of it did not count when it was read.
    pub(in crate::sqlite) dropped: usize,
}

/// Makes the exchange; does nothing if one of the parts has changed since it was read.
pub(in crate::sqlite) fn exchange(connection: &Connection, exchange: &Exchange) -> rusqlite::Result<()> {
    for old in &exchange.old {
        if !is_as_read(connection, old)? {
            return Ok(());
        }
    }
    for old in &exchange.old {
        remove(connection, old.id)?;
    }
    if let Some(new) = &exchange.new {
        list_whole(connection, new)?;
    }
    exchange.deleted.write(connection)
}

/// Lists a part whose rows all count.
pub(in crate::sqlite) fn list_whole(connection: &Connection, part: &NewPart) -> rusqlite::Result<()> {
    list(connection, part)?;
    connection
        .prepare_cached("UPDATE sealed_parts SET taken = rows, records_taken = records WHERE id = ?1")?
        .execute([part.id])?;
    Ok(())
}

fn is_as_read(connection: &Connection, old: &OldPart) -> rusqlite::Result<bool> {
    let dropped = i64::try_from(old.dropped).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT 1 FROM sealed_parts WHERE id = ?1 AND taken = rows AND records_taken = records
             AND (SELECT count(*) FROM superseded WHERE part = ?1) = ?2",
        )?
        .exists(params![old.id, dropped])
}

fn remove(connection: &Connection, part: i64) -> rusqlite::Result<()> {
    let serial: i64 = connection
        .prepare_cached("DELETE FROM sealed_parts WHERE id = ?1 RETURNING last_serial")?
        .query_one([part], |row| row.get(0))?;
    connection.prepare_cached("DELETE FROM superseded WHERE part = ?1")?.execute([part])?;
    deleted::note_given(connection, serial, part)
}

/// A part that comes from elsewhere: its rows are in no half yet.
#[derive(Clone, Debug)]
pub(in crate::sqlite) struct Arrival {
    pub(in crate::sqlite) part: NewPart,
    /// How many rows there are of each group.
    pub(in crate::sqlite) rows: Vec<(daily::Group, i64)>,
    /// What they move, in millionths.
    pub(in crate::sqlite) moved: Vec<(call::AccountId, i64)>,
}

/// Lists it. An error if its serial numbers were given to others meanwhile.
pub(in crate::sqlite) fn arrive(connection: &Connection, arrival: &Arrival) -> Result<(), Fault> {
    if records::next_serial(connection)? > arrival.part.first_serial {
        let source = "others were stored meanwhile".into();
        return Err(HistoryError::Store { what: "take over records", source }.into());
    }
    list_whole(connection, &arrival.part)?;
    for (group, rows) in &arrival.rows {
        daily::add(connection, *group, *rows)?;
    }
    for (account, moved) in &arrival.moved {
        balances::add(connection, *account, *moved)?;
    }
    Ok(())
}
