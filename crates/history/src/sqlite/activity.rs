//! How many calls were active when.

use std::{collections::HashMap, ops::Range, time::Duration};

use call::{
    AccountId, CallId, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::CallFilter,
    rating::Rate,
    series::{Grid, Interval, counts},
};
use rusqlite::{Connection, Row, params_from_iter, types::Value as Bound};

use super::{
    calls_of,
    fault::Fault,
    id::{self, RowKey},
    predicate::Predicate,
    sealed::{CallsOf, Deadline, Sealed},
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
        sealed: &Sealed,
        deadline: Deadline,
    ) -> Result<Vec<u32>, Fault> {
        let Some(range) = self.grid.range() else { return Ok(Vec::new()) };
        let mut intervals = self.hot(connection, &range)?;
        for call in &self.live {
            if !is_over(connection, sealed, call.call_id)? {
                intervals.extend(call.counted(&self.filter));
            }
        }
        let mut sums = counts(intervals, &self.grid);
        let parts = sealed.parts_with_active(connection, &range)?;
        let calls = CallsOf {
            account: self.account,
            side: self.side,
            range,
            filter: &self.filter,
            threads: sealed.threads(),
            deadline,
        };
        let more = calls.active(&parts, &self.grid)?;
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        Ok(sums)
    }

    /// The hot calls that overlap `range`, as far as they count. Of most calls not more is read than when they were.
    fn hot(&self, connection: &Connection, range: &Range<Timestamp>) -> Result<Vec<Interval>, Fault> {
        let Self { account, side, filter, .. } = self;
        let columns = format!("{}, {}", attribute_columns(filter), rate_column(*side, filter));
        let mut predicate = calls_of::side(*account, *side, filter);
        predicate.and(calls_of::is_counted(*side), []);
        let mut intervals = Vec::new();
        let mut rates = HashMap::new();
        for part in parts(range) {
            let sql = part.sql(&columns, &predicate);
            let mut select = connection.prepare_cached(&sql)?;
            let mut rows = select.query(params_from_iter(predicate.bound().iter().chain(&part.bound)))?;
            while let Some(row) = rows.next()? {
                let rate = rate_of(connection, &mut rates, row.get(9)?)?;
                let call = ActiveCall { rate, ..active_call(row)? };
                intervals.extend(call.counted(filter));
            }
        }
        Ok(intervals)
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

fn attribute_columns(filter: &CallFilter) -> &'static str {
    if filter.tests_attributes() {
        "caller_routed, called_routed, caller_country, called_country, caller_address"
    } else {
        "'', '', NULL, NULL, NULL"
    }
}

fn rate_column(side: Side, filter: &CallFilter) -> &'static str {
    match side {
        _ if filter.price.is_empty() => "NULL",
        Side::Origination => "origination_rate",
        Side::Termination => "termination_rate",
    }
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
        format!(
            "SELECT call_id, started_at, answered_at, ended_at, {columns} FROM {table} \
             WHERE {predicate} AND {conditions}"
        )
    }
}

/// A call that overlaps the range began less than `LONG` before it or later, or it is a long one: the parts
/// take in every call once.
fn parts(range: &Range<Timestamp>) -> [Part; 2] {
    let micros = |at: Timestamp| Bound::from(at.as_micros());
    let recent = range.start - LONG;
    let near = "started_at >= ? AND started_at < ? AND ended_at > ? AND ended_at > started_at";
    let long = "ended_at - started_at > 3600000000 AND started_at < ? AND started_at < ? AND ended_at > ?";
    [
        Part {
            table: "account_calls",
            conditions: near,
            bound: [micros(recent), micros(range.end), micros(range.start)],
        },
        Part {
            table: "account_calls INDEXED BY long_calls",
            conditions: long,
            bound: [micros(recent), micros(range.end), micros(range.start)],
        },
    ]
}

fn active_call(row: &Row<'_>) -> rusqlite::Result<ActiveCall> {
    let source = row.get_ref(8)?.as_str_or_null()?;
    Ok(ActiveCall {
        call_id: RowKey::read(row, 0)?.call,
        started_at: Timestamp::from_micros(row.get(1)?),
        answered_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_micros),
        ended_at: Some(Timestamp::from_micros(row.get(3)?)),
        caller: row.get_ref(4)?.as_str()?.into(),
        called: row.get_ref(5)?.as_str()?.into(),
        caller_country: row.get(6)?,
        called_country: row.get(7)?,
        source: source.and_then(|source| source.parse().ok()),
        rate: None,
    })
}

/// The rate of that number, read once.
fn rate_of(
    connection: &Connection,
    known: &mut HashMap<i64, Rate>,
    number: Option<i64>,
) -> Result<Option<Rate>, Fault> {
    let Some(number) = number else { return Ok(None) };
    if let Some(rate) = known.get(&number) {
        return Ok(Some(rate.clone()));
    }
    let mut select = connection.prepare_cached("SELECT format, rate FROM rates WHERE id = ?1")?;
    let rate = select
        .query_one([number], |row| Ok(stored::read_rate(row.get(0)?, row.get_ref(1)?.as_blob()?)))??;
    known.insert(number, rate.clone());
    Ok(Some(rate))
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
                (&parts(&range)[part], calls_of::side(AccountId(1), Side::Origination, filter));
            let columns = format!("{}, NULL", attribute_columns(filter));
            let sql = format!("EXPLAIN QUERY PLAN {}", part.sql(&columns, &predicate));
            let bound = params_from_iter(predicate.bound().iter().chain(&part.bound));
            let plan: String = connection.query_one(&sql, bound, |row| row.get(3)).unwrap();
            assert!(plan.contains(&way), "{plan}");
        }
    }
}
