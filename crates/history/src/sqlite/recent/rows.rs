//! What is kept of a row: of one that is stored now, and as it is read again.

use std::{collections::HashMap, sync::Arc};

use call::{AccountId, AccountRow, CallRecord, Timestamp, event::Side, record::LegFacts};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    bits::Bits,
    columns::{RecentRow, ahead_text},
    scaled,
    sqlite::{
        fault::Fault,
        id::{self, RowKey},
        records,
    },
    stored,
};

/// What is kept of a row that is stored, with its rates in JSON.
pub(in crate::sqlite) fn row_of(
    row: &AccountRow<&CallRecord>,
    call: i64,
    rates: [Option<Arc<str>>; 2],
) -> RecentRow {
    let (record, movement) = (row.call, records::movement_of(row));
    RecentRow {
        call,
        call_id: record.call_id,
        part: row.part,
        started_at: record.started_at.as_micros(),
        ended_at: record.ended_at.as_micros(),
        answered_at: record.answered_at.map(Timestamp::as_micros),
        wait: scaled::stored_length(record.times.pdd + record.times.ring),
        talk: scaled::stored_length(record.times.talk),
        sides: Bits::of(row).0,
        other: row.other.map(|other| other.0),
        center: row.owner.center.map(|center| center.0),
        ahead: ahead_of(row).map(Into::into),
        countries: [record.caller_country, record.called_country],
        received: [&record.caller_received, &record.called_received].map(|number| number.as_str().into()),
        routed: [&record.caller_routed, &record.called_routed].map(|number| number.as_str().into()),
        legs: [Side::Origination, Side::Termination].map(|side| record.leg(side).cloned()),
        rates,
        prices: [movement.origination_price, movement.termination_price],
    }
}

fn ahead_of(row: &AccountRow<&CallRecord>) -> Option<String> {
    let ahead = row.ahead.iter().map(|(account, sides)| (account.0, Bits::of_sides(*sides)));
    ahead_text(&ahead.collect::<Vec<_>>())
}

/// Rates in JSON, by their number.
pub(super) type Rates = HashMap<i64, Arc<str>>;

/// Gives the hot rows of an account that started since an instant, in microseconds. `rates` are those read already.
pub(super) fn rows_since(
    connection: &Connection,
    account: AccountId,
    started_at: i64,
    rates: &mut Rates,
    mut take: impl FnMut(&RecentRow),
) -> Result<(), Fault> {
    let mut select = connection.prepare_cached(
        "SELECT call, account_calls.started_at, ended_at, answered_at, sides, caller_country, called_country,
                caller_routed, called_routed, origination_price, termination_price, origination_rate, termination_rate,
                account_calls.call_id, wait, talk, other_account_id, center_id, caller_received, called_received,
                format, record
         FROM account_calls JOIN calls ON calls.id = call
         WHERE account_id = ?1 AND account_calls.started_at >= ?2",
    )?;
    let mut rows = select.query([i64::from(account.0), started_at])?;
    while let Some(row) = rows.next()? {
        let rates = [rate(connection, rates, row.get(11)?)?, rate(connection, rates, row.get(12)?)?];
        let read = read(row)?;
        let ahead =
            if Bits(read.sides).has(Bits::PART) { stored_ahead(connection, account, row)? } else { None };
        take(&RecentRow { rates, ahead, legs: legs(row)?, ..read });
    }
    Ok(())
}

/// The accounts whose rows of a part stand for the call before this one.
fn stored_ahead(
    connection: &Connection,
    account: AccountId,
    row: &Row<'_>,
) -> Result<Option<Arc<str>>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT ahead_account_id, ahead_sides FROM rows_ahead WHERE call_id = ?1 AND account_id = ?2",
    )?;
    let key: Vec<u8> = row.get(13)?;
    let ahead = select.query_map(params![key, account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ahead: Vec<(u32, i64)> = ahead.collect::<Result<_, _>>()?;
    Ok(ahead_text(&ahead).map(Into::into))
}

/// What SIP said, which lies in the record.
fn legs(row: &Row<'_>) -> Result<[Option<LegFacts>; 2], Fault> {
    let part = id::part_of(row.get_ref(13)?.as_blob()?);
    let legs = stored::read_legs(row.get(20)?, row.get_ref(21)?.as_blob()?, part)?;
    Ok([Some(legs.caller_leg), legs.called_leg])
}

fn read(row: &Row<'_>) -> rusqlite::Result<RecentRow> {
    let key = RowKey::read(row, 13)?;
    Ok(RecentRow {
        call: row.get(0)?,
        call_id: key.call,
        part: key.part,
        started_at: row.get(1)?,
        ended_at: row.get(2)?,
        answered_at: row.get(3)?,
        wait: row.get(14)?,
        talk: row.get(15)?,
        sides: row.get(4)?,
        other: row.get(16)?,
        center: row.get(17)?,
        ahead: None,
        countries: [row.get(5)?, row.get(6)?],
        received: [row.get(18)?, row.get(19)?],
        routed: [row.get(7)?, row.get(8)?],
        legs: [None, None],
        prices: [row.get(9)?, row.get(10)?],
        rates: [None, None],
    })
}

fn rate(connection: &Connection, known: &mut Rates, number: Option<i64>) -> Result<Option<Arc<str>>, Fault> {
    let Some(number) = number else { return Ok(None) };
    if let Some(rate) = known.get(&number) {
        return Ok(Some(rate.clone()));
    }
    let mut select = connection.prepare_cached("SELECT rate FROM rates WHERE id = ?1")?;
    let Some(bytes) = select.query_row([number], |row| row.get::<_, Vec<u8>>(0)).optional()? else {
        return Ok(None);
    };
    let rate: Arc<str> = String::from_utf8_lossy(&bytes).into();
    known.insert(number, rate.clone());
    Ok(Some(rate))
}
