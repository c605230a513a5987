//! Exports.

use std::{collections::HashSet, io::Read, time::Duration};

use call::{AccountId, CustomerId, ErrorCode};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::{
    Export, ExportId, ExportStatus, Exports, HistoryError, Journal, NewExport,
    conformance::{
        calls::{Script, at},
        stage::{self, Store},
    },
    export::FileFacts,
};

const ACCOUNT: AccountId = AccountId(1);

fn job(account: u32, format: &str, request: &str) -> NewExport {
    NewExport {
        customer: CustomerId(1),
        account: AccountId(account),
        format: format.into(),
        request: request.into(),
        created_at: at(500),
    }
}

/// The job once it is no longer pending.
async fn done(history: &(impl Journal + Exports), export: &Export) -> Export {
    let accounts = vec![export.account];
    let ended = async {
        loop {
            let export = history.export(accounts.clone(), export.id).await.unwrap().unwrap();
            if export.status != ExportStatus::Pending {
                return export;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), ended).await.expect("the export ends")
}

/// The file of a job of the account, which is there.
async fn bytes_of(history: &(impl Journal + Exports), export: &Export) -> Vec<u8> {
    let file = history.export_file(vec![export.account], export.id).await.unwrap().unwrap();
    assert_eq!(file.extension, "csv.gz");
    let mut bytes = Vec::new();
    { file.file }.read_to_end(&mut bytes).unwrap();
    bytes
}

async fn has_file(history: &(impl Journal + Exports), accounts: Vec<AccountId>, export: &Export) -> bool {
    history.export_file(accounts, export.id).await.unwrap().is_some()
}

fn unpack(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn facts_of(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
}

async fn text_of(history: &(impl Journal + Exports), job: NewExport) -> String {
    let export = history.create_export(job).await.unwrap();
    let export = done(history, &export).await;
    assert_eq!(export.status, ExportStatus::Completed);
    unpack(&bytes_of(history, &export).await)
}

pub async fn an_export_holds_the_header_and_a_row_for_each_record_in_order(
    store: Store<impl Journal + Exports>,
) {
    let call = |number, start, talk| {
        let talk = Duration::from_secs(talk);
        Script { talk, ..Script::new(number, at(start), 1, 2) }.record()
    };
    stage::store(&store.history, [call(1, 10, 60), call(2, 30, 9), call(3, 20, 60)]).await;
    let created = store.history.create_export(job(1, "starts", "desc 10")).await.unwrap();
    assert_eq!((created.status, created.rows, created.updated_at), (ExportStatus::Pending, None, at(500)));
    let completed = done(&store.history, &created).await;
    let file = bytes_of(&store.history, &completed).await;
    let facts = facts_of(&file);
    let expected = Export {
        status: ExportStatus::Completed,
        rows: Some(2),
        file: Some(facts),
        updated_at: at(1_000),
        ..created
    };
    assert_eq!(completed, expected);
    assert_eq!(unpack(&file), "Start\n20\n10\n");
    assert_eq!(text_of(&store.history, job(1, "starts", "asc 0")).await, "Start\n10\n20\n30\n");
}

pub async fn an_export_longer_than_a_portion_has_each_record_once(store: Store<impl Journal + Exports>) {
    // Hundreds of calls begin at the same instant, so that portions end in the middle of one.
    let all = (0..2_500).map(|number| Script::new(number, at(number as i64 / 400), 1, 2).record());
    stage::store(&store.history, all).await;
    for (order, ascending) in [("asc", true), ("desc", false)] {
        let mut expected: Vec<_> = (0..2_500).map(|number| (number / 400).to_string()).collect();
        if !ascending {
            expected.reverse();
        }
        let text = text_of(&store.history, job(1, "starts", &format!("{order} 0"))).await;
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), expected);
    }
}

pub async fn an_export_holds_records_of_its_own_account_alone(store: Store<impl Journal + Exports>) {
    let all = [(1, 1, 2), (2, 3, 4)]
        .map(|(number, from, to)| Script::new(number, at(number as i64), from, to).record());
    stage::store(&store.history, all).await;
    assert_eq!(text_of(&store.history, job(3, "starts", "asc 0")).await, "Start\n2\n");
    let export = store.history.create_export(job(3, "starts", "asc 0")).await.unwrap();
    done(&store.history, &export).await;
    for strangers in [vec![], vec![AccountId(1), AccountId(2)]] {
        assert_eq!(store.history.export(strangers.clone(), export.id).await.unwrap(), None);
        assert!(!has_file(&store.history, strangers, &export).await);
    }
}

pub async fn an_export_without_records_has_the_header_alone(store: Store<impl Journal + Exports>) {
    assert_eq!(text_of(&store.history, job(1, "starts", "asc 0")).await, "Start\n");
}

pub async fn the_same_export_gives_the_same_bytes(store: Store<impl Journal + Exports>) {
    let all = (0..100).map(|number| Script::new(number, at(number as i64), 1, 2).record());
    stage::store(&store.history, all).await;
    let mut files = HashSet::new();
    for _ in 0..2 {
        let export = store.history.create_export(job(1, "starts", "desc 0")).await.unwrap();
        done(&store.history, &export).await;
        files.insert(bytes_of(&store.history, &export).await);
    }
    assert_eq!(files.len(), 1);
}

