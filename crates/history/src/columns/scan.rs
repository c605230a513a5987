//! Going through rows: which of them pass, and what they are sorted by.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
};

use call::{AccountId, CallId, event::Side, filter::TextTest, rating::Rate};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    Columns,
    array::Array,
    cell::{Cell, of_rate, read_ahead},
    layout::{self, Column},
    matcher::{Kind, Matcher, Matching, NumberTest, kind},
    texts::Texts,
};
use crate::{
    Annotations, HistoryError,
    bits::Bits,
    query::{Grain, RateField, RecordField, SideFilter, Sort},
    scaled, stored,
};

/// Rows that are looked at together, if all are looked at.
const MOST: u32 = 8 * layout::PAGE as u32;

/// Rows that are looked at together, if a page of them is all that is asked for.
const LEAST: u32 = layout::PAGE as u32;

/// One row of so many is few.
const FEW_IN: u32 = 512;

/// Rather than to look at one text of so many, all are gone through at once.
const FEW: usize = 8;

/// What a row is sorted by, in ascending order: no value comes last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A number.
    Number(i64),
    /// A decimal.
    Amount(Decimal),
    /// A text, ASCII letters in lower case.
    Text(Box<[u8]>),
    /// Nothing.
    Absent,
}

impl Key {
    /// The key of a text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_ascii_lowercase().into_bytes().into())
    }
}

/// Tells what accounts noted about calls, which lies elsewhere.
pub(crate) trait Noted {
    /// What the account noted about the call.
    fn noted(&self, account: AccountId, call: CallId) -> Result<Annotations, HistoryError>;
}

/// What is looked for.
pub(crate) struct Scan<'a> {
    /// Whose rows; ascending.
    pub(crate) accounts: &'a [AccountId],
    /// The side that the account must have. Of two accounts that share a call, only one finds it.
    pub(crate) side: SideFilter,
    /// What is found.
    pub(crate) grain: Grain,
    /// What else must hold.
    pub(crate) matchers: &'a [&'a Matcher],
    /// What was noted about calls.
    pub(crate) noted: &'a dyn Noted,
}

/// Some rows of a file, of which each column is read once.
pub(crate) struct Batch<'a> {
    file: &'a dyn Columns,
    rows: Range<u32>,
    numbers: HashMap<Column, Array<i64>>,
    texts: HashMap<Column, Texts>,
    ids: Option<Array<[u8; 16]>>,
}

/// The rates of some rows: each rate once, and which of them a row has.
pub(crate) struct Rates {
    rates: Vec<Rate>,
    of_rows: Vec<Option<usize>>,
}

/// Cuts rows into batches, of which some may be enough if no more than `wanted` rows are.
pub(crate) fn batches(rows: Range<u32>, wanted: usize) -> impl DoubleEndedIterator<Item = Range<u32>> {
    let step = if wanted < LEAST as usize { LEAST } else { MOST };
    let (first, last) = (rows.start / step, rows.end.div_ceil(step));
    (first..last.max(first)).map(move |part| (part * step).max(rows.start)..((part + 1) * step).min(rows.end))
}

impl<'a> Batch<'a> {
    pub(crate) fn new(file: &'a dyn Columns, rows: Range<u32>) -> Self {
        Self { file, rows, numbers: HashMap::new(), texts: HashMap::new(), ids: None }
    }

    /// The rows of the file.
    pub(crate) fn rows(&self) -> Range<u32> {
        self.rows.clone()
    }

    fn len(&self) -> u32 {
        self.rows.end - self.rows.start
    }

    /// If few of its rows are selected: the pages with these, as batches of their own, each with the rows of it that
    /// are selected. Not more is read then.
    pub(crate) fn pages_of(&self, selection: &Selection) -> Option<Vec<(Self, Selection)>> {
        if selection.0.len() as u32 > self.len() / FEW_IN {
            return None;
        }
        let page_of = |row: &u32| (self.rows.start + row) / LEAST;
        let pages = selection.0.chunk_by(|one, other| page_of(one) == page_of(other)).map(|selected| {
            let first = (page_of(&selected[0]) * LEAST).max(self.rows.start);
            let rows = first..((page_of(&selected[0]) + 1) * LEAST).min(self.rows.end);
            let offset = first - self.rows.start;
            (Self::new(self.file, rows), Selection(selected.iter().map(|row| row - offset).collect()))
        });
        Some(pages.collect())
    }

