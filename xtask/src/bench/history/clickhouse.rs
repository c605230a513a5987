//! A ClickHouse that is asked the same questions of the same rows.

use std::net::SocketAddr;

use anyhow::Result;

use crate::bench::{http::Request, store::Store};

/// Its HTTP interface, and in it the rows of a store's sealed days, by account and start.
pub struct ClickHouse {
    pub http: SocketAddr,
}

impl ClickHouse {
    /// Loads the rows, unless it has them.
    pub fn load(http: SocketAddr, store: &Store) -> Result<Self> {
        let clickhouse = Self { http };
        let files = format!("file('{}', Parquet)", store.folder.join("data/calls/*/*.parquet").display());
        if !clickhouse.has_rows_of(&files)? {
            clickhouse.query("DROP TABLE IF EXISTS calls")?;
            clickhouse.query(&format!(
                "CREATE TABLE calls ENGINE = MergeTree ORDER BY (account, started_at) AS SELECT * FROM {files}"
            ))?;
            clickhouse.query("OPTIMIZE TABLE calls FINAL")?;
        }
        println!("ClickHouse has {} rows", clickhouse.query("SELECT count() FROM calls")?.trim());
        Ok(clickhouse)
    }

    fn has_rows_of(&self, files: &str) -> Result<bool> {
        if self.query("EXISTS TABLE calls")?.trim() != "1" {
            return Ok(false);
        }
        let look =
            |rows: &str| self.query(&format!("SELECT count(), max(started_at), max(call_id) FROM {rows}"));
        Ok(look("calls")? == look(files)?)
    }

    /// What it answers.
    pub fn query(&self, sql: &str) -> Result<String> {
        Self::request(sql).send(self.http)?.text()
    }

    /// A query as it is sent.
    pub fn request(sql: &str) -> Request {
        Request::post("/", "text/plain", sql)
    }
}

/// Which side of a call an account has.
#[derive(Clone, Copy)]
pub enum Side {
    Originated,
    Terminated,
}

impl Side {
    fn condition(self) -> &'static str {
        match self {
            Self::Originated => "bitAnd(sides, 9) = 1",
            Self::Terminated => "bitAnd(sides, 2) = 2",
        }
    }
}

/// How many calls of an account were active at each minute since then.
pub fn active(account: u32, side: Side, from: &str, conditions: &str) -> String {
    let side = side.condition();
    format!(
        "SELECT at, sum(sum(change)) OVER (ORDER BY at) FROM (
           SELECT arrayJoin([(toStartOfMinute(started_at), 1), (toStartOfMinute(ended_at), -1)]) AS pair,
                  pair.1 AS at, pair.2 AS change
           FROM calls WHERE account = {account} AND {side} AND {} {conditions}
         ) GROUP BY at ORDER BY at",
        since("ended_at", from)
    )
}

/// The newest page of what was sent since then, and how much there is.
pub fn page(account: Option<u32>, side: Side, from: &str, conditions: &str) -> String {
    let account = account.map_or_else(String::new, |account| format!("account = {account} AND"));
    let (side, since) = (side.condition(), since("started_at", from));
    let matching = format!("FROM calls WHERE {account} {side} AND {since} {conditions}");
    format!(
        "SELECT *, (SELECT count() {matching}) {matching} ORDER BY started_at DESC LIMIT 50 FORMAT JSONEachRow"
    )
}

fn since(column: &str, from: &str) -> String {
    format!("{column} >= parseDateTimeBestEffort('{from}')")
}
