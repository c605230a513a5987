//! Balances.

use std::collections::HashMap;

use call::{AccountId, AccountRow, CallRecord, event::Side, state::Sides};
use history::Reports;
use proptest::{collection::vec, prelude::*};
use rust_decimal::Decimal;

use super::{ACCOUNTS, record, runtime};
use crate::{
    sealing_store::later,
    support::{self, sqlite},
};

/// What the records say that the account is paid, less what it pays.
fn sum(records: &HashMap<u64, CallRecord>, account: AccountId) -> Decimal {
    let price = |charge: Option<call::rating::Charge>| charge.map_or(Decimal::ZERO, |charge| charge.price);
    let of = |row: &AccountRow<&CallRecord>| {
        let (pays, paid) =
            (price(row.call.charge(Side::Origination)), price(row.call.charge(Side::Termination)));
        match row.sides {
            Sides::Originated => -pays,
            Sides::Terminated => paid,
            Sides::Both => paid - pays,
        }
    };
    let rows = records.values().flat_map(CallRecord::rows);
    rows.filter(|row| row.owner.account == account).map(|row| of(&row)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_balance_has_moved_by_the_sum_of_the_records_however_often_they_are_replaced(
        batches in vec(vec((1_u64..8).prop_flat_map(|number| (Just(number), record(number))), 0..6), 0..8),
        reopen_after in 0_usize..8,
    ) {
        runtime().block_on(async {
            let mut store = sqlite();
            let mut latest = HashMap::new();
            for (count, batch) in batches.into_iter().enumerate() {
                let stored = batch.iter().map(|(_, record)| record.clone()).collect::<Vec<_>>();
                support::store(&store.history, stored).await;
                latest.extend(batch);
                if count % 3 == 1 {
                    store.history.seal_before(later()).await.unwrap();
                }
                if count == reopen_after {
                    store = store.reopen();
                }
            }
            let accounts: Vec<_> = (1..=ACCOUNTS + 1).map(AccountId).collect();
            let moved = store.history.balance_movements(accounts.clone()).await.unwrap();
            for account in accounts {
                prop_assert_eq!(moved[&account], sum(&latest, account), "{:?}", account);
            }
            Ok(())
        })?;
    }
}
