//! Call records, as they are written and read back one by one.

mod rates;

use std::sync::Arc;

use call::{AccountId, AccountRow, CallId, CallRecord, Number, event::Side};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::{
    annotations,
    balances::{self, Movement},
    daily, deleted,
    fault::Fault,
    id::{self, RowKey},
    journal,
    moved::Moved,
    recent::{self, Recent, RowChange},
    scaled,
    sealed::Sealed,
};
use crate::{bits::Bits, query::Grain, stored};
use rates::{Rates, StoredRate};

/// Writes records. Keeps the numbers of the rates that it has seen.
pub(super) struct RecordWriter {
    sealed: Arc<Sealed>,
    rates: Rates,
    bytes: Vec<u8>,
    /// The serial number of the next record that is new; `None` until it was looked for.
    next: Option<i64>,
    recent: Arc<Recent>,
    /// What the commit adds up to.
    moved: Moved,
    /// What the commit does to the hot rows that are kept in memory.
    pub(super) changes: Vec<RowChange>,
}

/// What the row is about.
pub(super) fn key(row: &AccountRow<&CallRecord>) -> RowKey {
    RowKey { call: row.call.call_id, part: row.part }
}

pub(super) fn group(row: &AccountRow<&CallRecord>) -> daily::Group {
    let (Bits(sides), started_at) = (Bits::of(row), row.call.started_at.as_micros());
    daily::Group { account: row.owner.account, started_at, sides, other: row.other }
}

impl RecordWriter {
    /// Knows what is sealed, and what is kept in memory.
    pub(super) fn new(sealed: Arc<Sealed>, recent: Arc<Recent>) -> Self {
        let (rates, moved, changes) = (Rates::default(), Moved::default(), Vec::new());
        Self { sealed, rates, bytes: Vec::new(), next: None, recent, moved, changes }
    }

    /// Stores a record with commit number `seq`; one of the same call that is there already is replaced. What it adds
    /// to sums is [written later](Self::write_sums).
    pub(super) fn store(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
    ) -> Result<(), Fault> {
        let call = match self.unsealed(connection, record.call_id)? {
            Some((serial, before)) => {
                self.unseal(connection, &before)?;
                self.put_back(connection, seq, record, serial)?
            }
            None => match self.insert_new(connection, seq, record)? {
                Some(call) => call,
                None => self.replace(connection, seq, record)?,
            },
        };
        for merged in &record.absorbed {
            self.recent.lately.note(*merged);
            insert_merged(connection, seq, *merged, Some(record.call_id))?;
            annotations::hand_over(connection, *merged, record.call_id)?;
        }
        self.insert_rows(connection, call, record)
    }

    /// Inserts the rows of a record. Those of the call itself follow each other, and have the same rates.
    fn insert_rows(&mut self, connection: &Connection, call: i64, record: &CallRecord) -> Result<(), Fault> {
        let mut last: Option<(&CallRecord, [Option<StoredRate>; 2])> = None;
        for row in record.rows() {
            let rates = match last.take() {
                Some((record, rates)) if std::ptr::eq(record, row.call) => rates,
                _ => self.rates.of(connection, row.call)?,
            };
            self.insert_row(connection, call, &row, &rates)?;
            last = Some((row.call, rates));
        }
        Ok(())
    }

    fn insert_row(
        &mut self,
        connection: &Connection,
        call: i64,
        row: &AccountRow<&CallRecord>,
        rates: &[Option<StoredRate>; 2],
    ) -> Result<(), Fault> {
        if row.part > 0 {
            insert_part(connection, call, row)?;
        }
        let numbers = rates.each_ref().map(|rate| rate.as_ref().map(|(number, _)| *number));
        let movement = movement_of(row);
        insert_row(connection, row, call, numbers, movement)?;
        self.moved.add(group(row), movement.amount());
        if self.recent.keeps(row.call.started_at) {
            let rates = rates.each_ref().map(|rate| rate.as_ref().map(|(_, rate)| rate.clone()));
            let kept = recent::row_of(row, call, rates);
            self.changes.push(RowChange::Added(row.owner.account, Box::new(kept)));
        }
        Ok(())
    }

    /// The record that is there goes; the new one takes its row.
    fn replace(&mut self, connection: &Connection, seq: i64, record: &CallRecord) -> Result<i64, Fault> {
        let call = self.remove(connection, record.call_id)?;
        self.put_back(connection, seq, record, call)
    }