    /// The values of a column of numbers.
    pub(crate) fn numbers(&mut self, column: Column) -> Result<&Array<i64>, HistoryError> {
        Ok(match self.numbers.entry(column) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.file.numbers(column, self.rows.clone())?),
        })
    }

    /// The values of a field that is a column of numbers.
    pub(crate) fn field(&mut self, field: RecordField) -> Result<&Array<i64>, HistoryError> {
        self.numbers(Column::Field(field))
    }

    /// A column that was read before.
    pub(crate) fn read(&self, column: Column) -> &Array<i64> {
        &self.numbers[&column]
    }

    /// The values of a column of texts.
    pub(crate) fn texts(&mut self, column: Column) -> Result<&Texts, HistoryError> {
        Ok(match self.texts.entry(column) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(self.file.texts(column, self.rows.clone())?),
        })
    }

    /// The call of a row.
    pub(crate) fn call_id(&mut self, row: u32) -> Result<CallId, HistoryError> {
        if self.ids.is_none() {
            self.ids = Some(self.file.call_ids(self.rows.clone())?);
        }
        let id = self.ids.as_ref().map(|ids| ids.values[row as usize]).unwrap_or_default();
        Ok(CallId::from_uuid(Uuid::from_bytes(id)))
    }

    /// The part of the call that a row is; 0 for the call itself.
    pub(crate) fn part(&mut self, row: u32) -> Result<u16, HistoryError> {
        Ok(u16::try_from(self.numbers(Column::Part)?.number(row)).unwrap_or(0))
    }

    /// The account of a row.
    pub(crate) fn account(&mut self, row: u32) -> Result<AccountId, HistoryError> {
        let accounts = self.field(RecordField::Account)?;
        Ok(AccountId(u32::try_from(accounts.values[row as usize]).unwrap_or(0)))
    }

    /// The rates of a side.
    pub(crate) fn rates(&mut self, side: Side) -> Result<Rates, HistoryError> {
        let rows = self.len();
        let texts = self.texts(Column::Rate(side))?;
        let mut known: HashMap<&str, usize> = HashMap::new();
        let (mut rates, mut of_texts) = (Vec::new(), Vec::with_capacity(texts.len()));
        for text in (0..texts.len()).map(|place| texts.at(place)) {
            of_texts.push(match known.entry(text) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(unknown) => {
                    rates.push(stored::read_rate(stored::JSON, text.as_bytes())?);
                    *unknown.insert(rates.len() - 1)
                }
            });
        }
        let of_rows = (0..rows).map(|row| texts.place(row).map(|place| of_texts[place])).collect();
        Ok(Rates { rates, of_rows })
    }
}

impl Rates {
    /// The rate of a row.
    pub(crate) fn of(&self, row: u32) -> Option<&Rate> {
        self.of_rows[row as usize].map(|rate| &self.rates[rate])
    }
}

/// Rows of a batch, ascending and counted from its first.
pub(crate) struct Selection(Vec<u32>);

impl Selection {
    /// All but those among `dropped`, which are rows of the file.
    pub(crate) fn of(batch: &Batch<'_>, dropped: &[u32]) -> Self {
        let rows = batch.rows();
        let from = dropped.partition_point(|row| *row < rows.start);
        let mut dropped = dropped[from..].iter().map(|row| row - rows.start).peekable();
        let is_kept = |row: &u32| dropped.next_if_eq(row).is_none();
        Self((0..batch.len()).filter(is_kept).collect())
    }

    pub(crate) fn rows(&self) -> &[u32] {
        &self.0
    }

