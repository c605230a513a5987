//! Searching both halves of the history as one.

use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use call::CallRecord;
use rusqlite::Connection;
use uuid::Uuid;

use super::{Cut, DAY, Fault, RecordQuery, Search, last_page_end};
use crate::{
    columns::{Matcher, keeps_in_memory, span},
    query::{FoundRecord, Grain, RecordField, RecordPage, Test, Value},
    sqlite::{
        deadline::Deadline,
        id,
        recent::Recent,
        records::{self, View},
        sealed::{Candidate, Files, Part, Sealed, Source, Wanted, compare},
    },
};

/// A search of both halves.
pub(in crate::sqlite) struct Mixed<'a> {
    connection: &'a Connection,
    sealed: &'a Sealed,
    hot: &'a Search,
    matchers: Vec<Matcher>,
    /// The sealed parts that may have something.
    pub(in crate::sqlite) parts: Vec<Part>,
    deadline: &'a Deadline,
}

/// What a search found in memory, so that the database has to be asked only for what started before the floor.
pub(super) struct InMemory {
    /// The same search of the rest; `None` if nothing of the rest can match.
    older: Option<Search>,
    /// The first that match.
    first: Vec<Candidate>,
    /// How many match, if that was asked for.
    count: Option<u64>,
}

impl<'a> Mixed<'a> {
    /// `hot` is the same query.
    pub(in crate::sqlite) fn new(
        connection: &'a Connection,
        sealed: &'a Sealed,
        hot: &'a Search,
        query: &RecordQuery,
        deadline: &'a Deadline,
    ) -> Result<Self, Fault> {
        let matchers = query.conditions.iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
        let parts = match started(connection, sealed, query, &matchers)? {
            Some(started) if !query.accounts.is_empty() => sealed.parts(connection, &started)?,
            _ => Vec::new(),
        };
        Ok(Self { connection, sealed, hot, matchers, parts, deadline })
    }

    /// Looks at the running day. `None` if it is not all in memory that must be looked at, or the database is quicker:
    /// it has the calls of one account in the order of time.
    pub(super) fn look_into_memory(
        &self,
        recent: &Recent,
        query: &RecordQuery,
    ) -> Result<Option<InMemory>, Fault> {
        let is_at_hand = self.hot.accounts.len() < 2
            && self.hot.can_go_on()
            && self.matchers.iter().all(|matcher| matcher.field == RecordField::StartedAt);
        let is_asked_for = |field| self.matchers.iter().any(|matcher| matcher.field == field);
        let sorted = self.hot.sort.iter().map(|sort| sort.field);
        let mut fields = self.matchers.iter().map(|matcher| matcher.field).chain(sorted);
        if is_at_hand || is_asked_for(RecordField::CallId) || !fields.all(keeps_in_memory) {
            return Ok(None);
        }
        let Some(mut rows) = recent.at(self.connection)? else { return Ok(None) };
        let (floor, started) = (rows.floor(), span(&self.matchers));
        let is_recent = *started.start() >= floor;
        let is_counted = query.count && (is_recent || self.hot.cut().is_none());
        let most = if query.limit == 0 { 0 } else { end_of(query) };
        let found = self.wanted(&self.matchers).in_memory(&mut rows, most, is_counted)?;
        drop(rows);
        let Some((first, count)) = found else { return Ok(None) };
        let older = if is_recent { None } else { Some(Search::before(query, floor)?) };
        Ok(Some(InMemory { older, first, count: is_counted.then_some(count) }))
    }

