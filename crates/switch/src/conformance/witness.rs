//! Sees every event, and checks on the way that it may come now.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use call::{
    Applied, Call, CallEvent, CallId, CallRecord, EventKind, Leg, LegId, Registry, Timestamp,
    event::{LegOffer, Releaser, Side},
    state::LegState,
};

use super::{PATIENCE, Stage};
use crate::{EventSource, SharedSwitch};

/// Watches a switch.
pub(super) struct Witness {
    pub(super) switch: SharedSwitch,
    source: EventSource,
    calls: Registry,
    last_at: HashMap<CallId, Timestamp>,
    seen: Vec<Arc<CallEvent>>,
    /// How many of `seen` have been waited for.
    heeded: usize,
    records: VecDeque<CallRecord>,
}

impl Witness {
    pub(super) fn of(stage: &mut impl Stage) -> Self {
        Self {
            switch: stage.switch(),
            source: stage.events(),
            calls: Registry::default(),
            last_at: HashMap::new(),
            seen: Vec::new(),
            heeded: 0,
            records: VecDeque::new(),
        }
    }

    /// The record of the next call that ends.
    pub(super) async fn record(&mut self) -> CallRecord {
        loop {
            if let Some(record) = self.records.pop_front() {
                return record;
            }
            self.next().await;
        }
    }

    /// The next event that is as it should be, after the one that was last waited for.
    pub(super) async fn told(&mut self, is_so: impl Fn(&EventKind) -> bool) -> EventKind {
        loop {
            if let Some(event) = self.seen.get(self.heeded).cloned() {
                self.heeded += 1;
                if is_so(&event.kind) {
                    return event.kind.clone();
                }
            } else {
                self.next().await;
            }
        }
    }

    /// What was told so far is not waited for.
    pub(super) fn heed(&mut self) {
        self.heeded = self.seen.len();
    }

    /// Everything told so far that is of the kind asked for, oldest first.
    pub(super) fn all(&self, is_asked_for: impl Fn(&EventKind) -> bool) -> Vec<EventKind> {
        self.seen.iter().map(|event| &event.kind).filter(|kind| is_asked_for(kind)).cloned().collect()
    }

    /// A live call as it is now.
    pub(super) fn call(&self, id: CallId) -> Arc<Call> {
        self.calls.get(id).cloned().unwrap_or_else(|| panic!("the call is over: {}", self.report()))
    }

    /// The next live call for which `is_so` holds.
    pub(super) async fn call_that(&mut self, is_so: impl Fn(&Call) -> bool) -> Arc<Call> {
        loop {
            if let Some(call) = self.calls.calls().find(|call| is_so(call)) {
                return call.clone();
            }
            self.next().await;
        }
    }

    /// All live calls, once there are `count` of them and `is_so` holds for each.
    pub(super) async fn calls_that(&mut self, count: usize, is_so: impl Fn(&Call) -> bool) -> Vec<CallId> {
        while self.calls.len() < count || !self.calls.calls().all(|call| is_so(call)) {
            self.next().await;
        }
        self.calls.calls().map(|call| call.id()).collect()
    }

    /// Stops the switch; every call must be over then, and every event told. The records of the calls
    /// that ended since the last one was asked for.
    pub(super) async fn stop(mut self) -> Vec<CallRecord> {
        self.switch.stop(Duration::ZERO).await;
        let mut rest = Vec::new();
        tokio::select! {
            biased;
            _ = tokio::task::unconstrained(self.source.receive(&mut rest, usize::MAX)) => (),
            () = std::future::ready(()) => (),
        }
        for event in rest {
            self.take(&event);
        }
        assert!(self.calls.is_empty(), "calls are left after the stop: {}", self.report());
        self.records.into()
    }

    /// Who ended a leg, once it has ended.
    pub(super) fn releaser(&self, of: LegId) -> Option<Releaser> {
        self.seen.iter().find_map(|event| match &event.kind {
            EventKind::LegEnded { leg, end } if *leg == of => Some(end.by),
            _ => None,
        })
    }

    async fn next(&mut self) {
        let mut batch = Vec::new();
        let received = tokio::time::timeout(PATIENCE, self.source.receive(&mut batch, 1)).await;
        assert!(received.is_ok(), "nothing more is told: {}", self.report());
        let event = batch.pop().expect("the switch is there, so its sink is open");
        self.source.written(1);
        self.take(&event);
    }

    fn take(&mut self, event: &Arc<CallEvent>) {
        self.seen.push(event.clone());
        self.check_time(event);
        self.check_place(event);
        match self.calls.apply(event) {
            Applied::Changed => {}
            Applied::Ended(record) => self.records.push_back(*record),
            odd @ (Applied::Stale | Applied::Unexpected) => {
                panic!("the last event is {odd:?}: {}", self.report())
            }
        }
    }

    fn check_time(&mut self, event: &CallEvent) {
        let last = self.last_at.entry(event.call_id).or_insert(event.at);
        assert!(*last <= event.at, "the call's time runs backwards");
        *last = event.at;
    }

    /// What the registry does not mind, but a switch may not do.
    fn check_place(&self, event: &CallEvent) {
        let Some(call) = self.calls.get(event.call_id) else { return };
        let is_answered = |leg| call.leg(leg).is_some_and(|leg: &Leg| leg.state() == LegState::Answered);
        let fits = match &event.kind {
            EventKind::LegOffered { offer, .. } => may_be_offered(call, offer),
            EventKind::LegsBridged { a, b } => is_answered(*a) && is_answered(*b),
            _ => true,
        };
        assert!(fits, "the last event comes too early: {}", self.report());
    }

    fn report(&self) -> String {
        self.seen.iter().map(|event| format!("\n  {} {:?}", event.call_id, event.kind)).collect()
    }
}

/// The caller's leg comes first, and nobody is called before the call is routed.
fn may_be_offered(call: &Call, offer: &LegOffer) -> bool {
    match offer.side {
        Side::Origination => call.legs().iter().all(|leg| leg.offer.side == Side::Origination),
        Side::Termination => !call.legs().is_empty() && call.routed().is_some(),
    }
}
