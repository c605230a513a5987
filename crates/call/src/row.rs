//! What each account has of a call: a row for each of its sides of the call, and for each part of it that it sends
//! or takes.

use std::{borrow::Cow, ops::Deref, time::Duration};

use rust_decimal::Decimal;

use crate::{
    event::Side,
    id::AccountId,
    party::Owner,
    record::{CallRecord, LegRecord, Part, Recording},
    state::{Call, Parts, Sides},
    time::Timestamp,
};

/// What an account has of a call. Of most calls their two accounts have one row each.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow<C> {
    /// Which part it is, from 1 on; 0 for the call as such.
    pub part: u16,
    /// The call, or the part of it.
    pub call: C,
    /// Whose row it is.
    pub owner: Owner,
    /// The sides that the account has of it.
    pub sides: Sides,
    /// The account on the other side, if it is another that has such a row too.
    pub other: Option<AccountId>,
    /// Whether the row stands for the call where a call is one, however many rows an account has of it.
    pub is_call: bool,
    /// Whether it counts as a call that the account sends. One of its rows does, if any is sent by it.
    pub is_sent_call: bool,
    /// Of a row of a part that stands for the call: the accounts whose rows do so before it, and their sides.
    pub ahead: Vec<(AccountId, Sides)>,
}

/// What the rows of a call depend on.
trait Parties {
    fn parties(&self) -> (Owner, Option<Owner>);
    fn is_answered(&self) -> bool;
}

impl Parties for CallRecord {
    fn parties(&self) -> (Owner, Option<Owner>) {
        (self.origination, self.termination)
    }

    fn is_answered(&self) -> bool {
        self.answered_at.is_some()
    }
}

impl Parties for Call {
    fn parties(&self) -> (Owner, Option<Owner>) {
        (self.origination(), self.termination())
    }

    fn is_answered(&self) -> bool {
        self.answered_at().is_some()
    }
}

impl CallRecord {
    /// The rows of all accounts: those of the call itself first, then those of its parts by their start.
    pub fn rows(&self) -> Vec<AccountRow<&Self>> {
        let own = rows_of((0, self), sides_of_call(self.is_taken_in_parts));
        let parts = (1..=u16::MAX).zip(&self.parts);
        let rows = parts.flat_map(|(number, part)| rows_of((number, &part.record), part.sides));
        chosen(own.chain(rows).collect())
    }

    /// The record as one of the accounts sees it: of several, as the one does whose row comes first. `None` if
    /// they are all strangers to it.
    pub fn seen_by(&self, accounts: &[AccountId]) -> Option<Cow<'_, Self>> {
        let is_theirs = |row: &AccountRow<&Self>| row.is_call && accounts.contains(&row.owner.account);
        let row = self.rows().into_iter().find(is_theirs)?;
        if row.part == 0 {
            Some(Cow::Borrowed(self))
        } else {
            self.standing(row.part, row.owner.account).map(Cow::Owned)
        }
    }

    /// What stands for the call where a call is one, for an account that has only parts of it: the part with this
    /// number, with the account's other parts as its own. `None` if there is no such part.
    pub fn standing(&self, number: u16, account: AccountId) -> Option<Self> {
        let place = usize::from(number).checked_sub(1)?;
        let mut standing = self.parts.get(place)?.record.clone();
        let others = self.parts.iter().enumerate().filter(|(at, part)| *at != place && part.has(account));
        for (_, part) in others {
            standing.take_legs_of(&part.record);
            standing.parts.push(part.clone());
        }
        Some(standing)
    }

    /// Has the legs, and what was recorded of them, of a part too.
    fn take_legs_of(&mut self, part: &Self) {
        let is_new = |leg: &&LegRecord| self.legs.iter().all(|known| known.leg_id != leg.leg_id);
        let legs: Vec<_> = part.legs.iter().filter(is_new).cloned().collect();
        self.legs.extend(legs);
        self.legs.sort_by_key(|leg| leg.offered_at);
        let is_new = |it: &&Recording| !self.recordings.contains(it);
        let recordings: Vec<_> = part.recordings.iter().filter(is_new).cloned().collect();
        self.recordings.extend(recordings);
    }

    /// How long somebody was connected for an account where a call is told once: from answer to end, of the call and
    /// its parts, what they have in common once.
    pub fn connected_in_all(&self, account: AccountId) -> Duration {
        let rows = self.rows();
        let own = rows.iter().filter(|row| row.owner.account == account);
        let mut spans: Vec<_> =
            own.filter_map(|row| Some(row.call.answered_at?..row.call.ended_at)).collect();
        spans.sort_by_key(|span| span.start);
        let (mut until, mut sum) = (Timestamp::MIN, Duration::ZERO);
        for span in spans {
            sum += span.end.since(span.start.max(until));
            until = until.max(span.end);
        }
        sum
    }

    /// What an account is paid for the call, less what it pays for it.
    pub fn movement(&self, account: AccountId) -> Decimal {
        self.rows().iter().filter(|row| row.owner.account == account).map(AccountRow::movement).sum()
    }

    /// What the call comes to for an account where a call is told once: what it pays for the call and its parts;
    /// of a call that comes to it and costs it nothing, what it is paid. `None` if it has no rate for either.
    pub fn price_in_all(&self, account: AccountId) -> Option<Decimal> {
        let comes_to_it = self.sides_of(account).is_some_and(|sides| !sides.is_outbound());
        let paid = || comes_to_it.then(|| self.price(account, Side::Termination)).flatten();
        self.price(account, Side::Origination).or_else(paid)
    }

    /// What an account pays for the call and its parts as whoever sends them, or is paid as whoever takes them;
    /// `None` if it has no rate on that side.
    pub fn price(&self, account: AccountId, side: Side) -> Option<Decimal> {
        let rows = self.rows();
        let own = rows.iter().filter(|row| row.owner.account == account);
        own.filter_map(|row| row.price(side)).reduce(|sum, price| sum + price)
    }
}

