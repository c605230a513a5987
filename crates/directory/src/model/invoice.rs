//! Invoices.

use std::{ops::Range, sync::Arc};

use call::{AccountId, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

/// What an account paid for what it sent in a time, summed up when the invoice was made. It never changes; it
/// moves no balance: the calls have.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// Its id.
    pub uuid: Uuid,
    /// Who pays.
    pub account: AccountId,
    /// What the operator calls it.
    pub reference: Arc<str>,
    /// What began then.
    pub period: Range<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it comes to by destination, in the order of their prefixes.
    pub lines: Vec<InvoiceLine>,
}

/// What an account paid for calls to one destination.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InvoiceLine {
    /// The prefix of the rate; `None` for what had no rate.
    pub prefix: Option<Arc<str>>,
    /// What it comes to.
    pub sum: InvoiceSum,
}

/// What several rated legs come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InvoiceSum {
    /// How many were sent.
    pub calls: u64,
    /// How many of them were answered.
    pub answered: u64,
    /// Seconds from answer to end, each rounded as it is shown.
    pub seconds: u64,
    /// Seconds that were billed.
    pub billed_seconds: u64,
    /// What they cost.
    pub amount: Decimal,
    /// When the first and the last began.
    pub began: Option<Span>,
    /// When the first and the last that were answered began.
    pub answered_began: Option<Span>,
}

/// The first and the last of some instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

impl Invoice {
    /// What all lines come to.
    pub fn total(&self) -> InvoiceSum {
        self.lines.iter().fold(InvoiceSum::default(), |sum, line| sum.and(&line.sum))
    }
}

impl InvoiceSum {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            answered: self.answered + other.answered,
            seconds: self.seconds.saturating_add(other.seconds),
            billed_seconds: self.billed_seconds.saturating_add(other.billed_seconds),
            amount: self.amount.saturating_add(other.amount),
            began: Span::both(self.began, other.began),
            answered_began: Span::both(self.answered_began, other.answered_began),
        }
    }
}

impl Span {
    /// One instant.
    pub const fn at(at: Timestamp) -> Self {
        Self { first: at, last: at }
    }

    fn both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
        Some(Self { first: a.first.min(b.first), last: a.last.max(b.last) })
    }
}
