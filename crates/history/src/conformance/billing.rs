//! What is billed.

use std::time::Duration;

use call::{
    AccountId, CallRecord,
    record::{Part, Times},
    state::Sides,
};

use crate::{
    Billed, BilledParts, BillingQuery, Journal, Reports,
    conformance::{
        calls::{Script, at, seconds},
        stage::{self, Store},
    },
};

const TALK: BilledParts = BilledParts { talk: true, ring: false, hold: false, transfer: false };

/// Every call of accounts 1 and 2 is billed for its talk.
fn all() -> BillingQuery {
    BillingQuery {
        accounts: vec![AccountId(1), AccountId(2)],
        started: at(0)..at(1_000),
        talk: Duration::ZERO..=Duration::MAX,
        parts: TALK,
        step: None,
    }
}

fn call(number: u64, from: u32, to: u32, times: Times) -> CallRecord {
    CallRecord { times, ..Script::new(number, at(number as i64), from, to).record() }
}

fn talked(talk: u64) -> Times {
    Times { talk: seconds(talk), ..Times::default() }
}

async fn billed(history: &(impl Journal + Reports), query: BillingQuery) -> Vec<(u32, u64, Duration)> {
    let billed = history.billed(query).await.unwrap();
    billed.into_iter().map(|Billed { account, calls, length }| (account.0, calls, length)).collect()
}

pub async fn each_account_is_billed_for_its_own_calls(store: Store<impl Journal + Reports>) {
    let calls = [(1, 1, 2, 10), (2, 2, 3, 20), (3, 3, 3, 40), (4, 1, 1, 80)];
    let calls = calls.map(|(number, from, to, talk)| call(number, from, to, talked(talk)));
    stage::store(&store.history, calls).await;
    assert_eq!(billed(&store.history, all()).await, [(1, 2, seconds(90)), (2, 2, seconds(30))]);
    let nobody = BillingQuery { accounts: Vec::new(), ..all() };
    assert_eq!(billed(&store.history, nobody).await, []);
}

pub async fn only_the_parts_that_are_billed_count(store: Store<impl Journal + Reports>) {
    let times = Times {
        pdd: seconds(1),
        ring: seconds(2),
        talk: seconds(4),
        hold: seconds(8),
        transfer: seconds(16),
    };
    stage::store(&store.history, [call(1, 1, 9, times)]).await;
    let none = BilledParts::default();
    let cases = [
        (none, 0),
        (BilledParts { ring: true, ..none }, 3),
        (TALK, 4),
        (BilledParts { hold: true, ..none }, 8),
        (BilledParts { transfer: true, talk: true, ..none }, 20),
        (BilledParts { ring: true, talk: true, hold: true, transfer: true }, 31),
    ];
    for (parts, length) in cases {
        let query = BillingQuery { parts, ..all() };
        assert_eq!(billed(&store.history, query).await, [(1, 1, seconds(length))], "{parts:?}");
    }
}

pub async fn each_call_is_rounded_up(store: Store<impl Journal + Reports>) {
    let lengths = [0, 1_000_000, 30_000_000, 30_000_001, 60_000_000, 61_000_000].map(Duration::from_micros);
    let calls = lengths.into_iter().zip(1..).map(|(talk, number)| {
        let times = Times { talk, ..Times::default() };
        call(number, 1, 9, times)
    });
    stage::store(&store.history, calls).await;
    for (step, expected) in [(None, 182_000_001), (Some(30), 270_000_000), (Some(60), 360_000_000)] {
        let query = BillingQuery { step: step.map(seconds), ..all() };
        assert_eq!(billed(&store.history, query).await, [(1, 6, Duration::from_micros(expected))]);
    }
}

pub async fn calls_outside_the_bounds_are_not_billed(store: Store<impl Journal + Reports>) {
    let calls = [1, 2, 3, 4].map(|number| call(number, 1, 9, talked(number * 10)));
    stage::store(&store.history, calls).await;
    let cases = [
        (BillingQuery { started: at(2)..at(4), ..all() }, 50),
        (BillingQuery { talk: seconds(20)..=seconds(30), ..all() }, 50),
        (BillingQuery { talk: seconds(11)..=Duration::MAX, ..all() }, 90),
    ];
    for (query, length) in cases {
        let sum: Vec<_> =
            billed(&store.history, query).await.into_iter().map(|(.., length)| length).collect();
        assert_eq!(sum, [seconds(length)]);
    }
    let later = BillingQuery { started: at(5)..at(9), ..all() };
    assert_eq!(billed(&store.history, later).await, []);
}

pub async fn what_was_sent_on_within_a_call_is_not_billed_as_another(store: Store<impl Journal + Reports>) {
    let part = Part { sides: Sides::Both, record: call(1, 1, 9, talked(5)) };
    let sent_on = CallRecord { parts: vec![part], ..call(1, 1, 9, talked(10)) };
    stage::store(&store.history, [sent_on, call(2, 1, 9, talked(20))]).await;
    assert_eq!(billed(&store.history, all()).await, [(1, 2, seconds(30))]);
}
