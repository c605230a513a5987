//! The running day in memory, in columns: what charts, statistics and most searches look at of the calls that were
//! stored of late.
//!
//! It has every hot row that started at or after some instant, the *floor*; what started before is asked of the
//! database. Rows bear the number of the commit that brought them, so that a reader finds here just what its snapshot
//! of the database has. Until all was read after a start, and where a reader is ahead of what is told here, the
//! database is asked for all: that is slower, and the same.

use std::{collections::HashMap, sync::Arc};

use call::{AccountId, AccountRow, CallRecord, Timestamp};
use parking_lot::{RwLock, RwLockReadGuard};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{daily::DAY, exporter::Now, fault::Fault, forgetting, id::RowKey, journal, records, sealed};
use crate::{
    bits::Bits,
    columns::{RecentColumns, RecentRow, ahead_text},
    scaled,
};

/// Bytes of rows that are kept at most. Beyond, the older half of the rows is asked of the database.
const MOST_BYTES: usize = 64 * 1_024 * 1_024;

/// How often all is read, if too much is stored meanwhile.
const TRIES: u32 = 3;

/// Days before the present one of which calls are kept, until they are sealed.
const DAYS_BEFORE: i64 = 1;

/// What a commit does to the hot rows.
#[derive(Clone, Debug)]
pub(super) enum RowChange {
    /// A row came.
    Added(AccountId, Box<RecentRow>),
    /// The rows of a call that an account had are gone.
    Removed(AccountId, i64),
}

/// The rows that are kept.
pub(super) struct Recent {
    now: Now,
    most_bytes: usize,
    state: RwLock<State>,
}

struct State {
    /// All rows that started since then are here, in microseconds.
    floor: i64,
    /// The first commit for whose readers all is here that is needed.
    oldest: i64,
    /// The latest commit that was told.
    latest: i64,
    /// What was told before all was read; `None` once it was.
    waiting: Option<Vec<(i64, RowChange)>>,
    /// Too much was told meanwhile for all of it to wait.
    is_overrun: bool,
    accounts: HashMap<AccountId, RecentColumns>,
    rows: usize,
}

/// What a reader of a snapshot finds. While it is held, no commit is told: it is held for no more than a look at an
/// account.
pub(super) struct RecentRows<'a> {
    state: RwLockReadGuard<'a, State>,
    seq: i64,
}

impl Recent {
    /// Nothing yet.
    pub(super) fn new(now: Now) -> Self {
        Self::with_room(now, MOST_BYTES)
    }

    /// For who keeps nothing: it stores what nobody asks for.
    pub(super) fn off() -> Self {
        let recent = Self::new(Arc::new(|| Timestamp::MIN));
        recent.state.write().give_up();
        recent
    }

    fn with_room(now: Now, most_bytes: usize) -> Self {
        let state = State {
            floor: i64::MAX,
            oldest: 0,
            latest: 0,
            waiting: Some(Vec::new()),
            is_overrun: false,
            accounts: HashMap::new(),
            rows: 0,
        };
        Self { now, most_bytes, state: RwLock::new(state) }
    }

    /// Reads the hot rows of the running day, which were stored before. If that cannot be, nothing is kept.
    pub(super) fn load(&self, connection: &mut Connection) -> Result<(), Fault> {
        for _ in 0..TRIES {
            match self.try_load(connection) {
                Ok(false) => {}
                outcome => return outcome.map(drop).inspect_err(|_| self.state.write().give_up()),
            }
        }
        self.state.write().give_up();
        Ok(())
    }

    /// Whether nothing was missed meanwhile.
    fn try_load(&self, connection: &mut Connection) -> Result<bool, Fault> {
        let snapshot = connection.transaction()?;
        let (seq, floor) = (journal::latest_seq(&snapshot)?, self.first_floor(&snapshot)?);
        self.state.write().start(floor);
        let (mut rates, mut last) = (HashMap::new(), None);
        while let Some(account) = forgetting::next_account(&snapshot, last)? {
            last = Some(account);
            let rows = rows_since(&snapshot, account, floor, &mut rates)?;
            let mut state = self.state.write();
            rows.iter().for_each(|row| state.add(seq, account, row));
            state.keep_to(self.most_bytes);
        }
        Ok(self.state.write().begin(seq))
    }