    /// Stores a record under a serial number that it had before.
    fn put_back(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
        serial: i64,
    ) -> Result<i64, Fault> {
        journal::note_commit(connection, seq)?;
        let inserted = self.insert(connection, seq, record, serial)?;
        Ok(inserted.ok_or(rusqlite::Error::StatementChangedRows(0))?)
    }

    /// The record of a call and its serial number, if it lies in sealed files alone.
    fn unsealed(&self, connection: &Connection, call: CallId) -> Result<Option<(i64, CallRecord)>, Fault> {
        let Some(sealed) = self.sealed.find(connection, call)? else { return Ok(None) };
        let mut select = connection.prepare_cached("SELECT 1 FROM calls WHERE call_id = ?1")?;
        Ok(if select.exists([id::bytes(&call)])? { None } else { Some(sealed) })
    }

    /// The sealed rows of a call count no longer, and what they moved is taken back.
    fn unseal(&self, connection: &Connection, record: &CallRecord) -> Result<(), Fault> {
        for row in record.rows() {
            if self.sealed.supersede(connection, &row, key(&row))? {
                take_back(connection, &row, movement_of(&row))?;
            }
        }
        Ok(())
    }

    /// Removes the record of a call that has one, and takes back what it moved; gives the row that it had. Some of
    /// its rows may be sealed already.
    fn remove(&mut self, connection: &Connection, call_id: CallId) -> Result<i64, Fault> {
        let (call, record) = connection
            .prepare_cached("SELECT id, format, record FROM calls WHERE call_id = ?1")?
            .query_one([id::bytes(&call_id)], |row| Ok((row.get::<_, i64>(0)?, read(row, 1))))?;
        let record = record?;
        connection.prepare_cached("DELETE FROM calls WHERE id = ?1")?.execute([call])?;
        let mut delete = connection.prepare_cached(
            "DELETE FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3
             RETURNING sides, origination_price, termination_price",
        )?;
        for row in record.rows() {
            self.changes.push(RowChange::Removed(row.owner.account, call));
            let place = params![row.owner.account.0, row.call.started_at.as_micros(), key(&row).bytes()];
            if let Some(moved) = delete.query_row(place, movement).optional()? {
                take_back(connection, &row, moved)?;
            } else if self.sealed.supersede(connection, &row, key(&row))? {
                take_back(connection, &row, movement_of(&row))?;
            }
        }
        remove_parts(connection, call, &record)?;
        Ok(call)
    }

    /// Stores a new record; `None` if the call has one already.
    fn insert_new(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
    ) -> rusqlite::Result<Option<i64>> {
        let serial = match self.next {
            Some(next) => next,
            None => next_serial(connection)?,
        };
        let inserted = self.insert(connection, seq, record, serial)?;
        self.next = Some(serial + i64::from(inserted.is_some()));
        Ok(inserted)
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
            self.recent.lately.note(*call);
            insert_merged(connection, seq, *call, None)?;
        }
        Ok(())
    }

    /// Writes what the records stored since then add to balances and to the calls of days.
    pub(super) fn write_sums(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.moved.write(connection)
    }

    /// Forgets what a commit that was undone may have taught.
    pub(super) fn forget(&mut self) {
        self.moved.clear();
        self.rates.clear();
        self.next = None;
    }

    /// The row of the call; `None` if the call has a record already.
    fn insert(
        &mut self,
        connection: &Connection,
        seq: i64,
        record: &CallRecord,
        row: i64,
    ) -> rusqlite::Result<Option<i64>> {
        self.recent.lately.note(record.call_id);
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
}

/// No serial number is given twice, wherever the record with it lies.
pub(super) fn next_serial(connection: &Connection) -> rusqlite::Result<i64> {
    let hot = "SELECT coalesce(max(id), 0) FROM calls";
    let sealed = "SELECT coalesce(max(last_serial), 0) FROM sealed_parts";
    let deleted = "SELECT last_serial FROM history_counts";
    connection.query_one(&format!("SELECT max(({hot}), ({sealed}), ({deleted})) + 1"), [], |row| row.get(0))
}

/// Forgets what is known of the parts of the call in a row of the table of calls.
pub(super) fn remove_parts(connection: &Connection, call: i64, record: &CallRecord) -> rusqlite::Result<()> {
    for row in record.rows().iter().filter(|row| row.part > 0) {
        connection
            .prepare_cached("DELETE FROM rows_ahead WHERE call_id = ?1")?
            .execute([key(row).bytes()])?;
    }
    connection.prepare_cached("DELETE FROM parts WHERE call = ?1")?.execute([call])?;
    Ok(())
}