    /// The page that `query` asks for.
    pub(super) fn page(&self, query: &RecordQuery, memory: Option<InMemory>) -> Result<RecordPage, Fault> {
        let first =
            if query.limit == 0 { Vec::new() } else { self.first_of(end_of(query), memory.as_ref())? };
        let window = first.get(usize::try_from(query.offset).unwrap_or(usize::MAX)..).unwrap_or_default();
        let loaded = load_all(self.connection, window, query.grain)?;
        let found = window.iter().zip(loaded).map(|(candidate, (serial, record))| FoundRecord {
            account: candidate.account,
            serial: id::serial(serial, candidate.key.part).unsigned_abs(),
            record,
        });
        let records: Vec<_> = found.collect();
        let total = match query.count {
            false => None,
            true => Some(match last_page_end(query, records.len() as u64) {
                Some(total) => total,
                None => self.count_of(memory.as_ref())?,
            }),
        };
        Ok(RecordPage { records, total })
    }

    /// The first `most` that match, in order.
    pub(in crate::sqlite) fn first(&self, most: usize) -> Result<Vec<Candidate>, Fault> {
        self.first_of(most, None)
    }

    fn first_of(&self, most: usize, memory: Option<&InMemory>) -> Result<Vec<Candidate>, Fault> {
        let mut all = match memory {
            None => self.hot.keyed(self.connection, most as u64)?,
            Some(memory) => memory.first.clone(),
        };
        if let Some(InMemory { older: Some(older), .. }) = memory
            && !self.are_the_latest(&all, most)
        {
            all.extend(older.keyed(self.connection, most as u64)?);
        }
        self.sort_and_cut(&mut all, most);
        let found = self.wanted(&self.matchers).top(self.connection, &self.parts, most, &all)?;
        all.extend(found);
        self.sort_and_cut(&mut all, most);
        Ok(all)
    }

    /// Whether what was found in memory cannot be displaced by what started before.
    fn are_the_latest(&self, found: &[Candidate], most: usize) -> bool {
        let by_start = self.hot.sort.first();
        let is_newest_first =
            by_start.is_some_and(|sort| sort.field == RecordField::StartedAt && sort.descending);
        is_newest_first && found.len() >= most
    }

    fn sort_and_cut(&self, found: &mut Vec<Candidate>, most: usize) {
        found.sort_unstable_by(|one, other| compare(&self.hot.sort, one, other));
        found.truncate(most);
    }

    /// The days (numbered from 1970 on, ascending) with sealed calls that may match.
    pub(in crate::sqlite) fn days(&self) -> Vec<i64> {
        let mut days: Vec<_> = self.parts.iter().flat_map(Part::days).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// No more than so many match, as far as it can be told without reading those that are sealed.
    pub(in crate::sqlite) fn at_most(&self) -> Result<u64, Fault> {
        let hot = self.hot.count_rows(self.connection)?;
        Ok(hot + self.wanted(&self.matchers).at_most(&self.parts)?)
    }

    /// How many match. Whole days are summed up whichever half they are in, but for parts of calls whose accounts may
    /// share them.
    pub(in crate::sqlite) fn count(&self) -> Result<u64, Fault> {
        let mut count = self.hot.count(self.connection)?;
        let Some(Cut { before, days, after }) = self.hot.cut() else {
            return Ok(count + self.wanted(&self.matchers).count(self.connection, &self.parts)?);
        };
        for rest in [before, after] {
            count += self.count_started(rest, false)?;
        }
        if self.hot.is_shared() && self.parts.iter().any(|part| part.has_parts) {
            count += self.count_started(days.start * DAY..days.end * DAY, true)?;
        }
        Ok(count)
    }

    /// The same, with what is known of the running day.
    fn count_of(&self, memory: Option<&InMemory>) -> Result<u64, Fault> {
        let Some(InMemory { older, count: Some(recent), .. }) = memory else { return self.count() };
        let older = older.as_ref().map_or(Ok(0), |older| older.count_rows(self.connection))?;
        Ok(older + recent + self.wanted(&self.matchers).count(self.connection, &self.parts)?)
    }

    fn count_started(&self, started: Range<i64>, parts_alone: bool) -> Result<u64, Fault> {
        if started.is_empty() {
            return Ok(0);
        }
        let started = started.start..=started.end - 1;
        let parts = self.sealed.parts(self.connection, &started)?;
        let matchers = [Matcher::started(started)];
        let wanted = Wanted { parts_alone, ..self.wanted(&matchers) };
        Ok(wanted.count(self.connection, &parts)?)
    }

    fn wanted<'b>(&'b self, matchers: &'b [Matcher]) -> Wanted<'b> {
        Wanted {
            accounts: &self.hot.accounts,
            side: self.hot.side,
            grain: self.hot.grain,
            parts_alone: false,
            matchers,
            sort: &self.hot.sort,
            threads: self.sealed.threads(),
            deadline: self.deadline,
        }
    }
}

/// How many of the first are needed for a page.
fn end_of(query: &RecordQuery) -> usize {
    usize::try_from(query.offset.saturating_add(query.limit.into())).unwrap_or(usize::MAX)
}

/// The records of candidates, with their serial numbers. They are read in the order in which they lie, which is the
/// disk's, and given in that of `candidates`.
fn load_all(
    connection: &Connection,
    candidates: &[Candidate],
    grain: Grain,
) -> Result<Vec<(i64, Arc<CallRecord>)>, Fault> {
    let mut hot = Vec::new();
    let mut sealed: HashMap<*const Files, Vec<usize>> = HashMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        match &candidate.source {
            Source::Hot(call) => hot.push((*call, place)),
            Source::Sealed(files, _) => sealed.entry(Arc::as_ptr(files)).or_default().push(place),
        }
    }
    let mut found: Vec<Option<(i64, Arc<CallRecord>)>> = candidates.iter().map(|_| None).collect();
    hot.sort_unstable();
    for (call, place) in hot {
        let view = view(&candidates[place], grain);
        found[place] = Some((call, Arc::new(view.of(records::load(connection, call)?)?)));
    }
    for places in sealed.into_values() {
        load_sealed((candidates, grain), places, &mut found)?;
    }
    Ok(found.into_iter().flatten().collect())
}

