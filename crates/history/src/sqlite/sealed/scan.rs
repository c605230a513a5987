//! Searching columns: those of sealed days, and those in memory.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering as Memory},
    },
    thread,
};

use call::{AccountId, CallId};
use rusqlite::Connection;

use super::{Files, Part};
use crate::{
    Annotations, HistoryError, RecordField,
    bits::Bits,
    columns::{
        Batch, Column, Key, Matcher, Matching, Noted, RecentColumns, RowFile, Scan, Selection, batches,
    },
    query::{Grain, SideFilter, Sort},
    sqlite::{annotations, deadline::Deadline, id::RowKey, recent::RecentRows},
};

/// What is looked for in sealed days.
pub(in crate::sqlite) struct Wanted<'a> {
    /// Whose rows; ascending.
    pub(in crate::sqlite) accounts: &'a [AccountId],
    pub(in crate::sqlite) side: SideFilter,
    pub(in crate::sqlite) grain: Grain,
    /// Whether nothing but parts of calls is looked for.
    pub(in crate::sqlite) parts_alone: bool,
    pub(in crate::sqlite) matchers: &'a [Matcher],
    pub(in crate::sqlite) sort: &'a [Sort],
    /// Days that are read at once.
    pub(in crate::sqlite) threads: usize,
    pub(in crate::sqlite) deadline: &'a Deadline,
}

/// A call that was found, and what it is sorted by.
#[derive(Clone)]
pub(in crate::sqlite) struct Candidate {
    pub(in crate::sqlite) keys: Vec<Key>,
    pub(in crate::sqlite) account: AccountId,
    pub(in crate::sqlite) key: RowKey,
    pub(in crate::sqlite) source: Source,
}

/// Where the record of a call is.
#[derive(Clone)]
pub(in crate::sqlite) enum Source {
    /// In this row of the table of calls.
    Hot(i64),
    /// In these files, where its row has this number.
    Sealed(Arc<Files>, u32),
}

/// Where rows that are looked at lie.
#[derive(Clone, Copy)]
enum Origin<'a> {
    Part(&'a Part),
    /// In memory, those of one account.
    Memory(AccountId, &'a RecentColumns),
}

impl Origin<'_> {
    fn account(self, batch: &mut Batch<'_>, row: u32) -> Result<AccountId, HistoryError> {
        match self {
            Self::Part(_) => batch.account(row),
            Self::Memory(account, _) => Ok(account),
        }
    }

    /// Of a row counted from the first of all.
    fn source(self, row: u32) -> Source {
        match self {
            Self::Part(part) => Source::Sealed(part.files.clone(), row),
            Self::Memory(_, columns) => Source::Hot(columns.call(row)),
        }
    }
}

const STARTED_AT: Column = Column::Field(RecordField::StartedAt);

/// The order of a search.
pub(in crate::sqlite) fn compare(sort: &[Sort], one: &Candidate, other: &Candidate) -> Ordering {
    let keys = one.keys.iter().zip(&other.keys).zip(sort);
    let by_keys = keys.map(|((one, other), sort)| direct(sort, one.cmp(other))).find(|order| order.is_ne());
    by_keys.unwrap_or_else(|| one.key.cmp(&other.key))
}

fn direct(sort: &Sort, order: Ordering) -> Ordering {
    if sort.descending { order.reverse() } else { order }
}

/// What accounts noted, read where it lies.
struct InDatabase<'a>(&'a Connection);

impl Noted for InDatabase<'_> {
    fn noted(&self, account: AccountId, call: CallId) -> Result<Annotations, HistoryError> {
        annotations::find(self.0, account, call).map_err(|fault| fault.during("read annotations"))
    }
}

/// For searches that ask for nothing that was noted.
struct Unasked;

impl Noted for Unasked {
    fn noted(&self, _: AccountId, _: CallId) -> Result<Annotations, HistoryError> {
        Ok(Annotations::default())
    }
}

fn is_noted(field: RecordField) -> bool {
    matches!(field, RecordField::Notes | RecordField::IsFlagged | RecordField::FlagNotes | RecordField::Work)
}

