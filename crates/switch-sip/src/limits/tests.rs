//! What is counted, in whatever order calls begin and end.

use call::{AccountId, TrunkId};
use directory::model::Limits;
use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;

const ACCOUNTS: u32 = 3;
const TRUNKS: u32 = 2;

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![
        (0..ACCOUNTS).prop_map(|id| Party::Account(AccountId(id))),
        (0..TRUNKS).prop_map(|id| Party::Trunk(TrunkId(id))),
    ]
}

fn parties() -> impl Iterator<Item = Party> {
    let accounts = (0..ACCOUNTS).map(|id| Party::Account(AccountId(id)));
    accounts.chain((0..TRUNKS).map(|id| Party::Trunk(TrunkId(id))))
}

/// The limits of a party: different for each, and some absent.
fn limits(party: Party) -> Limits {
    match party {
        Party::Account(AccountId(0)) => {
            Limits { calls: Some(3), outgoing_calls: Some(2), incoming_calls: Some(2), ..Limits::default() }
        }
        Party::Account(AccountId(1)) => Limits { calls_per_second: Some(2), ..Limits::default() },
        Party::Trunk(TrunkId(0)) => Limits { calls: Some(2), calls_per_second: Some(5), ..Limits::default() },
        Party::Trunk(_) => Limits { outgoing_calls: Some(1), incoming_calls: Some(0), ..Limits::default() },
        Party::Account(_) => Limits::default(),
    }
}

fn bound(party: Party, kind: Kind) -> u32 {
    let limits = limits(party);
    let bound = match kind {
        Kind::All => limits.calls,
        Kind::Outgoing => limits.outgoing_calls,
        Kind::Incoming => limits.incoming_calls,
    };
    bound.unwrap_or(u32::MAX)
}

#[derive(Clone, Debug)]
enum Step {
    /// A call begins.
    Begin,
    /// A call comes to more parties: a leg.
    Ring(Index, Vec<(Party, bool)>),
    /// A leg of a call ends.
    End(Index, Index),
    /// A call ends with all its legs.
    EndCall(Index),
    /// Time passes.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Begin),
        6 => (any::<Index>(), vec((party(), any::<bool>()), 1..3)).prop_map(|(call, of)| Step::Ring(call, of)),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(call, leg)| Step::End(call, leg)),
        1 => any::<Index>().prop_map(Step::EndCall),
        1 => (0..900_u64).prop_map(Step::Wait),
    ]
}

fn claim((party, is_outgoing): (Party, bool)) -> Claim {
    let direction = if is_outgoing { Kind::Outgoing } else { Kind::Incoming };
    Claim { party, direction, limits: limits(party) }
}

/// A call, and the claims of each leg of it that is up.
struct Call {
    booking: Booking,
    legs: Vec<(Admission, Vec<Claim>)>,
}

/// How many calls have a leg that claims this: counted the long way.
fn counted(calls: &[Call], party: Party, kind: Kind) -> u32 {
    let claims = |claim: &Claim| claim.party == party && (kind == Kind::All || claim.direction == kind);
    let has = |call: &&Call| call.legs.iter().any(|(_, of)| of.iter().any(claims));
    u32::try_from(calls.iter().filter(has).count()).expect("there are few calls")
}

/// Does one step; says which parties have begun a call in it.
fn perform(limiter: &Limiter, calls: &mut Vec<Call>, now: &mut Duration, step: Step) -> Vec<Party> {
    match step {
        Step::Begin => calls.push(Call { booking: limiter.booking(), legs: Vec::new() }),
        Step::Wait(millis) => *now += Duration::from_millis(millis),
        _ if calls.is_empty() => {}
        Step::EndCall(at) => drop(calls.swap_remove(at.index(calls.len()))),
        Step::End(call, leg) => {
            let call = call.index(calls.len());
            let legs = &mut calls[call].legs;
            if !legs.is_empty() {
                legs.swap_remove(leg.index(legs.len()));
            }
        }
        Step::Ring(call, of) => {
            let call = call.index(calls.len());
            let of: Vec<_> = of.into_iter().map(claim).collect();
            let had = |party| counted(&calls[call..=call], party, Kind::All) > 0;
            let new: Vec<_> = parties().filter(|p| !had(*p) && of.iter().any(|c| c.party == *p)).collect();
            let Ok(admission) = calls[call].booking.admit(&of, *now) else { return Vec::new() };
            calls[call].legs.push((admission, of));
            return new;
        }
    }
    Vec::new()
}

proptest! {
    #[test]
    fn counts_are_right_never_exceed_and_return_to_zero(steps in vec(step(), 0..120)) {
        let limiter = Limiter::default();
        let (mut calls, mut now) = (Vec::new(), Duration::from_secs(9));
        let mut begun: Vec<(Party, Duration)> = Vec::new();
        for step in steps {
            let new = perform(&limiter, &mut calls, &mut now, step);
            begun.extend(new.into_iter().map(|party| (party, now)));
            for party in parties() {
                for kind in [Kind::All, Kind::Outgoing, Kind::Incoming] {
                    prop_assert_eq!(limiter.count(party, kind), counted(&calls, party, kind));
                    prop_assert!(limiter.count(party, kind) <= bound(party, kind));
                }
            }
        }
        for party in parties() {
            let Some(rate) = limits(party).calls_per_second else { continue };
            let at: Vec<_> = begun.iter().filter(|(of, _)| *of == party).map(|(_, at)| *at).collect();
            for (first, from) in at.iter().enumerate() {
                for (last, to) in at.iter().enumerate().skip(first) {
                    let allowed = f64::from(rate) * (1.0 + (*to - *from).as_secs_f64());
                    prop_assert!((last - first + 1) as f64 <= allowed + 1e-6);
                }
            }
        }
        drop(calls);
        prop_assert!(limiter.counts.lock().calls.is_empty());
    }
}

#[test]
fn what_is_refused_takes_up_nothing() {
    let limiter = Limiter::default();
    let (free, full) = (Party::Account(AccountId(2)), Party::Trunk(TrunkId(1)));
    let refused = limiter.booking().admit(&[claim((free, true)), claim((full, false))], Duration::ZERO);
    assert_eq!(refused.err(), Some(Full::Calls));
    assert!(limiter.counts.lock().calls.is_empty());
}

#[test]
fn the_shortest_length_of_all_counts() {
    let length = |seconds| {
        let limits = Limits { max_call_length: Some(Duration::from_secs(seconds)), ..Limits::default() };
        Claim { limits, ..claim((Party::Account(AccountId(2)), true)) }
    };
    let mut booking = Limiter::default().booking();
    let admission = booking.admit(&[length(60), length(30)], Duration::ZERO).expect("nothing bounds it");
    assert_eq!(admission.max_length(), Some(Duration::from_secs(30)));
    booking.keep(admission);
    assert_eq!(booking.max_length(), Some(Duration::from_secs(30)));
}
