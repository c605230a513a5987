//! What every table does, and what a file does besides.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{path::Path, sync::Arc};

use call::Timestamp;
use keyvalue::{Found, LONGEST_VALUE, Memory, Store, Table};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn values(table: &dyn Table, now: i64) -> Vec<(String, Vec<u8>)> {
    let mut entries: Vec<_> = table.load(at(now)).into_iter().map(|entry| (entry.key, entry.value)).collect();
    entries.sort();
    entries
}

fn expected(pairs: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), value.to_vec())).collect()
}

async fn behaves(table: &dyn Table) {
    table.put("a", b"1".to_vec(), at(10));
    table.put("b", b"2".to_vec(), at(20));
    table.put("c", b"3".to_vec(), at(30));
    table.put("b", b"22".to_vec(), at(25));
    table.remove("c");
    table.remove("never");
    assert!(table.durable().await);
    assert_eq!(table.pending(), 0);
    assert_eq!(values(table, 9), expected(&[("a", b"1"), ("b", b"22")]));
    assert_eq!(values(table, 10), expected(&[("b", b"22")]));
    table.put("b", vec![0; LONGEST_VALUE + 1], at(40));
    assert!(table.durable().await);
    assert_eq!(values(table, 10), []);
}

#[tokio::test]
async fn a_table_keeps_the_last_value_of_each_key_until_its_time() {
    behaves(&Memory::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let (store, found) = Store::open(&folder.path().join("state.db"));
    assert_eq!(found, Found::Nothing);
    behaves(&*store.table("x")).await;
    assert_eq!(values(&*store.table("y"), 0), []);
}

async fn kept(path: &Path) -> Arc<dyn Table> {
    let (store, _) = Store::open(path);
    let table = store.table("x");
    table.put("a", b"1".to_vec(), at(10));
    store.close();
    table
}

#[tokio::test]
async fn what_was_put_before_the_end_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let old = kept(&path).await;
    assert!(!old.durable().await, "nobody writes any more");
    let (store, found) = Store::open(&path);
    assert_eq!((found, values(&*store.table("x"), 0)), (Found::Sound, expected(&[("a", b"1")])));
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_a_new_one_serves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    for damage in [&b"no database at all, but long enough to look like one"[..], &[0xff; 9_000]] {
        kept(&path).await;
        std::fs::write(&path, damage).unwrap();
        let (store, found) = Store::open(&path);
        let Found::Damaged { aside, reason } = found else { panic!("{found:?}") };
        assert!(aside.exists() && !reason.is_empty());
        let table = store.table("x");
        assert_eq!(values(&*table, 0), []);
        table.put("a", b"1".to_vec(), at(10));
        assert!(table.durable().await);
        assert_eq!(values(&*table, 0), expected(&[("a", b"1")]));
        store.close();
    }
}

#[tokio::test]
async fn a_page_that_is_overwritten_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (store, _) = Store::open(&path);
    let table = store.table("x");
    for key in 0..500 {
        table.put(&format!("key {key}"), vec![1; 200], at(10));
    }
    store.close();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 40_000, "all of it is in the file: {}", bytes.len());
    bytes[8_192..16_384].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let (_, found) = Store::open(&path);
    assert!(matches!(found, Found::Damaged { .. }), "{found:?}");
}

#[tokio::test]
async fn without_a_file_it_serves_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (store, found) = Store::open(&folder.path().join("missing/state.db"));
    assert!(matches!(found, Found::Unusable { .. }), "{found:?}");
    behaves(&*store.table("x")).await;
}