impl Wanted<'_> {
    /// How many rows match.
    pub(in crate::sqlite) fn count(
        &self,
        connection: &Connection,
        parts: &[Part],
    ) -> Result<u64, HistoryError> {
        let counts = self.each(connection, parts, |part, noted| {
            let mut count = 0;
            self.select(part, noted, &mut |_, selection| {
                count += selection.rows().len() as u64;
                Ok(())
            })?;
            Ok(count)
        })?;
        Ok(counts.into_iter().sum())
    }

    /// No more rows than so many match, as far as it can be told without reading them.
    pub(in crate::sqlite) fn at_most(&self, parts: &[Part]) -> Result<u64, HistoryError> {
        let tests = tests(self.matchers);
        let mut rows = 0;
        for part in parts {
            let file = part.files.rows()?;
            let ranges = ranges(&file, self.accounts).into_iter().map(|rows| part.counting(rows));
            rows += file
                .passing(ranges, &tests)?
                .iter()
                .map(|rows| u64::from(rows.end - rows.start))
                .sum::<u64>();
        }
        Ok(rows)
    }

    /// The first `most` that match, in order, but for those that come after the last of `known`, if these are as many:
    /// they are the first of what lies elsewhere.
    pub(in crate::sqlite) fn top(
        &self,
        connection: &Connection,
        parts: &[Part],
        most: usize,
        known: &[Candidate],
    ) -> Result<Vec<Candidate>, HistoryError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let mut all = match self.sort {
            [Sort { field: RecordField::StartedAt, descending }, ..] => {
                self.top_by_time(connection, parts, Best::after(self.sort, most, known), *descending)?
            }
            _ => {
                let tops = self.each(connection, parts, |part, noted| {
                    let mut best = Best::after(self.sort, most, known);
                    self.gather(part, noted, &mut best)?;
                    Ok(best.found)
                })?;
                tops.into_iter().flatten().collect()
            }
        };
        all.sort_unstable_by(|one, other| compare(self.sort, one, other));
        all.truncate(most);
        Ok(all)
    }

    /// Day by day, until no other can be among the first. If little of a day is expected to match, several are looked
    /// through at once.
    fn top_by_time(
        &self,
        connection: &Connection,
        parts: &[Part],
        mut best: Best<'_>,
        descending: bool,
    ) -> Result<Vec<Candidate>, HistoryError> {
        let mut parts: Vec<&Part> = parts.iter().collect();
        match descending {
            true => parts.sort_by_key(|part| std::cmp::Reverse(*part.started.end())),
            false => parts.sort_by_key(|part| *part.started.start()),
        }
        let is_late = |part: &Part, worst: i64| match descending {
            true => *part.started.end() < worst,
            false => *part.started.start() > worst,
        };
        let at_once = if self.is_selective() { self.threads.max(1) } else { 1 };
        for parts in parts.chunks(at_once) {
            let in_time = |part: &&&Part| best.worst_start().is_none_or(|worst| !is_late(part, worst));
            let in_time: Vec<&Part> = parts.iter().take_while(in_time).copied().collect();
            let found = self.each(connection, &in_time, |part, noted| {
                let mut of_part = Best { worst: best.worst.clone(), ..Best::new(self.sort, best.most) };
                self.gather(part, noted, &mut of_part)?;
                Ok(of_part.found)
            })?;
            found.into_iter().flatten().for_each(|candidate| best.take(candidate));
            if in_time.len() < parts.len() {
                break;
            }
        }
        Ok(best.found)
    }

    /// Whether more is asked for than the start.
    fn is_selective(&self) -> bool {
        self.matchers.iter().any(|matcher| matcher.field != RecordField::StartedAt)
    }

    fn gather(&self, part: &Part, noted: &dyn Noted, best: &mut Best<'_>) -> Result<(), HistoryError> {
        let (scan, origin) = (self.scan(&[], noted), Origin::Part(part));
        self.select_with(part, noted, best, &mut |best, batch, selection| match batch.pages_of(selection) {
            None => self.offer(&scan, origin, batch, selection, best),
            Some(pages) => pages
                .into_iter()
                .try_for_each(|(mut page, selection)| self.offer(&scan, origin, &mut page, &selection, best)),
        })
    }

    fn scan<'b>(&'b self, matchers: &'b [&'b Matcher], noted: &'b dyn Noted) -> Scan<'b> {
        Scan { accounts: self.accounts, side: self.side, grain: self.grain, matchers, noted }
    }

    /// The first `most` of the rows in memory that match; and how many match, if that is asked for. Nothing that was
    /// noted is asked for. `None` if they went meanwhile.
    pub(in crate::sqlite) fn in_memory(
        &self,
        rows: &mut RecentRows<'_>,
        most: usize,
        is_counted: bool,
    ) -> Result<Option<(Vec<Candidate>, u64)>, HistoryError> {
        let matchers: Vec<&Matcher> = self.matchers.iter().collect();
        let scan = self.scan(&matchers, &Unasked);
        let (mut best, mut count) = (Best::new(self.sort, most), 0);
        for account in self.accounts {
            if !rows.let_commits_through() {
                return Ok(None);
            }
            let Some(columns) = rows.of(*account) else { continue };
            let (removed, origin) = (columns.removed_until(rows.seq()), Origin::Memory(*account, columns));
            for part in batches(columns.rows_until(rows.seq()), most).rev() {
                self.deadline.check()?;
                let mut batch = Batch::new(columns, part);
                let mut selection = Selection::of(&batch, &removed);
                selection.keep_numbers(batch.numbers(STARTED_AT)?, |start| start >= rows.floor());
                if !is_counted {
                    self.keep_better(&best, &mut batch, &mut selection)?;
                }
                scan.narrow(&mut batch, &mut selection)?;
                count += selection.rows().len() as u64;
                if most > 0 {
                    self.keep_better(&best, &mut batch, &mut selection)?;
                    self.offer(&scan, origin, &mut batch, &selection, &mut best)?;
                }
            }
        }
        Ok(Some((best.found, count)))
    }

    /// Passes over what started too early, or too late, to be among the `best`.
    fn keep_better(
        &self,
        best: &Best<'_>,
        batch: &mut Batch<'_>,
        selection: &mut Selection,
    ) -> Result<(), HistoryError> {
        let [Sort { field: RecordField::StartedAt, descending }, ..] = self.sort else { return Ok(()) };
        let Some(worst) = best.worst_start() else { return Ok(()) };
        let starts = batch.numbers(STARTED_AT)?;
        selection.keep_numbers(starts, |start| if *descending { start >= worst } else { start <= worst });
        Ok(())
    }

    /// Offers the selected rows of a batch.
    fn offer(
        &self,
        scan: &Scan<'_>,
        origin: Origin<'_>,
        batch: &mut Batch<'_>,
        selection: &Selection,
        best: &mut Best<'_>,
    ) -> Result<(), HistoryError> {
        for row in selection.rows() {
            let first = scan.keys(&self.sort[..1], batch, *row)?;
            if !best.may_take(&first[0]) {
                continue;
            }
            let keys = match self.sort.len() {
                1 => first,
                _ => scan.keys(self.sort, batch, *row)?,
            };
            best.take(Candidate {
                keys,
                account: origin.account(batch, *row)?,
                key: RowKey { call: batch.call_id(*row)?, part: batch.part(*row)? },
                source: origin.source(batch.rows().start + row),
            });
        }
        Ok(())
    }

    /// Gives the rows of a part that match, batch by batch.
    fn select(
        &self,
        part: &Part,
        noted: &dyn Noted,
        take: &mut dyn FnMut(&mut Batch<'_>, &Selection) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let mut nothing = Best::new(&[], usize::MAX);
        self.select_with(part, noted, &mut nothing, &mut |_, batch, selection| take(batch, selection))
    }

    /// Passes over what could not be among the `best` any more.
    fn select_with<'b>(
        &self,
        part: &Part,
        noted: &dyn Noted,
        best: &mut Best<'b>,
        take: &mut dyn FnMut(&mut Best<'b>, &mut Batch<'_>, &Selection) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let file = part.files.rows()?;
        let matchers: Vec<&Matcher> =
            self.matchers.iter().filter(|matcher| !is_implied(matcher, part)).collect();
        let scan = self.scan(&matchers, noted);
        let from_end = matches!(self.sort, [Sort { field: RecordField::StartedAt, descending: true }, ..]);
        let tests = tests(matchers.iter().copied());
        let ranges = ranges(&file, self.accounts).into_iter().map(|rows| part.counting(rows));
        for rows in in_order(file.passing(ranges, &tests)?, from_end) {
            let mut batches: Box<dyn Iterator<Item = Range<u32>>> = match from_end {
                true => Box::new(batches(rows, best.most).rev()),
                false => Box::new(batches(rows, best.most)),
            };
            batches.try_for_each(|rows| {
                self.deadline.check()?;
                let mut batch = Batch::new(&*file, rows);
                let mut selection = Selection::of(&batch, &part.dropped);
                self.keep_better(best, &mut batch, &mut selection)?;
                if self.parts_alone {
                    let sides = batch.numbers(Column::Sides)?;
                    selection.keep_numbers(sides, |sides| sides & Bits::PART != 0);
                }
                scan.narrow(&mut batch, &mut selection)?;
                take(best, &mut batch, &selection)
            })?;
        }
        Ok(())
    }

    /// Does something for each part, for several at once if nothing that was noted is asked for: a connection to the
    /// database serves one thread.
    fn each<P: Borrow<Part> + Sync, T: Send>(
        &self,
        connection: &Connection,
        parts: &[P],
        work: impl Fn(&Part, &dyn Noted) -> Result<T, HistoryError> + Sync,
    ) -> Result<Vec<T>, HistoryError> {
        let fields = self.matchers.iter().map(|matcher| matcher.field);
        if fields.chain(self.sort.iter().map(|sort| sort.field)).any(is_noted) {
            return parts.iter().map(|part| work(part.borrow(), &InDatabase(connection))).collect();
        }
        in_parallel(self.threads, parts, |part| work(part, &Unasked))
    }
}

