//! The running day in memory, in columns: what charts, statistics and most searches look at of the calls that were
//! stored of late.
//!
//! It has every hot row that started at or after some instant, the *floor*; what started before is asked of the
//! database. Rows bear the number of the commit that brought them, so that a reader finds here just what its snapshot
//! of the database has. Until all was read after a start, and where a reader is ahead of what is told here, the
//! database is asked for all: that is slower, and the same.

mod rows;

use std::{collections::HashMap, iter::Sum, sync::Arc};

use call::{AccountId, Timestamp};
use parking_lot::{RwLock, RwLockReadGuard};
use rusqlite::Connection;

use super::{daily::DAY, exporter::Now, fault::Fault, forgetting, journal, lately::Lately, sealed};
use crate::columns::{RecentColumns, RecentRow};
pub(super) use rows::row_of;
use rows::{Rates, rows_since};

/// Bytes of rows that are kept at most. Beyond, the older half of the rows is asked of the database.
const MOST_BYTES: usize = 112 * 1_024 * 1_024;

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
    /// Which calls have ended lately.
    pub(super) lately: Lately,
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
    /// How much all of them are together.
    size: Size,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    rows: usize,
    bytes: usize,
}

impl Size {
    fn of(columns: &RecentColumns) -> Self {
        Self { rows: columns.starts().len(), bytes: columns.bytes() }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), |sum, size| Self {
            rows: sum.rows + size.rows,
            bytes: sum.bytes + size.bytes,
        })
    }
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
            size: Size::default(),
        };
        let lately = Lately::new(now());
        Self { now, most_bytes, state: RwLock::new(state), lately }
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
        let (mut rates, mut last) = (Rates::new(), None);
        while let Some(account) = forgetting::next_account(&snapshot, last)? {
            last = Some(account);
            let mut columns = RecentColumns::default();
            rows_since(&snapshot, account, floor, &mut rates, |row| columns.push(seq, row))?;
            let mut state = self.state.write();
            let floor = state.floor;
            state.put(account, columns.since(floor));
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
        let Size { rows, bytes } = self.state.read().size;
        (rows as u64, bytes as u64)
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
            RowChange::Removed(account, call) if self.accounts.contains_key(&account) => {
                self.change(account, |columns| columns.remove(seq, call));
            }
            RowChange::Removed(..) => {}
        }
    }

    fn add(&mut self, seq: i64, account: AccountId, row: &RecentRow) {
        if row.started_at >= self.floor {
            self.change(account, |columns| columns.push(seq, row));
        }
    }

    /// What was read of an account of which nothing is kept yet.
    fn put(&mut self, account: AccountId, columns: RecentColumns) {
        self.size = [self.size, Size::of(&columns)].into_iter().sum();
        self.accounts.insert(account, columns);
    }

    /// Changes what is kept of an account, which never becomes less by it.
    fn change(&mut self, account: AccountId, change: impl FnOnce(&mut RecentColumns)) {
        let columns = self.accounts.entry(account).or_default();
        let before = Size::of(columns);
        change(columns);
        let after = Size::of(columns);
        self.size.rows += after.rows - before.rows;
        self.size.bytes += after.bytes - before.bytes;
    }

    /// All that started since then is about to be read.
    fn start(&mut self, floor: i64) {
        *self = Self {
            floor,
            waiting: Some(Vec::new()),
            is_overrun: false,
            accounts: HashMap::new(),
            size: Size::default(),
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
        self.size = self.accounts.values().map(Size::of).sum();
        self.oldest = self.latest;
    }

    /// Lets the older half go until there is room.
    fn keep_to(&mut self, most_bytes: usize) {
        while self.size.rows > 0 && self.size.bytes > most_bytes {
            let mut starts: Vec<i64> =
                self.accounts.values().flat_map(RecentColumns::starts).copied().collect();
            let middle = starts.len() / 2;
            let (_, median, _) = starts.select_nth_unstable(middle);
            self.floor = self.floor.max(median.saturating_add(1));
            self.compact();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bits::Bits, sqlite::schema};

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
            legs: [None, None],
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

    fn assert_added_up(recent: &Recent) {
        let state = recent.state.read();
        assert_eq!(state.size, state.accounts.values().map(Size::of).sum());
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
        assert_added_up(&recent);
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
            let account = AccountId(1 + (call % 3) as u32);
            recent.tell(call, vec![RowChange::Added(account, Box::new(row(call, call)))]);
        }
        let (rows, bytes) = recent.figures();
        assert!(rows >= 50 && bytes <= room as u64, "{rows} {bytes}");
        assert_added_up(&recent);
        note(&connection, 1_000);
        let found = recent.at(&connection).unwrap().unwrap();
        let mut kept: Vec<_> =
            (1..=3).flat_map(|id| found.of(AccountId(id)).unwrap().starts()).copied().collect();
        kept.sort_unstable();
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
