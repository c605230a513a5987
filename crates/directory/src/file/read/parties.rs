//! Customers, centers and accounts.

use call::{CenterId, CustomerId};
use uuid::Uuid;

use super::{Reading, Table, calling, forms, limits, rings};
use crate::model::{Account, Center, Customer, HiddenFields, KeepDays};

/// The UUIDs of accounts that have none of their own are made in this namespace.
const ACCOUNTS: Uuid = Uuid::from_u128(0x6f1c_2b0e_5d1a_4c53_9a57_0d6f_3b8e_71c4);

impl Reading {
    pub(super) fn customers(&mut self, root: &Table<'_>) {
        for (id, table) in (1..).map(CustomerId).zip(root.tables("customers")) {
            let customer = self.read_customer(&table, id);
            self.entries.customers.extend(customer);
            table.finish();
        }
    }

    fn read_customer(&mut self, table: &Table<'_>, id: CustomerId) -> Option<Customer> {
        let name = table.needed("name", forms::name());
        let keep = KeepDays {
            calls: table.given("keep_days", forms::keep_days()),
            recordings: table.given("keep_recordings_days", forms::keep_days()),
        };
        let hidden = table.set("hidden_cdr_fields", forms::hidden_field());
        let name = name?;
        self.customers.take(table, "name", name.clone(), id, "a name that no other customer has");
        Some(Customer { id, name, keep, hidden: HiddenFields(hidden.into_iter().collect()) })
    }

    pub(super) fn centers(&mut self, root: &Table<'_>) {
        for (id, table) in (1..).map(CenterId).zip(root.tables("centers")) {
            let center = self.read_center(&table, id);
            self.entries.centers.extend(center);
            table.finish();
        }
    }

    fn read_center(&mut self, table: &Table<'_>, id: CenterId) -> Option<Center> {
        let name = table.needed("name", forms::name());
        let customer = table.needed("customer", self.customer());
        let (name, customer) = (name?, customer?);
        let accepted = "a name that no other center of the customer has";
        self.centers.take(table, "name", (customer, name.clone()), id, accepted);
        Some(Center { id, customer, name })
    }

    pub(super) fn accounts(&mut self, root: &Table<'_>) {
        for table in root.tables("accounts") {
            let account = self.read_account(&table);
            self.entries.accounts.extend(account);
            table.finish();
        }
    }

    fn read_account(&mut self, table: &Table<'_>) -> Option<Account> {
        let id = table.needed("id", forms::account_id());
        let uuid = table.given("uuid", forms::uuid());
        let name = table.needed("name", forms::name());
        let customer = table.needed("customer", self.customer());
        let center = match customer {
            Some(customer) => table.given("center", self.center(customer)),
            None => table.skip("center"),
        };
        let limits = limits::read(table);
        let (billing, calling) = (self.billing(table), calling::read(table));
        let rings = rings::read(table);
        let id = id?;
        self.accounts.take(table, "id", id, customer, "an id that no other account has");
        let uuid = uuid.unwrap_or_else(|| Uuid::new_v5(&ACCOUNTS, id.to_string().as_bytes()));
        self.uuids.take(table, "uuid", uuid, (), "a UUID that no other account has");
        Some(Account { id, uuid, customer: customer?, center, name: name?, limits, billing, calling, rings })
    }
}
