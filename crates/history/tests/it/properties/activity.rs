//! Active calls.

use std::time::Duration;

use call::{
    AccountId, AccountRow, CallRecord, Timestamp,
    event::Side,
    filter::{Bound, CallFilter, TextKind, TextOperator, TextTest},
    series::Grid,
    state::Sides,
};
use history::Reports;
use history::conformance::activity::active_call;
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;

use super::{ACCOUNTS, filling, records, runtime, text};
use crate::{
    calls::at,
    support::{self, sqlite},
};

fn text_test() -> impl Strategy<Value = TextTest> {
    let operators =
        vec![TextOperator::Is, TextOperator::StartsWith, TextOperator::EndsWith, TextOperator::Contains];
    (text(), select(operators)).prop_map(|(text, operator)| TextTest::new(TextKind::Number, operator, [text]))
}

fn bound<T: Clone + std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Bound<T>> {
    (value, 0..3).prop_map(|(value, which)| match which {
        0 => Bound::Is(value),
        1 => Bound::Above(value),
        _ => Bound::Below(value),
    })
}

prop_compose! {
    pub fn filter()(
        caller in vec(text_test(), 0..2),
        called in vec(text_test(), 0..2),
        countries in [option::weighted(0.2, 1_u16..3), option::weighted(0.2, 1_u16..3)],
        source in option::weighted(0.2, select(vec!["192.0.2.1", "2001:db8::1"])),
        seconds in vec(bound(0_i64..20), 0..2),
        price in vec(bound((0_i64..100).prop_map(|hundredths| Decimal::new(hundredths, 2))), 0..2),
    ) -> CallFilter {
        CallFilter {
            caller,
            called,
            caller_country: countries[0],
            called_country: countries[1],
            source: source.map(|source| source.parse().unwrap()),
            seconds,
            price,
        }
    }
}

/// From minutes before the first call to days after it.
pub fn range() -> impl Strategy<Value = (Timestamp, Duration)> {
    let start = prop_oneof![-60_i64..60, 0_i64..3 * 86_400];
    (start.prop_map(at), (0_u64..100_000_000).prop_map(Duration::from_micros))
}

pub fn has_side(row: &AccountRow<&CallRecord>, account: AccountId, side: Side) -> bool {
    let has_side = match side {
        Side::Origination => row.sides != Sides::Terminated,
        Side::Termination => row.sides != Sides::Originated,
    };
    row.owner.account == account && has_side
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_series_counts_what_looking_at_every_record_counts(
        records in records(),
        filling in filling(),
        questions in vec((1..=ACCOUNTS, any::<bool>(), range(), filter()), 20),
    ) {
        runtime().block_on(async {
            let store = sqlite();
            support::fill(&store.history, &records, filling).await;
            for (account, originates, (start, length), filter) in questions {
                let account = AccountId(account);
                let side = if originates { Side::Origination } else { Side::Termination };
                let range = start..start + length;
                let grid = Grid::aligned(start, range.end - Duration::from_micros(1), Duration::from_secs(1));
                let counted = store.history.active_calls(account, side, grid, filter.clone(), Vec::new());
                let counted = counted.await.unwrap();
                let all = records.iter().flat_map(CallRecord::rows).filter(|row| has_side(row, account, side));
                let all = all.filter(|row| side == Side::Termination || row.is_sent_call);
                let all = all.filter_map(|row| active_call(row.call, side).counted(&filter));
                let all: Vec<_> = all.collect();
                let expected: Vec<_> = grid
                    .instants()
                    .map(|at| all.iter().filter(|interval| interval.contains(at)).count() as u32)
                    .collect();
                prop_assert_eq!(counted, expected, "{:?} {:?} {:?}", side, range, filter);
            }
            Ok(())
        })?;
    }
}