    /// No part is listed whose rows may be here.
    fn first_floor(&self, connection: &Connection) -> Result<i64, Fault> {
        let day = (self.now)().as_micros().div_euclid(DAY) - DAYS_BEFORE;
        let unsealed = sealed::latest_day(connection)?.map_or(day, |sealed| day.max(sealed + 1));
        Ok(unsealed.saturating_mul(DAY))
    }

    /// Whether a row that started then is kept.
    pub(super) fn keeps(&self, started_at: Timestamp) -> bool {
        let state = self.state.read();
        state.waiting.is_some() || started_at.as_micros() >= state.floor
    }

    /// A commit is durable.
    pub(super) fn tell(&self, seq: i64, changes: Vec<RowChange>) {
        let day = (self.now)().as_micros().div_euclid(DAY) - DAYS_BEFORE;
        let mut state = self.state.write();
        state.latest = state.latest.max(seq);
        match &mut state.waiting {
            Some(waiting) if waiting.len() + changes.len() > self.most_bytes / size_of::<RecentRow>() => {
                *waiting = Vec::new();
                state.is_overrun = true;
            }
            Some(waiting) => waiting.extend(changes.into_iter().map(|change| (seq, change))),
            None => changes.into_iter().for_each(|change| state.apply(seq, change)),
        }
        if state.waiting.is_none() {
            state.forget_before(day.saturating_mul(DAY));
            state.keep_to(self.most_bytes);
        }
    }

    /// Rows that started up to an instant are about to go from the database, or to be sealed.
    pub(super) fn let_go_until(&self, started_at: i64) {
        let mut state = self.state.write();
        state.floor = state.floor.max(started_at.saturating_add(1));
    }

    /// A day is about to be sealed.
    pub(super) fn let_day_go(&self, day: i64) {
        self.state.write().forget_before((day + 1).saturating_mul(DAY));
    }

    /// What a reader of this snapshot finds here; `None` if it must ask the database for all.
    pub(super) fn at(&self, connection: &Connection) -> Result<Option<RecentRows<'_>>, Fault> {
        let seq = journal::latest_seq(connection)?;
        let state = self.state.read();
        Ok(state.has(seq).then_some(RecentRows { state, seq }))
    }

    /// How many rows are kept, and how many bytes they take.
    pub(super) fn figures(&self) -> (u64, u64) {
        let state = self.state.read();
        (state.rows as u64, state.bytes() as u64)
    }
}

impl RecentRows<'_> {
    /// Lets commits be told that wait for it; whether all that was found is still here.
    pub(super) fn let_commits_through(&mut self) -> bool {
        let floor = self.state.floor;
        RwLockReadGuard::bump(&mut self.state);
        self.state.floor == floor && self.state.has(self.seq)
    }

    /// What started before is asked of the database, in microseconds.
    pub(super) fn floor(&self) -> i64 {
        self.state.floor
    }

    /// The latest commit that counts.
    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// The rows of an account.
    pub(super) fn of(&self, account: AccountId) -> Option<&RecentColumns> {
        self.state.accounts.get(&account)
    }
}

impl State {
    /// Whether all is here that a reader of a commit needs.
    fn has(&self, seq: i64) -> bool {
        self.waiting.is_none() && (self.oldest..=self.latest).contains(&seq)
    }

    fn apply(&mut self, seq: i64, change: RowChange) {
        match change {
            RowChange::Added(account, row) => self.add(seq, account, &row),
            RowChange::Removed(account, call) => {
                if let Some(columns) = self.accounts.get_mut(&account) {
                    columns.remove(seq, call);
                }
            }
        }
    }

    fn add(&mut self, seq: i64, account: AccountId, row: &RecentRow) {
        if row.started_at >= self.floor {
            self.accounts.entry(account).or_default().push(seq, row);
            self.rows += 1;
        }
    }

    /// All that started since then is about to be read.
    fn start(&mut self, floor: i64) {
        *self = Self {
            floor,
            waiting: Some(Vec::new()),
            is_overrun: false,
            accounts: HashMap::new(),
            rows: 0,
            ..*self
        };
    }

    /// Nothing is kept any more.
    fn give_up(&mut self) {
        self.start(i64::MAX);
        self.waiting = None;
    }

