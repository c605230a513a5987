//! The scenarios, with events repeated, swapped and lost.

#[path = "support/witness.rs"]
mod witness;

use std::{fs, path::Path, sync::Arc};

use call::{CallEvent, CallRecord};
use proptest::{collection::vec, prelude::*, sample::Index};
use testkit::event_table::EventTable;
use witness::Witness;

/// The events of every scenario.
fn scenarios() -> Vec<EventTable> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder is there").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("the scenario can be read");
        EventTable::parse(&path.display().to_string(), &text).expect("the scenario is a table")
    };
    files.iter().map(read).collect()
}

fn scenario() -> impl Strategy<Value = Vec<Arc<CallEvent>>> {
    let scenarios: Vec<_> = scenarios().iter().map(EventTable::events).collect();
    prop::sample::select(scenarios)
}

fn records(events: &[Arc<CallEvent>]) -> Vec<CallRecord> {
    let mut witness = Witness::default();
    for event in events {
        witness.apply(event);
    }
    witness.records.into_values().collect()
}

#[derive(Clone, Debug)]
enum Fault {
    Repeat(Index, Index),
    Swap(Index),
    Loss(Index),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        any::<(Index, Index)>().prop_map(|(from, to)| Fault::Repeat(from, to)),
        any::<Index>().prop_map(Fault::Swap),
        any::<Index>().prop_map(Fault::Loss),
    ]
}

impl Fault {
    fn befall(&self, events: &mut Vec<Arc<CallEvent>>) {
        match self {
            _ if events.len() < 2 => {}
            Self::Repeat(from, to) => {
                let from = from.index(events.len());
                let to = from + 1 + to.index(events.len() - from);
                events.insert(to, events[from].clone());
            }
            Self::Swap(at) => {
                let at = at.index(events.len() - 1);
                events.swap(at, at + 1);
            }
            Self::Loss(at) => {
                events.remove(at.index(events.len()));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_repeat_changes_no_record(
        events in scenario(),
        repeats in vec(any::<(Index, Index)>(), 1..20),
    ) {
        let mut faulty = events.clone();
        for (from, to) in repeats {
            Fault::Repeat(from, to).befall(&mut faulty);
        }
        prop_assert_eq!(records(&faulty), records(&events));
    }

    #[test]
    fn repeats_swaps_and_losses_wake_nothing_and_times_still_add_up(
        events in scenario(),
        faults in vec(fault(), 1..8),
    ) {
        let mut faulty = events;
        for fault in faults {
            fault.befall(&mut faulty);
        }
        let mut witness = Witness::default();
        for event in &faulty {
            witness.apply(event);
        }
        witness.interrupt_all();
        witness.check_snapshots();
    }
}

#[test]
fn every_event_of_every_scenario_twice_in_a_row_changes_no_record() {
    for scenario in scenarios() {
        let events = scenario.events();
        let twice: Vec<_> = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
        assert_eq!(records(&twice), records(&events));
    }
}

#[test]
fn a_whole_scenario_told_twice_changes_no_record() {
    for scenario in scenarios() {
        let events = scenario.events();
        let twice: Vec<_> = events.iter().chain(&events).cloned().collect();
        assert_eq!(records(&twice), records(&events));
    }
}
