//! Active calls.

use std::time::Duration;

use call::{
    AccountId, CallRecord, Timestamp,
    activity::ActiveCall,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
    series::Grid,
};
use rust_decimal::Decimal;

use crate::{
    Journal, Reports,
    conformance::{
        calls::{Script, at},
        stage::{self, Store},
    },
};

/// The call of a record, as it was while it went on.
pub fn active_call(record: &CallRecord, side: Side) -> ActiveCall {
    ActiveCall {
        call_id: record.call_id,
        started_at: record.started_at,
        answered_at: record.answered_at,
        ended_at: Some(record.ended_at),
        caller: record.caller_routed.clone(),
        called: record.called_routed.clone(),
        caller_country: record.caller_country,
        called_country: record.called_country,
        source: record.caller_leg.address.map(|address| address.ip()),
        rate: record.rate(side).cloned(),
    }
}

/// How many calls were active at one instant.
async fn active_under(
    history: &(impl Journal + Reports),
    side: Side,
    account: u32,
    at: Timestamp,
    filter: CallFilter,
    live: Vec<ActiveCall>,
) -> u32 {
    let grid = Grid::aligned(at, at, Duration::from_micros(1));
    history.active_calls(AccountId(account), side, grid, filter, live).await.unwrap()[0]
}

async fn active(history: &(impl Journal + Reports), side: Side, account: u32, at: Timestamp) -> u32 {
    active_under(history, side, account, at, CallFilter::default(), Vec::new()).await
}

pub async fn a_call_is_active_from_its_start_to_just_before_its_end(store: Store<impl Journal + Reports>) {
    let call = Script { talk: Duration::from_secs(6), ..Script::new(1, at(10), 1, 2) }.record();
    assert_eq!((call.started_at, call.ended_at), (at(10), at(20)));
    stage::store(&store.history, [call]).await;
    let instant = Duration::from_micros(1);
    let cases = [(at(10) - instant, 0), (at(10), 1), (at(12), 1), (at(20) - instant, 1), (at(20), 0)];
    for (at, expected) in cases {
        assert_eq!(active(&store.history, Side::Origination, 1, at).await, expected, "{at:?}");
    }
    let nothing = Grid::aligned(at(12), at(12) - instant, instant);
    let counts = store.history.active_calls(
        AccountId(1),
        Side::Origination,
        nothing,
        CallFilter::default(),
        Vec::new(),
    );
    assert_eq!(counts.await.unwrap(), [0; 0]);
}

pub async fn a_long_call_that_began_days_before_is_found(store: Store<impl Journal + Reports>) {
    let day = Duration::from_secs(86_400);
    let hour = Duration::from_secs(3_600);
    let lengths = [(1, day * 5), (2, hour), (3, hour - Duration::from_secs(4)), (4, hour * 2)];
    let all = lengths.map(|(number, talk)| Script { talk, ..Script::new(number, at(0), 1, 2) }.record());
    stage::store(&store.history, all).await;
    let cases = [
        (Duration::from_secs(60), 4),
        (hour - Duration::from_secs(1), 4),
        (hour, 3),
        (hour + Duration::from_secs(4), 2),
        (day * 4, 1),
        (day * 6, 0),
    ];
    for (after, expected) in cases {
        let found = active(&store.history, Side::Origination, 1, at(0) + after).await;
        assert_eq!(found, expected, "{after:?}");
    }
}

pub async fn each_side_has_calls_of_its_own(store: Store<impl Journal + Reports>) {
    let all = [(1, 1, 2), (2, 2, 1), (3, 1, 1)].map(|(n, from, to)| Script::new(n, at(0), from, to).record());
    stage::store(&store.history, all).await;
    assert_eq!(active(&store.history, Side::Origination, 1, at(1)).await, 2);
    assert_eq!(active(&store.history, Side::Termination, 1, at(1)).await, 2);
    assert_eq!(active(&store.history, Side::Origination, 2, at(1)).await, 1);
    assert_eq!(active(&store.history, Side::Termination, 3, at(1)).await, 0);
}

pub async fn a_call_that_goes_on_is_counted_until_its_record_is(store: Store<impl Journal + Reports>) {
    let [ended, going_on] = [1, 2].map(|number| Script::new(number, at(0), 1, 2).record());
    let live = [&ended, &going_on]
        .map(|record| ActiveCall { ended_at: None, ..active_call(record, Side::Origination) });
    let count =
        |at| active_under(&store.history, Side::Origination, 1, at, CallFilter::default(), live.to_vec());
    assert_eq!(count(at(5)).await, 2);
    stage::store(&store.history, [ended]).await;
    assert_eq!(count(at(5)).await, 2);
    assert_eq!(count(at(500)).await, 1);
}

pub async fn a_filter_on_the_price_counts_a_call_once_it_costs_so_much(store: Store<impl Journal + Reports>) {
    stage::store(&store.history, [Script::new(1, at(0), 1, 2).record()]).await;
    let filter = CallFilter { price: vec![Bound::Above(Decimal::ZERO)], ..CallFilter::default() };
    let count =
        |account, side, at| active_under(&store.history, side, account, at, filter.clone(), Vec::new());
    assert_eq!(count(1, Side::Origination, at(3)).await, 0);
    assert_eq!(count(1, Side::Origination, at(4)).await, 1);
    assert_eq!(count(2, Side::Termination, at(5)).await, 0);
}

pub async fn numbers_are_tested_without_their_plus(store: Store<impl Journal + Reports>) {
    let digits = "14155550199".to_owned();
    let called_routed = format!("+{digits}").into();
    let call = CallRecord { called_routed, ..Script::new(1, at(0), 1, 2).record() };
    stage::store(&store.history, [call]).await;
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
        let found = active_under(&store.history, Side::Origination, 1, at(1), filter, Vec::new()).await;
        assert_eq!(found, expected, "{test:?}");
    }
}
