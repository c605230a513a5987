//! The spill file gives back what was acknowledged, and the store takes it once.

use std::{fs, os::unix::fs::FileExt, sync::Arc};

use call::{AccountId, Notice, NoticeKind, event::Side};
use history::{
    Batch, Concerned, Journal, Records, Reports, SpillFile, SqliteHistory,
    spill::{FILE_NAME, RESERVED},
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{
    calls::{Script, at},
    support::{options, sqlite, told},
};

/// What the writer keeps of call number `n`: in odd batches its beginning, in even ones its record.
fn batches(count: u64) -> Vec<Batch> {
    let batch = |number: u64| {
        let script = Script::new(number.div_ceil(2), at(0), 1, 2);
        let mut batch =
            Batch { number: Some(number as i64), run: Some(1), taken_at: Some(at(1)), ..Batch::default() };
        match number % 2 {
            1 => {
                batch.events = told(script.events());
                let told = batch.events.iter_mut().next().unwrap();
                told.concerned = Concerned { accounts: vec![AccountId(1)], ..Concerned::default() };
                let kind = NoticeKind::CallAnnotated { call: script.id() };
                batch.notices = vec![Notice { at: at(1), accounts: vec![AccountId(1)], kind }];
            }
            _ => batch.records = vec![Arc::new(script.record())],
        }
        batch
    };
    (1..=count).map(batch).collect()
}

fn open(folder: &TempDir) -> (SpillFile, Vec<Batch>) {
    SpillFile::open(folder.path()).unwrap()
}

#[test]
fn what_was_spilled_comes_back_in_order_until_the_file_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, held) = open(&folder);
    assert!(held.is_empty() && file.is_empty());
    for batch in batches(3) {
        file.append(&batch).unwrap();
    }
    drop(file);
    let (mut file, held) = open(&folder);
    assert_eq!(held, batches(3));
    file.clear().unwrap();
    drop(file);
    let (mut file, held) = open(&folder);
    assert_eq!(held, []);
    file.append(&batches(1)[0]).unwrap();
    drop(file);
    assert_eq!(open(&folder).1, batches(1), "what lies behind is of an earlier epoch");
}

#[test]
fn its_room_is_reserved_before_it_is_needed() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let (mut file, _) = open(&folder);
    let blocks = || fs::metadata(folder.path().join(FILE_NAME)).unwrap().blocks() * 512;
    let before = blocks();
    assert!(before >= RESERVED, "{before}");
    file.append(&batches(1)[0]).unwrap();
    assert_eq!(blocks(), before, "writing takes no further room");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Power was lost in the middle of a write, which may have left anything from there on.
    #[test]
    fn a_torn_write_costs_nothing_that_was_acknowledged(
        whole in 0..6_u64,
        torn_at in 0.0..1.0_f64,
        rubbish in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, _) = open(&folder);
        let mut all = batches(whole + 1);
        let last = all.pop().unwrap();
        all.iter().for_each(|batch| file.append(batch).unwrap());
        let path = folder.path().join(FILE_NAME);
        let acknowledged = fs::read(&path).unwrap();
        file.append(&last).unwrap();
        drop(file);
        let end = fs::read(&path).unwrap();
        let start = (0..end.len()).find(|at| end[*at] != acknowledged[*at]).unwrap();
        let torn = start + (torn_at * 600.0) as usize;
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(&rubbish, torn as u64).unwrap();
        let held = open(&folder).1;
        prop_assert!(held.len() as u64 >= whole, "{} of {whole}", held.len());
        prop_assert_eq!(&held[..whole as usize], &all[..]);
    }

    /// The store had taken the first so many when the server was killed: the rest follows once.
    #[test]
    fn whatever_the_store_had_taken_it_has_each_batch_once(count in 1..9_u64, taken in 0..9_u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = sqlite();
            for batch in batches(count).into_iter().take(taken as usize) {
                store.history.append(batch).await.unwrap();
                store.history.heartbeat(history::Heartbeat::steady(at(3))).await.unwrap();
            }
            drop(store.history);
            let history = SqliteHistory::open(options(store.folder.path())).unwrap();
            assert_eq!(history.latest_append(), taken.min(count) as i64);
            for batch in batches(count).into_iter().filter(|batch| batch.number > Some(history.latest_append())) {
                history.append(batch).await.unwrap();
            }
            let page = history.search(history::RecordQuery::newest(vec![AccountId(1)], 50)).await.unwrap();
            assert_eq!(page.records.len() as u64, count / 2);
            let unfinished = history.unfinished().await.unwrap();
            let going = Script::new(count.div_ceil(2), at(0), 1, 2);
            assert_eq!(unfinished, if count % 2 == 1 { going.events() } else { Vec::new() });
            let moved = history.balance_movements(vec![AccountId(1)]).await.unwrap();
            let price = going.record().charge(Side::Origination).unwrap().price;
            assert_eq!(moved.get(&AccountId(1)).copied().unwrap_or_default(), -price * rust_decimal::Decimal::from(count / 2));
        });
    }
}
