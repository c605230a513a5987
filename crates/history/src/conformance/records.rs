//! Records by their call's id.

use call::AccountId;

use crate::{
    Condition, Journal, RecordField, RecordQuery, Records, Test, Value,
    conformance::{
        calls::{Script, at, call_id, owner},
        stage::{self, Store},
    },
    query::SideFilter,
};

const CALLER: AccountId = AccountId(1);
const CALLED: AccountId = AccountId(2);

pub async fn a_record_comes_back_as_it_was(store: Store<impl Journal + Records>) {
    let record = Script::new(1, at(0), 1, 2).record();
    stage::store(&store.history, [record.clone()]).await;
    for account in [CALLER, CALLED] {
        let found = store.history.record(vec![account], record.call_id).await.unwrap();
        assert_eq!(found.as_deref(), Some(&record));
    }
}

pub async fn a_stored_record_is_seen_at_once(store: Store<impl Journal + Records>) {
    for number in 1..=50 {
        stage::store(&store.history, [Script::new(number, at(number as i64), 1, 2).record()]).await;
        let page = store.history.search(RecordQuery::newest(vec![CALLER], 1)).await.unwrap();
        assert_eq!(page.records[0].record.call_id, call_id(number));
    }
}

pub async fn storing_a_record_again_replaces_it(store: Store<impl Journal + Records>) {
    let mut record = Script::new(1, at(0), 1, 2).record();
    stage::store(&store.history, [record.clone()]).await;
    record.hold_count = 9;
    record.started_at = at(-5);
    stage::store(&store.history, [record.clone(), record.clone()]).await;
    let page = store.history.search(RecordQuery::newest(vec![CALLER], 10)).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert_eq!(*page.records[0].record, record);
}

pub async fn a_record_is_found_by_the_id_of_a_call_that_was_merged_into_it(
    store: Store<impl Journal + Records>,
) {
    let mut record = Script::new(1, at(0), 1, 2).record();
    record.absorbed = vec![call_id(7), call_id(8)];
    stage::store(&store.history, [record.clone(), Script::new(2, at(5), 1, 2).record()]).await;
    for number in [1, 7, 8] {
        let found = store.history.record(vec![CALLER], call_id(number)).await.unwrap();
        assert_eq!(found.as_deref(), Some(&record), "{number}");
        let test = Test::Is(Value::Text(call_id(number).to_string()));
        let condition = Condition { field: RecordField::CallId, test };
        let query = RecordQuery { conditions: vec![condition], ..RecordQuery::newest(vec![CALLER], 10) };
        let page = store.history.search(RecordQuery { count: true, ..query }).await.unwrap();
        assert_eq!((page.total, &*page.records[0].record), (Some(1), &record), "{number}");
    }
    assert_eq!(store.history.record(vec![CALLER], call_id(9)).await.unwrap(), None);
}

pub async fn a_record_that_moved_to_other_accounts_leaves_the_old_ones(store: Store<impl Journal + Records>) {
    let mut record = Script::new(1, at(0), 1, 2).record();
    stage::store(&store.history, [record.clone()]).await;
    record.termination = Some(owner(3));
    stage::store(&store.history, [record.clone()]).await;
    for (account, calls) in [(1, 1), (2, 0), (3, 1)] {
        let page = store.history.search(RecordQuery::newest(vec![AccountId(account)], 10)).await.unwrap();
        assert_eq!(page.records.len(), calls, "account {account}");
    }
}

pub async fn a_stranger_finds_no_record(store: Store<impl Journal + Records>) {
    let record = Script::new(1, at(0), 1, 2).record();
    stage::store(&store.history, [record.clone()]).await;
    assert_eq!(store.history.record(vec![AccountId(3)], record.call_id).await.unwrap(), None);
    let page = store.history.search(RecordQuery::newest(vec![AccountId(3)], 10)).await.unwrap();
    assert_eq!(page.records, []);
}

pub async fn without_accounts_no_record_is_found(store: Store<impl Journal + Records>) {
    let record = Script::new(1, at(0), 1, 2).record();
    stage::store(&store.history, [record.clone()]).await;
    assert_eq!(store.history.record(Vec::new(), record.call_id).await.unwrap(), None);
}

pub async fn a_record_is_found_by_its_serial_number_from_its_own_side_alone(
    store: Store<impl Journal + Records>,
) {
    let all = [1, 2, 3].map(|number| Script::new(number, at(number as i64), 1, 2).record());
    stage::store(&store.history, all.clone()).await;
    let page = store.history.search(RecordQuery::newest(vec![CALLER], 10)).await.unwrap();
    let serial = page.records[1].serial;
    let find = async |accounts: &[AccountId], side| {
        let serial = i64::try_from(serial).unwrap();
        let condition = Condition { field: RecordField::Serial, test: Test::Is(Value::Int(serial)) };
        let query = RecordQuery::newest(accounts.to_vec(), 10);
        let query = RecordQuery { side, conditions: vec![condition], ..query };
        store.history.search(query).await.unwrap().records
    };
    for (accounts, side) in [
        (&[CALLER][..], SideFilter::Originated),
        (&[CALLED], SideFilter::Terminated),
        (&[AccountId(7), CALLER], SideFilter::Originated),
    ] {
        let found = find(accounts, side).await;
        assert_eq!(found.len(), 1, "{accounts:?}");
        assert_eq!((found[0].serial, &*found[0].record), (serial, &all[1]));
    }
    for (accounts, side) in [
        (&[CALLED][..], SideFilter::Originated),
        (&[CALLER], SideFilter::Terminated),
        (&[AccountId(7)], SideFilter::Any),
    ] {
        assert_eq!(find(accounts, side).await, []);
    }
}

pub async fn a_replaced_record_keeps_its_serial_number(store: Store<impl Journal + Records>) {
    let mut records = [1, 2].map(|number| Script::new(number, at(number as i64), 1, 2).record());
    stage::store(&store.history, records.clone()).await;
    let serials = async || {
        let page = store.history.search(RecordQuery::newest(vec![CALLER], 10)).await.unwrap();
        page.records.iter().map(|found| (found.record.call_id, found.serial)).collect::<Vec<_>>()
    };
    let before = serials().await;
    for record in &mut records {
        record.hold_count = 9;
    }
    stage::store(&store.history, records).await;
    assert_eq!(serials().await, before);
}
