//! How many calls were active when.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
    time::Duration,
};

use call::{
    AccountId, CallId, Timestamp,
    activity::{ActiveCall, Growing},
    event::Side,
    filter::CallFilter,
    rating::Rate,
    series::{Grid, Interval, changes, sums},
};
use rusqlite::{Connection, Row, params_from_iter, types::Value as Bound};

use super::{
    calls_of,
    deadline::Deadline,
    fault::Fault,
    id,
    predicate::Predicate,
    recent::Recent,
    sealed::{CallsOf, Sealed},
};
use crate::stored;

/// Calls longer than this have an index of their own, so that a long call that began well before the
/// range is found without looking at every call before it. The schema states the same length.
const LONG: Duration = Duration::from_secs(3_600);

/// How many calls of one side of an account were active at each instant of a grid.
pub(super) struct Active {
    pub(super) account: AccountId,
    pub(super) side: Side,
    pub(super) grid: Grid,
    pub(super) filter: CallFilter,
    /// Calls that went on a moment ago. Those that have a record by now are not counted twice.
    pub(super) live: Vec<ActiveCall>,
}

impl Active {
    /// The counts, of both halves of the history and of what goes on.
    pub(super) fn count(
        &self,
        connection: &Connection,
        (sealed, recent): (&Sealed, &Recent),
        deadline: &Deadline,
    ) -> Result<Vec<u32>, Fault> {
        let Some(range) = self.grid.range() else { return Ok(Vec::new()) };
        let calls = CallsOf {
            account: self.account,
            side: self.side,
            range: range.clone(),
            filter: &self.filter,
            threads: sealed.threads(),
            deadline,
        };
        let mut all = Vec::new();
        let mut floor = i64::MAX;
        if let Some(rows) = recent.at(connection)? {
            floor = rows.floor();
            all.push(calls.active_recent(&rows, &self.grid)?);
        }
        let mut intervals = self.hot(connection, &range, floor)?;
        let (suspects, mut live) = recent.lately.divide(&self.live);
        for call in suspects {
            if !is_over(connection, sealed, call.call_id)? {
                live.push(call);
            }
        }
        intervals.extend(live.into_iter().filter_map(|call| call.counted(&self.filter)));
        let parts = sealed.parts_with_active(connection, &range)?;
        all.extend(calls.active(&parts, &self.grid)?);
        all.push(changes(intervals, &self.grid));
        Ok(sums(all, &self.grid))
    }

    /// The hot calls that overlap `range` and started before `floor`, as far as they count. Of most calls not more is
    /// read than when they were.
    fn hot(
        &self,
        connection: &Connection,
        range: &Range<Timestamp>,
        floor: i64,
    ) -> Result<Vec<Interval>, Fault> {
        let Self { account, side, filter, .. } = self;
        let mut predicate = calls_of::side(*account, *side, filter);
        predicate.and(calls_of::is_counted(*side), []);
        let mut intervals = Vec::new();
        let mut rates = HashMap::new();
        for part in parts(range, floor) {
            let sql = part.sql(columns(*side, filter), &predicate);
            let mut select = connection.prepare_cached(&sql)?;
            let mut rows = select.query(params_from_iter(predicate.bound().iter().chain(&part.bound)))?;
            while let Some(row) = rows.next()? {
                let whole = Interval { start: at(row, 0)?, end: at(row, 1)? };
                match filter.tests_growth() {
                    false => intervals.push(whole),
                    true => intervals.extend(trimmed(connection, &mut rates, row, whole, filter)?),
                }
            }
        }
        Ok(intervals)
    }
}

/// The stretch of a call in which the filter holds on what grows while it goes on.
fn trimmed(
    connection: &Connection,
    rates: &mut HashMap<i64, Rate>,
    row: &Row<'_>,
    whole: Interval,
    filter: &CallFilter,
) -> Result<Option<Interval>, Fault> {
    let answered_at = row.get::<_, Option<i64>>(2)?.map(Timestamp::from_micros);
    let rate = rate_of(connection, rates, row.get(3)?)?;
    Ok(Growing { whole, answered_at, rate }.while_kept(filter))
}

fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

