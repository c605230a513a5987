//! What the registry costs with many live calls of one account: an event, and a page of the account's calls.
//!
//! `cargo run --release -p call --example registry_speed`
#![allow(clippy::print_stdout, reason = "it prints what it measured")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use call::{
    AccountId, CallEvent, CallId, CustomerId, DeviceId, EventKind, LegId, Registry, Timestamp,
    event::{CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side},
    party::{Endpoint, Owner},
};

const LIVE: u64 = 10_000;
const CALLS: u64 = 50_000;
const PAGE: usize = 100;
/// Events between two snapshots that readers hold.
const BATCH: usize = 20;
const ACCOUNT: AccountId = AccountId(1);

fn main() {
    let mut registry = Registry::default();
    let mut snapshots = Vec::new();
    let mut spent = Duration::ZERO;
    let mut events = 0_u32;
    for nth in 0..CALLS {
        let ended = nth.checked_sub(LIVE).into_iter().flat_map(|old| ending(old, nth));
        for event in beginning(nth).into_iter().chain(ended) {
            let began = Instant::now();
            black_box(registry.apply(&event));
            if nth >= LIVE {
                spent += began.elapsed();
                events += 1;
            }
            if (events as usize).is_multiple_of(BATCH) {
                snapshots = vec![registry.clone()];
            }
        }
    }
    black_box(&snapshots);
    let average = spent / events;
    println!("{} live calls, an event: {average:?}", registry.len());
    for (name, skip) in [("first", 0), ("middle", LIVE as usize / 2), ("last", LIVE as usize - PAGE)] {
        let took = median_of(200, || {
            registry
                .calls_of(ACCOUNT)
                .rev()
                .skip(skip)
                .take(PAGE)
                .map(black_box)
                .fold(0, |count, _| count + 1)
        });
        println!("the {name} page of {PAGE}, newest first: {took:?}");
    }
    let took = median_of(50, || registry.calls_of(ACCOUNT).filter(|call| call.legs().len() == 2).count());
    println!("a look at each call: {took:?}");
}

/// The median time of a run.
fn median_of(times: usize, mut run: impl FnMut() -> usize) -> Duration {
    let mut all: Vec<_> = (0..times)
        .map(|_| {
            let began = Instant::now();
            black_box(run());
            began.elapsed()
        })
        .collect();
    all.sort_unstable();
    all[times / 2]
}

fn beginning(nth: u64) -> Vec<Arc<CallEvent>> {
    let [a, b] = legs(nth);
    let owner = Owner { customer: CustomerId(1), account: ACCOUNT, center: None };
    let started = CallStarted {
        origination: owner,
        origin: Origin::Invite,
        caller: "1001".into(),
        caller_name: None,
        dialed: "1002".into(),
    };
    let routed = CallRouted::new(Some(owner), "1001".into(), "1002".into());
    let offer = |side, direction| {
        let endpoint = Endpoint::Device { id: DeviceId(1), name: "somebody".into() };
        let (from, to) = ("1001".into(), "1002".into());
        Arc::new(LegOffer { side, direction, owner, endpoint, from, to, sip: None, route: None })
    };
    let kinds = [
        EventKind::CallStarted(Arc::new(started)),
        EventKind::LegOffered { leg: a, offer: offer(Side::Origination, LegDirection::Incoming) },
        EventKind::CallRouted(Arc::new(routed)),
        EventKind::LegOffered { leg: b, offer: offer(Side::Termination, LegDirection::Outgoing) },
        EventKind::LegRinging { leg: b },
        EventKind::LegAnswered { leg: b, user_agent: None },
        EventKind::LegAnswered { leg: a, user_agent: None },
        EventKind::LegsBridged { a, b },
    ];
    told(nth, nth, kinds)
}

fn ending(nth: u64, now: u64) -> Vec<Arc<CallEvent>> {
    let end = || LegEnd::new(Releaser::Party, EndCause::Normal, None);
    told(nth, now, legs(nth).map(|leg| EventKind::LegEnded { leg, end: end() }))
}

fn told<const N: usize>(nth: u64, now: u64, kinds: [EventKind; N]) -> Vec<Arc<CallEvent>> {
    let call_id = CallId::new(time(nth), random(nth, 0));
    kinds.into_iter().map(|kind| Arc::new(CallEvent { call_id, at: time(now), kind })).collect()
}

fn legs(nth: u64) -> [LegId; 2] {
    [1, 2].map(|side| LegId::new(time(nth), random(nth, side)))
}

fn time(nth: u64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000) + Duration::from_millis(5 * nth)
}

/// Ten bytes that are spread well.
fn random(nth: u64, side: u8) -> [u8; 10] {
    let mixed = (nth + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let mut bytes = [side; 10];
    bytes[..8].copy_from_slice(&mixed);
    bytes
}
