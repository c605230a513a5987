//! Finding records: a [`RecordQuery`] in SQL.

mod column;
mod condition;
mod merge;
mod mixed;

use std::{ops::Range, sync::Arc};

use call::{AccountId, Timestamp};
use rusqlite::{
    Connection, Row, params_from_iter,
    types::{Value as Bound, ValueRef},
};

use self::column::{CALL_ID, Column, Kind, column};
pub(super) use self::mixed::Mixed;
use super::{
    daily::{Cut, DAY},
    deadline::Deadline,
    fault::Fault,
    id::{self, RowKey},
    predicate::Predicate,
    recent::Recent,
    records::{self, CallPart, View},
    sealed::{Candidate, Sealed, Source},
};
use crate::{
    HistoryError,
    columns::Key,
    query::{
        Condition, FoundRecord, Grain, RecordField, RecordPage, RecordQuery, SideFilter, Sort, Test, Value,
    },
};

/// A query in SQL, for any number of accounts.
pub(super) struct Search {
    accounts: Vec<AccountId>,
    side: SideFilter,
    grain: Grain,
    predicate: Predicate,
    /// The start of all that matches, in microseconds, if nothing else is asked for.
    span: Option<Range<i64>>,
    /// At least one.
    sort: Vec<Sort>,
}

/// A record that was found: by whose view, in which row of the table of calls, and which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) account: AccountId,
    pub(super) call: CallPart,
    pub(super) place: Place,
}

/// The place of a call in the order of time, in which an account's calls lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    started_at: i64,
    key: RowKey,
}

/// The page that `query` asks for.
pub(super) fn page(
    connection: &Connection,
    (sealed, recent): (&Sealed, &Recent),
    query: &RecordQuery,
    deadline: &Deadline,
) -> Result<RecordPage, Fault> {
    let query = &*condition::resolved(connection, query)?;
    let search = Search::new(query)?;
    let mixed = Mixed::new(connection, sealed, &search, query, deadline)?;
    match mixed.look_into_memory(recent, query)? {
        None if mixed.parts.is_empty() => hot_page(connection, &search, query),
        memory => mixed.page(query, memory),
    }
}

fn hot_page(connection: &Connection, search: &Search, query: &RecordQuery) -> Result<RecordPage, Fault> {
    let mut page = RecordPage::default();
    let window = query.offset..query.offset.saturating_add(query.limit.into());
    search.each(connection, None, window, |found| {
        let (call, part) = found.call;
        let view = View { part, account: found.account, grain: query.grain };
        page.records.push(FoundRecord {
            account: found.account,
            serial: id::serial(call, part).unsigned_abs(),
            record: Arc::new(view.of(records::load(connection, call)?)?),
        });
        Ok::<_, Fault>(())
    })?;
    if query.count {
        page.total = Some(match last_page_end(query, page.records.len() as u64) {
            Some(total) => total,
            None => search.count(connection)?,
        });
    }
    Ok(page)
}

/// How many records match in all, if the page says it: one that is not full is the last. What matches seldom
/// is costly to find, and need not be counted too.
fn last_page_end(query: &RecordQuery, found: u64) -> Option<u64> {
    let is_last = found < query.limit.into() && (found > 0 || query.offset == 0);
    is_last.then(|| query.offset + found)
}

impl Search {
    /// Checks the conditions and puts them into SQL.
    pub(super) fn new(query: &RecordQuery) -> Result<Self, HistoryError> {
        let mut accounts = query.accounts.clone();
        accounts.sort_unstable();
        accounts.dedup();
        let mut predicate = Predicate::default();
        add_sides(&mut predicate, (query.side, query.grain), &accounts);
        for condition in &query.conditions {
            condition::add(&mut predicate, condition)?;
        }
        let sort = order_of(query);
        let span = condition::span(&query.conditions);
        Ok(Self { accounts, side: query.side, grain: query.grain, predicate, span, sort })
    }

    /// The same query of the calls that started before an instant, in microseconds.
    fn before(query: &RecordQuery, started_at: i64) -> Result<Self, HistoryError> {
        let mut query = query.clone();
        let test = Test::Below(Value::Time(Timestamp::from_micros(started_at)));
        query.conditions.push(Condition { field: RecordField::StartedAt, test });
        Self::new(&query)
    }

