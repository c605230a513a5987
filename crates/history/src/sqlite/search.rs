//! Finding records: a [`RecordQuery`] in SQL.

mod column;
mod condition;
mod merge;

use call::AccountId;
use rusqlite::{Connection, params_from_iter, types::Value as Bound};

use self::column::{Column, Kind, column};
use super::{fault::Fault, predicate::Predicate, records};
use crate::{
    HistoryError,
    query::{RecordField, RecordPage, RecordQuery, SideFilter, Sort},
};

/// A query in SQL, for any number of accounts.
pub(super) struct Search {
    accounts: Vec<AccountId>,
    predicate: Predicate,
    sort: Sort,
}

/// Where a record was found: by whose view, and in which row of the table of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) account: AccountId,
    pub(super) call: i64,
}

/// The page that `query` asks for.
pub(super) fn page(connection: &Connection, query: &RecordQuery) -> Result<RecordPage, Fault> {
    let search = Search::new(query)?;
    let total = if query.count { Some(search.count(connection)?) } else { None };
    let mut page = RecordPage { records: Vec::new(), total };
    search.each(connection, query.offset, u64::from(query.limit), |found| {
        page.records.push((found.account, records::load(connection, found.call)?));
        Ok(())
    })?;
    Ok(page)
}

impl Search {
    /// Checks the conditions and puts them into SQL.
    pub(super) fn new(query: &RecordQuery) -> Result<Self, HistoryError> {
        let mut accounts = query.accounts.clone();
        accounts.sort_unstable();
        accounts.dedup();
        let mut predicate = Predicate::default();
        add_sides(&mut predicate, query.side, &accounts);
        for condition in &query.conditions {
            condition::add(&mut predicate, condition)?;
        }
        Ok(Self { accounts, predicate, sort: query.sort })
    }

    /// How many records match.
    pub(super) fn count(&self, connection: &Connection) -> Result<u64, Fault> {
        let sql = format!(
            "SELECT count(*) FROM account_calls WHERE {} AND {}",
            self.of_accounts(),
            self.predicate.sql()
        );
        let mut select = connection.prepare_cached(&sql)?;
        let count: i64 =
            select.query_row(params_from_iter(self.bound(self.accounts_bound())), |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Gives what matches to `take`, in order, without the first `offset` and no more than `limit`.
    pub(super) fn each(
        &self,
        connection: &Connection,
        offset: u64,
        limit: u64,
        take: impl FnMut(Found) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.accounts.is_empty() || limit == 0 {
            return Ok(());
        }
        if self.accounts.len() > 1 && self.sort.field == RecordField::StartedAt {
            return merge::each(self, connection, offset, limit, take);
        }
        self.each_in_one(connection, offset, limit, take)
    }

    /// One statement over all accounts. An order that the table has for one account costs nothing.
    fn each_in_one(
        &self,
        connection: &Connection,
        offset: u64,
        limit: u64,
        mut take: impl FnMut(Found) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut select = connection.prepare_cached(&self.sql(self.of_accounts()))?;
        let window = [limit, offset].map(|number| Bound::from(i64::try_from(number).unwrap_or(i64::MAX)));
        let mut rows = select.query(params_from_iter(self.bound(self.accounts_bound()).chain(window)))?;
        while let Some(row) = rows.next()? {
            take(Found { account: AccountId(row.get(0)?), call: row.get(1)? })?;
        }
        Ok(())
    }

    /// The statement: account, row of the call, and what it is ordered by.
    fn sql(&self, of_accounts: &str) -> String {
        let direction = if self.sort.descending { "DESC" } else { "ASC" };
        let Column { kind, order, .. } = column(self.sort.field);
        let collate = if kind == Kind::Text && order != "call_id" { "COLLATE NOCASE" } else { "" };
        format!(
            "SELECT account_id, call, started_at, call_id FROM account_calls WHERE {of_accounts} AND {} \
             ORDER BY {order} {collate} {direction}, call_id LIMIT ? OFFSET ?",
            self.predicate.sql()
        )
    }

    fn of_accounts(&self) -> &'static str {
        match self.accounts.len() {
            1 => "account_id = ?",
            _ => "account_id IN (SELECT value FROM json_each(?))",
        }
    }

    fn accounts_bound(&self) -> Bound {
        match self.accounts.as_slice() {
            [account] => i64::from(account.0).into(),
            accounts => list(accounts).into(),
        }
    }

    fn bound(&self, accounts: Bound) -> impl Iterator<Item = Bound> {
        std::iter::once(accounts).chain(self.predicate.bound().iter().cloned())
    }
}

/// A call that two of the accounts share is seen from the one that sends it, unless the side that is asked
/// for settles which one has it.
fn add_sides(predicate: &mut Predicate, side: SideFilter, accounts: &[AccountId]) {
    match side {
        SideFilter::Any if accounts.len() > 1 => predicate.and(
            "NOT (sides = 2 AND other_account_id IN (SELECT value FROM json_each(?)))",
            [list(accounts).into()],
        ),
        SideFilter::Any => {}
        SideFilter::Originated => predicate.and("sides <> 2", []),
        SideFilter::Terminated => predicate.and("sides <> 1", []),
        SideFilter::OnlyTerminated => predicate.and("sides = 2", []),
    }
}

/// The accounts as a JSON list.
pub(super) fn list(accounts: &[AccountId]) -> String {
    let numbers: Vec<_> = accounts.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}