/// What is tested of single columns.
fn tests<'a>(matchers: impl IntoIterator<Item = &'a Matcher>) -> Vec<(Column, &'a Matching)> {
    matchers.into_iter().filter_map(|matcher| Some((matcher.column()?, &matcher.test))).collect()
}

/// Does something for each part, for `threads` of them at once.
pub(in crate::sqlite) fn in_parallel<P: Borrow<Part> + Sync, T: Send>(
    threads: usize,
    parts: &[P],
    work: impl Fn(&Part) -> Result<T, HistoryError> + Sync,
) -> Result<Vec<T>, HistoryError> {
    let threads = threads.min(parts.len()).min(thread::available_parallelism().map_or(1, usize::from));
    if threads < 2 {
        return parts.iter().map(|part| work(part.borrow())).collect();
    }
    let next = AtomicUsize::new(0);
    let work_off = || {
        let mut done = Vec::new();
        while let Some(part) = parts.get(next.fetch_add(1, Memory::Relaxed)) {
            done.push(work(part.borrow())?);
        }
        Ok(done)
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work_off)).collect();
        let mut done: Result<Vec<T>, HistoryError> = work_off();
        for other in others {
            let more = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            done = done.and_then(|mut done| {
                more.map(|more| {
                    done.extend(more);
                    done
                })
            });
        }
        done
    })
}

