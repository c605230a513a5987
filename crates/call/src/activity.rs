//! Which calls count in an active-call series, and from when until when.
//!
//! A filter on something fixed (a number, a country) keeps or drops a call. A filter on something that
//! grows while the call goes on (elapsed time, price so far) trims its interval instead.

use std::{borrow::Cow, fmt, net::IpAddr, time::Duration};

use rust_decimal::Decimal;

use crate::{
    event::Side,
    filter::{Bound, CallFilter},
    id::{AccountId, CallId},
    number::Number,
    rating::Rate,
    row::AccountRow,
    series::Interval,
    state::Call,
    time::Timestamp,
};

/// What a series needs to know of a call, live or finished.
#[derive(Clone, PartialEq)]
pub struct ActiveCall {
    /// The call.
    pub call_id: CallId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended; `None` while it goes on.
    pub ended_at: Option<Timestamp>,
    /// The caller's number as routed.
    pub caller: Number,
    /// The called number as routed.
    pub called: Number,
    /// Country of the caller's number.
    pub caller_country: Option<u16>,
    /// Country of the called number.
    pub called_country: Option<u16>,
    /// Address that the call came from.
    pub source: Option<IpAddr>,
    /// The rate of the side that is counted.
    pub rate: Option<Rate>,
}

/// What grows while a call goes on depends on no more than this.
#[derive(Clone, Copy, Debug)]
pub struct Growing<'a> {
    /// From its start to its end.
    pub whole: Interval,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// The rate of the side that is counted.
    pub rate: Option<&'a Rate>,
}

impl ActiveCall {
    /// What counts of a live call on a side of an account: the call or a part of it once where the account
    /// sends it, and all that it takes, also what is over while the call goes on.
    pub fn live(call: &Call, account: AccountId, side: Side) -> Vec<Self> {
        let counts = |row: &AccountRow<Cow<'_, Call>>| match side {
            Side::Origination => row.sides.originates() && row.is_sent_call,
            Side::Termination => row.sides.terminates(),
        };
        let rows = call.rows().into_iter().filter(|row| row.owner.account == account && counts(row));
        rows.map(|row| Self::of(&row.call, side)).collect()
    }

    fn of(call: &Call, side: Side) -> Self {
        let (started, routed) = (call.started(), call.routed());
        Self {
            call_id: call.id(),
            started_at: call.started_at(),
            answered_at: call.answered_at(),
            ended_at: call.is_over().then(|| call.timeline().until()),
            caller: routed.map_or(&started.caller, |routed| &routed.caller).clone(),
            called: routed.map_or(&started.dialed, |routed| &routed.called).clone(),
            caller_country: routed.and_then(|routed| routed.caller_country),
            called_country: routed.and_then(|routed| routed.called_country),
            source: call.caller_leg().and_then(|leg| leg.offer.ip()),
            rate: routed.and_then(|routed| routed.rate(side).cloned()),
        }
    }

    /// The stretch of time in which the call counts under `filter`; `None` if there is none.
    ///
    /// Its length is the time since it began: `Is(n)` holds for the whole of the second that begins n seconds
    /// after the start, `Above(n)` as soon as more than n seconds are over. Its price is the price so far:
    /// zero until the answer, then what a call of that length costs.
    pub fn counted(&self, filter: &CallFilter) -> Option<Interval> {
        let whole = Interval { start: self.started_at, end: self.ended_at.unwrap_or(Timestamp::MAX) };
        let growing = Growing { whole, answered_at: self.answered_at, rate: self.rate.as_ref() };
        self.has_attributes(filter).then(|| growing.while_kept(filter)).flatten()
    }

    fn has_attributes(&self, filter: &CallFilter) -> bool {
        let is = |wanted: Option<u16>, actual: Option<u16>| wanted.is_none() || wanted == actual;
        filter.caller.iter().all(|test| test.accepts(self.caller.as_str()))
            && filter.called.iter().all(|test| test.accepts(self.called.as_str()))
            && is(filter.caller_country, self.caller_country)
            && is(filter.called_country, self.called_country)
            && (filter.source.is_none() || filter.source == self.source.map(|address| address.to_canonical()))
    }
}

impl Growing<'_> {
    /// The stretch of time in which the call passes the tests of a filter of what grows; `None` if there is none. What
    /// else the filter tests is not looked at.
    pub fn while_kept(&self, filter: &CallFilter) -> Option<Interval> {
        let by_time = filter.seconds.iter().map(|bound| Some(self.while_elapsed(*bound)));
        let by_price = filter.price.iter().map(|bound| self.while_price(*bound));
        let mut trims = by_time.chain(by_price);
        let trimmed = trims.try_fold(self.whole, |kept, trim| Some(kept.intersect(&trim?)))?;
        (!trimmed.is_empty()).then_some(trimmed)
    }

    fn while_elapsed(&self, bound: Bound<i64>) -> Interval {
        let after = |seconds: i64| match u64::try_from(seconds) {
            Ok(seconds) => self.whole.start + Duration::from_secs(seconds),
            Err(_) => Timestamp::MIN,
        };
        match bound {
            Bound::Is(seconds) => Interval { start: after(seconds), end: after(seconds.saturating_add(1)) },
            Bound::Above(seconds) if seconds < 0 => Interval::ALWAYS,
            Bound::Above(seconds) => Interval::since(after(seconds) + Duration::from_micros(1)),
            Bound::Below(seconds) => Interval::until(after(seconds)),
        }
    }

    fn while_price(&self, bound: Bound<Decimal>) -> Option<Interval> {
        let rate = self.rate?;
        let reaches = |limit, inclusive| self.price_reaches(rate, limit, inclusive);
        Some(match bound {
            Bound::Is(price) => Interval { start: reaches(price, true), end: reaches(price, false) },
            Bound::Above(price) => Interval::since(reaches(price, false)),
            Bound::Below(price) => Interval::until(reaches(price, true)),
        })
    }

    fn price_reaches(&self, rate: &Rate, limit: Decimal, inclusive: bool) -> Timestamp {
        if limit < Decimal::ZERO || (inclusive && limit.is_zero()) {
            return Timestamp::MIN;
        }
        let reached = self.answered_at.zip(rate.reaches(limit, inclusive));
        reached.map_or(Timestamp::MAX, |(answered_at, later)| answered_at + later)
    }
}

impl fmt::Debug for ActiveCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveCall")
            .field("call_id", &self.call_id)
            .field("started_at", &self.started_at)
            .field("answered_at", &self.answered_at)
            .field("ended_at", &self.ended_at)
            .finish_non_exhaustive()
    }
}
