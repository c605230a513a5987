//! What became of finished calls.

use std::ops::Range;

use call::{
    AccountId, Timestamp,
    event::Side,
    filter::CallFilter,
    statistics::{FinishedCall, Sampling, Statistics},
};
use rusqlite::{Connection, Row, params_from_iter, types::Value as Bound};

use super::{
    calls_of,
    deadline::Deadline,
    fault::Fault,
    recent::Recent,
    scaled,
    sealed::{CallsOf, Sealed},
};

/// Calls of one side of an account that began in a stretch of time, under a filter.
pub(super) struct Calls {
    pub(super) account: AccountId,
    pub(super) side: Side,
    pub(super) range: Range<Timestamp>,
    pub(super) filter: CallFilter,
}

impl Calls {
    /// Their statistics, of both halves of the history.
    pub(super) fn gather(
        &self,
        connection: &Connection,
        (sealed, recent): (&Sealed, &Recent),
        sampling: Sampling,
        deadline: &Deadline,
    ) -> Result<Statistics, Fault> {
        if self.range.is_empty() {
            return Ok(Statistics::new(sampling));
        }
        let calls = CallsOf {
            account: self.account,
            side: self.side,
            range: self.range.clone(),
            filter: &self.filter,
            threads: sealed.threads(),
            deadline,
        };
        let mut floor = i64::MAX;
        let mut statistics = Statistics::new(sampling);
        if let Some(rows) = recent.at(connection)? {
            floor = rows.floor();
            statistics = calls.statistics_recent(&rows, sampling)?;
        }
        statistics.merge(&self.gather_hot(connection, sampling, floor)?);
        let started = self.range.start.as_micros()..=self.range.end.as_micros() - 1;
        let parts = sealed.parts(connection, &started)?;
        calls.statistics(&parts, sampling)?.iter().for_each(|more| statistics.merge(more));
        Ok(statistics)
    }

    /// Those that started before `floor`. They are read in the order in which they lie, none of them twice.
    fn gather_hot(
        &self,
        connection: &Connection,
        sampling: Sampling,
        floor: i64,
    ) -> Result<Statistics, Fault> {
        let (sql, bound) = self.select(floor);
        let mut statistics = Statistics::new(sampling);
        let mut select = connection.prepare_cached(&sql)?;
        let mut rows = select.query(params_from_iter(bound))?;
        while let Some(row) = rows.next()? {
            let call = finished_call(row)?;
            if call.passes(&self.filter) {
                statistics.add(&call);
            }
        }
        Ok(statistics)
    }

    fn select(&self, floor: i64) -> (String, Vec<Bound>) {
        let price = match self.side {
            Side::Origination => "origination_price",
            Side::Termination => "termination_price",
        };
        let mut predicate = calls_of::side(self.account, self.side, &self.filter);
        let end = self.range.end.as_micros().min(floor);
        let bounds = [self.range.start.as_micros(), end].map(Bound::from);
        predicate.and("started_at >= ? AND started_at < ?", bounds);
        let (condition, is_counted) = (predicate.sql(), calls_of::is_counted(self.side));
        let sql = format!(
            "SELECT started_at, answered_at, ended_at, {price}, {is_counted} FROM account_calls WHERE {condition}"
        );
        (sql, predicate.bound().to_vec())
    }
}

fn finished_call(row: &Row<'_>) -> rusqlite::Result<FinishedCall> {
    let ended_at = Timestamp::from_micros(row.get(2)?);
    let answered_at = row.get::<_, Option<i64>>(1)?.map(Timestamp::from_micros);
    Ok(FinishedCall {
        started_at: Timestamp::from_micros(row.get(0)?),
        connected: answered_at.map(|answered_at| ended_at.since(answered_at)),
        price: row.get::<_, Option<i64>>(3)?.map(scaled::read_price),
        is_counted: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn the_calls_of_the_range_alone_are_read_and_nothing_is_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&folder.path().join("plan.db"), None).unwrap();
        let range = Timestamp::from_seconds(1_000)..Timestamp::from_seconds(2_000);
        let (account, side, filter) = (AccountId(1), Side::Origination, CallFilter::default());
        let (sql, bound) = Calls { account, side, range, filter }.select(i64::MAX);
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explain.query_map(params_from_iter(bound), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        let by_key = "SEARCH account_calls USING COVERING INDEX calls_in_brief (account_id=? AND started_at>? AND started_at<?)";
        assert_eq!(steps, [by_key]);
    }
}
