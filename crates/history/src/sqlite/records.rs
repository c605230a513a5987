//! Call records, as they are written and read back one by one.

use std::{collections::HashMap, sync::Arc};

use call::{
    AccountId, CallId, CallRecord, Number,
    event::Side,
    party::Owner,
    rating::{Charge, Rate},
    state::Sides,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::{
    annotations,
    balances::{self, Movement},
    daily,
    fault::Fault,
    id, journal, scaled,
};
use crate::stored;

/// Writes records. Keeps the numbers of the rates that it has seen.
#[derive(Default)]
pub(super) struct RecordWriter {
    rates: HashMap<Vec<u8>, i64>,
    bytes: Vec<u8>,
}

/// Rates that are remembered at most; a directory seldom has more in use.
const REMEMBERED_RATES: usize = 10_000;

/// One account's view of a call.
struct View<'a> {
    account: AccountId,
    sides: Sides,
    other: Option<AccountId>,
    owner: &'a Owner,
}

impl View<'_> {
    fn group(&self, record: &CallRecord) -> daily::Group {
        let (sides, started_at) = (sides_bits(self.sides), record.started_at.as_micros());
        daily::Group { account: self.account, started_at, sides, other: self.other }
    }
}

impl RecordWriter {
    /// Stores a record with commit number `seq`; one of the same call that is there already is replaced.
    pub(super) fn store(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
    ) -> Result<(), Fault> {
        let call = match self.insert(connection, seq, record, None)? {
            Some(call) => call,
            None => self.replace(connection, seq, record)?,
        };
        for merged in &record.absorbed {
            insert_merged(connection, seq, *merged)?;
            annotations::hand_over(connection, *merged, record.call_id)?;
        }
        let rates = [
            self.rate(connection, record.origination_rate.as_ref())?,
            self.rate(connection, record.termination_rate.as_ref())?,
        ];
        for view in views(record) {
            insert_view(connection, record, &view, call, rates)?;
        }
        Ok(())
    }

    /// The record that is there goes; the new one takes its row.
    fn replace(&mut self, connection: &Connection, seq: i64, record: &CallRecord) -> Result<i64, Fault> {
        let call = remove(connection, record.call_id)?;
        journal::note_commit(connection, seq)?;
        let inserted = self.insert(connection, seq, record, Some(call))?;
        Ok(inserted.ok_or(rusqlite::Error::StatementChangedRows(0))?)
    }

    /// Stores that the calls of a record that cannot be stored are over.
    pub(super) fn pass_over(
        &self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
    ) -> Result<(), Fault> {
        journal::note_commit(connection, seq)?;
        for call in std::iter::once(&record.call_id).chain(&record.absorbed) {
            insert_merged(connection, seq, *call)?;
        }
        Ok(())
    }

    /// Forgets what a commit that was undone may have taught.
    pub(super) fn forget(&mut self) {
        self.rates.clear();
    }

    /// The row of the call, which is `row` if that is given; `None` if the call has a record already.
    fn insert(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
        row: Option<i64>,
    ) -> rusqlite::Result<Option<i64>> {
        self.bytes.clear();
        stored::write_record(record, &mut self.bytes);
        let mut insert = connection.prepare_cached(
            "INSERT INTO calls (id, call_id, started_at, seq, format, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
        )?;
        let (call_id, started_at) = (id::bytes(&record.call_id), record.started_at.as_micros());
        let inserted =
            insert.execute(params![row, call_id, started_at, seq, stored::MESSAGE_PACK, self.bytes])?;
        Ok((inserted > 0).then(|| connection.last_insert_rowid()))
    }

    fn rate(&mut self, connection: &Connection, rate: Option<&Rate>) -> rusqlite::Result<Option<i64>> {
        let Some(rate) = rate else { return Ok(None) };
        self.bytes.clear();
        stored::write_rate(rate, &mut self.bytes);
        if let Some(number) = self.rates.get(&self.bytes) {
            return Ok(Some(*number));
        }
        if self.rates.len() >= REMEMBERED_RATES {
            self.rates.clear();
        }
        let number = number_of_rate(connection, &self.bytes)?;
        self.rates.insert(self.bytes.clone(), number);
        Ok(Some(number))
    }
}

