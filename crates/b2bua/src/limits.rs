//! What calls take up of their accounts, phones and trunks: how many each of them has, and whether it may have one
//! more.
//!
//! Whatever brings a call to an account, phone or trunk (an INVITE, a command, a transfer, the next trunk) asks
//! here. What is admitted counts until its holder gives it back, and nothing else gives it back.

use std::{collections::HashMap, time::Duration};

use call::{AccountId, DeviceId, LegId, TrunkId, party::Endpoint};

use crate::world::{Bound, Limited, Limits, Via, World};

/// How many calls may begin at once: a second's worth.
const CAPACITY: Duration = Duration::from_secs(1);

/// Which calls of an account, phone or trunk are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    All,
    Outgoing,
    Incoming,
}

type Count = (Limited, Kind);

/// The calls of all accounts, phones and trunks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    calls: HashMap<Count, u32>,
    rates: HashMap<Limited, Bucket>,
}

/// A token bucket, filled evenly: the moment at which it will be full again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket(Duration);

/// What is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// Whose limit it is.
    pub(crate) of: Limited,
    /// Which.
    pub(crate) bound: Bound,
}

/// One more call of an account, phone or trunk, in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    of: Limited,
    direction: Kind,
    limits: Limits,
}

/// A count that a claim adds to.
#[derive(Clone, Copy, Debug)]
struct Demand {
    of: Count,
    most: Option<u32>,
    rate: Option<u32>,
}

/// Who in a call needs the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The call, as long as it goes on.
    Call,
    /// Those who are rung now.
    Hunt,
    /// A leg.
    Leg(LegId),
}

/// What one call takes up. An account counts once in a call, whatever happens in it: a call inside an
/// account is one call of the account, and so is one that is transferred in it.
#[derive(Debug, Default)]
pub(crate) struct Booking {
    seats: Vec<Seat>,
    lengths: Vec<(Holder, Duration)>,
}

/// One in a count, for those who need it.
#[derive(Debug)]
struct Seat {
    of: Count,
    holders: Vec<Holder>,
}

impl Kind {
    const fn bound(self) -> Bound {
        match self {
            Self::All => Bound::Calls,
            Self::Outgoing => Bound::OutgoingCalls,
            Self::Incoming => Bound::IncomingCalls,
        }
    }
}

impl Full {
    /// Whether it is so for this second only.
    pub(crate) fn is_for_now(self) -> bool {
        self.bound == Bound::CallsPerSecond
    }
}

impl Claim {
    fn demands(&self) -> [Demand; 2] {
        let Limits { calls, outgoing_calls, incoming_calls, calls_per_second, .. } = self.limits;
        let most = match self.direction {
            Kind::All => calls,
            Kind::Outgoing => outgoing_calls,
            Kind::Incoming => incoming_calls,
        };
        [
            Demand { of: (self.of, Kind::All), most: calls, rate: calls_per_second },
            Demand { of: (self.of, self.direction), most, rate: None },
        ]
    }

    fn new(world: &dyn World, of: Limited, direction: Kind) -> Self {
        Self { of, direction, limits: world.limits(of) }
    }
}

/// What the calling side takes up: of its account, and of the trunk that the call comes from.
pub(crate) fn calling(world: &dyn World, account: AccountId, via: Via) -> Vec<Claim> {
    let account = Claim::new(world, Limited::Account(account), Kind::Outgoing);
    let trunk = match via {
        Via::Trunk(id) => Some(Claim::new(world, Limited::Trunk(id), Kind::Incoming)),
        Via::Device(_) => None,
    };
    [account].into_iter().chain(trunk).collect()
}

/// What a phone or a trunk takes up that has sent the INVITE of its leg.
pub(crate) fn sent_by(world: &dyn World, endpoint: &Endpoint) -> Claim {
    match endpoint {
        Endpoint::Device { id, .. } => Claim::new(world, Limited::Device(*id), Kind::Outgoing),
        Endpoint::Trunk { id, .. } => Claim::new(world, Limited::Trunk(*id), Kind::Incoming),
    }
}

/// What a phone takes up that is rung.
pub(crate) fn to_phone(world: &dyn World, device: DeviceId) -> Claim {
    Claim::new(world, Limited::Device(device), Kind::Incoming)
}

/// What a called side takes up: of its account, and of the trunk that the call leaves by.
pub(crate) fn called(world: &dyn World, account: AccountId, trunk: Option<TrunkId>) -> Vec<Claim> {
    let account = Claim::new(world, Limited::Account(account), Kind::Incoming);
    let trunk = trunk.map(|id| Claim::new(world, Limited::Trunk(id), Kind::Outgoing));
    [account].into_iter().chain(trunk).collect()
}