    /// All that was stored up to `read` is here; what was told since then is taken now. False if not all of it is
    /// known.
    fn begin(&mut self, read: i64) -> bool {
        if self.is_overrun {
            return false;
        }
        self.latest = self.latest.max(read);
        self.oldest = read;
        for (seq, change) in self.waiting.take().unwrap_or_default() {
            if seq > read {
                self.apply(seq, change);
            }
        }
        true
    }

    /// What started before an instant counts here no longer.
    fn forget_before(&mut self, floor: i64) {
        if self.floor < floor {
            self.floor = floor;
            self.compact();
        }
    }

    /// Frees what counts no longer.
    fn compact(&mut self) {
        let floor = self.floor;
        self.accounts.values_mut().for_each(|columns| *columns = columns.since(floor));
        self.accounts.retain(|_, columns| !columns.starts().is_empty());
        self.rows = self.accounts.values().map(|columns| columns.starts().len()).sum();
        self.oldest = self.latest;
    }

    fn bytes(&self) -> usize {
        self.accounts.values().map(RecentColumns::bytes).sum()
    }

    /// Lets the older half go until there is room.
    fn keep_to(&mut self, most_bytes: usize) {
        while self.rows > 0 && self.bytes() > most_bytes {
            let mut starts: Vec<i64> =
                self.accounts.values().flat_map(RecentColumns::starts).copied().collect();
            let middle = starts.len() / 2;
            let (_, median, _) = starts.select_nth_unstable(middle);
            self.floor = self.floor.max(median.saturating_add(1));
            self.compact();
        }
    }
}

/// What is kept of a row that is stored; `rate` gives a rate in JSON.
pub(super) fn row_of(row: &AccountRow<&CallRecord>, call: i64, rates: [Option<Arc<str>>; 2]) -> RecentRow {
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
        address: record.caller_leg.address.map(|address| address.ip().to_string().into()),
        code: record.caller_leg.status.as_ref().map(|status| status.code),
        sip_call_id: record.caller_leg.sip_call_id.as_deref().map(Into::into),
        rates,
        prices: [movement.origination_price, movement.termination_price],
    }
}

fn ahead_of(row: &AccountRow<&CallRecord>) -> Option<String> {
    let ahead = row.ahead.iter().map(|(account, sides)| (account.0, Bits::of_sides(*sides)));
    ahead_text(&ahead.collect::<Vec<_>>())
}

type Rates = HashMap<i64, Arc<str>>;

