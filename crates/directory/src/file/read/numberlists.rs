//! Lists of numbers.

use super::{Reading, Table, forms};
use crate::model::{Numberlist, NumberlistAction, NumberlistMode};

impl Reading {
    pub(super) fn numberlists(&mut self, root: &Table<'_>) {
        for table in root.tables("numberlists") {
            let list = self.read_numberlist(&table);
            self.entries.numberlists.extend(list);
            table.finish();
        }
    }

    fn read_numberlist(&mut self, table: &Table<'_>) -> Option<Numberlist> {
        let id = table.needed("id", forms::numberlist_id());
        let name = table.needed("name", forms::name());
        let customer = table.needed("customer", self.customer());
        let accounts = table.set("accounts", self.account_of(customer));
        let mode = table.given("mode", forms::numberlist_mode()).unwrap_or(NumberlistMode::Strict);
        let default_action = table.given("default_action", forms::numberlist_action());
        let id = id?;
        self.numberlists.take(table, "id", id, (), "an id that no other list of numbers has");
        let default_action = default_action.unwrap_or(NumberlistAction::Accept);
        Some(Numberlist { id, name: name?, customer: customer?, accounts, mode, default_action })
    }
}
