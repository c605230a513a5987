//! Search.

use std::time::Duration;

use call::{AccountId, CallRecord, event::Side, record::Part, state::Sides};
use rust_decimal::Decimal;

use crate::{
    Condition, Grain, HistoryError, Journal, RecordField, RecordPage, RecordQuery, Records, Test, Value,
    conformance::{
        calls::{Script, at, call_id, rate},
        stage::{self, Store},
    },
    query::SideFilter,
};

fn numbers(page: &RecordPage) -> Vec<(u32, u64)> {
    let number = |record: &CallRecord| record.call_id.as_uuid().as_u128() as u64 & 0xffff_ffff;
    page.records.iter().map(|found| (found.account.0, number(&found.record))).collect()
}

fn accounts(numbers: &[u32]) -> Vec<AccountId> {
    numbers.iter().copied().map(AccountId).collect()
}

pub async fn newest_calls_come_first(store: Store<impl Journal + Records>) {
    let starts = [(1, 10), (2, 30), (3, 20)];
    let all = starts.map(|(number, start)| Script::new(number, at(start), 1, 2).record());
    stage::store(&store.history, all).await;
    let page = store.history.search(RecordQuery::newest(accounts(&[1]), 2)).await.unwrap();
    assert_eq!(numbers(&page), [(1, 2), (1, 3)]);
    let rest = RecordQuery { offset: 2, ..RecordQuery::newest(accounts(&[1]), 2) };
    let page = store.history.search(RecordQuery { count: true, ..rest }).await.unwrap();
    assert_eq!((numbers(&page), page.total), (vec![(1, 1)], Some(3)));
}

pub async fn calls_of_one_instant_are_ordered_by_id(store: Store<impl Journal + Records>) {
    let all = [3, 1, 2].map(|number| Script::new(number, at(0), 1, 2).record());
    stage::store(&store.history, all).await;
    for descending in [true, false] {
        let mut query = RecordQuery::newest(accounts(&[1]), 10);
        query.sort.descending = descending;
        let page = store.history.search(query).await.unwrap();
        assert_eq!(numbers(&page), [(1, 1), (1, 2), (1, 3)], "descending: {descending}");
    }
}

pub async fn a_call_between_two_of_the_accounts_is_found_once_and_seen_from_the_caller(
    store: Store<impl Journal + Records>,
) {
    stage::store(&store.history, [Script::new(1, at(0), 2, 1).record()]).await;
    for field in [RecordField::StartedAt, RecordField::Talk] {
        let mut query = RecordQuery { count: true, ..RecordQuery::newest(accounts(&[1, 2, 2]), 10) };
        query.sort.field = field;
        let page = store.history.search(query).await.unwrap();
        assert_eq!((numbers(&page), page.total), (vec![(2, 1)], Some(1)));
    }
}

/// Account 3 takes two parts of a call between 1 and 2.
pub async fn an_account_that_has_only_parts_of_a_call_finds_it_once_with_all_of_them(
    store: Store<impl Journal + Records>,
) {
    let of_3 =
        |start| CallRecord { termination_rate: Some(rate()), ..Script::new(1, at(start), 1, 3).record() };
    let parts = [10, 100].map(|start| Part { sides: Sides::Both, record: of_3(start) });
    let call = CallRecord { parts: parts.into(), ..Script::new(1, at(0), 1, 2).record() };
    let price = of_3(10).charge(Side::Termination).unwrap().price;
    stage::store(&store.history, [call]).await;
    let newest = RecordQuery { count: true, ..RecordQuery::newest(accounts(&[3]), 10) };
    let page = store.history.search(newest.clone()).await.unwrap();
    assert_eq!((numbers(&page), page.total), (vec![(3, 1)], Some(1)));
    let by_id = store.history.record(accounts(&[3]), call_id(1)).await.unwrap().unwrap();
    for record in [&page.records[0].record, &by_id] {
        assert_eq!(record.started_at, at(10), "the first that was answered stands for the call");
        assert_eq!(record.price_in_all(AccountId(3)), Some(price * Decimal::TWO));
        assert_eq!(record.connected_in_all(AccountId(3)), 2 * of_3(10).connected());
    }
    let each = store.history.search(RecordQuery { grain: Grain::Part, ..newest }).await.unwrap();
    let prices: Vec<_> = each.records.iter().map(|found| found.record.price_in_all(AccountId(3))).collect();
    assert_eq!((each.total, prices), (Some(2), vec![Some(price); 2]));
}

pub async fn the_side_that_is_asked_for_decides_who_sees_a_shared_call(store: Store<impl Journal + Records>) {
    let all = [(1, 1, 2), (2, 2, 1), (3, 1, 1)].map(|(n, from, to)| Script::new(n, at(0), from, to).record());
    stage::store(&store.history, all).await;
    let cases = [
        (SideFilter::Any, vec![(1, 1), (2, 2), (1, 3)]),
        (SideFilter::Originated, vec![(1, 1), (2, 2), (1, 3)]),
        (SideFilter::Terminated, vec![(2, 1), (1, 2), (1, 3)]),
        (SideFilter::OnlyTerminated, vec![(2, 1), (1, 2)]),
    ];
    for (side, expected) in cases {
        let query = RecordQuery { side, ..RecordQuery::newest(accounts(&[1, 2]), 10) };
        assert_eq!(numbers(&store.history.search(query).await.unwrap()), expected, "{side:?}");
    }
}