fn rows_since(
    connection: &Connection,
    account: AccountId,
    started_at: i64,
    rates: &mut Rates,
) -> Result<Vec<RecentRow>, Fault> {
    let mut select = connection.prepare_cached(
        "SELECT call, started_at, ended_at, answered_at, sides, caller_country, called_country, caller_routed,
                called_routed, caller_address, origination_price, termination_price, origination_rate,
                termination_rate, call_id, wait, talk, other_account_id, center_id, caller_received,
                called_received, caller_code, sip_call_id
         FROM account_calls WHERE account_id = ?1 AND started_at >= ?2",
    )?;
    let mut found = Vec::new();
    let mut rows = select.query([i64::from(account.0), started_at])?;
    while let Some(row) = rows.next()? {
        let rates = [rate(connection, rates, row.get(12)?)?, rate(connection, rates, row.get(13)?)?];
        let read = read(row)?;
        let ahead =
            if Bits(read.sides).has(Bits::PART) { stored_ahead(connection, account, row)? } else { None };
        found.push(RecentRow { rates, ahead, ..read });
    }
    Ok(found)
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
    let key: Vec<u8> = row.get(14)?;
    let ahead = select.query_map(params![key, account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let ahead: Vec<(u32, i64)> = ahead.collect::<Result<_, _>>()?;
    Ok(ahead_text(&ahead).map(Into::into))
}

fn read(row: &Row<'_>) -> rusqlite::Result<RecentRow> {
    let key = RowKey::read(row, 14)?;
    Ok(RecentRow {
        call: row.get(0)?,
        call_id: key.call,
        part: key.part,
        started_at: row.get(1)?,
        ended_at: row.get(2)?,
        answered_at: row.get(3)?,
        wait: row.get(15)?,
        talk: row.get(16)?,
        sides: row.get(4)?,
        other: row.get(17)?,
        center: row.get(18)?,
        ahead: None,
        countries: [row.get(5)?, row.get(6)?],
        received: [row.get(19)?, row.get(20)?],
        routed: [row.get(7)?, row.get(8)?],
        address: row.get(9)?,
        code: row.get(21)?,
        sip_call_id: row.get(22)?,
        prices: [row.get(10)?, row.get(11)?],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    fn row(call: i64, started_at: i64) -> RecentRow {
        RecentRow {
            call,
            call_id: call::CallId::from_uuid(uuid::Uuid::nil()),
            part: 0,
            started_at,
            ended_at: started_at + 1,
            answered_at: None,
            wait: 0,
            talk: 0,
            sides: Bits::ORIGINATED,
            other: None,
            center: None,
            ahead: None,
            countries: [None; 2],
            received: ["1".into(), "2".into()],
            routed: ["1".into(), "2".into()],
            address: None,
            code: None,
            sip_call_id: None,
            rates: [None, Some("{}".into())],
            prices: [None; 2],
        }
    }

    fn added(call: i64, started_at: i64) -> RowChange {
        RowChange::Added(AccountId(1), Box::new(row(call, started_at)))
    }

    /// Rows of 1970, of which a database that has none yet is told.
    fn loaded(room: usize) -> (Recent, Connection, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = schema::open_writer(&folder.path().join("history.db"), None).unwrap();
        let recent = Recent::with_room(Arc::new(|| Timestamp::from_seconds(0)), room);
        recent.load(&mut connection).unwrap();
        (recent, connection, folder)
    }

    fn note(connection: &Connection, seq: i64) {
        journal::note_commit(connection, seq).unwrap();
    }

    #[test]
    fn a_reader_finds_what_its_snapshot_has_and_nothing_that_came_or_went_later() {
        let (recent, connection, _folder) = loaded(MOST_BYTES);
        recent.tell(1, vec![added(1, 10), added(2, 20)]);
        recent.tell(2, vec![RowChange::Removed(AccountId(1), 1), added(1, 30)]);
        let found = |seq| {
            note(&connection, seq);
            let rows = recent.at(&connection).unwrap()?;
            let columns = rows.of(AccountId(1)).unwrap();
            let removed = columns.removed_until(rows.seq());
            let counting = columns.rows_until(rows.seq()).filter(|row| !removed.contains(row));
            Some(counting.map(|row| columns.starts()[row as usize]).collect::<Vec<_>>())
        };
        assert_eq!([found(1), found(2)], [Some(vec![10, 20]), Some(vec![20, 30])]);
        assert_eq!(found(3), None, "a commit that was not told yet");
        recent.let_day_go(0);
        assert_eq!(recent.figures().0, 0);
        assert_eq!(found(1), None, "what it needs is let go");
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for_and_what_is_kept_are_the_latest() {
        let room = 20_000;
        let (recent, connection, _folder) = loaded(room);
        for call in 1..=1_000 {
            recent.tell(call, vec![added(call, call)]);
        }
        let (rows, bytes) = recent.figures();
        assert!(rows >= 50 && bytes <= room as u64, "{rows} {bytes}");
        note(&connection, 1_000);
        let found = recent.at(&connection).unwrap().unwrap();
        let kept = found.of(AccountId(1)).unwrap().starts();
        assert!(kept.iter().eq(&(found.floor()..=1_000).collect::<Vec<_>>()), "{kept:?}");
    }

    #[test]
    fn what_is_told_while_the_rows_are_read_is_taken_once() {
        let (recent, connection, _folder) = loaded(MOST_BYTES);
        recent.state.write().start(0);
        recent.tell(6, vec![added(6, 60)]);
        recent.tell(7, vec![added(7, 70), RowChange::Removed(AccountId(1), 5)]);
        note(&connection, 7);
        assert!(recent.at(&connection).unwrap().is_none() && recent.keeps(Timestamp::from_micros(0)));
        let read = |call, at| recent.state.write().add(6, AccountId(1), &row(call, at));
        read(5, 50);
        read(6, 60);
        assert!(recent.state.write().begin(6));
        let found = recent.at(&connection).unwrap().unwrap();
        let columns = found.of(AccountId(1)).unwrap();
        assert_eq!((columns.starts(), columns.removed_until(7)), ([50, 60, 70].as_slice(), vec![0]));
    }
}