impl Booking {
    /// Takes all that is claimed for `holder`; nothing if there is no room for some of it.
    pub(crate) fn admit(
        &mut self,
        counts: &mut Counts,
        holder: Holder,
        claims: &[Claim],
        now: Duration,
    ) -> Result<(), Full> {
        let mut new = Vec::<Demand>::new();
        let demands: Vec<_> = claims.iter().flat_map(Claim::demands).collect();
        for demand in &demands {
            let is_known = self.seats.iter().any(|seat| seat.of == demand.of);
            if !is_known && new.iter().all(|known| known.of != demand.of) {
                new.push(*demand);
            }
        }
        counts.take(&new, now)?;
        self.seats.extend(new.iter().map(|demand| Seat { of: demand.of, holders: Vec::new() }));
        for demand in demands {
            self.seat(demand.of, holder);
        }
        let lengths = claims.iter().filter_map(|claim| claim.limits.max_call_length);
        self.lengths.extend(lengths.map(|length| (holder, length)));
        Ok(())
    }

    fn seat(&mut self, of: Count, holder: Holder) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.of == of)
            && !seat.holders.contains(&holder)
        {
            seat.holders.push(holder);
        }
    }

    /// Lets another one hold what `holder` holds, too.
    pub(crate) fn share(&mut self, holder: Holder, with: Holder) {
        for seat in self.seats.iter_mut().filter(|seat| seat.holders.contains(&holder)) {
            if !seat.holders.contains(&with) {
                seat.holders.push(with);
            }
        }
        let shared: Vec<_> =
            self.lengths.iter().filter(|(of, _)| *of == holder).map(|(_, length)| (with, *length)).collect();
        self.lengths.extend(shared);
    }

    /// Gives back what nobody but `holder` needs.
    pub(crate) fn release(&mut self, counts: &mut Counts, holder: Holder) {
        self.lengths.retain(|(of, _)| *of != holder);
        self.seats.retain_mut(|seat| {
            seat.holders.retain(|known| *known != holder);
            let is_free = seat.holders.is_empty();
            if is_free {
                counts.give_back(seat.of);
            }
            !is_free
        });
    }

    /// Gives everything back: nobody is left.
    pub(crate) fn give_back(&mut self, counts: &mut Counts) {
        self.lengths.clear();
        self.seats.drain(..).for_each(|seat| counts.give_back(seat.of));
    }

    /// Takes over what another call that becomes part of this one takes up: what both have counts once.
    pub(crate) fn absorb(&mut self, counts: &mut Counts, other: Self) {
        for seat in other.seats {
            match self.seats.iter_mut().find(|own| own.of == seat.of) {
                Some(own) => {
                    own.holders.extend(seat.holders);
                    counts.give_back(seat.of);
                }
                None => self.seats.push(seat),
            }
        }
        self.lengths.extend(other.lengths);
    }

    /// The shortest of the lengths that the call may have from its answer.
    pub(crate) fn max_length(&self) -> Option<Duration> {
        self.lengths.iter().map(|(_, length)| *length).min()
    }
}

impl Counts {
    /// How many counts are above zero.
    pub(crate) fn open(&self) -> usize {
        self.calls.len()
    }

    /// Adds one to each of these counts, unless one of them is full.
    fn take(&mut self, demands: &[Demand], now: Duration) -> Result<(), Full> {
        let count = |of| self.calls.get(&of).copied().unwrap_or(0);
        let is_full = |demand: &&Demand| demand.most.is_some_and(|most| count(demand.of) >= most);
        if let Some(Demand { of: (of, kind), .. }) = demands.iter().find(is_full) {
            return Err(Full { of: *of, bound: kind.bound() });
        }
        let rated = demands.iter().filter_map(|demand| Some((demand.of.0, demand.rate?)));
        let bucket = |of| self.rates.get(&of).copied().unwrap_or_default();
        let is_full = |(of, rate): &(_, _)| bucket(*of).after(*rate, now) > now + CAPACITY;
        if let Some((of, _)) = rated.clone().find(is_full) {
            return Err(Full { of, bound: Bound::CallsPerSecond });
        }
        for (of, rate) in rated {
            let bucket = self.rates.entry(of).or_default();
            *bucket = Bucket(bucket.after(rate, now));
        }
        demands.iter().for_each(|demand| *self.calls.entry(demand.of).or_default() += 1);
        Ok(())
    }

    fn give_back(&mut self, of: Count) {
        if let Some(count) = self.calls.get_mut(&of) {
            *count -= 1;
            if *count == 0 {
                self.calls.remove(&of);
            }
        }
    }
}

impl Bucket {
    /// When it will be full after one more call. A rate of 0 is none.
    fn after(self, rate: u32, now: Duration) -> Duration {
        self.0.max(now) + CAPACITY.checked_div(rate).unwrap_or(Duration::MAX / 2)
    }
}