    /// The whole days of all that matches, if nothing but its start is asked for.
    fn cut(&self) -> Option<Cut> {
        self.span.as_ref().and_then(Cut::of)
    }

    /// How many records match.
    pub(super) fn count(&self, connection: &Connection) -> Result<u64, Fault> {
        let Some(cut) = self.cut() else { return self.count_rows(connection) };
        let (sql, bound) = self.count_by_days(&cut);
        count(connection, &sql, bound)
    }

    /// How many rows match.
    fn count_rows(&self, connection: &Connection) -> Result<u64, Fault> {
        count(connection, &self.count_sql(), self.bound(self.accounts_bound(), None).collect())
    }

    /// Whether [`each`](Self::each) can go on after a place.
    pub(super) fn can_go_on(&self) -> bool {
        matches!(self.sort.as_slice(), [Sort { field: RecordField::StartedAt, .. }])
    }

    /// Gives to `take` what matches, in order: of all that comes after `last`, what lies in `window`.
    /// `last` is only for those that [can go on](Self::can_go_on).
    pub(super) fn each<E: From<Fault>>(
        &self,
        connection: &Connection,
        last: Option<Place>,
        window: Range<u64>,
        mut take: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.accounts.is_empty() || window.is_empty() {
            return Ok(());
        }
        if self.accounts.len() > 1 && self.can_go_on() {
            return merge::each(self, connection, window, take);
        }
        let mut select =
            connection.prepare_cached(&self.sql(self.of_accounts(), last)).map_err(Fault::from)?;
        let bound = self.bound(self.accounts_bound(), last).chain(limits(&window));
        let mut rows = select.query(params_from_iter(bound)).map_err(Fault::from)?;
        while let Some(row) = rows.next().map_err(Fault::from)? {
            take(found(row).map_err(Fault::from)?)?;
        }
        Ok(())
    }

    fn count_sql(&self) -> String {
        let (of_accounts, conditions) = (self.of_accounts(), self.predicate.sql());
        format!("SELECT count(*) FROM account_calls WHERE {of_accounts} AND {conditions}")
    }

    /// Whole days are summed up, and only the rest is counted: so are parts whose accounts may share a call, as
    /// the sums do not tell.
    fn count_by_days(&self, Cut { before, days, after }: &Cut) -> (String, Vec<Bound>) {
        let mut sides = Predicate::default();
        add_sides(&mut sides, (self.side, self.grain), &self.accounts);
        let mut of_days = Predicate::default();
        add_shown(&mut of_days, (self.side, self.grain), &self.accounts);
        let is_shared = self.is_shared();
        if is_shared {
            of_days.and("sides < 16", []);
        }
        let part = |what: &str, start: &str, tests: &Predicate| {
            let (of_accounts, tests) = (self.of_accounts(), tests.sql());
            format!("(SELECT {what} WHERE {of_accounts} AND {start} >= ? AND {start} < ? AND {tests})")
        };
        let counted = part("count(*) FROM account_calls", "started_at", &sides);
        let summed = part("ifnull(sum(calls), 0) FROM daily_calls", "day", &of_days);
        let parts =
            part("count(*) FROM account_calls INDEXED BY part_calls", "sides >= 16 AND started_at", &sides);
        let whole = days.start * DAY..days.end * DAY;
        let spans = [(before, &sides), (days, &of_days), (after, &sides)];
        let more = is_shared.then_some((&whole, &sides));
        let bound = spans.into_iter().chain(more).flat_map(|(span, tests)| {
            let span = [self.accounts_bound(), span.start.into(), span.end.into()];
            span.into_iter().chain(tests.bound().iter().cloned())
        });
        let bound = bound.collect();
        let more = if is_shared { format!(" + {parts}") } else { String::new() };
        (format!("SELECT {counted} + {summed} + {counted}{more}"), bound)
    }

    /// Whether two of the accounts may have parts of one call, which is to be found once.
    fn is_shared(&self) -> bool {
        self.grain == Grain::Call && self.accounts.len() > 1
    }