pub async fn several_accounts_are_merged_in_order_of_time(store: Store<impl Journal + Records>) {
    let all = (0..30).map(|n| Script::new(n, at((n * 7 % 30) as i64), 1 + (n % 3) as u32, 9).record());
    stage::store(&store.history, all).await;
    for descending in [true, false] {
        let mut query = RecordQuery { offset: 4, ..RecordQuery::newest(accounts(&[1, 2, 3]), 20) };
        query.sort.descending = descending;
        let page = store.history.search(query).await.unwrap();
        let mut starts: Vec<_> = page.records.iter().map(|found| found.record.started_at).collect();
        if descending {
            starts.reverse();
        }
        let first = if descending { 6 } else { 4 };
        assert_eq!(starts, (first..first + 20).map(at).collect::<Vec<_>>());
    }
}

pub async fn wildcards_in_a_text_are_ordinary_characters(store: Store<impl Journal + Records>) {
    let names = ["50% off", "50 euros off", "a_b", "axb", "back\\slash", "x*y?[z]", "Ünïcode", ""];
    let all = names.iter().enumerate().map(|(number, name)| {
        let mut record = Script::new(number as u64, at(number as i64), 1, 2).record();
        record.caller_name = Some((*name).into());
        record
    });
    stage::store(&store.history, all).await;
    let text = |text: &str| text.to_owned();
    let cases = [
        (Test::Contains(text("0% O")), vec![0]),
        (Test::StartsWith(text("A_")), vec![2]),
        (Test::EndsWith(text("_B")), vec![2]),
        (Test::Contains(text("\\")), vec![4]),
        (Test::StartsWith(text("x*y?[")), vec![5]),
        (Test::EndsWith(text("ïcode")), vec![6]),
        (Test::EndsWith(text("\u{af}code")), vec![]),
        (Test::StartsWith(text("%")), vec![]),
        (Test::Contains(text("")), (0..8).rev().collect()),
        (Test::EndsWith(text("")), (0..8).rev().collect()),
        (Test::Is(Value::Text(text("A_B"))), vec![]),
    ];
    for (test, expected) in cases {
        let mut query = RecordQuery::newest(accounts(&[1]), 10);
        query.conditions.push(Condition { field: RecordField::CallerName, test: test.clone() });
        let page = store.history.search(query).await.unwrap();
        let found: Vec<_> = numbers(&page).into_iter().map(|(_, number)| number).collect();
        assert_eq!(found, expected, "{test:?}");
    }
}

pub async fn seconds_are_rounded_to_the_nearest(store: Store<impl Journal + Records>) {
    let talks = [1_499_999, 1_500_000, 2_499_999, 2_500_000];
    let all = talks.iter().zip(1..).map(|(talk, number)| {
        let talk = Duration::from_micros(*talk);
        Script { talk, ..Script::new(number, at(0), 1, 2) }.record()
    });
    stage::store(&store.history, all).await;
    let mut query = RecordQuery::newest(accounts(&[1]), 10);
    query.conditions.push(Condition { field: RecordField::ConnectedSeconds, test: Test::Is(Value::Int(2)) });
    assert_eq!(numbers(&store.history.search(query).await.unwrap()), [(1, 2), (1, 3)]);
}

pub async fn without_accounts_nothing_is_found(store: Store<impl Journal + Records>) {
    stage::store(&store.history, [Script::new(1, at(0), 1, 2).record()]).await;
    let query = RecordQuery { count: true, ..RecordQuery::newest(Vec::new(), 10) };
    let page = store.history.search(query).await.unwrap();
    assert_eq!(page, RecordPage { records: Vec::new(), total: Some(0) });
}

pub async fn a_value_of_another_kind_is_refused(store: Store<impl Journal + Records>) {
    let mismatched = [
        (RecordField::Talk, Test::Above(Value::Int(3))),
        (RecordField::HoldCount, Test::IsOneOf(vec![Value::Int(1), Value::Bool(true)])),
        (RecordField::StartedAt, Test::Contains("2026".into())),
    ];
    for (field, test) in mismatched {
        let mut query = RecordQuery::newest(accounts(&[1]), 10);
        query.conditions.push(Condition { field, test });
        let refused = store.history.search(query).await.unwrap_err();
        assert!(matches!(refused, HistoryError::Mismatch { field: named } if named == field), "{refused}");
    }
    assert_eq!(store.history.record(accounts(&[1]), call_id(1)).await.unwrap(), None);
}

pub async fn a_search_of_any_size_is_answered(store: Store<impl Journal + Records>) {
    stage::store(&store.history, [Script::new(1, at(0), 1, 2).record()]).await;
    let texts: Vec<_> = (0..40_000).map(|number| format!("t{number}")).collect();
    let numbers: Vec<_> = (0..40_000).map(Value::Int).collect();
    let instants: Vec<_> = (0..5_000).map(|second| Value::Time(at(second))).collect();
    let named = texts.iter().cloned().map(Value::Text).collect();
    let is = |field, test| Condition { field, test };
    let conditions = [
        is(RecordField::CallerName, Test::ContainsOneOf(texts)),
        is(RecordField::CalledRouted, Test::IsNoneOf(named)),
        is(RecordField::HoldCount, Test::IsOneOf(numbers)),
        is(RecordField::StartedAt, Test::IsOneOf(instants)),
    ];
    for condition in &conditions {
        let query =
            RecordQuery { conditions: vec![condition.clone()], ..RecordQuery::newest(accounts(&[1]), 10) };
        store.history.search(query).await.unwrap();
    }
    let plain = Test::Contains("1".into());
    let many =
        vec![is(RecordField::CallerRouted, plain), is(RecordField::HoldCount, Test::AtLeast(Value::Int(0)))];
    let then = vec![crate::Sort { field: RecordField::Talk, descending: true }; 5_000];
    let query = RecordQuery {
        conditions: vec![many; 2_000].concat(),
        then,
        ..RecordQuery::newest(accounts(&[1]), 10)
    };
    store.history.search(query).await.unwrap();
}
