//! Several accounts in the order of time: each account's calls lie in that order already, so they are
//! merged as they are read and no more of them is read than is asked for.

use std::{cmp::Ordering, collections::BinaryHeap};

use call::AccountId;
use rusqlite::{Connection, Row, Rows, params_from_iter, types::Value as Bound};
use uuid::Uuid;

use super::{Found, Search};
use crate::sqlite::{fault::Fault, id};

/// The next call of one account.
#[derive(PartialEq, Eq)]
struct Head {
    rank: (i64, Uuid),
    found: Found,
    account_index: usize,
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
pub(super) fn each(
    search: &Search,
    connection: &Connection,
    offset: u64,
    limit: u64,
    mut take: impl FnMut(Found) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let sql = search.sql("account_id = ?");
    let statements: Result<Vec<_>, _> = search.accounts.iter().map(|_| connection.prepare(&sql)).collect();
    let mut statements = statements?;
    let mut cursors = Vec::with_capacity(statements.len());
    for (statement, account) in statements.iter_mut().zip(&search.accounts) {
        let most = i64::try_from(limit.saturating_add(offset)).unwrap_or(i64::MAX);
        let window = [Bound::from(most), Bound::from(0)];
        let bound = search.bound(i64::from(account.0).into()).chain(window);
        cursors.push(statement.query(params_from_iter(bound))?);
    }
    let mut heads = BinaryHeap::with_capacity(cursors.len());
    for (account_index, cursor) in cursors.iter_mut().enumerate() {
        heads.extend(next(cursor, account_index, search.sort.descending)?);
    }
    for place in 0..offset.saturating_add(limit) {
        let Some(head) = heads.pop() else { return Ok(()) };
        if place >= offset {
            take(head.found)?;
        }
        let cursor = &mut cursors[head.account_index];
        heads.extend(next(cursor, head.account_index, search.sort.descending)?);
    }
    Ok(())
}

fn next(rows: &mut Rows<'_>, account_index: usize, descending: bool) -> Result<Option<Head>, Fault> {
    let head = rows.next()?.map(|row| head(row, account_index, descending)).transpose()?;
    Ok(head)
}

fn head(row: &Row<'_>, account_index: usize, descending: bool) -> rusqlite::Result<Head> {
    let started_at: i64 = row.get(2)?;
    // `!` turns the order round and, unlike a minus, has no overflow.
    let rank = (if descending { !started_at } else { started_at }, id::uuid(row, 3)?);
    let found = Found { account: AccountId(row.get(0)?), call: row.get(1)? };
    Ok(Head { rank, found, account_index })
}