    /// The first `most` that match, in order, with what they are sorted by.
    fn keyed(&self, connection: &Connection, most: u64) -> Result<Vec<Candidate>, Fault> {
        let mut candidates = Vec::new();
        if self.accounts.is_empty() {
            return Ok(candidates);
        }
        if self.can_go_on() {
            self.each(connection, None, 0..most, |found| {
                let keys = vec![Key::Number(found.place.started_at)];
                candidates.push(candidate(found, keys));
                Ok::<_, Fault>(())
            })?;
            return Ok(candidates);
        }
        let columns: Vec<_> = self.sort.iter().map(|sort| column(sort.field)).collect();
        let more: String = columns.iter().map(|column| format!(", {}", column.order)).collect();
        let mut select = connection.prepare_cached(&self.sql_with(&more, self.of_accounts(), None))?;
        let bound = self.bound(self.accounts_bound(), None).chain(limits(&(0..most)));
        let mut rows = select.query(params_from_iter(bound))?;
        while let Some(row) = rows.next()? {
            let keys = (4..).zip(&columns).map(|(index, column)| key(row, index, column));
            candidates.push(candidate(found(row)?, keys.collect::<Result<_, _>>()?));
        }
        Ok(candidates)
    }

    /// The statement. For one account, the order of time is that in which the table has the rows. Of several bounds
    /// of the start, SQLite goes to the first.
    fn sql(&self, of_accounts: &str, last: Option<Place>) -> String {
        self.sql_with("", of_accounts, last)
    }