    /// Keeps those rows whose number is in a range.
    pub(crate) fn keep_numbers(&mut self, array: &Array<i64>, is_kept: impl Fn(i64) -> bool) {
        match &array.present {
            None => self.0.retain(|row| is_kept(array.values[*row as usize])),
            Some(present) => {
                self.0.retain(|row| present[*row as usize] && is_kept(array.values[*row as usize]));
            }
        }
    }

    /// Keeps those rows whose text passes. Where there are fewer texts than rows, each text is looked at once.
    pub(crate) fn keep_texts(&mut self, texts: &Texts, is_kept: impl Fn(Option<&str>) -> bool) {
        if texts.len() < self.0.len() {
            let passing = (0..texts.len()).map(|place| is_kept(Some(texts.at(place)))).collect::<Vec<_>>();
            self.keep_passing(texts, &passing, is_kept(None));
        } else {
            self.0.retain(|row| is_kept(texts.get(*row)));
        }
    }

    /// Keeps those rows whose text passes a test.
    pub(crate) fn keep_tested(&mut self, texts: &Texts, test: &TextTest) {
        let is_worth_it = texts.len() < self.0.len().saturating_mul(FEW);
        match is_worth_it.then(|| texts.containing(test)).flatten() {
            Some(passing) => self.keep_passing(texts, &passing, false),
            None => self.keep_texts(texts, |text| text.is_some_and(|text| test.accepts(text))),
        }
    }

    /// Keeps the rows whose text is one of those that pass; those without a text if `without`.
    fn keep_passing(&mut self, texts: &Texts, passing: &[bool], without: bool) {
        self.0.retain(|row| texts.place(*row).map_or(without, |place| passing[place]));
    }

    fn keep(
        &mut self,
        mut is_kept: impl FnMut(u32) -> Result<bool, HistoryError>,
    ) -> Result<(), HistoryError> {
        let mut kept = Vec::new();
        for row in &self.0 {
            if is_kept(*row)? {
                kept.push(*row);
            }
        }
        self.0 = kept;
        Ok(())
    }
}