/// Takes back what a row has moved.
fn take_back(connection: &Connection, row: &AccountRow<&CallRecord>, moved: Movement) -> Result<(), Fault> {
    balances::add(connection, row.owner.account, moved.amount().saturating_neg())?;
    Ok(daily::add(connection, group(row), -1)?)
}

/// What a row moves.
pub(super) fn movement_of(row: &AccountRow<&CallRecord>) -> Movement {
    let price = |side| row.call.charge(side).map(|charge| scaled::stored_price(charge.price));
    Movement {
        originates: row.sides.originates(),
        terminates: row.sides.terminates(),
        origination_price: price(Side::Origination),
        termination_price: price(Side::Termination),
    }
}

/// What a row of the accounts' calls has moved.
fn movement(row: &Row<'_>) -> rusqlite::Result<Movement> {
    let sides = Bits(row.get(0)?);
    Ok(Movement {
        originates: sides.has(Bits::ORIGINATED),
        terminates: sides.has(Bits::TERMINATED),
        origination_price: row.get(1)?,
        termination_price: row.get(2)?,
    })
}

/// A call that was merged into another has no record, nor has one whose record cannot be stored; that it is
/// over is known from here.
fn insert_merged(
    connection: &Connection,
    seq: i64,
    call_id: CallId,
    into: Option<CallId>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO merged_calls (call_id, seq, into_call) VALUES (?1, ?2, ?3)")?
        .execute(params![id::bytes(&call_id), seq, into.as_ref().map(id::bytes)])?;
    Ok(())
}

/// When a part began, so that it is found among the calls of its accounts.
fn insert_part(connection: &Connection, call: i64, row: &AccountRow<&CallRecord>) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO parts (call, part, started_at) VALUES (?1, ?2, ?3)")?
        .execute(params![call, row.part, row.call.started_at.as_micros()])?;
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO rows_ahead (call_id, account_id, ahead_account_id, ahead_sides)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (account, sides) in &row.ahead {
        insert.execute(params![key(row).bytes(), row.owner.account.0, account.0, Bits::of_sides(*sides)])?;
    }
    Ok(())
}

fn insert_row(
    connection: &Connection,
    row: &AccountRow<&CallRecord>,
    call: i64,
    [origination_rate, termination_rate]: [Option<i64>; 2],
    movement: Movement,
) -> rusqlite::Result<()> {
    let mut insert: CachedStatement<'_> = connection.prepare_cached(
        "INSERT INTO account_calls VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
         ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)",
    )?;
    let (record, account, bits) = (row.call, row.owner.account, Bits::of(row));
    let (caller_leg, called_leg) = (&record.caller_leg, record.called_leg.as_ref());
    // What is not shown to an account is not here either, so that nothing can be found or sorted by it.
    let own = record.own_of(account);
    let times = &record.times;
    insert.execute(params![
        account.0,
        record.started_at.as_micros(),
        key(row).bytes(),
        call,
        bits.0,
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
        row.other.map(|account| account.0),
        row.owner.center.map(|center| center.0),
        caller_leg.status.as_ref().map(|status| status.code),
        called_leg.and_then(|leg| leg.status.as_ref()).map(|status| status.code),
        movement.origination_price,
        movement.termination_price,
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
    Ok(())
}

/// The call that a call was merged into; itself if it was not.
pub(super) fn resolved(connection: &Connection, call: CallId) -> Result<CallId, Fault> {
    let mut select = connection
        .prepare_cached("SELECT into_call FROM merged_calls WHERE call_id = ?1 AND into_call IS NOT NULL")?;
    let into = select.query_row([id::bytes(&call)], |row| id::uuid(row, 0)).optional()?;
    Ok(into.map_or(call, CallId::from_uuid))
}

/// Calls that were merged into another, and that one.
pub(super) fn merged_calls(connection: &Connection) -> rusqlite::Result<Vec<(CallId, CallId)>> {
    let mut select = connection
        .prepare_cached("SELECT call_id, into_call FROM merged_calls WHERE into_call IS NOT NULL")?;
    let pair = |row: &Row<'_>| Ok((id::uuid(row, 0)?, id::uuid(row, 1)?));
    let pairs = select.query_map([], pair)?;
    pairs
        .map(|pair| pair.map(|(merged, into)| (CallId::from_uuid(merged), CallId::from_uuid(into))))
        .collect()
}

/// The record of a call, or of that which it was merged into, if one of `accounts` has a side of it.
pub(super) fn find(
    connection: &Connection,
    sealed: &Sealed,
    accounts: &[AccountId],
    call: CallId,
) -> Result<Option<Arc<CallRecord>>, Fault> {
    let Some(record) = stored(connection, sealed, resolved(connection, call)?)? else { return Ok(None) };
    let holders = holders(connection, &record, accounts)?;
    Ok(record.seen_by(&holders).map(|seen| Arc::new(seen.into_owned())))
}

/// The record of a call, wherever it lies.
pub(super) fn stored(
    connection: &Connection,
    sealed: &Sealed,
    call: CallId,
) -> Result<Option<CallRecord>, Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE call_id = ?1")?;
    match select.query_row([id::bytes(&call)], |row| Ok(read(row, 0))).optional()? {
        Some(record) => record.map(Some),
        None => Ok(sealed.find(connection, call)?.map(|(_, record)| record)),
    }
}

