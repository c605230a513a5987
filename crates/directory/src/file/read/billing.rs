//! The money of accounts.

use super::{Reading, Table, forms};
use crate::model::{Billing, SpendingLimit, SpendingLimits};

impl Reading {
    /// The field `billing` of an account; what is usual if absent.
    pub(super) fn billing(&self, account: &Table<'_>) -> Billing {
        let usual = Billing::default();
        let accepted = r#"a table such as { origination_rateplan = "retail", currency = "EUR" }"#;
        let Some(table) = account.inner("billing", accepted) else { return usual };
        let amount = |key| table.given(key, forms::balance()).unwrap_or_default();
        let billing = Billing {
            currency: table.given("currency", forms::currency()).unwrap_or(usual.currency),
            starting_balance: amount("starting_balance"),
            min_balance: amount("min_balance"),
            max_balance: amount("max_balance"),
            is_prepaid: table.given("prepaid", forms::flag()).unwrap_or_default(),
            spending: spending_fields(&table),
            max_rate: table.given("max_rate", forms::money()),
            vat: table.given("vat", forms::percent()).unwrap_or_default(),
            routing_tags: table.set("routing_tags", forms::tag()),
            origination_rateplan: table.given("origination_rateplan", self.rateplan()),
            termination_rateplan: table.given("termination_rateplan", self.rateplan()),
        };
        table.finish();
        billing
    }
}

/// The field `spending` of a phone; no bounds if absent.
pub(super) fn spending(device: &Table<'_>) -> SpendingLimits {
    let accepted = r#"a table such as { spend_per_hour = "5", minutes_per_day = 120 }"#;
    let Some(table) = device.inner("spending", accepted) else { return SpendingLimits::default() };
    let limits = spending_fields(&table);
    table.finish();
    limits
}

fn spending_fields(table: &Table<'_>) -> SpendingLimits {
    SpendingLimits {
        hourly: SpendingLimit {
            price: table.given("spend_per_hour", forms::money()),
            minutes: table.given("minutes_per_hour", forms::minutes()),
        },
        daily: SpendingLimit {
            price: table.given("spend_per_day", forms::money()),
            minutes: table.given("minutes_per_day", forms::minutes()),
        },
    }
}