impl Scan<'_> {
    /// Keeps the rows that pass.
    pub(crate) fn narrow(
        &self,
        batch: &mut Batch<'_>,
        selection: &mut Selection,
    ) -> Result<(), HistoryError> {
        if selection.0.is_empty() {
            return Ok(());
        }
        if !self.matchers.iter().all(|matcher| matcher.may_pass_in(batch)) {
            selection.0.clear();
            return Ok(());
        }
        self.keep_sides(batch, selection)?;
        let mut matchers = self.matchers.to_vec();
        matchers.sort_by_key(|matcher| cost(matcher));
        for matcher in matchers {
            if selection.0.is_empty() {
                break;
            }
            self.apply(matcher, batch, selection)?;
        }
        Ok(())
    }

    fn keep_sides(&self, batch: &mut Batch<'_>, selection: &mut Selection) -> Result<(), HistoryError> {
        let (is_any, grain) = (self.side == SideFilter::Any, self.grain);
        if is_any && grain == Grain::Part && self.accounts.len() < 2 {
            return Ok(());
        }
        let sides = batch.numbers(Column::Sides)?;
        if grain == Grain::Call {
            selection.keep_numbers(sides, |sides| sides & Bits::NOT_THE_CALL == 0);
        }
        match self.side {
            SideFilter::Any if self.accounts.len() > 1 => self.keep_seen_first(batch, selection)?,
            SideFilter::Any => {}
            SideFilter::Originated => selection.keep_numbers(sides, |sides| sides & Bits::ORIGINATED != 0),
            SideFilter::Terminated => selection.keep_numbers(sides, |sides| sides & Bits::TERMINATED != 0),
            SideFilter::OnlyTerminated => {
                selection.keep_numbers(sides, |sides| Bits(sides).sides() == Bits::TERMINATED);
            }
        }
        if grain == Grain::Call && self.accounts.len() > 1 {
            self.keep_standing(batch, selection)?;
        }
        Ok(())
    }

    fn is_asked_for(&self, account: AccountId) -> bool {
        self.accounts.binary_search(&account).is_ok()
    }

    /// What two of the accounts share is seen from the one that sends it.
    fn keep_seen_first(&self, batch: &mut Batch<'_>, selection: &mut Selection) -> Result<(), HistoryError> {
        batch.numbers(Column::OtherAccount)?;
        let (others, sides) = (batch.read(Column::OtherAccount), batch.read(Column::Sides));
        let is_taken = |sides: i64| match self.grain {
            Grain::Call => sides == Bits::TERMINATED,
            Grain::Part => Bits(sides).sides() == Bits::TERMINATED,
        };
        let is_asked_for =
            |other: i64| u32::try_from(other).is_ok_and(|other| self.is_asked_for(AccountId(other)));
        selection.0.retain(|row| {
            let row = *row as usize;
            !is_taken(sides.values[row]) || !others.get(row).is_some_and(|other| is_asked_for(*other))
        });
        Ok(())
    }

    /// Of several parts that stand for a call, the first does.
    fn keep_standing(&self, batch: &mut Batch<'_>, selection: &mut Selection) -> Result<(), HistoryError> {
        let sides = batch.read(Column::Sides);
        if !selection.0.iter().any(|row| Bits(sides.number(*row)).has(Bits::PART)) {
            return Ok(());
        }
        let has_side = |sides: i64| match self.side {
            SideFilter::Any => true,
            SideFilter::Originated => sides & Bits::ORIGINATED != 0,
            SideFilter::Terminated => sides & Bits::TERMINATED != 0,
            SideFilter::OnlyTerminated => sides == Bits::TERMINATED,
        };
        let ahead = batch.texts(Column::Ahead)?;
        selection.keep_texts(ahead, |ahead| {
            !ahead.is_some_and(|ahead| {
                read_ahead(ahead).any(|(account, sides)| self.is_asked_for(account) && has_side(sides))
            })
        });
        Ok(())
    }

    fn apply(
        &self,
        matcher: &Matcher,
        batch: &mut Batch<'_>,
        selection: &mut Selection,
    ) -> Result<(), HistoryError> {
        let test = &matcher.test;
        match place(matcher.field) {
            Place::Numbers => match test {
                Matching::Numbers(NumberTest::Within(range)) => {
                    let (least, most) = (*range.start(), *range.end());
                    let array = batch.field(matcher.field)?;
                    selection.keep_numbers(array, |number| least <= number && number <= most);
                }
                _ => {
                    let array = batch.field(matcher.field)?;
                    selection.0.retain(|row| test.accepts_number(array.get(*row as usize).copied()));
                }
            },
            Place::Texts => {
                let texts = batch.texts(Column::Field(matcher.field))?;
                match test {
                    Matching::Texts(test) => selection.keep_tested(texts, test),
                    _ => selection.keep_texts(texts, |text| test.accepts_text(text)),
                }
            }
            Place::Id => {
                selection.keep(|row| Ok(test.accepts_text(Some(&batch.call_id(row)?.to_string()))))?
            }
            Place::Rate(side, field) => {
                let rates = batch.rates(side)?;
                let passing: Vec<_> = rates.rates.iter().map(|rate| rate_passes(test, rate, field)).collect();
                let without = matches!(test, Matching::Absence);
                selection.0.retain(|row| rates.of_rows[*row as usize].map_or(without, |rate| passing[rate]));
            }
            Place::Noted(noted) => selection.keep(|row| {
                let annotations = self.noted.noted(batch.account(row)?, batch.call_id(row)?)?;
                Ok(noted.passes(test, &annotations))
            })?,
        }
        Ok(())
    }

    /// What a row of the batch is sorted by.
    pub(crate) fn keys(
        &self,
        sort: &[Sort],
        batch: &mut Batch<'_>,
        row: u32,
    ) -> Result<Vec<Key>, HistoryError> {
        sort.iter().map(|sort| self.key(sort.field, batch, row)).collect()
    }

    fn key(&self, field: RecordField, batch: &mut Batch<'_>, row: u32) -> Result<Key, HistoryError> {
        let number = |number: Option<&i64>| number.map_or(Key::Absent, |number| Key::Number(*number));
        Ok(match place(field) {
            Place::Numbers => number(batch.field(field)?.get(row as usize)),
            Place::Texts => batch.texts(Column::Field(field))?.get(row).map_or(Key::Absent, Key::text),
            Place::Id => Key::Text(Box::from(*batch.call_id(row)?.as_uuid().as_bytes())),
            Place::Rate(side, field) => {
                let texts = batch.texts(Column::Rate(side))?;
                let read = |text: &str| stored::read_rate(stored::JSON, text.as_bytes());
                let rate = texts.get(row).map(read).transpose()?;
                rate.map_or(Key::Absent, |rate| match of_rate(&rate, field) {
                    Cell::Number(number) => Key::Number(number),
                    Cell::Amount(amount) => Key::Amount(amount),
                    Cell::Text(text) => Key::text(&text),
                    Cell::Uuid(_) => Key::Absent,
                })
            }
            Place::Noted(noted) => noted.key(&self.noted.noted(batch.account(row)?, batch.call_id(row)?)?),
        })
    }
}

