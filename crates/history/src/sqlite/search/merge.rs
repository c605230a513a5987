//! Several accounts in the order of time: each account's calls lie in that order already, so they are
//! merged as they are read, and no more of them is read than is asked for.

use std::{cmp::Ordering, collections::BinaryHeap, ops::Range};

use rusqlite::{Connection, Rows, params_from_iter};

use super::{Found, Search, found, limits};
use crate::sqlite::{fault::Fault, id::RowKey};

/// The next call of one account.
#[derive(PartialEq, Eq)]
struct Head {
    rank: (i64, RowKey),
    found: Found,
    account: usize,
}

/// The least rank is the greatest head, as a heap hands out the greatest first.
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank.cmp(&self.rank)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// See [`Search::each`].
pub(super) fn each<E: From<Fault>>(
    search: &Search,
    connection: &Connection,
    window: Range<u64>,
    mut take: impl FnMut(Found) -> Result<(), E>,
) -> Result<(), E> {
    let sql = search.sql("account_id = ?", None);
    let statements: Result<Vec<_>, _> = search.accounts.iter().map(|_| connection.prepare(&sql)).collect();
    let mut statements = statements.map_err(Fault::from)?;
    let mut cursors = Vec::with_capacity(statements.len());
    for (statement, account) in statements.iter_mut().zip(&search.accounts) {
        let bound = search.bound(i64::from(account.0).into(), None).chain(limits(&(0..window.end)));
        cursors.push(statement.query(params_from_iter(bound)).map_err(Fault::from)?);
    }
    let mut merged = Merged::new(cursors, search.sort[0].descending)?;
    for place in 0..window.end {
        let Some(found) = merged.next()? else { break };
        if place >= window.start {
            take(found)?;
        }
    }
    Ok(())
}

/// Cursors in order, read as one.
struct Merged<'a> {
    cursors: Vec<Rows<'a>>,
    heads: BinaryHeap<Head>,
    descending: bool,
}

impl<'a> Merged<'a> {
    fn new(cursors: Vec<Rows<'a>>, descending: bool) -> Result<Self, Fault> {
        let heads = BinaryHeap::with_capacity(cursors.len());
        let mut merged = Self { cursors, heads, descending };
        for account in 0..merged.cursors.len() {
            merged.read(account)?;
        }
        Ok(merged)
    }

    fn next(&mut self) -> Result<Option<Found>, Fault> {
        let Some(head) = self.heads.pop() else { return Ok(None) };
        self.read(head.account)?;
        Ok(Some(head.found))
    }

    fn read(&mut self, account: usize) -> Result<(), Fault> {
        let Some(row) = self.cursors[account].next()? else { return Ok(()) };
        let found = found(row)?;
        let started_at = found.place.started_at;
        // `!` turns the order round and, unlike a minus, has no overflow.
        let rank = (if self.descending { !started_at } else { started_at }, found.place.key);
        self.heads.push(Head { rank, found, account });
        Ok(())
    }
}