/// Removes the record of a call that has one, and takes back what it moved; gives the row that it had.
fn remove(connection: &Connection, call_id: CallId) -> Result<i64, Fault> {
    let (call, record) = connection
        .prepare_cached("SELECT id, format, record FROM calls WHERE call_id = ?1")?
        .query_one([id::bytes(&call_id)], |row| Ok((row.get::<_, i64>(0)?, read(row, 1))))?;
    let record = record?;
    connection.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute([call])?;
    let mut delete = connection.prepare_cached(
        "DELETE FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3
         RETURNING sides, origination_price, termination_price",
    )?;
    for view in views(&record) {
        let key = params![view.account.0, record.started_at.as_micros(), id::bytes(&call_id)];
        if let Some(moved) = delete.query_row(key, movement).optional()? {
            balances::add(connection, view.account, moved.amount().saturating_neg())?;
            daily::add(connection, view.group(&record), -1)?;
        }
    }
    Ok(call)
}

/// What a row of the accounts' calls has moved.
fn movement(row: &Row<'_>) -> rusqlite::Result<Movement> {
    let sides: i64 = row.get(0)?;
    Ok(Movement {
        originates: sides & 1 != 0,
        terminates: sides & 2 != 0,
        origination_price: row.get(1)?,
        termination_price: row.get(2)?,
    })
}

/// A call that was merged into another has no record, nor has one whose record cannot be stored; that it is
/// over is known from here.
fn insert_merged(connection: &Connection, seq: i64, call_id: CallId) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO merged_calls (call_id, seq) VALUES (?1, ?2)")?
        .execute(params![id::bytes(&call_id), seq])?;
    Ok(())
}

fn number_of_rate(connection: &Connection, rate: &[u8]) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("INSERT INTO rates (format, rate) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![stored::JSON, rate])?;
    connection.prepare_cached("SELECT id FROM rates WHERE rate = ?1")?.query_one([rate], |row| row.get(0))
}

/// The origination account's view, then the termination account's if it is another.
fn views(record: &CallRecord) -> impl Iterator<Item = View<'_>> {
    let (origination, termination) = (&record.origination, record.termination.as_ref());
    let other = termination.filter(|owner| owner.account != origination.account);
    let sides = if termination.is_some() && other.is_none() { Sides::Both } else { Sides::Originated };
    let first = View {
        account: origination.account,
        sides,
        other: other.map(|owner| owner.account),
        owner: origination,
    };
    let second = other.map(|owner| View {
        account: owner.account,
        sides: Sides::Terminated,
        other: Some(origination.account),
        owner,
    });
    std::iter::once(first).chain(second)
}

