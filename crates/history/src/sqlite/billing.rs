//! Summing up what is billed. One pass over the calls of each account, in which nothing but numbers is read.

use std::time::Duration;

use call::AccountId;
use rusqlite::{Connection, Row, params};

use super::{
    deadline::Deadline,
    fault::Fault,
    scaled,
    sealed::{Sealed, add_billed, bill},
    search::list,
};
use crate::billing::{Billed, BilledParts, BillingQuery};

/// What is billed to each of the accounts that has calls, by account. Of what an account has of a call, the row
/// that stands for the call counts.
pub(super) fn sum(
    connection: &Connection,
    sealed: &Sealed,
    query: &BillingQuery,
    deadline: &Deadline,
) -> Result<Vec<Billed>, Fault> {
    let hot = sum_hot(connection, query)?;
    if query.started.is_empty() {
        return Ok(hot);
    }
    let mut accounts = query.accounts.clone();
    accounts.sort_unstable();
    accounts.dedup();
    let query = BillingQuery { accounts, ..query.clone() };
    let started = query.started.start.as_micros()..=query.started.end.as_micros() - 1;
    let parts = sealed.parts(connection, &started)?;
    let mut all = bill(&query, &parts, sealed.threads(), deadline)?;
    hot.into_iter().for_each(|billed| add_billed(&mut all, billed));
    Ok(all.into_values().collect())
}

fn sum_hot(connection: &Connection, query: &BillingQuery) -> Result<Vec<Billed>, Fault> {
    let (started, talk) = (&query.started, &query.talk);
    let step = query.step.map_or(1, scaled::stored_length).max(1);
    let bounds = params![
        list(&query.accounts),
        started.start.as_micros(),
        started.end.as_micros(),
        scaled::stored_length(*talk.start()),
        scaled::stored_length(*talk.end()),
        step,
    ];
    let mut select = connection.prepare_cached(&sql(query.parts))?;
    let rows = select.query_map(bounds, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn sql(parts: BilledParts) -> String {
    format!(
        "SELECT account_id, count(*), sum({}) FROM account_calls \
         WHERE account_id IN (SELECT value FROM json_each(?1)) AND started_at >= ?2 AND started_at < ?3 \
         AND talk >= ?4 AND talk <= ?5 AND sides & 4 = 0 GROUP BY account_id",
        rounded(&billed(parts))
    )
}

/// What of a call is billed.
fn billed(parts: BilledParts) -> String {
    let columns =
        [(parts.ring, "wait"), (parts.talk, "talk"), (parts.hold, "hold"), (parts.transfer, "transfer")];
    let billed: Vec<_> =
        columns.into_iter().filter(|(is_billed, _)| *is_billed).map(|(_, name)| name).collect();
    if billed.is_empty() { "0".to_owned() } else { billed.join(" + ") }
}

fn rounded(length: &str) -> String {
    format!("({length} + ?6 - 1) / ?6 * ?6")
}

fn read(row: &Row<'_>) -> rusqlite::Result<Billed> {
    let (calls, micros): (i64, i64) = (row.get(1)?, row.get(2)?);
    Ok(Billed {
        account: AccountId(row.get(0)?),
        calls: u64::try_from(calls).unwrap_or(0),
        length: Duration::from_micros(u64::try_from(micros).unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    #[test]
    fn only_the_calls_of_the_time_are_read_and_only_in_brief() {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&folder.path().join("plan.db"), None).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", sql(BilledParts { talk: true, ..BilledParts::default() }));
        let mut explain = connection.prepare(&sql).unwrap();
        let steps = explain.query_map(params!["[1]", 0, 9, 0, 9, 1], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<_> = steps.map(Result::unwrap).collect();
        let by_index = "SEARCH account_calls USING COVERING INDEX calls_in_brief (account_id=? AND started_at>? AND started_at<?)";
        assert!(plan.iter().any(|step| step == by_index), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE FOR GROUP")), "{plan:?}");
    }
}
