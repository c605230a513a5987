//! Active calls.

use std::{ops::Range, time::Duration};

use call::{
    AccountId, CallRecord, Timestamp,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
};
use history::History;
use rust_decimal::Decimal;

use crate::{
    calls::{Script, at, call_id, rate},
    support::{self, Store},
};

async fn active(history: &impl History, side: Side, account: u32, range: Range<Timestamp>) -> Vec<u64> {
    let filter = CallFilter::default();
    let calls = history.active_calls(AccountId(account), side, range, filter).await.unwrap();
    let base = call_id(0).as_uuid().as_u128();
    let mut numbers: Vec<_> =
        calls.iter().map(|call| (call.call_id.as_uuid().as_u128() - base) as u64).collect();
    numbers.sort_unstable();
    numbers
}

pub async fn a_call_is_active_from_its_start_to_just_before_its_end(store: Store<impl History>) {
    let call = Script { talk: Duration::from_secs(6), ..Script::new(1, at(10), 1, 2) }.record();
    assert_eq!((call.started_at, call.ended_at), (at(10), at(20)));
    support::store(&store.history, [call]).await;
    let instant = Duration::from_micros(1);
    let cases = [
        (at(0)..at(10), false),
        (at(0)..at(10) + instant, true),
        (at(20) - instant..at(30), true),
        (at(20)..at(30), false),
        (at(12)..at(13), true),
        (at(13)..at(13), false),
    ];
    for (range, expected) in cases {
        let found = active(&store.history, Side::Origination, 1, range.clone()).await;
        assert_eq!(!found.is_empty(), expected, "{range:?}");
    }
}

pub async fn a_long_call_that_began_days_before_is_found(store: Store<impl History>) {
    let day = Duration::from_secs(86_400);
    let hour = Duration::from_secs(3_600);
    let lengths = [(1, day * 5), (2, hour), (3, hour - Duration::from_secs(4)), (4, hour * 2)];
    let all = lengths.map(|(number, talk)| Script { talk, ..Script::new(number, at(0), 1, 2) }.record());
    support::store(&store.history, all).await;
    let probe = |after: Duration| at(0) + after..at(0) + after + Duration::from_secs(1);
    let cases = [
        (Duration::from_secs(60), vec![1, 2, 3, 4]),
        (hour - Duration::from_secs(1), vec![1, 2, 3, 4]),
        (hour, vec![1, 2, 4]),
        (hour + Duration::from_secs(4), vec![1, 4]),
        (day * 4, vec![1]),
        (day * 6, vec![]),
    ];
    for (after, expected) in cases {
        assert_eq!(active(&store.history, Side::Origination, 1, probe(after)).await, expected, "{after:?}");
    }
}

pub async fn each_side_has_calls_of_its_own(store: Store<impl History>) {
    let all = [(1, 1, 2), (2, 2, 1), (3, 1, 1)].map(|(n, from, to)| Script::new(n, at(0), from, to).record());
    support::store(&store.history, all).await;
    assert_eq!(active(&store.history, Side::Origination, 1, at(0)..at(9)).await, [1, 3]);
    assert_eq!(active(&store.history, Side::Termination, 1, at(0)..at(9)).await, [2, 3]);
    assert_eq!(active(&store.history, Side::Termination, 3, at(0)..at(9)).await, [0; 0]);
}

pub async fn the_rate_comes_with_a_filter_on_the_price(store: Store<impl History>) {
    support::store(&store.history, [Script::new(1, at(0), 1, 2).record()]).await;
    let filter = CallFilter { price: vec![Bound::Above(Decimal::ZERO)], ..CallFilter::default() };
    let find =
        |account, side| store.history.active_calls(AccountId(account), side, at(0)..at(9), filter.clone());
    assert_eq!(find(1, Side::Origination).await.unwrap()[0].rate, Some(rate()));
    assert_eq!(find(2, Side::Termination).await.unwrap()[0].rate, None);
}

pub async fn numbers_are_tested_without_their_plus(store: Store<impl History>) {
    let digits = "14155550199".to_owned();
    let called_routed = format!("+{digits}").into();
    let call = CallRecord { called_routed, ..Script::new(1, at(0), 1, 2).record() };
    support::store(&store.history, [call]).await;
    let cases = [
        (TextOperator::Is, digits.clone(), 1),
        (TextOperator::StartsWith, digits[..3].to_owned(), 1),
        (TextOperator::EndsWith, digits[3..].to_owned(), 1),
        (TextOperator::Is, format!("+{digits}"), 1),
        (TextOperator::Is, format!("{digits}0"), 0),
    ];
    for (operator, value, expected) in cases {
        let test = TextTest::new(TextKind::Number, operator, [value]);
        let filter = CallFilter { called: vec![test.clone()], ..CallFilter::default() };
        let found = store.history.active_calls(AccountId(1), Side::Origination, at(0)..at(9), filter.clone());
        let found = found.await.unwrap();
        assert_eq!(found.len(), expected, "{test:?}");
        assert!(found.iter().all(|call| call.counted(&filter).is_some()));
    }
}