fn insert_view(
    connection: &Connection,
    record: &CallRecord,
    view: &View<'_>,
    call: i64,
    [origination_rate, termination_rate]: [Option<i64>; 2],
) -> rusqlite::Result<()> {
    let mut insert: CachedStatement<'_> = connection.prepare_cached(
        "INSERT INTO account_calls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
         ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)",
    )?;
    let (caller_leg, called_leg) = (&record.caller_leg, record.called_leg.as_ref());
    // What is not shown to an account is not here either, so that nothing can be found or sorted by it.
    let own = record.own_of(view.account);
    let times = &record.times;
    let price = |charge: Option<Charge>| charge.map(|charge| scaled::stored_price(charge.price));
    let [origination_price, termination_price] =
        [price(record.charge(Side::Origination)), price(record.charge(Side::Termination))];
    insert.execute(params![
        view.account.0,
        record.started_at.as_micros(),
        id::bytes(&record.call_id),
        call,
        sides_bits(view.sides),
        record.ended_at.as_micros(),
        record.answered_at.map(|at| at.as_micros()),
        record.caller_country,
        record.called_country,
        record.caller_routed.as_str(),
        record.called_routed.as_str(),
        caller_leg.address.map(|address| address.ip().to_string()),
        origination_rate,
        termination_rate,
        scaled::stored_length(times.talk),
        scaled::stored_length(times.pdd + times.ring),
        scaled::stored_length(times.hold),
        scaled::stored_length(times.transfer),
        record.hold_count,
        view.other.map(|account| account.0),
        view.owner.center.map(|center| center.0),
        caller_leg.status.as_ref().map(|status| status.code),
        called_leg.and_then(|leg| leg.status.as_ref()).map(|status| status.code),
        origination_price,
        termination_price,
        record.caller_received.as_str(),
        record.called_received.as_str(),
        record.caller_name.as_deref(),
        own.answered_by(),
        own.transferred_to_number().map(Number::as_str),
        own.transferred_to_name(),
        own.screen_pop(),
        caller_leg.sip_call_id.as_deref(),
        i64::try_from(record.recordings.len()).unwrap_or(i64::MAX),
    ])?;
    let bits = sides_bits(view.sides);
    let (originates, terminates) = (bits & 1 != 0, bits & 2 != 0);
    let movement = Movement { originates, terminates, origination_price, termination_price };
    balances::add(connection, view.account, movement.amount())?;
    daily::add(connection, view.group(record), 1)
}

fn sides_bits(sides: Sides) -> i64 {
    match sides {
        Sides::Originated => 1,
        Sides::Terminated => 2,
        Sides::Both => 3,
    }
}

/// The record of a call, if one of `accounts` has a side of it.
pub(super) fn find(
    connection: &Connection,
    accounts: &[AccountId],
    call: CallId,
) -> Result<Option<Arc<CallRecord>>, Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE call_id = ?1")?;
    let record = select.query_row([id::bytes(&call)], |row| Ok(read(row, 0))).optional()?.transpose()?;
    let is_theirs = |record: &CallRecord| accounts.iter().any(|account| record.sides_of(*account).is_some());
    Ok(record.filter(is_theirs).map(Arc::new))
}

/// The record in row `call` of the table of calls.
pub(super) fn load(connection: &Connection, call: i64) -> Result<Arc<CallRecord>, Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE id = ?1")?;
    select.query_one([call], |row| Ok(read(row, 0)))?.map(Arc::new)
}

/// The records in these rows. They are read in the order in which they lie, which is the disk's, and given in
/// the order of `calls`.
pub(super) fn load_all(
    connection: &Connection,
    calls: &[i64],
) -> Result<impl Iterator<Item = CallRecord>, Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE id = ?1")?;
    let mut places: Vec<_> = (0..calls.len()).collect();
    places.sort_unstable_by_key(|place| calls[*place]);
    let mut records: Vec<_> = calls.iter().map(|_| None).collect();
    for place in places {
        records[place] = Some(select.query_one([calls[place]], |row| Ok(read(row, 0)))??);
    }
    Ok(records.into_iter().flatten())
}

/// A record whose format and bytes lie in column `index` and the next.
fn read(row: &Row<'_>, index: usize) -> Result<CallRecord, Fault> {
    let bytes = row.get_ref(index + 1)?.as_blob()?;
    Ok(stored::read_record(row.get(index)?, bytes)?)
}

/// How many there are. Their ids are given one after another, and none is taken away.
pub(super) fn census(connection: &Connection) -> Result<crate::Census, Fault> {
    let newest = "SELECT id, started_at FROM calls ORDER BY id DESC LIMIT 1";
    let found =
        connection.query_row(newest, [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional()?;
    let (records, newest_at) = found.unzip();
    Ok(crate::Census {
        records: records.unwrap_or_default().unsigned_abs(),
        newest_at: newest_at.map(call::Timestamp::from_micros),
    })
}
