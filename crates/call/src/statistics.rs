//! Finished calls by the stretch of the calendar in which they began: how many, how many were answered, how
//! long they were talked, and for how much.

mod calendar;

use std::{collections::BTreeMap, time::Duration};

use rust_decimal::Decimal;

pub use calendar::Sampling;

use crate::{
    filter::CallFilter,
    time::{Timestamp, whole_seconds},
};

/// What statistics need to know of a finished call, seen from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishedCall {
    /// When it began.
    pub started_at: Timestamp,
    /// From the answer to the end; `None` if it was not answered.
    pub connected: Option<Duration>,
    /// What it cost on the side that is counted; `None` without a rate.
    pub price: Option<Decimal>,
    /// Whether it is a call of its own; else it is a part of one that is counted already, and only its price is
    /// added.
    pub is_counted: bool,
}

/// What several finished calls come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub calls: u64,
    /// How many of them were answered.
    pub answered: u64,
    /// Seconds from answer to end. Each call's are rounded to whole ones, as they are shown and billed.
    pub seconds: u64,
    /// What they cost; those without a rate nothing.
    pub price: Decimal,
}

/// Tallies of the stretches in which calls began. Stretches without calls are left out, unless they are
/// [filled in](Self::fill).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    sampling: Sampling,
    stretches: BTreeMap<Timestamp, Tally>,
}

impl FinishedCall {
    /// Its length in seconds, as it is shown; zero if it was not answered.
    pub fn seconds(&self) -> u64 {
        self.connected.map_or(0, whole_seconds)
    }

    /// Whether its [seconds](Self::seconds) and its price pass. What else a filter tests is not known here.
    pub fn passes(&self, filter: &CallFilter) -> bool {
        let seconds = i64::try_from(self.seconds()).unwrap_or(i64::MAX);
        filter.seconds.iter().all(|bound| bound.accepts(&seconds))
            && filter.price.iter().all(|bound| self.price.is_some_and(|price| bound.accepts(&price)))
    }
}

impl Tally {
    /// Adds a call.
    pub fn add(&mut self, call: &FinishedCall) {
        self.price = self.price.saturating_add(call.price.unwrap_or_default());
        if !call.is_counted {
            return;
        }
        self.calls += 1;
        self.answered += u64::from(call.connected.is_some());
        self.seconds = self.seconds.saturating_add(call.seconds());
    }

    /// How many were not answered.
    pub fn failed(&self) -> u64 {
        self.calls - self.answered
    }

    /// Answer-seizure ratio (ASR): the part that was answered, from 0 to 1; `None` without calls.
    pub fn answered_ratio(&self) -> Option<Decimal> {
        Decimal::from(self.answered).checked_div(self.calls.into())
    }

    /// Average call duration (ACD): seconds of a call that was answered; `None` without one.
    pub fn average_seconds(&self) -> Option<Decimal> {
        Decimal::from(self.seconds).checked_div(self.answered.into())
    }

    fn merge(self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            answered: self.answered + other.answered,
            seconds: self.seconds.saturating_add(other.seconds),
            price: self.price.saturating_add(other.price),
        }
    }
}

impl Statistics {
    /// Nothing yet.
    pub fn new(sampling: Sampling) -> Self {
        Self { sampling, stretches: BTreeMap::new() }
    }

    /// Into what stretches time is cut.
    pub fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Adds a call.
    pub fn add(&mut self, call: &FinishedCall) {
        self.stretches.entry(self.sampling.start_of(call.started_at)).or_default().add(call);
    }

    /// Adds what others come to, which are cut into the same stretches.
    pub fn merge(&mut self, others: &Self) {
        for (start, tally) in &others.stretches {
            let sum = self.stretches.entry(*start).or_default();
            *sum = sum.merge(tally);
        }
    }

    /// Makes sure that each stretch is there that begins before `until`, from the one that `from` lies in.
    /// Takes memory in proportion to their number. Months are not filled in: their lengths differ.
    pub fn fill(&mut self, from: Timestamp, until: Timestamp) {
        let Some(step) = self.sampling.length() else { return };
        let mut start = self.sampling.start_of(from);
        while start < until {
            self.stretches.entry(start).or_default();
            start = start + step;
        }
    }

    /// The stretches by their first instant, ascending.
    pub fn stretches(&self) -> impl ExactSizeIterator<Item = (Timestamp, &Tally)> {
        self.stretches.iter().map(|(start, tally)| (*start, tally))
    }

    /// All stretches together.
    pub fn total(&self) -> Tally {
        self.stretches.values().fold(Tally::default(), Tally::merge)
    }
}