/// Those of `accounts` that have a row of the call. A row may be deleted for its age while another account keeps its
/// own, and the record with it. Of what is sealed, an account's rows of a day are deleted together.
fn holders(
    connection: &Connection,
    record: &CallRecord,
    accounts: &[AccountId],
) -> rusqlite::Result<Vec<AccountId>> {
    let mut hot = connection.prepare_cached(
        "SELECT 1 FROM account_calls WHERE account_id = ?1 AND started_at = ?2 AND call_id = ?3",
    )?;
    let mut holders = Vec::new();
    for row in record.rows().iter().filter(|row| accounts.contains(&row.owner.account)) {
        let (account, started_at) = (row.owner.account, row.call.started_at.as_micros());
        let is_hot = hot.exists(params![account.0, started_at, key(row).bytes()])?;
        if is_hot || daily::has_calls(connection, account, started_at.div_euclid(daily::DAY))? {
            holders.push(account);
        }
    }
    Ok(holders)
}

/// What a row of the accounts' calls is about.
pub(super) type CallPart = (i64, u16);

/// What of a record is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// The part with this number; 0 for the record itself.
    pub(super) part: u16,
    /// Whose row it is.
    pub(super) account: AccountId,
    /// Whether a part stands for all that the account has of the call.
    pub(super) grain: Grain,
}

impl View {
    pub(super) fn of(self, mut record: CallRecord) -> Result<CallRecord, Fault> {
        let missing = || rusqlite::Error::InvalidColumnIndex(usize::from(self.part)).into();
        match (usize::from(self.part).checked_sub(1), self.grain) {
            (None, _) => Ok(record),
            (Some(place), _) if place >= record.parts.len() => Err(missing()),
            (Some(place), Grain::Part) => Ok(record.parts.swap_remove(place).record),
            (Some(_), Grain::Call) => record.standing(self.part, self.account).ok_or_else(missing),
        }
    }
}

/// The record in row `call` of the table of calls.
pub(super) fn load(connection: &Connection, call: i64) -> Result<CallRecord, Fault> {
    let mut select = connection.prepare_cached("SELECT format, record FROM calls WHERE id = ?1")?;
    select.query_one([call], |row| Ok(read(row, 0)))?
}

/// A record whose format and bytes lie in column `index` and the next.
pub(super) fn read(row: &Row<'_>, index: usize) -> Result<CallRecord, Fault> {
    let bytes = row.get_ref(index + 1)?.as_blob()?;
    Ok(stored::read_record(row.get(index)?, bytes)?)
}

/// How many there are. Their serial numbers are given one after another; how many were deleted is counted.
pub(super) fn census(connection: &Connection) -> Result<crate::Census, Fault> {
    let newest = "SELECT started_at FROM (
                      SELECT * FROM (SELECT id AS serial, started_at FROM calls ORDER BY id DESC LIMIT 1)
                      UNION ALL SELECT last_serial, last_started_at FROM sealed_parts
                  ) ORDER BY serial DESC LIMIT 1";
    let newest_at: Option<i64> = connection.query_row(newest, [], |row| row.get(0)).optional()?;
    let (_, deleted) = deleted::count(connection)?;
    Ok(crate::Census {
        records: (next_serial(connection)? - 1 - deleted).unsigned_abs(),
        newest_at: newest_at.map(call::Timestamp::from_micros),
    })
}
