//! Rates.

use call::rating::Rate;

use super::{Reading, Table, forms};
use crate::model::AccountRate;

impl Reading {
    pub(super) fn rates(&mut self, root: &Table<'_>) {
        for table in root.tables("rates") {
            let rate = self.read_rate(&table);
            self.entries.rates.extend(rate);
            table.finish();
        }
    }

    fn read_rate(&mut self, table: &Table<'_>) -> Option<AccountRate> {
        let account = table.needed("account", self.account());
        let side = table.needed("side", forms::side());
        let rate = read_price(table);
        let (account, side, rate) = (account?, side?, rate?);
        let accepted = "a prefix that no other rate of that side of the account has";
        self.rates.take(table, "prefix", (account, side, rate.prefix.clone()), (), accepted);
        Some(AccountRate { account, side, rate })
    }
}

fn read_price(table: &Table<'_>) -> Option<Rate> {
    let prefix = table.needed("prefix", forms::prefix());
    let initial_interval = table.needed("initial_interval", forms::interval());
    let initial_rate = table.needed("initial_rate", forms::money());
    let next_interval = table.needed("next_interval", forms::interval());
    let next_rate = table.needed("next_rate", forms::money());
    let fee = table.given("fee", forms::money()).unwrap_or_default();
    let vat = table.given("vat", forms::percent()).unwrap_or_default();
    Some(Rate {
        prefix: prefix?,
        initial_interval: initial_interval?,
        initial_rate: initial_rate?,
        next_interval: next_interval?,
        next_rate: next_rate?,
        fee,
        vat,
    })
}
