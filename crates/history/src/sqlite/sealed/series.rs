//! What is counted and summed up over sealed days.

use std::{
    collections::BTreeMap,
    ops::{Range, RangeInclusive},
};

use call::{
    AccountId, Timestamp,
    activity::Growing,
    event::Side,
    filter::{CallFilter, TextKind, TextOperator, TextTest},
    series::{Changes, Grid, Interval},
    statistics::{FinishedCall, Sampling, Statistics},
};

use super::{Part, scan::in_parallel};
use crate::{
    BillingQuery, HistoryError, LegField, RecordField,
    billing::Billed,
    bits::Bits,
    columns::{Batch, Column, Matching, NumberTest, RowFile, Selection, batches},
    scaled,
    sqlite::{deadline::Deadline, recent::RecentRows},
};

/// Calls of one side of an account, under a filter.
pub(in crate::sqlite) struct CallsOf<'a> {
    pub(in crate::sqlite) account: AccountId,
    pub(in crate::sqlite) side: Side,
    pub(in crate::sqlite) range: Range<Timestamp>,
    pub(in crate::sqlite) filter: &'a CallFilter,
    pub(in crate::sqlite) threads: usize,
    pub(in crate::sqlite) deadline: &'a Deadline,
}

const STARTED_AT: Column = Column::Field(RecordField::StartedAt);
const ANSWERED_AT: Column = Column::Field(RecordField::AnsweredAt);
const ENDED_AT: Column = Column::Field(RecordField::EndedAt);