/// What is read of a call: no more than the filter looks at, beyond what the condition does.
fn columns(side: Side, filter: &CallFilter) -> &'static str {
    match side {
        _ if !filter.tests_growth() => "started_at, ended_at",
        _ if filter.price.is_empty() => "started_at, ended_at, answered_at, NULL",
        Side::Origination => "started_at, ended_at, answered_at, origination_rate",
        Side::Termination => "started_at, ended_at, answered_at, termination_rate",
    }
}

/// Whether a call has a record, or is part of one that does.
fn is_over(connection: &Connection, sealed: &Sealed, call: CallId) -> Result<bool, Fault> {
    let is_hot = connection
        .prepare_cached(
            "SELECT 1 FROM calls WHERE call_id = ?1 UNION ALL SELECT 1 FROM merged_calls WHERE call_id = ?1",
        )?
        .exists([id::bytes(&call)])?;
    Ok(is_hot || sealed.find(connection, call)?.is_some())
}

struct Part {
    table: &'static str,
    conditions: &'static str,
    bound: [Bound; 3],
}

impl Part {
    fn sql(&self, columns: &str, predicate: &Predicate) -> String {
        let Self { table, conditions, .. } = self;
        let predicate = predicate.sql();
        format!("SELECT {columns} FROM {table} WHERE {predicate} AND {conditions}")
    }
}

/// A call that overlaps the range and began before `floor` began less than `LONG` before it or later, or it is a long one: the parts
/// take in every call once.
fn parts(range: &Range<Timestamp>, floor: i64) -> [Part; 2] {
    let micros = |at: Timestamp| Bound::from(at.as_micros());
    let end = Bound::from(range.end.as_micros().min(floor));
    let recent = range.start - LONG;
    let near = "started_at >= ? AND started_at < ? AND ended_at > ? AND ended_at > started_at";
    let long = "ended_at - started_at > 3600000000 AND started_at < ? AND started_at < ? AND ended_at > ?";
    [
        Part {
            table: "account_calls",
            conditions: near,
            bound: [micros(recent), end.clone(), micros(range.start)],
        },
        Part {
            table: "account_calls INDEXED BY long_calls",
            conditions: long,
            bound: [micros(recent), end, micros(range.start)],
        },
    ]
}

/// The rate of that number, read once.
fn rate_of<'a>(
    connection: &Connection,
    known: &'a mut HashMap<i64, Rate>,
    number: Option<i64>,
) -> Result<Option<&'a Rate>, Fault> {
    let Some(number) = number else { return Ok(None) };
    Ok(Some(match known.entry(number) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            let mut select = connection.prepare_cached("SELECT format, rate FROM rates WHERE id = ?1")?;
            let read = |row: &Row<'_>| Ok(stored::read_rate(row.get(0)?, row.get_ref(1)?.as_blob()?));
            unknown.insert(select.query_one([number], read)??)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn recent_calls_are_read_by_their_start_and_long_ones_by_their_end() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&folder.path().join("plan.db"), None).unwrap();
        let range = Timestamp::from_seconds(1_000)..Timestamp::from_seconds(2_000);
        let countries = CallFilter { caller_country: Some(1), ..CallFilter::default() };
        let [brief, whole] = [CallFilter::default(), countries];
        let recent = "(account_id=? AND started_at>? AND started_at<?)";
        let cases = [
            (&brief, 0, format!("USING COVERING INDEX calls_in_brief {recent}")),
            (&whole, 0, format!("USING PRIMARY KEY {recent}")),
            (&brief, 1, "USING INDEX long_calls (account_id=? AND ended_at>?)".to_owned()),
        ];
        for (filter, part, way) in cases {
            let (part, predicate) =
                (&parts(&range, i64::MAX)[part], calls_of::side(AccountId(1), Side::Origination, filter));
            let columns = columns(Side::Origination, filter);
            let sql = format!("EXPLAIN QUERY PLAN {}", part.sql(columns, &predicate));
            let bound = params_from_iter(predicate.bound().iter().chain(&part.bound));
            let plan: String = connection.query_one(&sql, bound, |row| row.get(3)).unwrap();
            assert!(plan.contains(&way), "{plan}");
        }
    }
}
