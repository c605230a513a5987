//! Several accounts in the order of time: each account's calls lie in that order already, so they are
//! merged as they are read, and little more of them is read than is asked for.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, VecDeque},
    ops::Range,
};

use call::AccountId;
use rusqlite::{Connection, params_from_iter};

use super::{Found, Place, Search, found, limits};
use crate::sqlite::{fault::Fault, id::RowKey};

/// Calls of an account that are read at first. Each time after that it is twice as many, up to [`MOST`].
const FIRST: u64 = 4;

/// Calls of an account that are read at once, at most.
const MOST: u64 = 256;

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
    let mut merged = Merged::new(search, connection)?;
    for place in 0..window.end {
        let Some(found) = merged.next()? else { break };
        if place >= window.start {
            take(found)?;
        }
    }
    Ok(())
}

/// The calls of an account that were read ahead.
struct Ahead {
    account: AccountId,
    calls: VecDeque<Found>,
    /// The last that was read; `None` before the first.
    last: Option<Place>,
    /// How many are read next; `None` after the last.
    next: Option<u64>,
}

/// Accounts in order, read as one.
struct Merged<'a> {
    search: &'a Search,
    connection: &'a Connection,
    accounts: Vec<Ahead>,
    heads: BinaryHeap<Head>,
}

impl<'a> Merged<'a> {
    fn new(search: &'a Search, connection: &'a Connection) -> Result<Self, Fault> {
        let ahead = |account: &AccountId| Ahead {
            account: *account,
            calls: VecDeque::new(),
            last: None,
            next: Some(FIRST),
        };
        let accounts: Vec<_> = search.accounts.iter().map(ahead).collect();
        let heads = BinaryHeap::with_capacity(accounts.len());
        let mut merged = Self { search, connection, accounts, heads };
        for account in 0..merged.accounts.len() {
            merged.put(account)?;
        }
        Ok(merged)
    }

    fn next(&mut self) -> Result<Option<Found>, Fault> {
        let Some(head) = self.heads.pop() else { return Ok(None) };
        self.put(head.account)?;
        Ok(Some(head.found))
    }

    /// The next call of an account comes in line.
    fn put(&mut self, account: usize) -> Result<(), Fault> {
        let ahead = &mut self.accounts[account];
        if ahead.calls.is_empty() {
            ahead.read(self.search, self.connection)?;
        }
        let Some(found) = ahead.calls.pop_front() else { return Ok(()) };
        let started_at = found.place.started_at;
        // `!` turns the order round and, unlike a minus, has no overflow.
        let rank = (if self.search.sort[0].descending { !started_at } else { started_at }, found.place.key);
        self.heads.push(Head { rank, found, account });
        Ok(())
    }
}

impl Ahead {
    fn read(&mut self, search: &Search, connection: &Connection) -> Result<(), Fault> {
        let Some(count) = self.next else { return Ok(()) };
        let mut select = connection.prepare_cached(&search.sql("account_id = ?", self.last))?;
        let bound = search.bound(i64::from(self.account.0).into(), self.last).chain(limits(&(0..count)));
        let mut rows = select.query(params_from_iter(bound))?;
        while let Some(row) = rows.next()? {
            self.calls.push_back(found(row)?);
        }
        self.last = self.calls.back().map(|found| found.place).or(self.last);
        self.next = (self.calls.len() as u64 == count).then_some((2 * count).min(MOST));
        Ok(())
    }
}