pub async fn an_export_that_cannot_be_done_fails_and_the_next_one_is_done(
    store: Store<impl Journal + Exports>,
) {
    for (format, request) in [("unknown", "asc 0"), ("starts", "nonsense"), ("broken", "")] {
        let export = store.history.create_export(job(1, format, request)).await.unwrap();
        let failed = done(&store.history, &export).await;
        assert_eq!((failed.status, failed.rows), (ExportStatus::Failed, None), "{format}");
        assert!(!has_file(&store.history, vec![ACCOUNT], &export).await);
    }
    assert_eq!(text_of(&store.history, job(1, "starts", "asc 0")).await, "Start\n");
}

pub async fn exports_are_listed_newest_first_for_their_accounts_alone(store: Store<impl Journal + Exports>) {
    let mut ids = Vec::new();
    for (account, created) in [(1, 10), (2, 30), (1, 20), (3, 40)] {
        let export = NewExport { created_at: at(created), ..job(account, "starts", "asc 0") };
        ids.push(store.history.create_export(export).await.unwrap().id);
    }
    let list = async |accounts: &[u32], offset, limit| {
        let accounts = accounts.iter().copied().map(AccountId).collect();
        let page = store.history.exports(accounts, offset, limit).await.unwrap();
        (page.exports.iter().map(|export| export.id).collect::<Vec<ExportId>>(), page.total)
    };
    assert_eq!(list(&[1, 2], 0, 10).await, (vec![ids[1], ids[2], ids[0]], 3));
    assert_eq!(list(&[1, 2], 1, 1).await, (vec![ids[2]], 3));
    assert_eq!(list(&[], 0, 10).await, (vec![], 0));
}

pub async fn an_account_has_no_more_exports_than_it_may_and_old_ones_go(
    store: Store<impl Journal + Exports>,
) {
    // As many as somebody can ask for at once; the usual bounds are ten that wait and two hundred in all.
    let asked = (0..1_500).map(|_| store.history.create_export(job(1, "starts", "asc 0")));
    let answers = futures_util::future::join_all(asked).await;
    let taken: Vec<_> = answers.iter().flatten().collect();
    assert!((10..=200).contains(&taken.len()), "{} were taken", taken.len());
    for export in taken {
        done(&store.history, export).await;
    }
    let refused = answers.iter().find_map(|answer| answer.as_ref().err());
    assert_eq!(refused.map(HistoryError::code), Some(ErrorCode::TooManyRequests));
    assert!(
        store.history.create_export(job(2, "starts", "asc 0")).await.is_ok(),
        "another account may have some"
    );
    // They are done at second 1000.
    assert_eq!(store.history.expire_exports(at(1_000), at(2_000)).await.unwrap(), 0);
    assert!(store.history.expire_exports(at(1_001), at(2_000)).await.unwrap() >= 10);
    let page = store.history.exports(vec![ACCOUNT], 0, 2_000).await.unwrap();
    assert!(page.exports.iter().all(|export| export.status == ExportStatus::Deleted));
    assert!(store.history.create_export(job(1, "starts", "asc 0")).await.is_ok(), "there is room again");
}

pub async fn an_export_outlives_the_store(store: Store<impl Journal + Exports>) {
    stage::store(&store.history, [Script::new(1, at(7), 1, 2).record()]).await;
    let export = store.history.create_export(job(1, "starts", "asc 0")).await.unwrap();
    let before = done(&store.history, &export).await;
    let store = store.reopen().await;
    assert_eq!(store.history.export(vec![ACCOUNT], export.id).await.unwrap(), Some(before));
    assert_eq!(unpack(&bytes_of(&store.history, &export).await), "Start\n7\n");
}

pub async fn a_deleted_export_stays_in_the_list_without_its_file(store: Store<impl Journal + Exports>) {
    let export = store.history.create_export(job(1, "starts", "asc 0")).await.unwrap();
    let completed = done(&store.history, &export).await;
    for stranger in [vec![], vec![AccountId(2)]] {
        assert!(!store.history.delete_export(stranger, export.id, at(2_000)).await.unwrap());
        assert!(has_file(&store.history, vec![ACCOUNT], &completed).await);
    }
    for now in [2_000, 3_000] {
        assert!(store.history.delete_export(vec![ACCOUNT], export.id, at(now)).await.unwrap());
        assert!(!has_file(&store.history, vec![ACCOUNT], &completed).await);
    }
    let deleted = Export { status: ExportStatus::Deleted, updated_at: at(2_000), ..completed };
    assert_eq!(store.history.export(vec![ACCOUNT], export.id).await.unwrap(), Some(deleted.clone()));
    assert_eq!(store.history.exports(vec![ACCOUNT], 0, 10).await.unwrap().exports, [deleted]);
}

pub async fn an_export_that_is_not_there_cannot_be_deleted(store: Store<impl Journal + Exports>) {
    let unknown = ExportId(uuid::Uuid::nil());
    assert!(!store.history.delete_export(vec![ACCOUNT], unknown, at(0)).await.unwrap());
}
