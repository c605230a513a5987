//! The journal.

use std::sync::Arc;

use call::{CallEvent, EventKind};

use crate::{
    Journal, Records,
    conformance::{
        calls::{Script, at},
        stage::{Store, events, records},
    },
};

pub async fn events_come_back_in_the_order_in_which_they_were_appended(store: Store<impl Journal>) {
    let (one, other) = (Script::new(2, at(0), 1, 2).events(), Script::new(1, at(0), 1, 2).events());
    let mixed: Vec<_> = one.into_iter().zip(other).flat_map(|(one, other)| [one, other]).collect();
    for batch in mixed.chunks(3) {
        store.history.append(events(batch.to_vec())).await.unwrap();
    }
    assert_eq!(store.history.unfinished().await.unwrap(), mixed);
}

pub async fn a_record_removes_the_events_of_its_call(store: Store<impl Journal>) {
    let (ended, going) = (Script::new(1, at(0), 1, 2), Script::new(2, at(0), 1, 2));
    store.history.append(events(ended.events())).await.unwrap();
    store.history.append(events(going.events())).await.unwrap();
    store.history.append(records([ended.record()])).await.unwrap();
    assert_eq!(store.history.unfinished().await.unwrap(), going.events());
}

pub async fn events_in_the_batch_of_the_record_are_not_kept(store: Store<impl Journal + Records>) {
    let script = Script::new(1, at(0), 1, 2);
    let mut batch = events(script.events());
    batch.records.push(Arc::new(script.record()));
    store.history.append(batch).await.unwrap();
    assert_eq!(store.history.unfinished().await.unwrap(), []);
    assert!(
        store.history.record(vec![script.record().origination.account], script.id()).await.unwrap().is_some()
    );
}

pub async fn a_record_removes_the_events_of_calls_that_were_merged_into_it(store: Store<impl Journal>) {
    let (into, absorbed) = (Script::new(1, at(0), 1, 2), Script::new(2, at(0), 1, 2));
    let kind = EventKind::CallMerged { absorbed: absorbed.id() };
    let merged = Arc::new(CallEvent { call_id: into.id(), at: at(30), kind });
    store.history.append(events(absorbed.events())).await.unwrap();
    store.history.append(events([into.events(), vec![merged]].concat())).await.unwrap();
    let mut record = into.record();
    record.absorbed = vec![absorbed.id()];
    store.history.append(records([record])).await.unwrap();
    assert_eq!(store.history.unfinished().await.unwrap(), []);
}

pub async fn events_appended_after_the_record_stay(store: Store<impl Journal>) {
    let script = Script::new(1, at(0), 1, 2);
    store.history.append(records([script.record()])).await.unwrap();
    store.history.append(events(script.events())).await.unwrap();
    assert_eq!(store.history.unfinished().await.unwrap(), script.events());
}
