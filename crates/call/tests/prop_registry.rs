//! Whatever comes in, and however often: what is over stays over, readers see one truth, times add up.

#[path = "support/chaos.rs"]
mod chaos;
#[path = "support/witness.rs"]
mod witness;

use std::{collections::BTreeMap, sync::Arc};

use call::{Applied, Call, CallEvent};
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
