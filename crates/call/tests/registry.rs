//! What the registry remembers of calls that are over, and how it lists those that go on.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{sync::Arc, time::Duration};

use call::{
    Applied, Call, CallEvent, CallId, EventKind, Registry, Timestamp,
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

/// Calls of one account, one a second from `START` on.
fn with_calls(count: u32) -> Registry {
    let mut registry = Registry::default();
    for number in 0..count {
        let event = CallEvent { at: second(number), ..(*started(number)).clone() };
        registry.apply(&Arc::new(event));
    }
    registry
}

fn second(number: u32) -> Timestamp {
    START + Duration::from_secs(number.into())
}

fn numbers<'a>(calls: impl Iterator<Item = &'a Arc<Call>>) -> Vec<u32> {
    let number = |at: Timestamp| u32::try_from(at.since(START).as_secs()).unwrap();
    calls.map(|call| number(call.started_at())).collect()
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

#[test]
fn an_accounts_calls_are_listed_by_start_from_any_place_on_and_from_both_ends() {
    let registry = with_calls(1_000);
    let home = cast::account(cast::HOME).unwrap().account;
    let calls = || registry.calls_of(home);
    assert_eq!(calls().len(), 1_000);
    assert_eq!(numbers(calls()), (0..1_000).collect::<Vec<_>>());
    assert_eq!(numbers(calls().skip(700).take(3)), [700, 701, 702]);
    assert_eq!(numbers(calls().rev().skip(997)), [2, 1, 0]);
    assert!(calls().nth(1_000).is_none() && calls().nth_back(1_000).is_none());
    let mut both = calls();
    assert_eq!(
        numbers([both.nth(10), both.nth_back(10), both.next(), both.next_back()].into_iter().flatten()),
        [10, 989, 11, 988]
    );
    assert_eq!(both.len(), 976);
}

#[test]
fn an_accounts_calls_can_be_narrowed_by_start() {
    let registry = with_calls(1_000);
    let home = cast::account(cast::HOME).unwrap().account;
    let begun = |from, to| registry.calls_of(home).begun(second(from), second(to));
    assert_eq!(numbers(begun(300, 303)), [300, 301, 302]);
    assert_eq!(numbers(begun(998, 5_000)), [998, 999]);
    assert_eq!(begun(0, 1_000).begun(second(400), second(600)).len(), 200);
    assert!(begun(600, 400).next().is_none());
    let nobody = call::AccountId(9_999);
    assert_eq!(registry.calls_of(nobody).begun(second(0), second(9)).len(), 0);
}