/// The rows of the accounts; those that lie together as one range.
fn ranges(file: &RowFile, accounts: &[AccountId]) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for rows in accounts.iter().map(|account| file.rows_of(*account)).filter(|rows| !rows.is_empty()) {
        match ranges.last_mut() {
            Some(last) if last.end == rows.start => last.end = rows.end,
            _ => ranges.push(rows),
        }
    }
    ranges
}

/// The same, or from the end.
fn in_order(mut ranges: Vec<Range<u32>>, from_end: bool) -> Vec<Range<u32>> {
    if from_end {
        ranges.reverse();
    }
    ranges
}

/// Whether every row of the part passes.
fn is_implied(matcher: &Matcher, part: &Part) -> bool {
    matcher.field == RecordField::StartedAt
        && match &matcher.test {
            Matching::Numbers(test) => test.accepts_all(&part.started),
            _ => false,
        }
}

/// The first of what was found so far.
struct Best<'a> {
    sort: &'a [Sort],
    most: usize,
    found: Vec<Candidate>,
    /// What the last of the first is sorted by first, once there are so many.
    worst: Option<Key>,
}

impl<'a> Best<'a> {
    fn new(sort: &'a [Sort], most: usize) -> Self {
        Self { sort, most, found: Vec::new(), worst: None }
    }

    /// What could be among the first beside `known`, which are in order.
    fn after(sort: &'a [Sort], most: usize, known: &[Candidate]) -> Self {
        let worst = most.checked_sub(1).and_then(|last| known.get(last)?.keys.first().cloned());
        Self { worst, ..Self::new(sort, most) }
    }

    fn may_take(&self, first: &Key) -> bool {
        self.worst.as_ref().is_none_or(|worst| direct(&self.sort[0], first.cmp(worst)).is_le())
    }

    fn worst_start(&self) -> Option<i64> {
        match self.worst {
            Some(Key::Number(start)) => Some(start),
            _ => None,
        }
    }

    fn take(&mut self, candidate: Candidate) {
        self.found.push(candidate);
        if self.found.len() == self.most || self.found.len() >= self.most.saturating_mul(2).max(64) {
            self.found.sort_unstable_by(|one, other| compare(self.sort, one, other));
            self.found.truncate(self.most);
            self.worst = match self.found.get(self.most - 1) {
                Some(worst) => worst.keys.first().cloned(),
                None => None,
            };
        }
    }
}