impl Matcher {
    /// Whether a row of the batch may pass.
    fn may_pass_in(&self, batch: &Batch<'_>) -> bool {
        match place(self.field) {
            Place::Numbers | Place::Texts => {
                batch.file.may_pass(Column::Field(self.field), batch.rows(), &self.test)
            }
            Place::Id | Place::Rate(..) | Place::Noted(_) => true,
        }
    }
}

/// Where a field lies.
pub(super) enum Place {
    Numbers,
    Texts,
    Id,
    Rate(Side, RateField),
    Noted(NotedField),
}

#[derive(Clone, Copy)]
pub(super) enum NotedField {
    Notes,
    IsFlagged,
    FlagNotes,
    Work,
}

pub(super) fn place(field: RecordField) -> Place {
    match field {
        RecordField::CallId => Place::Id,
        RecordField::Rate(side, field) => Place::Rate(side, field),
        RecordField::Notes => Place::Noted(NotedField::Notes),
        RecordField::IsFlagged => Place::Noted(NotedField::IsFlagged),
        RecordField::FlagNotes => Place::Noted(NotedField::FlagNotes),
        RecordField::Work => Place::Noted(NotedField::Work),
        _ if kind(field) == Kind::Text => Place::Texts,
        _ => Place::Numbers,
    }
}

/// What is tested first drops most for least.
fn cost(matcher: &Matcher) -> u8 {
    match place(matcher.field) {
        Place::Numbers => 0,
        Place::Rate(..) => 1,
        Place::Texts => 2,
        Place::Id => 3,
        Place::Noted(_) => 4,
    }
}

fn rate_passes(test: &Matching, rate: &Rate, field: RateField) -> bool {
    match of_rate(rate, field) {
        Cell::Number(number) => test.accepts_number(Some(number)),
        Cell::Amount(amount) => test.accepts_amount(Some(&amount)),
        Cell::Text(text) => test.accepts_text(Some(&text)),
        Cell::Uuid(_) => false,
    }
}

impl NotedField {
    fn passes(self, test: &Matching, annotations: &Annotations) -> bool {
        match self {
            Self::Notes => test.accepts_text(annotations.notes.as_deref()),
            Self::IsFlagged => test.accepts_number(Some(annotations.is_flagged.into())),
            Self::FlagNotes => test.accepts_text(annotations.flag_notes.as_deref()),
            Self::Work => test.accepts_number(Some(scaled::stored_length(annotations.work))),
        }
    }

    fn key(self, annotations: &Annotations) -> Key {
        match self {
            Self::Notes => annotations.notes.as_deref().map_or(Key::Absent, Key::text),
            Self::IsFlagged => Key::Number(annotations.is_flagged.into()),
            Self::FlagNotes => annotations.flag_notes.as_deref().map_or(Key::Absent, Key::text),
            Self::Work => Key::Number(scaled::stored_length(annotations.work)),
        }
    }
}
