//! What the registry remembers of calls that are over.

use std::sync::Arc;

use call::{
    Applied, CallEvent, CallId, EventKind, Registry,
    event::{CallStarted, Origin},
};
use testkit::event_table::{START, cast};

/// As many as are remembered.
const REMEMBERED: u32 = 8_192;

fn call(number: u32) -> CallId {
    let [a, b, c, d] = number.to_be_bytes();
    CallId::new(START, [0, 0, 0, 0, 0, 0, a, b, c, d])
}

fn event(number: u32, kind: EventKind) -> Arc<CallEvent> {
    Arc::new(CallEvent { call_id: call(number), at: START, kind })
}

fn started(number: u32) -> Arc<CallEvent> {
    let origination = cast::account(cast::HOME).expect("the account is in the cast");
    let started = CallStarted {
        origination,
        origin: Origin::Invite,
        caller: "1001".into(),
        caller_name: None,
        dialed: "1002".into(),
    };
    event(number, EventKind::CallStarted(Arc::new(started)))
}

fn with_ended_calls(count: u32) -> Registry {
    let mut registry = Registry::default();
    for number in 0..count {
        registry.apply(&started(number));
        registry.apply(&event(number, EventKind::CallInterrupted));
    }
    registry
}

#[test]
fn the_latest_calls_that_ended_are_remembered() {
    let mut registry = with_ended_calls(REMEMBERED);
    assert_eq!(registry.apply(&started(0)), Applied::Stale);
    assert_eq!(registry.apply(&event(0, EventKind::CallInterrupted)), Applied::Stale);
    assert!(registry.has_ended(call(0)) && registry.is_empty());
}

#[test]
fn calls_that_ended_long_ago_are_forgotten_so_that_memory_does_not_grow() {
    let mut registry = with_ended_calls(REMEMBERED + 1);
    assert!(!registry.has_ended(call(0)) && registry.has_ended(call(1)));
    assert_eq!(registry.apply(&event(0, EventKind::CallInterrupted)), Applied::Unexpected);
}

#[test]
fn an_event_of_an_unknown_call_is_unexpected() {
    let mut registry = Registry::default();
    assert_eq!(registry.apply(&event(1, EventKind::CallInterrupted)), Applied::Unexpected);
    assert_eq!(registry.apply(&event(1, EventKind::CallMerged { absorbed: call(2) })), Applied::Unexpected);
}

#[test]
fn a_call_does_not_absorb_itself() {
    let mut registry = Registry::default();
    registry.apply(&started(1));
    assert_eq!(registry.apply(&event(1, EventKind::CallMerged { absorbed: call(1) })), Applied::Unexpected);
    assert_eq!(registry.len(), 1);
}
