//! Whatever comes in, and however often: what is over stays over, readers see one truth, times add up.

#[path = "support/chaos.rs"]
mod chaos;
#[path = "support/witness.rs"]
mod witness;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use call::{AccountId, Applied, Call, CallEvent, CallId, Number, Registry, Timestamp, state::Foreign};
use chaos::{events, events_at_any_time};
use proptest::prelude::*;
use witness::Witness;

fn watched(events: &[Arc<CallEvent>]) -> Witness {
    let mut witness = Witness::default();
    for event in events {
        witness.apply(event);
    }
    witness
}

/// The calls that the events make of themselves, without a registry.
fn calls_alone(events: &[Arc<CallEvent>]) -> impl Iterator<Item = Call> {
    let mut calls = BTreeMap::new();
    for event in events {
        if let Some(call) = calls.get_mut(&event.call_id) {
            Call::apply(call, event);
        } else {
            calls.extend(Call::begin(event).map(|call| (event.call_id, call)));
        }
    }
    calls.into_values()
}

/// Of each account and number, the calls that have it, found by a look at every call.
type Found = BTreeMap<(AccountId, Number), BTreeSet<(Timestamp, CallId)>>;

fn found(registry: &Registry) -> Found {
    let mut found = Found::new();
    for call in registry.calls() {
        for owner in call.rows().into_iter().map(|row| row.owner).chain(call.termination()) {
            let Some(seen) = call.seen_by(owner.account) else { continue };
            let (call, of) = (seen, call);
            let foreign = Foreign::of_call(owner.customer, &call);
            let shown = call.legs().iter().filter(|leg| !foreign.hides(leg.offer.owner, leg.offer.side));
            let of_legs = shown.flat_map(|leg| [&leg.offer.from, &leg.offer.to]);
            for number in of_legs.chain([&call.started().caller, &call.started().dialed]) {
                let calls = found.entry((owner.account, number.clone())).or_default();
                calls.insert((of.started_at(), of.id()));
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_over_stays_over_and_times_add_up(events in events()) {
        let mut witness = watched(&events);
        witness.interrupt_all();
        let records = witness.records.clone();
        // Everything once more, now that it is too late for all of it.
        for event in &events {
            witness.apply(event);
        }
        prop_assert!(witness.registry.is_empty(), "a late repeat has woken a call");
        prop_assert_eq!(witness.records, records);
    }

    #[test]
    fn no_time_is_too_early_or_too_late(events in events_at_any_time()) {
        watched(&events).interrupt_all();
    }

    #[test]
    fn a_snapshot_never_changes(events in events()) {
        watched(&events).check_snapshots();
    }

    #[test]
    fn calls_are_found_by_the_numbers_that_are_seen_on_them_and_by_no_others(events in events()) {
        let (mut registry, mut ever) = (Registry::default(), BTreeSet::new());
        for event in &events {
            registry.apply(event);
            let found = found(&registry);
            ever.extend(found.keys().cloned());
            for place in &ever {
                let calls = registry.calls_with(place.0, &place.1);
                prop_assert_eq!(calls.len(), found.get(place).map_or(0, BTreeSet::len));
                let listed: Vec<_> = calls.map(|call| (call.started_at(), call.id())).collect();
                let expected: Vec<_> = found.get(place).into_iter().flatten().copied().collect();
                prop_assert_eq!(listed, expected);
            }
        }
    }

    #[test]
    fn a_call_that_is_over_takes_in_nothing(events in events()) {
        for mut call in calls_alone(&events).filter(Call::is_over) {
            let before = call.clone();
            for event in &events {
                prop_assert_eq!(call.apply(event), Applied::Stale);
            }
            prop_assert_eq!(call, before);
        }
    }
}