impl CallsOf<'_> {
    /// How many of them come and go along a grid; `parts` are those with calls that went on then.
    pub(in crate::sqlite) fn active(
        &self,
        parts: &[Part],
        grid: &Grid,
    ) -> Result<Vec<Changes>, HistoryError> {
        in_parallel(self.threads, parts, |part| self.active_of(part, grid))
    }

    fn active_of(&self, part: &Part, grid: &Grid) -> Result<Changes, HistoryError> {
        let mut changes = Changes::since(grid, Timestamp::from_micros(*part.started.start()));
        let range = (self.range.start.as_micros(), self.range.end.as_micros());
        let tests = [
            (STARTED_AT, i64::MIN..=range.1.saturating_sub(1)),
            (ENDED_AT, range.0.saturating_add(1)..=i64::MAX),
        ];
        self.each_batch(part, tests, |batch, selection| {
            self.add_active(batch, selection, grid, &mut changes)
        })?;
        Ok(changes)
    }

    /// The same of the rows that are in memory.
    pub(in crate::sqlite) fn active_recent(
        &self,
        rows: &RecentRows<'_>,
        grid: &Grid,
    ) -> Result<Changes, HistoryError> {
        let mut changes = Changes::since(grid, Timestamp::from_micros(rows.floor()));
        self.each_recent(rows, |batch, selection| self.add_active(batch, selection, grid, &mut changes))?;
        Ok(changes)
    }

    fn add_active(
        &self,
        batch: &mut Batch<'_>,
        selection: &mut Selection,
        grid: &Grid,
        changes: &mut Changes,
    ) -> Result<(), HistoryError> {
        let range = (self.range.start.as_micros(), self.range.end.as_micros());
        batch.numbers(STARTED_AT)?;
        batch.numbers(ENDED_AT)?;
        let (sides, starts, ends) = (batch.read(Column::Sides), batch.read(STARTED_AT), batch.read(ENDED_AT));
        if self.filter.tests_growth() {
            selection.keep_numbers(sides, |sides| self.is_counted(sides));
            selection.keep_numbers(starts, |start| start < range.1);
            selection.keep_numbers(ends, |end| end > range.0);
            return self.trim(batch, selection, &mut |interval| changes.add(grid, interval));
        }
        for row in selection.rows() {
            let (start, end) = (starts.number(*row), ends.number(*row));
            if start < range.1 && end > range.0 && self.is_counted(sides.number(*row)) {
                let [start, end] = [start, end].map(Timestamp::from_micros);
                changes.add(grid, Interval { start, end });
            }
        }
        Ok(())
    }

    /// The stretches in which the filter holds on what grows while a call goes on.
    fn trim(
        &self,
        batch: &mut Batch<'_>,
        selection: &Selection,
        take: &mut dyn FnMut(Interval),
    ) -> Result<(), HistoryError> {
        let rates = if self.filter.price.is_empty() { None } else { Some(batch.rates(self.side)?) };
        // A price grows from the answer on; nothing else asks for it.
        if rates.is_some() {
            batch.numbers(ANSWERED_AT)?;
        }
        let answers = rates.is_some().then(|| batch.read(ANSWERED_AT));
        let (starts, ends) = (batch.read(STARTED_AT), batch.read(ENDED_AT));
        for row in selection.rows() {
            let [start, end] = [starts, ends].map(|at| Timestamp::from_micros(at.number(*row)));
            let growing = Growing {
                whole: Interval { start, end },
                answered_at: answers
                    .and_then(|answers| answers.get(*row as usize))
                    .map(|at| Timestamp::from_micros(*at)),
                rate: rates.as_ref().and_then(|rates| rates.of(*row)),
            };
            growing.while_kept(self.filter).into_iter().for_each(&mut *take);
        }
        Ok(())
    }

    /// What became of those that began in the range.
    pub(in crate::sqlite) fn statistics(
        &self,
        parts: &[Part],
        sampling: Sampling,
    ) -> Result<Vec<Statistics>, HistoryError> {
        in_parallel(self.threads, parts, |part| {
            let mut statistics = Statistics::new(sampling);
            let range = self.range.start.as_micros()..=self.range.end.as_micros().saturating_sub(1);
            self.each_batch(part, [(STARTED_AT, range)], |batch, selection| {
                self.sum_up(batch, selection, &mut statistics)
            })?;
            Ok(statistics)
        })
    }

    /// The same of the rows that are in memory.
    pub(in crate::sqlite) fn statistics_recent(
        &self,
        rows: &RecentRows<'_>,
        sampling: Sampling,
    ) -> Result<Statistics, HistoryError> {
        let mut statistics = Statistics::new(sampling);
        self.each_recent(rows, |batch, selection| self.sum_up(batch, selection, &mut statistics))?;
        Ok(statistics)
    }

    fn sum_up(
        &self,
        batch: &mut Batch<'_>,
        selection: &mut Selection,
        statistics: &mut Statistics,
    ) -> Result<(), HistoryError> {
        let price = Column::Field(RecordField::Price(self.side));
        for column in [STARTED_AT, ENDED_AT, ANSWERED_AT, price] {
            batch.numbers(column)?;
        }
        let range = (self.range.start.as_micros(), self.range.end.as_micros());
        selection.keep_numbers(batch.read(STARTED_AT), |start| range.0 <= start && start < range.1);
        for row in selection.rows() {
            let ended_at = Timestamp::from_micros(batch.read(ENDED_AT).number(*row));
            let answered_at = batch.read(ANSWERED_AT).get(*row as usize);
            let call = FinishedCall {
                started_at: Timestamp::from_micros(batch.read(STARTED_AT).number(*row)),
                connected: answered_at.map(|at| ended_at.since(Timestamp::from_micros(*at))),
                price: batch.read(price).get(*row as usize).map(|price| scaled::read_price(*price)),
                is_counted: self.is_counted(batch.read(Column::Sides).number(*row)),
            };
            if call.passes(self.filter) {
                statistics.add(&call);
            }
        }
        Ok(())
    }

    /// Gives the rows of the account on the side that pass the tests of what stays the same while a call goes on; what
    /// is known to be outside of `ranges` is passed over.
    fn each_batch(
        &self,
        part: &Part,
        ranges: impl IntoIterator<Item = (Column, RangeInclusive<i64>)>,
        mut take: impl FnMut(&mut Batch<'_>, &mut Selection) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let file = part.files.rows()?;
        let tests: Vec<_> = self.known_tests(ranges).collect();
        let tests: Vec<_> = tests.iter().map(|(column, test)| (*column, test)).collect();
        let passing = file.passing([part.counting(file.rows_of(self.account))], &tests)?;
        for rows in passing.into_iter().flat_map(|rows| batches(rows, usize::MAX)) {
            self.deadline.check()?;
            let mut batch = Batch::new(&*file, rows);
            let mut selection = Selection::of(&batch, &part.dropped);
            self.keep_sides(&mut batch, &mut selection)?;
            take(&mut batch, &mut selection)?;
        }
        Ok(())
    }

    /// What pages of rows may be passed over by.
    fn known_tests(
        &self,
        ranges: impl IntoIterator<Item = (Column, RangeInclusive<i64>)>,
    ) -> impl Iterator<Item = (Column, Matching)> {
        let texts = [
            (RecordField::CallerRouted, &self.filter.caller),
            (RecordField::CalledRouted, &self.filter.called),
        ];
        let texts = texts.into_iter().flat_map(|(field, tests)| {
            tests.iter().map(move |test| (Column::Field(field), Matching::Texts(test.clone())))
        });
        let numbers = |(column, range)| (column, Matching::Numbers(NumberTest::Within(range)));
        ranges.into_iter().map(numbers).chain(texts)
    }

    /// The same of the rows that are in memory.
    fn each_recent(
        &self,
        recent: &RecentRows<'_>,
        mut take: impl FnMut(&mut Batch<'_>, &mut Selection) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let Some(columns) = recent.of(self.account) else { return Ok(()) };
        let removed = columns.removed_until(recent.seq());
        for rows in batches(columns.rows_until(recent.seq()), usize::MAX) {
            self.deadline.check()?;
            let mut batch = Batch::new(columns, rows);
            let mut selection = Selection::of(&batch, &removed);
            selection.keep_numbers(batch.numbers(STARTED_AT)?, |start| start >= recent.floor());
            self.keep_sides(&mut batch, &mut selection)?;
            take(&mut batch, &mut selection)?;
        }
        Ok(())
    }

    fn keep_sides(&self, batch: &mut Batch<'_>, selection: &mut Selection) -> Result<(), HistoryError> {
        let side = match self.side {
            Side::Origination => Bits::ORIGINATED,
            Side::Termination => Bits::TERMINATED,
        };
        selection.keep_numbers(batch.numbers(Column::Sides)?, |sides| sides & side != 0);
        self.keep_attributes(batch, selection)
    }

    /// Of what an account sends within a call, all is paid for, but one is counted.
    fn is_counted(&self, sides: i64) -> bool {
        self.side == Side::Termination || !Bits(sides).has(Bits::NOT_A_SENT_CALL)
    }

    fn keep_attributes(&self, batch: &mut Batch<'_>, selection: &mut Selection) -> Result<(), HistoryError> {
        let CallFilter { caller, called, caller_country, called_country, source, seconds: _, price: _ } =
            self.filter;
        let countries = [(Side::Origination, caller_country), (Side::Termination, called_country)];
        for (side, country) in countries {
            if let Some(country) = country.map(i64::from) {
                selection.keep_numbers(batch.numbers(Column::Country(side))?, |found| found == country);
            }
        }
        for (field, tests) in [(RecordField::CallerRouted, caller), (RecordField::CalledRouted, called)] {
            for test in tests {
                let texts = batch.texts(Column::Field(field))?;
                selection.keep_tested(texts, test);
            }
        }
        if let Some(source) = source {
            let test = TextTest::new(TextKind::Address, TextOperator::Is, [source.to_string()]);
            let texts = batch.texts(Column::Field(RecordField::Leg(Side::Origination, LegField::Address)))?;
            selection.keep_tested(texts, &test);
        }
        Ok(())
    }
}

/// What is billed to accounts for the calls of sealed days.
pub(in crate::sqlite) fn bill(
    query: &BillingQuery,
    parts: &[Part],
    threads: usize,
    deadline: &Deadline,
) -> Result<BTreeMap<AccountId, Billed>, HistoryError> {
    let per_part = in_parallel(threads, parts, |part| {
        let file = part.files.rows()?;
        let mut billed = Vec::new();
        for account in &query.accounts {
            billed.extend(bill_account(query, part, &file, *account, deadline)?);
        }
        Ok(billed)
    })?;
    let mut all = BTreeMap::new();
    for billed in per_part.into_iter().flatten() {
        add(&mut all, billed);
    }
    Ok(all)
}

/// Adds what is billed to an account.
pub(in crate::sqlite) fn add(all: &mut BTreeMap<AccountId, Billed>, more: Billed) {
    all.entry(more.account)
        .and_modify(|billed| {
            billed.calls += more.calls;
            billed.length = billed.length.saturating_add(more.length);
        })
        .or_insert(more);
}

fn bill_account(
    query: &BillingQuery,
    part: &Part,
    file: &RowFile,
    account: AccountId,
    deadline: &Deadline,
) -> Result<Option<Billed>, HistoryError> {
    let (mut calls, mut micros) = (0, 0_i64);
    let step = query.step.map_or(1, scaled::stored_length).max(1);
    let (least, most) =
        (scaled::stored_length(*query.talk.start()), scaled::stored_length(*query.talk.end()));
    let started = (query.started.start.as_micros(), query.started.end.as_micros());
    let parts = query.parts;
    let fields = [
        (parts.ring, RecordField::Wait),
        (parts.talk, RecordField::Talk),
        (parts.hold, RecordField::Hold),
        (parts.transfer, RecordField::Transfer),
    ];
    for rows in batches(part.counting(file.rows_of(account)), usize::MAX) {
        deadline.check()?;
        let mut batch = Batch::new(file, rows);
        let mut selection = Selection::of(&batch, &part.dropped);
        // The row that stands for the call counts, whatever was sent on within it.
        selection.keep_numbers(batch.numbers(Column::Sides)?, |sides| sides & Bits::NOT_THE_CALL == 0);
        selection.keep_numbers(batch.numbers(STARTED_AT)?, |start| started.0 <= start && start < started.1);
        let talk = batch.numbers(Column::Field(RecordField::Talk))?;
        selection.keep_numbers(talk, |talk| least <= talk && talk <= most);
        let billed: Vec<_> =
            fields.iter().filter(|(is_billed, _)| *is_billed).map(|(_, field)| *field).collect();
        for field in &billed {
            batch.field(*field)?;
        }
        for row in selection.rows() {
            let length: i64 = billed.iter().map(|field| batch.read(Column::Field(*field)).number(*row)).sum();
            micros = micros.saturating_add((length + step - 1) / step * step);
            calls += 1;
        }
    }
    let length = std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0));
    Ok((calls > 0).then_some(Billed { account, calls, length }))
}
