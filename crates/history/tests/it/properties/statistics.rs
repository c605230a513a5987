//! Statistics of finished calls.

use call::{
    AccountId, AccountRow, CallRecord,
    event::Side,
    filter::CallFilter,
    statistics::{FinishedCall, Sampling, Statistics},
};
use history::Reports;
use history::conformance::activity::active_call;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    ACCOUNTS,
    activity::{filter, has_side, range},
    filling, records, runtime,
};
use crate::support::{self, sqlite};

fn sampling() -> impl Strategy<Value = Sampling> {
    select(vec![Sampling::Minute, Sampling::FifteenMinutes, Sampling::Day, Sampling::Month])
}

fn finished_call(row: &AccountRow<&CallRecord>, side: Side) -> FinishedCall {
    let record = row.call;
    FinishedCall {
        is_counted: side == Side::Termination || row.is_sent_call,
        started_at: record.started_at,
        connected: record.answered_at.map(|_| record.connected()),
        price: record.charge(side).map(|charge| charge.price),
    }
}

/// Whether a record passes the tests of what stays the same while a call goes on.
fn has_attributes(record: &CallRecord, filter: &CallFilter) -> bool {
    let fixed = CallFilter { seconds: Vec::new(), price: Vec::new(), ..filter.clone() };
    let endless = CallRecord { ended_at: call::Timestamp::MAX, ..record.clone() };
    active_call(&endless, Side::Origination).counted(&fixed).is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn statistics_tell_what_looking_at_every_record_tells(
        records in records(),
        filling in filling(),
        questions in vec((1..=ACCOUNTS, any::<bool>(), range(), filter(), sampling()), 20),
    ) {
        runtime().block_on(async {
            let store = sqlite();
            support::fill(&store.history, &records, filling).await;
            for (account, originates, (start, length), filter, sampling) in questions {
                let account = AccountId(account);
                let side = if originates { Side::Origination } else { Side::Termination };
                let range = start..start + length;
                let found = store.history.statistics(account, side, range.clone(), filter.clone(), sampling);
                let found = found.await.unwrap();
                let mut expected = Statistics::new(sampling);
                let theirs = records.iter().flat_map(CallRecord::rows).filter(|row| has_side(row, account, side));
                let theirs = theirs.filter(|row| range.contains(&row.call.started_at) && has_attributes(row.call, &filter));
                let theirs = theirs.map(|row| finished_call(&row, side));
                theirs.filter(|call| call.passes(&filter)).for_each(|call| expected.add(&call));
                prop_assert_eq!(found, expected, "{:?} {:?} {:?}", side, range, filter);
            }
            Ok(())
        })?;
    }
}
