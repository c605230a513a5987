//! Events of three calls in any order that chance gives, with repeats, and merges among the calls.

use std::{sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, EventKind, LegId, Timestamp,
    event::{
        CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser, Side,
        TransferMode, TransferTarget,
    },
    id::{DeviceId, TrunkId},
    party::{Endpoint, Owner},
    rating::Rate,
};
use proptest::{collection::vec, option, prelude::*, sample::Index, sample::select};
use rust_decimal::Decimal;
use testkit::event_table::{START, call_id, cast, leg_id};

/// Events whose times mostly go forward, by up to ten seconds.
pub fn events() -> impl Strategy<Value = Vec<Arc<CallEvent>>> {
    let delta = prop_oneof![9 => 0..10_000_i64, 1 => -5_000..0_i64];
    let timed = vec((happening(), delta), 1..80).prop_map(|happenings| {
        let mut at = START.as_micros();
        let mut next = |(what, delta): (Happening, i64)| {
            at += delta * 1_000;
            what.event(Timestamp::from_micros(at))
        };
        happenings.into_iter().map(&mut next).collect()
    });
    with_repeats(with_prelude(timed))
}

/// Events at any times that can be written down.
pub fn events_at_any_time() -> impl Strategy<Value = Vec<Arc<CallEvent>>> {
    let at = prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -5..5_i64];
    let at = at.prop_map(Timestamp::from_micros);
    let timed = (happening(), at).prop_map(|(what, at)| what.event(at));
    with_repeats(with_prelude(vec(timed, 1..80)))
}

/// Most often the calls are up and their first two legs joined before chance sets in.
fn with_prelude(
    events: impl Strategy<Value = Vec<Arc<CallEvent>>>,
) -> impl Strategy<Value = Vec<Arc<CallEvent>>> {
    (vec(select(vec![0, 2, 5, 6, 6, 6]), 3), events).prop_map(|(lengths, events)| {
        let preludes = lengths.into_iter().enumerate().flat_map(|(call, length)| prelude(call, length));
        preludes.chain(events).collect()
    })
}

fn prelude(call: usize, length: usize) -> Vec<Arc<CallEvent>> {
    let of = |what, leg| Happening { call, what, leg: (call, leg), other: (call, 1), ..Happening::default() };
    let steps = [
        of(What::Started, 0),
        of(What::Offered(Side::Origination), 0),
        of(What::Offered(Side::Termination), 1),
        of(What::Answered, 1),
        of(What::Answered, 0),
        of(What::Bridged, 0),
    ];
    steps.into_iter().take(length).map(|step| step.event(START)).collect()
}

fn with_repeats(
    events: impl Strategy<Value = Vec<Arc<CallEvent>>>,
) -> impl Strategy<Value = Vec<Arc<CallEvent>>> {
    (events, vec(any::<(Index, Index)>(), 0..8)).prop_map(|(mut events, repeats)| {
        for (from, to) in repeats {
            let repeat = from.get(&events).clone();
            events.insert(to.index(events.len() + 1), repeat);
        }
        events
    })
}

#[derive(Clone, Copy, Debug)]
struct Happening {
    call: usize,
    what: What,
    leg: (usize, usize),
    other: (usize, usize),
    owner: Owner,
    nowhere: bool,
    /// A trunk's leg instead of a phone's.
    by_trunk: bool,
    /// Who has sent the leg's call there, if not who began it, with the numbers of hunt and attempt.
    sent_by: Option<(Owner, u32, u32)>,
    end: (Releaser, EndCause),
}

#[derive(Clone, Copy, Debug)]
enum What {
    Started,
    Routed,
    Offered(Side),
    Ringing,
    Answered,
    Bridged,
    Held,
    Resumed,
    TransferStarted,
    TransferCompleted,
    TransferFailed,
    Merged,
    Parked,
    Retrieved,
    Interrupted,
    Ended,
}

impl Default for Happening {
    fn default() -> Self {
        Self {
            call: 0,
            what: What::Started,
            leg: (0, 0),
            other: (0, 1),
            owner: owner("acme"),
            nowhere: false,
            by_trunk: false,
            sent_by: None,
            end: (Releaser::Party, EndCause::Normal),
        }
    }
}

fn owner(name: &str) -> Owner {
    cast::account(name).expect("the account is in the cast")
}

fn happening() -> impl Strategy<Value = Happening> {
    let call = 0..3_usize;
    let end = (
        select(vec![Releaser::Party, Releaser::Switch, Releaser::Command]),
        select(vec![EndCause::Normal, EndCause::Busy, EndCause::AnsweredElsewhere, EndCause::Transferred]),
    );
    let owner = || select(vec!["acme", "branch", "carrier-a"]).prop_map(owner);
    let sent_by = option::weighted(0.3, (owner(), 1..3_u32, 1..3_u32));
    let kind = (prop::bool::weighted(0.2), prop::bool::weighted(0.4), sent_by);
    (call, what(), leg(), leg(), owner(), kind, end).prop_map(
        |(call, what, leg, other, owner, (nowhere, by_trunk, sent_by), end)| {
            // A leg is most often one of the call's own; after a merge it may be the other call's.
            let of = |(foreign, leg): (Option<usize>, usize)| (foreign.unwrap_or(call), leg);
            let (leg, other) = (of(leg), of(other));
            Happening { call, what, leg, other, owner, nowhere, by_trunk, sent_by, end }
        },
    )
}

