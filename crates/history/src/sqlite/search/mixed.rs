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
    columns::{Matcher, span},
    query::{FoundRecord, RecordField, RecordPage, Test, Value},
    sqlite::{
        deadline::Deadline,
        id, records,
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

    /// The page that `query` asks for.
    pub(in crate::sqlite) fn page(&self, query: &RecordQuery) -> Result<RecordPage, Fault> {
        let end = query.offset.saturating_add(query.limit.into());
        let most = usize::try_from(end).unwrap_or(usize::MAX);
        let first = if query.limit == 0 { Vec::new() } else { self.first(most)? };
        let window = first.get(usize::try_from(query.offset).unwrap_or(usize::MAX)..).unwrap_or_default();
        let loaded = load_all(self.connection, window)?;
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
                None => self.count()?,
            }),
        };
        Ok(RecordPage { records, total })
    }

    /// The first `most` that match, in order.
    pub(in crate::sqlite) fn first(&self, most: usize) -> Result<Vec<Candidate>, Fault> {
        let mut all = self.hot.keyed(self.connection, most as u64)?;
        all.extend(self.wanted(&self.matchers).top(self.connection, &self.parts, most)?);
        all.sort_unstable_by(|one, other| compare(&self.hot.sort, one, other));
        all.truncate(most);
        Ok(all)
    }

    /// The days (numbered from 1970 on, ascending) with sealed calls that may match.
    pub(in crate::sqlite) fn days(&self) -> Vec<i64> {
        let mut days: Vec<_> = self.parts.iter().flat_map(Part::days).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// How many match. Whole days are summed up whichever half they are in, but for parts of calls whose accounts may
    /// share them.
    pub(in crate::sqlite) fn count(&self) -> Result<u64, Fault> {
        let mut count = self.hot.count(self.connection)?;
        let Some(Cut { before, days, after }) = self.hot.span.as_ref().and_then(Cut::of) else {
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

/// The records of candidates, with their serial numbers. They are read in the order in which they lie, which is the
/// disk's, and given in that of `candidates`.
fn load_all(connection: &Connection, candidates: &[Candidate]) -> Result<Vec<(i64, Arc<CallRecord>)>, Fault> {
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
        found[place] = Some((call, records::load(connection, (call, candidates[place].key.part))?));
    }
    for places in sealed.into_values() {
        load_sealed(candidates, places, &mut found)?;
    }
    Ok(found.into_iter().flatten().collect())
}

/// Those at `places`, which lie in the same files.
fn load_sealed(
    candidates: &[Candidate],
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
        into[place] = Some((serial, Arc::new(records::part_of(record, key.part)?)));
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
