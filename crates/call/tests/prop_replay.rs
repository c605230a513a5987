//! Events replayed make what they made when they were new: records, and the calls that readers see.

#[path = "support/chaos.rs"]
mod chaos;

use std::sync::Arc;

use call::{Applied, Call, CallEvent, CallRecord, Registry};
use chaos::{events, events_at_any_time};
use proptest::prelude::*;
use testkit::event_table::cast;

/// What the one writer does: the registry in memory, the events of unfinished calls on disk.
#[derive(Default)]
struct Writer {
    registry: Registry,
    journal: Vec<Arc<CallEvent>>,
    accepted: Vec<Arc<CallEvent>>,
    records: Vec<CallRecord>,
}

impl Writer {
    fn write(events: &[Arc<CallEvent>]) -> Self {
        let mut writer = Self::default();
        for event in events {
            writer.take_in(event);
        }
        writer
    }

    fn take_in(&mut self, event: &Arc<CallEvent>) {
        let applied = self.registry.apply(event);
        if matches!(applied, Applied::Changed | Applied::Ended(_)) {
            self.journal.push(event.clone());
            self.accepted.push(event.clone());
        }
        if let Applied::Ended(record) = applied {
            let finished = own_events(&record, &self.journal);
            self.journal.retain(|event| !finished.contains(event));
            self.records.push(*record);
        }
    }
}

/// All that readers can see: every call, and each account's calls in order.
fn seen(registry: &Registry) -> (Vec<Call>, Vec<Vec<Call>>) {
    let mut calls: Vec<_> = registry.calls().map(|call| Call::clone(call)).collect();
    calls.sort_by_key(Call::id);
    let accounts = ["acme", "branch", "carrier-a"].into_iter().filter_map(cast::account);
    let of = |account| registry.calls_of(account).map(|call| Call::clone(call)).collect();
    (calls, accounts.map(|owner| of(owner.account)).collect())
}

fn projections(records: &[CallRecord], events: &[Arc<CallEvent>]) -> Vec<CallRecord> {
    records.iter().filter_map(|record| CallRecord::project(record.call_id, events)).collect()
}

/// The events of a record's call and of those that were merged into it.
fn own_events(record: &CallRecord, events: &[Arc<CallEvent>]) -> Vec<Arc<CallEvent>> {
    let is_own = |id| id == record.call_id || record.absorbed.contains(&id);
    events.iter().filter(|event| is_own(event.call_id)).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_record_is_the_projection_of_the_accepted_events(events in events()) {
        let writer = Writer::write(&events);
        prop_assert_eq!(projections(&writer.records, &writer.accepted), writer.records);
    }

    #[test]
    fn a_record_is_the_projection_of_its_own_events_alone(events in events()) {
        let writer = Writer::write(&events);
        for record in &writer.records {
            let projection = CallRecord::project(record.call_id, &own_events(record, &writer.accepted));
            prop_assert_eq!(projection.as_ref(), Some(record));
        }
    }

    #[test]
    fn the_journal_of_unfinished_calls_makes_the_live_registry_again(events in events()) {
        let writer = Writer::write(&events);
        let rebuilt = Writer::write(&writer.journal);
        prop_assert_eq!(seen(&rebuilt.registry), seen(&writer.registry));
        prop_assert!(rebuilt.records.is_empty(), "a finished call was left in the journal");
    }

    #[test]
    fn replay_gives_the_same_at_any_time(events in events_at_any_time()) {
        let writer = Writer::write(&events);
        prop_assert_eq!(seen(&Writer::write(&writer.journal).registry), seen(&writer.registry));
        prop_assert_eq!(projections(&writer.records, &writer.accepted), writer.records);
    }

    #[test]
    fn a_call_is_its_events_applied_one_after_the_other(events in events()) {
        for call in Writer::write(&events).registry.calls() {
            let again = Writer::write(call.events());
            prop_assert_eq!(again.registry.get(call.id()), Some(call));
        }
    }
}
