//! Heartbeats and outages.

use call::series::Interval;

use crate::{
    Batch, Heartbeat, Journal, JournalEvent, LeftByRun, RunSpan,
    conformance::{
        calls::{Script, at},
        stage::{Store, events},
    },
};

pub async fn a_gap_between_two_runs_is_an_outage(store: Store<impl Journal>) {
    for second in [10, 15, 20] {
        store.history.heartbeat(Heartbeat::steady(at(second))).await.unwrap();
    }
    let store = store.reopen().await;
    store.history.heartbeat(Heartbeat::steady(at(50))).await.unwrap();
    let store = store.reopen().await;
    store.history.heartbeat(Heartbeat::steady(at(70))).await.unwrap();
    let outages = store.history.outages(at(0)..at(100)).await.unwrap();
    let gap = |start, end| Interval { start: at(start), end: at(end) };
    assert_eq!(outages, [gap(20, 50), gap(50, 70)]);
    assert_eq!(store.history.outages(at(30)..at(55)).await.unwrap(), [gap(30, 50), gap(50, 55)]);
    assert_eq!(store.history.outages(at(11)..at(19)).await.unwrap(), []);
}

pub async fn before_the_first_run_and_after_the_last_heartbeat_there_is_none(store: Store<impl Journal>) {
    assert_eq!(store.history.outages(at(0)..at(100)).await.unwrap(), []);
    store.history.heartbeat(Heartbeat::steady(at(10))).await.unwrap();
    assert_eq!(store.history.outages(at(0)..at(100)).await.unwrap(), []);
}

pub async fn a_run_whose_wall_clock_was_set_covers_its_time_by_either_setting(store: Store<impl Journal>) {
    let beat = |second, wall, clock_steps| Heartbeat { at: at(second), wall_at: at(wall), clock_steps };
    for beat in [beat(10_000, 10_000, 0), beat(10_010, 20, 1)] {
        store.history.heartbeat(beat).await.unwrap();
    }
    let store = store.reopen().await;
    store.history.heartbeat(Heartbeat::steady(at(50))).await.unwrap();
    store.history.heartbeat(Heartbeat::steady(at(9_000))).await.unwrap();
    let gap = |start, end| Interval { start: at(start), end: at(end) };
    let outages = store.history.outages(at(0)..at(20_000)).await.unwrap();
    assert_eq!(outages, [gap(20, 50), gap(9_000, 10_000)]);
}

pub async fn what_a_run_left_comes_with_its_own_span(store: Store<impl Journal>) {
    let beat = async |store: &Store<_>, second| {
        Journal::heartbeat(&store.history, Heartbeat::steady(at(second))).await.unwrap();
    };
    beat(&store, 86_400).await;
    beat(&store, 86_402).await;
    let store = store.reopen().await;
    beat(&store, 10).await;
    let script = Script::new(1, at(12), 1, 2);
    let batch = Batch { taken_at: Some(at(13)), ..events(script.events()) };
    store.history.append(batch).await.unwrap();
    beat(&store, 20).await;
    let store = store.reopen().await;
    beat(&store, 200).await;
    let taken = |event| JournalEvent { event, taken_at: Some(at(13)) };
    let left = LeftByRun {
        span: Some(RunSpan { started_at: at(10), last_seen_at: at(20) }),
        events: script.events().into_iter().map(taken).collect(),
    };
    assert_eq!(store.history.left_by_runs().await.unwrap(), [left]);
}
