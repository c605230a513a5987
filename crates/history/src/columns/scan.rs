//! Going through rows: which of them pass, and what they are sorted by.

use call::{AccountId, CallId};
use rust_decimal::Decimal;

use super::{
    batch::Batch,
    cell::{Cell, of_rate, read_ahead},
    layout::Column,
    matcher::{Matcher, Matching, NumberTest},
    place::{Place, cost, place, rate_passes},
    selection::Selection,
};
use crate::{
    Annotations, HistoryError,
    bits::Bits,
    query::{Grain, RecordField, SideFilter, Sort},
    stored,
};

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
    /// The column that is tested; `None` if it is more than the value of one.
    pub(crate) fn column(&self) -> Option<Column> {
        match place(self.field) {
            Place::Numbers | Place::Texts => Some(Column::Field(self.field)),
            Place::Id | Place::Rate(..) | Place::Noted(_) => None,
        }
    }
}
