//! The rates of calls: each is stored once, and known by its number.

use std::{collections::HashMap, sync::Arc};

use call::{CallRecord, rating::Rate};
use rusqlite::{Connection, params};

use crate::stored;

/// The number of a rate, and the rate in JSON.
pub(super) type StoredRate = (i64, Arc<str>);

/// Rates that are remembered at most; a directory seldom has more in use.
const REMEMBERED: usize = 10_000;

/// The numbers of the rates that were stored of late.
#[derive(Default)]
pub(super) struct Rates {
    /// By the rate in JSON.
    known: HashMap<Vec<u8>, StoredRate>,
    bytes: Vec<u8>,
}

impl Rates {
    /// Those of the two sides of a call.
    pub(super) fn of(
        &mut self,
        connection: &Connection,
        record: &CallRecord,
    ) -> rusqlite::Result<[Option<StoredRate>; 2]> {
        let origination = self.stored(connection, record.origination_rate.as_ref())?;
        Ok([origination, self.stored(connection, record.termination_rate.as_ref())?])
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    fn stored(
        &mut self,
        connection: &Connection,
        rate: Option<&Rate>,
    ) -> rusqlite::Result<Option<StoredRate>> {
        let Some(rate) = rate else { return Ok(None) };
        self.bytes.clear();
        stored::write_rate(rate, &mut self.bytes);
        if let Some(stored) = self.known.get(&self.bytes) {
            return Ok(Some(stored.clone()));
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let stored = (number_of(connection, &self.bytes)?, String::from_utf8_lossy(&self.bytes).into());
        Ok(Some(self.known.entry(self.bytes.clone()).or_insert(stored).clone()))
    }
}

fn number_of(connection: &Connection, rate: &[u8]) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("INSERT INTO rates (format, rate) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![stored::JSON, rate])?;
    connection.prepare_cached("SELECT id FROM rates WHERE rate = ?1")?.query_one([rate], |row| row.get(0))
}
