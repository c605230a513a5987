//! Watches a registry while events come in, and objects as soon as something happens that must not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use call::{
    AccountRow, Applied, Call, CallEvent, CallId, CallRecord, EventKind, LegId, Registry, Timestamp,
    event::LegEnd,
    party::Owner,
    record::{Interaction, InteractionKind, ReleasedBy},
};
use testkit::event_table::cast;

const ACCOUNTS: [&str; 5] = ["acme", "branch", "globex", "carrier-a", "carrier-b"];

/// A registry and what it has shown so far.
#[derive(Default)]
pub struct Witness {
    pub registry: Registry,
    /// The events that changed something, in order.
    pub accepted: Vec<Arc<CallEvent>>,
    /// The records of the calls that ended.
    pub records: BTreeMap<CallId, CallRecord>,
    gone: BTreeSet<CallId>,
    ended_legs: BTreeMap<LegId, LegEnd>,
    snapshots: Vec<(Registry, Vec<Call>)>,
}

impl Witness {
    /// Lets the registry take in an event and looks at all that must hold.
    pub fn apply(&mut self, event: &Arc<CallEvent>) {
        let before = calls(&self.registry);
        self.snapshots.push((self.registry.clone(), before.clone()));
        match self.registry.apply(event) {
            Applied::Changed => self.accept(event),
            Applied::Ended(record) => {
                self.accept(event);
                self.take_record(*record);
            }
            Applied::Stale | Applied::Unexpected => {
                assert_eq!(calls(&self.registry), before, "an event that changes nothing has changed a call");
            }
        }
        self.look();
    }

    /// Ends every call that is left, as the next start of the server would.
    pub fn interrupt_all(&mut self) {
        for call in calls(&self.registry) {
            let kind = EventKind::CallInterrupted;
            self.apply(&Arc::new(CallEvent { call_id: call.id(), at: call.timeline().until(), kind }));
        }
        assert!(self.registry.is_empty(), "an interrupted call is still there");
    }

    /// Looks at all snapshots that were ever taken.
    pub fn check_snapshots(&self) {
        for (snapshot, then) in &self.snapshots {
            assert_eq!(&calls(snapshot), then, "a snapshot has changed");
        }
    }

    fn accept(&mut self, event: &Arc<CallEvent>) {
        self.accepted.push(event.clone());
        if let EventKind::CallMerged { absorbed } = event.kind {
            assert!(self.gone.insert(absorbed), "a call was absorbed after its end");
        }
    }

    fn take_record(&mut self, record: CallRecord) {
        let id = record.call_id;
        assert!(self.gone.insert(id), "a call has ended twice");
        assert!(self.registry.has_ended(id), "a call that ended is not remembered");
        check_record(&record);
        self.records.insert(id, record);
    }

    fn look(&mut self) {
        for call in calls(&self.registry) {
            assert!(!self.gone.contains(&call.id()), "a call that was over is back");
            assert!(!call.is_over(), "a call that is over is still there");
            check_peers(&call);
            self.check_ended_legs(&call);
        }
        self.check_index();
    }

    fn check_ended_legs(&mut self, call: &Call) {
        for leg in call.legs() {
            if let Some(end) = self.ended_legs.get(&leg.id) {
                assert_eq!(leg.end.as_ref(), Some(end), "an ended leg was woken or ended again");
            }
            if let Some(end) = &leg.end {
                assert!(
                    leg.peer.is_none() && leg.slot.is_none() && !leg.is_held(),
                    "an ended leg does something"
                );
                self.ended_legs.insert(leg.id, end.clone());
            }
        }
    }

    fn check_index(&self) {
        for owner in ACCOUNTS.iter().filter_map(|name| cast::account(name)) {
            let indexed: Vec<_> = self.registry.calls_of(owner.account).map(|call| call.id()).collect();
            assert_eq!(indexed, seen_by(&self.registry, owner), "the index of an account is wrong");
            for id in indexed {
                let call = self.registry.call(owner.account, id).expect("a listed call is found");
                assert!(call.seen_by(owner.account).is_some(), "a listed call is not seen");
            }
            for call in self.registry.calls_left_by(owner.account) {
                let rows = call.rows().into_iter().filter(|row| row.owner.account == owner.account);
                let over: Vec<_> = rows.map(|row| row.call.is_over()).collect();
                assert!(
                    !over.is_empty() && over.iter().all(|over| *over),
                    "a call is left by one who is there"
                );
            }
        }
    }
}