fn leg() -> impl Strategy<Value = (Option<usize>, usize)> {
    (option::weighted(0.2, 0..3_usize), 0..3_usize)
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        2 => Just(What::Started),
        4 => Just(What::Routed),
        3 => Just(What::Offered(Side::Origination)),
        6 => Just(What::Offered(Side::Termination)),
        6 => Just(What::Ringing),
        12 => Just(What::Answered),
        10 => Just(What::Bridged),
        8 => Just(What::Held),
        8 => Just(What::Resumed),
        6 => Just(What::TransferStarted),
        6 => Just(What::TransferCompleted),
        6 => Just(What::TransferFailed),
        6 => Just(What::Merged),
        6 => Just(What::Parked),
        8 => Just(What::Retrieved),
        1 => Just(What::Interrupted),
        8 => Just(What::Ended),
    ]
}

impl Happening {
    fn event(self, at: Timestamp) -> Arc<CallEvent> {
        Arc::new(CallEvent { call_id: call(self.call), at, kind: self.kind() })
    }

    fn kind(self) -> EventKind {
        let leg = leg_of(self.leg);
        match self.what {
            What::Started => EventKind::CallStarted(Arc::new(self.started())),
            What::Routed => EventKind::CallRouted(Arc::new(self.routed())),
            What::Offered(side) => {
                // Leg ids are unique, so no call offers the leg of another.
                let leg = leg_of((self.call, self.leg.1));
                EventKind::LegOffered { leg, offer: Arc::new(self.offer(side)) }
            }
            What::Ringing => EventKind::LegRinging { leg },
            What::Answered => EventKind::LegAnswered { leg, user_agent: None },
            What::Bridged => EventKind::LegsBridged { a: leg, b: leg_of(self.other) },
            What::Held => EventKind::LegHeld { leg },
            What::Resumed => EventKind::LegResumed { leg },
            What::TransferStarted => EventKind::TransferStarted {
                initiator: leg,
                target: Arc::new(TransferTarget { number: "1003".into(), name: None }),
                mode: TransferMode::Blind,
            },
            What::TransferCompleted => {
                EventKind::TransferCompleted { initiator: leg, recipient: leg_of(self.other) }
            }
            What::TransferFailed => EventKind::TransferFailed { initiator: leg },
            What::Merged => EventKind::CallMerged { absorbed: call((self.call + self.other.1) % 3) },
            What::Parked => EventKind::LegParked { leg, slot: "701".into(), by: Some(leg_of(self.other)) },
            What::Retrieved => EventKind::LegRetrieved { leg, by: leg_of(self.other) },
            What::Interrupted => EventKind::CallInterrupted,
            What::Ended => EventKind::LegEnded { leg, end: LegEnd::new(self.end.0, self.end.1, None) },
        }
    }

    fn started(self) -> CallStarted {
        CallStarted {
            origination: self.owner,
            origin: Origin::Invite,
            caller: "1001".into(),
            caller_name: None,
            dialed: "1002".into(),
        }
    }

    fn routed(self) -> CallRouted {
        CallRouted::new((!self.nowhere).then_some(self.owner), "1001".into(), "1002".into())
    }

    fn offer(self, side: Side) -> LegOffer {
        LegOffer {
            side,
            direction: LegDirection::Outgoing,
            owner: self.owner,
            endpoint: match self.by_trunk {
                true => Endpoint::Trunk { id: TrunkId(1), name: "carrier".into() },
                false => Endpoint::Device { id: DeviceId(1), name: "Alice".into() },
            },
            from: "1001".into(),
            to: "1002".into(),
            sip: None,
            route: self.route().map(Arc::new),
        }
    }
}

impl Happening {
    fn route(self) -> Option<LegRoute> {
        let (sent_by, hunt, attempt) = self.sent_by?;
        let mut routed = CallRouted::new(Some(self.owner), "1001".into(), "1002".into());
        routed.origination_rate = Some(rate());
        let sender = Some(leg_of(self.other)).filter(|_| !self.nowhere);
        Some(LegRoute { sent_by, sender, hunt, attempt, routed: Arc::new(routed) })
    }
}

/// One unit for each second.
fn rate() -> Rate {
    Rate {
        prefix: String::new(),
        initial_interval: Duration::from_secs(1),
        initial_rate: 60.into(),
        next_interval: Duration::from_secs(1),
        next_rate: 60.into(),
        fee: Decimal::ZERO,
        attempt_fee: Decimal::ZERO,
        vat: Decimal::ZERO,
    }
}

fn call(index: usize) -> CallId {
    call_id(&format!("c{index}"))
}

fn leg_of((call, leg): (usize, usize)) -> LegId {
    leg_id(&format!("c{call}l{leg}"))
}
