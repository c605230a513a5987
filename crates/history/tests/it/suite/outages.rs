//! Heartbeats and outages.

use history::History;

use crate::{
    calls::at,
    support::{Reopen, Store},
};

use call::series::Interval;

pub async fn a_gap_between_two_runs_is_an_outage(store: Store<impl History + Reopen>) {
    for second in [10, 15, 20] {
        store.history.heartbeat(at(second)).await.unwrap();
    }
    let store = store.reopen();
    store.history.heartbeat(at(50)).await.unwrap();
    let store = store.reopen();
    store.history.heartbeat(at(70)).await.unwrap();
    let outages = store.history.outages(at(0)..at(100)).await.unwrap();
    let gap = |start, end| Interval { start: at(start), end: at(end) };
    assert_eq!(outages, [gap(20, 50), gap(50, 70)]);
    assert_eq!(store.history.outages(at(30)..at(55)).await.unwrap(), [gap(30, 50), gap(50, 55)]);
    assert_eq!(store.history.outages(at(11)..at(19)).await.unwrap(), []);
}

pub async fn before_the_first_run_and_after_the_last_heartbeat_there_is_none(
    store: Store<impl History + Reopen>,
) {
    assert_eq!(store.history.outages(at(0)..at(100)).await.unwrap(), []);
    store.history.heartbeat(at(10)).await.unwrap();
    assert_eq!(store.history.outages(at(0)..at(100)).await.unwrap(), []);
}

pub async fn the_last_heartbeat_is_that_of_the_run_before(store: Store<impl History + Reopen>) {
    assert_eq!(store.history.last_heartbeat().await.unwrap(), None);
    store.history.heartbeat(at(10)).await.unwrap();
    store.history.heartbeat(at(12)).await.unwrap();
    assert_eq!(store.history.last_heartbeat().await.unwrap(), None);
    let store = store.reopen();
    assert_eq!(store.history.last_heartbeat().await.unwrap(), Some(at(12)));
    store.history.heartbeat(at(30)).await.unwrap();
    assert_eq!(store.history.last_heartbeat().await.unwrap(), Some(at(12)));
}