/// All live calls, copied, by id.
pub fn calls(registry: &Registry) -> Vec<Call> {
    let mut calls: Vec<_> = registry.calls().map(|call| Call::clone(call)).collect();
    calls.sort_by_key(Call::id);
    calls
}

/// What the index of an account must list, oldest first.
fn seen_by(registry: &Registry, owner: Owner) -> Vec<CallId> {
    let has_a_side = |call: &Call| {
        let is_theirs = |row: &AccountRow<_>| row.owner.account == owner.account;
        call.sides_of(owner.account).is_some()
            || call.rows().iter().any(|row| is_theirs(row) && !row.call.is_over())
    };
    let mut seen: Vec<_> = calls(registry).into_iter().filter(has_a_side).collect();
    seen.sort_by_key(|call| (call.started_at(), call.id()));
    seen.iter().map(Call::id).collect()
}

fn check_peers(call: &Call) {
    for leg in call.legs() {
        let Some(peer) = leg.peer else { continue };
        let peer = call.leg(peer).expect("a leg hears only legs of its call");
        assert_eq!(peer.peer, Some(leg.id), "one hears the other, but not the other way round");
    }
}

/// Instants follow one another, and the parts of the time add up to the whole.
fn check_record(record: &CallRecord) {
    assert_eq!(record.times.total(), record.ended_at.since(record.started_at), "the times do not add up");
    check_order(&[Some(record.started_at), record.ringing_at, record.answered_at, Some(record.ended_at)]);
    for leg in &record.legs {
        check_order(&[Some(record.started_at), Some(leg.offered_at)]);
        check_order(&[Some(leg.offered_at), leg.ringing_at, leg.answered_at, Some(leg.ended_at)]);
    }
    let interactions: Vec<_> = record.interactions.iter().map(|interaction| Some(interaction.at)).collect();
    check_order(&interactions);
    check_end(record);
    assert!(record.hold_count > 0 || record.times.hold.is_zero(), "time on hold, but no hold");
    for part in &record.parts {
        check_part(record, &part.record);
    }
    let until_answer = record.times.pdd + record.times.ring;
    match record.answered_at {
        Some(_) => assert_eq!(until_answer + record.connected(), record.times.total()),
        None => assert_eq!(until_answer, record.times.total(), "an unanswered call has talked"),
    }
}

/// The last that is told of a call is its end, once.
fn check_end(record: &CallRecord) {
    let is_end = |it: &&Interaction| it.kind == InteractionKind::HungUp && it.at == record.ended_at;
    let last = record.interactions.last().filter(is_end).expect("a record tells of the call's end");
    assert_eq!(record.interactions.iter().filter(is_end).count(), 1, "a call ends twice");
    let is_party = matches!(record.released_by, ReleasedBy::Caller | ReleasedBy::Callee);
    assert_eq!(last.by.is_some(), is_party, "who ended a call, and who is said to have");
}

/// It lies in the call, has no parts of its own, and names what it costs to whom.
fn check_part(record: &CallRecord, part: &CallRecord) {
    assert!(part.parts.is_empty() && part.absorbed.is_empty() && part.call_id == record.call_id);
    // One that is answered after the parties have parted lasts no time.
    let outlasts =
        part.answered_at.is_some_and(|answered_at| part.ended_at > record.ended_at.max(answered_at));
    assert!(!outlasts, "a part outlasts its call");
    assert!(part.termination.is_some() && !part.legs.is_empty(), "nobody takes a part");
    check_record(part);
}

fn check_order(instants: &[Option<Timestamp>]) {
    assert!(instants.iter().flatten().is_sorted(), "time runs backwards: {instants:?}");
}
