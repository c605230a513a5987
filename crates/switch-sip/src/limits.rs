//! Limits of accounts and trunks: how many calls each of them has, and whether it may have one more.
//!
//! Whatever brings a call to an account or trunk (an INVITE, a command, a transfer, the next trunk) asks
//! here. What is admitted is counted until its [`Admission`] is dropped, however that comes about.

mod claim;
mod rate;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use claim::{Demand, Kind, Party};
use parking_lot::Mutex;
use rate::Bucket;

pub(crate) use claim::{Claim, called, calling};

/// Counts the calls of all accounts and trunks.
#[derive(Clone, Default)]
pub(crate) struct Limiter {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    calls: HashMap<(Party, Kind), u32>,
    rates: HashMap<Party, Bucket>,
}

/// What is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// There are as many calls as there may be at one time.
    Calls,
    /// As many calls have begun in this second as may.
    Rate,
}

/// What one call takes up. A party counts once in a call, whatever happens in it: a call inside an account
/// is one call of the account, and so is one that is transferred in it.
pub(crate) struct Booking {
    limiter: Limiter,
    seats: Vec<Weak<Seat>>,
    kept: Vec<Admission>,
}

/// Room for one more leg, given back when it is dropped.
#[derive(Clone)]
pub(crate) struct Admission {
    /// Counted while they are here.
    seats: Vec<Arc<Seat>>,
    max_length: Option<Duration>,
}

/// One in a count.
struct Seat {
    of: (Party, Kind),
    counts: Arc<Mutex<Counts>>,
}

impl Limiter {
    /// For a new call.
    pub(crate) fn booking(&self) -> Booking {
        Booking { limiter: self.clone(), seats: Vec::new(), kept: Vec::new() }
    }

    /// How many counts are above zero.
    pub(crate) fn open_counts(&self) -> usize {
        self.counts.lock().calls.len()
    }

    #[cfg(test)]
    fn count(&self, party: Party, kind: Kind) -> u32 {
        self.counts.lock().calls.get(&(party, kind)).copied().unwrap_or(0)
    }
}

impl Booking {
    /// Takes all that is claimed, at the monotonic time `now`; nothing if there is no room for some of it.
    pub(crate) fn admit(&mut self, claims: &[Claim], now: Duration) -> Result<Admission, Full> {
        self.seats.retain(|seat| seat.strong_count() > 0);
        let (mut seats, mut new) = (Vec::new(), Vec::<Demand>::new());
        for demand in claims.iter().flat_map(Claim::demands) {
            match self.seat(demand.of) {
                Some(seat) => seats.push(seat),
                None if new.iter().any(|known| known.of == demand.of) => {}
                None => new.push(demand),
            }
        }
        let counts = &self.limiter.counts;
        counts.lock().take(&new, now)?;
        let taken = new.iter().map(|demand| Arc::new(Seat { of: demand.of, counts: counts.clone() }));
        let taken: Vec<_> = taken.collect();
        self.seats.extend(taken.iter().map(Arc::downgrade));
        seats.extend(taken);
        let max_length = claims.iter().filter_map(|claim| claim.limits.max_call_length).min();
        Ok(Admission { seats, max_length })
    }

    /// Keeps something for as long as the call goes on.
    pub(crate) fn keep(&mut self, admission: Admission) {
        self.kept.push(admission);
    }

    /// Takes over what another call that becomes part of this one takes up.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        for mut admission in other.kept.drain(..) {
            self.share(&mut admission);
            self.kept.push(admission);
        }
        self.seats.append(&mut other.seats);
    }

    /// Gives back what the call has already, of an admission from a call that became part of it.
    pub(crate) fn share(&self, admission: &mut Admission) {
        for seat in &mut admission.seats {
            if let Some(own) = self.seat(seat.of) {
                *seat = own;
            }
        }
    }

    /// The shortest of the lengths that what is kept allows the call.
    pub(crate) fn max_length(&self) -> Option<Duration> {
        self.kept.iter().filter_map(Admission::max_length).min()
    }

    /// What the call has of a count already.
    fn seat(&self, of: (Party, Kind)) -> Option<Arc<Seat>> {
        self.seats.iter().filter_map(Weak::upgrade).find(|seat| seat.of == of)
    }
}

impl Admission {
    /// How long it allows the call to last from its answer.
    pub(crate) fn max_length(&self) -> Option<Duration> {
        self.max_length
    }
}

impl Counts {
    /// Adds one to each of these counts, unless one of them is full.
    fn take(&mut self, demands: &[Demand], now: Duration) -> Result<(), Full> {
        let count = |of| self.calls.get(&of).copied().unwrap_or(0);
        if demands.iter().any(|demand| demand.most.is_some_and(|most| count(demand.of) >= most)) {
            return Err(Full::Calls);
        }
        let rated = demands.iter().filter_map(|demand| Some((demand.of.0, demand.rate?)));
        let bucket = |party| self.rates.get(&party).copied().unwrap_or_default();
        if rated.clone().any(|(party, rate)| !bucket(party).has_room(rate, now)) {
            return Err(Full::Rate);
        }
        rated.for_each(|(party, rate)| self.rates.entry(party).or_default().take(rate, now));
        demands.iter().for_each(|demand| *self.calls.entry(demand.of).or_default() += 1);
        Ok(())
    }

    fn give_back(&mut self, of: (Party, Kind)) {
        if let Some(count) = self.calls.get_mut(&of) {
            *count -= 1;
            if *count == 0 {
                self.calls.remove(&of);
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.counts.lock().give_back(self.of);
    }
}