impl Part {
    /// Whether an account has a row of it.
    fn has(&self, account: AccountId) -> bool {
        rows_of((1, &self.record), self.sides).any(|row| row.owner.account == account)
    }
}

impl Call {
    /// The rows of all accounts, as far as is known: those of the call itself first, then those of its parts by
    /// their start. A part that is over stays as it was.
    pub fn rows(&self) -> Vec<AccountRow<Cow<'_, Self>>> {
        let Parts { parts, has_termination, .. } = Parts::of(self);
        let own = rows_of((0, Cow::Borrowed(self)), sides_of_call(has_termination));
        let parts = (1..=u16::MAX).zip(&parts);
        let rows = parts
            .flat_map(|(number, (attempt, sides))| rows_of((number, Cow::Owned(self.part(attempt))), *sides));
        chosen(own.chain(rows).collect())
    }

    /// The call as an account sees it; `None` if it has no side of it, nor of a part that goes on. Of several parts
    /// that go on, the one that stands for the call, with the legs of all.
    pub fn seen_by(&self, account: AccountId) -> Option<Cow<'_, Self>> {
        if self.is_between(account) {
            return Some(Cow::Borrowed(self));
        }
        let is_theirs = |row: &AccountRow<Cow<'_, Self>>| row.owner.account == account && !row.call.is_over();
        let mut rows: Vec<_> = self.rows().into_iter().filter(is_theirs).collect();
        let place = rows.iter().position(|row| row.is_call).or_else(|| rows.len().checked_sub(1))?;
        let seen = rows.swap_remove(place).call;
        if rows.is_empty() {
            return Some(seen);
        }
        let mut seen = seen.into_owned();
        rows.iter().for_each(|row| seen.take_legs_of(&row.call));
        Some(Cow::Owned(seen))
    }
}

impl AccountRow<&CallRecord> {
    /// What the account is paid for it, less what it pays for it.
    pub fn movement(&self) -> Decimal {
        let price = |side| self.price(side).unwrap_or_default();
        price(Side::Termination) - price(Side::Origination)
    }

    /// What the account pays for it as whoever sends it, or is paid as whoever takes it; `None` if it does not
    /// have that side, or has no rate there.
    pub fn price(&self, side: Side) -> Option<Decimal> {
        let has_side = match side {
            Side::Origination => self.sides.originates(),
            Side::Termination => self.sides.terminates(),
        };
        self.call.charge(side).filter(|_| has_side).map(|charge| charge.price)
    }
}

const fn sides_of_call(is_taken_in_parts: bool) -> Sides {
    if is_taken_in_parts { Sides::Originated } else { Sides::Both }
}

/// The originator's row, then the terminator's if it is another; of these, those whose side is `shown`.
fn rows_of<C>((part, call): (u16, C), shown: Sides) -> impl Iterator<Item = AccountRow<C>>
where
    C: Clone + Deref<Target: Parties>,
{
    let (origination, termination) = call.parties();
    let other = termination.filter(|owner| owner.account != origination.account);
    let is_inside = termination.is_some() && other.is_none();
    let sides = match shown {
        Sides::Both if !is_inside => Some(Sides::Originated),
        Sides::Terminated if !is_inside => None,
        shown => Some(shown),
    };
    let row = move |owner: Owner, sides, other: Option<Owner>| AccountRow {
        part,
        call: call.clone(),
        owner,
        sides,
        other: other.map(|owner| owner.account),
        is_call: true,
        is_sent_call: true,
        ahead: Vec::new(),
    };
    let first = sides.map(|sides| row(origination, sides, other.filter(|_| shown.terminates())));
    let second = other.filter(|_| shown.terminates());
    let origination = Some(origination).filter(|_| shown.originates());
    let second = second.map(|owner| row(owner, Sides::Terminated, origination));
    first.into_iter().chain(second)
}

/// Of several rows of an account, one stands for the call: that of the call itself, else of the first part that
/// was answered, else of the last.
fn chosen<C: Deref<Target: Parties>>(mut rows: Vec<AccountRow<C>>) -> Vec<AccountRow<C>> {
    if rows.iter().all(|row| row.part == 0) {
        return rows;
    }
    let stands = |row: &AccountRow<C>, is_meant: fn(Sides) -> bool| {
        let of_account =
            || rows.iter().filter(|it| it.owner.account == row.owner.account && is_meant(it.sides));
        let whole = of_account().find(|it| it.part == 0 || it.call.is_answered());
        whole.or_else(|| of_account().last()).is_some_and(|it| it.part == row.part)
    };
    let standing: Vec<_> =
        rows.iter().map(|row| (stands(row, |_| true), stands(row, Sides::originates))).collect();
    let mut ahead = Vec::new();
    for (row, (is_call, is_sent_call)) in rows.iter_mut().zip(standing) {
        (row.is_call, row.is_sent_call) = (is_call, is_sent_call);
        if is_call && row.part > 0 {
            row.ahead.clone_from(&ahead);
        }
        ahead.extend(is_call.then_some((row.owner.account, row.sides)));
    }
    rows
}