    /// The statement that gives more columns too.
    fn sql_with(&self, more: &str, of_accounts: &str, last: Option<Place>) -> String {
        let conditions = self.predicate.sql();
        let onward = if self.sort[0].descending { "<=" } else { ">=" };
        let after = match last {
            Some(_) => format!("AND started_at {onward} ? AND NOT (started_at = ? AND call_id <= ?)"),
            None => String::new(),
        };
        let order: Vec<_> = self.sort.iter().map(order).collect();
        format!(
            "SELECT account_id, call, started_at, call_id{more} FROM account_calls \
             WHERE {of_accounts} {after} AND {conditions} \
             ORDER BY {}, call_id LIMIT ? OFFSET ?",
            order.join(", ")
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

    /// The values for the question marks of a statement, but for those of `LIMIT` and `OFFSET`.
    fn bound(&self, accounts: Bound, last: Option<Place>) -> impl Iterator<Item = Bound> {
        let conditions = self.predicate.bound().iter().cloned();
        std::iter::once(accounts).chain(after(last)).chain(conditions)
    }
}

fn count(connection: &Connection, sql: &str, bound: Vec<Bound>) -> Result<u64, Fault> {
    let count: i64 = connection.prepare_cached(sql)?.query_row(params_from_iter(bound), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What is sorted by. What is equal in a field stays so, however often it is named again: there are no more terms
/// than fields.
fn order_of(query: &RecordQuery) -> Vec<Sort> {
    let mut order = vec![query.sort];
    for sort in &query.then {
        if order.iter().all(|earlier| earlier.field != sort.field) {
            order.push(*sort);
        }
    }
    order
}

/// A term of `ORDER BY`.
fn order(sort: &Sort) -> String {
    let Column { kind, order, is_nullable, .. } = column(sort.field);
    let collate = match kind {
        Kind::Text if order != CALL_ID => "COLLATE NOCASE",
        Kind::Amount => "COLLATE decimal",
        _ => "",
    };
    let direction = match (sort.descending, is_nullable) {
        (false, false) => "ASC",
        (true, false) => "DESC",
        (false, true) => "ASC NULLS LAST",
        (true, true) => "DESC NULLS FIRST",
    };
    format!("{order} {collate} {direction}")
}

/// What is found: once, of a call that several of the accounts share.
fn add_sides(predicate: &mut Predicate, (side, grain): (SideFilter, Grain), accounts: &[AccountId]) {
    add_shown(predicate, (side, grain), accounts);
    if grain == Grain::Call && accounts.len() > 1 {
        let has_side = match side {
            SideFilter::Any => "1",
            SideFilter::Originated => "ahead_sides & 1",
            SideFilter::Terminated => "ahead_sides & 2",
            SideFilter::OnlyTerminated => "ahead_sides = 2",
        };
        let is_first = format!(
            "(sides < 16 OR NOT EXISTS (SELECT 1 FROM rows_ahead WHERE rows_ahead.call_id = account_calls.call_id \
             AND rows_ahead.account_id = account_calls.account_id AND {has_side} \
             AND ahead_account_id IN (SELECT value FROM json_each(?))))"
        );
        predicate.and(&is_first, [list(accounts).into()]);
    }
}

/// The same, as far as the sides and the other account tell it. A call that two of the accounts share is seen
/// from the one that sends it, unless the side that is asked for settles which one has it.
fn add_shown(predicate: &mut Predicate, (side, grain): (SideFilter, Grain), accounts: &[AccountId]) {
    let taken = match grain {
        Grain::Call => "sides = 2",
        Grain::Part => "sides & 3 = 2",
    };
    if grain == Grain::Call {
        predicate.and("sides & 4 = 0", []);
    }
    match side {
        SideFilter::Any if accounts.len() > 1 => predicate.and(
            &format!("NOT ({taken} AND ifnull(other_account_id, 0) IN (SELECT value FROM json_each(?)))"),
            [list(accounts).into()],
        ),
        SideFilter::Any => {}
        SideFilter::Originated => predicate.and("sides & 1", []),
        SideFilter::Terminated => predicate.and("sides & 2", []),
        SideFilter::OnlyTerminated => predicate.and("sides & 3 = 2", []),
    }
}

/// The accounts as a JSON list.
pub(super) fn list(accounts: &[AccountId]) -> String {
    let numbers: Vec<_> = accounts.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}

fn after(last: Option<Place>) -> impl Iterator<Item = Bound> {
    let bound = |place: Place| [place.started_at.into(), place.started_at.into(), place.key.bytes().into()];
    last.map(bound).into_iter().flatten()
}

/// The values for `LIMIT` and `OFFSET`.
fn limits(window: &Range<u64>) -> [Bound; 2] {
    let bound = |number| Bound::from(i64::try_from(number).unwrap_or(i64::MAX));
    [bound(window.end - window.start), bound(window.start)]
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let place = Place { started_at: row.get(2)?, key: RowKey::read(row, 3)? };
    Ok(Found { account: AccountId(row.get(0)?), call: (row.get(1)?, place.key.part), place })
}

fn candidate(found: Found, keys: Vec<Key>) -> Candidate {
    Candidate { keys, account: found.account, key: found.place.key, source: Source::Hot(found.call.0) }
}

/// Without what it is sorted by.
impl From<Found> for Candidate {
    fn from(found: Found) -> Self {
        candidate(found, Vec::new())
    }
}

/// What stands in a column that is sorted by.
fn key(row: &Row<'_>, index: usize, column: &Column) -> rusqlite::Result<Key> {
    Ok(match (row.get_ref(index)?, column.kind) {
        (ValueRef::Null, _) => Key::Absent,
        (ValueRef::Blob(bytes), _) => Key::Text(bytes.into()),
        (ValueRef::Text(text), Kind::Amount) => {
            let text = std::str::from_utf8(text)?;
            text.parse().map_or(Key::Absent, Key::Amount)
        }
        (ValueRef::Text(text), _) => Key::text(std::str::from_utf8(text)?),
        (ValueRef::Integer(number), _) => Key::Number(number),
        (ValueRef::Real(_), _) => row.get::<_, i64>(index).map(Key::Number)?,
    })
}

#[cfg(test)]
mod tests;

/// A plain page is quick, whoever has however many calls; what is filtered or sorted otherwise may look at all.
pub(super) fn lane(query: &RecordQuery) -> super::lanes::Lane {
    use super::lanes::Lane;
    let is_plain = query.conditions.is_empty() && query.sort.field == crate::RecordField::StartedAt;
    if is_plain { Lane::Page } else { Lane::Search }
}
