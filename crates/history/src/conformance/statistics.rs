//! Statistics of finished calls.

use std::{ops::Range, time::Duration};

use call::{
    AccountId, CallRecord, Timestamp,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
    statistics::{Sampling, Tally},
};
use rust_decimal::Decimal;

use crate::{
    Journal, Reports,
    conformance::{
        calls::{Script, at, rate},
        stage::{self, Store},
    },
};

/// Seconds after [`at`]`(0)` at which the minutes with calls begin, and their tallies.
async fn minutes(
    history: &(impl Journal + Reports),
    account: u32,
    side: Side,
    range: Range<Timestamp>,
    filter: CallFilter,
) -> Vec<(u64, Tally)> {
    let found = history.statistics(AccountId(account), side, range, filter, Sampling::Minute).await.unwrap();
    found.stretches().map(|(start, tally)| (start.since(at(0)).as_secs(), *tally)).collect()
}

async fn numbers_of_calls(history: &(impl Journal + Reports), filter: CallFilter) -> Vec<u64> {
    let found = minutes(history, 1, Side::Origination, at(0)..at(600), filter).await;
    found.into_iter().map(|(_, tally)| tally.calls).collect()
}

pub async fn calls_are_counted_in_the_minute_in_which_they_began(store: Store<impl Journal + Reports>) {
    let talk = Duration::from_millis(90_500);
    let all = [(1, 10), (2, 59), (3, 125)]
        .map(|(n, start)| Script { talk, ..Script::new(n, at(start), 1, 2) }.record());
    let unanswered = CallRecord { answered_at: None, ..Script::new(4, at(20), 1, 2).record() };
    stage::store(&store.history, all.into_iter().chain([unanswered])).await;
    let found = minutes(&store.history, 1, Side::Origination, at(0)..at(600), CallFilter::default()).await;
    let price = rate().charge(talk).price;
    let first = Tally { calls: 3, answered: 2, seconds: 182, price: price * Decimal::TWO };
    assert_eq!(found, [(0, first), (120, Tally { calls: 1, answered: 1, seconds: 91, price })]);
}

pub async fn the_range_of_statistics_has_its_beginning_but_not_its_end(store: Store<impl Journal + Reports>) {
    stage::store(&store.history, [Script::new(1, at(60), 1, 2).record()]).await;
    let instant = Duration::from_micros(1);
    let cases = [
        (at(60)..at(60) + instant, 1),
        (at(0)..at(60), 0),
        (at(60) + instant..at(600), 0),
        (Timestamp::MIN..Timestamp::MAX, 1),
        (at(60)..at(60), 0),
    ];
    for (range, expected) in cases {
        let found = minutes(&store.history, 1, Side::Origination, range.clone(), CallFilter::default()).await;
        assert_eq!(found.len(), expected, "{range:?}");
    }
}

pub async fn each_side_has_statistics_and_a_price_of_its_own(store: Store<impl Journal + Reports>) {
    let all = [(1, 1, 2), (2, 2, 1), (3, 1, 1)].map(|(n, from, to)| Script::new(n, at(0), from, to).record());
    let all = all.map(|record| CallRecord {
        termination_rate: Some(call::rating::Rate { fee: Decimal::TEN, ..rate() }),
        ..record
    });
    let (paid, earned) =
        (all[0].charge(Side::Origination).unwrap().price, all[0].charge(Side::Termination).unwrap().price);
    stage::store(&store.history, all).await;
    let total = async |account, side| {
        let found = minutes(&store.history, account, side, at(0)..at(9), CallFilter::default()).await;
        found.first().map(|(_, tally)| (tally.calls, tally.price))
    };
    assert_eq!(total(1, Side::Origination).await, Some((2, paid * Decimal::TWO)));
    assert_eq!(total(1, Side::Termination).await, Some((2, earned * Decimal::TWO)));
    assert_eq!(total(2, Side::Termination).await, Some((1, earned)));
    assert_eq!(total(3, Side::Origination).await, None);
}

pub async fn filters_keep_the_calls_that_they_describe(store: Store<impl Journal + Reports>) {
    let long = Script { talk: Duration::from_secs(600), ..Script::new(2, at(60), 1, 2) }.record();
    let long = CallRecord { called_routed: "+493012345678".into(), called_country: Some(276), ..long };
    stage::store(&store.history, [Script::new(1, at(0), 1, 2).record(), long]).await;
    let price = Decimal::new(6, 1);
    let none = CallFilter::default;
    let cases = [
        (none(), vec![1, 1]),
        (
            CallFilter {
                called: vec![TextTest::new(TextKind::Number, TextOperator::StartsWith, ["49"])],
                ..none()
            },
            vec![1],
        ),
        (CallFilter { called_country: Some(840), ..none() }, vec![1]),
        (CallFilter { seconds: vec![Bound::Above(60)], ..none() }, vec![1]),
        (CallFilter { seconds: vec![Bound::Above(59)], ..none() }, vec![1, 1]),
        (CallFilter { price: vec![Bound::Below(price)], ..none() }, vec![1]),
        (CallFilter { price: vec![Bound::Below(price)], seconds: vec![Bound::Above(60)], ..none() }, vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(numbers_of_calls(&store.history, filter.clone()).await, expected, "{filter:?}");
    }
}