fn view(candidate: &Candidate, grain: Grain) -> View {
    View { part: candidate.key.part, account: candidate.account, grain }
}

/// Those at `places`, which lie in the same files.
fn load_sealed(
    (candidates, grain): (&[Candidate], Grain),
    mut places: Vec<usize>,
    into: &mut [Option<(i64, Arc<CallRecord>)>],
) -> Result<(), Fault> {
    places.sort_unstable_by_key(|place| candidates[*place].key);
    let Some(Source::Sealed(files, _)) = places.first().map(|place| &candidates[*place].source) else {
        return Ok(());
    };
    let records = files.records()?;
    let mut cursor = records.cursor();
    for place in places {
        let key = candidates[place].key;
        let (serial, record) = cursor.find(key.call)?.ok_or_else(|| files.incomplete())?;
        into[place] = Some((serial, Arc::new(view(&candidates[place], grain).of(record)?)));
    }
    Ok(())
}

/// When sealed calls that match have started; `None` if none can match.
fn started(
    connection: &Connection,
    sealed: &Sealed,
    query: &RecordQuery,
    matchers: &[Matcher],
) -> Result<Option<RangeInclusive<i64>>, Fault> {
    let mut started = span(matchers);
    for condition in &query.conditions {
        let record = match (condition.field, &condition.test) {
            (RecordField::CallId, Test::Is(Value::Text(id))) => match Uuid::parse_str(id) {
                Ok(id) => sealed.find(connection, call::CallId::from_uuid(id))?.map(|(_, record)| record),
                Err(_) => None,
            },
            (RecordField::Serial, Test::Is(Value::Int(serial))) => match id::of_serial(*serial) {
                Some((call, _)) => sealed.by_serial(connection, call)?,
                None => None,
            },
            _ => continue,
        };
        let Some(record) = record else { return Ok(None) };
        let starts = || record.rows().into_iter().map(|row| row.call.started_at.as_micros());
        let (Some(first), Some(last)) = (starts().min(), starts().max()) else { return Ok(None) };
        started = first.max(*started.start())..=last.min(*started.end());
    }
    Ok((!started.is_empty()).then_some(started))
}
