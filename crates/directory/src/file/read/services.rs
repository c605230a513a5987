//! Services.

use call::AccountId;
use uuid::Uuid;

use super::{Reading, Table, forms};
use crate::model::Service;

/// The UUIDs of services that have none of their own are made in this namespace.
const SERVICES: Uuid = Uuid::from_u128(0x9a41_6e0d_3c72_4f18_b5d7_20e8_64ac_1f93);

impl Reading {
    pub(super) fn services(&mut self, root: &Table<'_>) {
        for table in root.tables("services") {
            let service = self.read_service(&table);
            self.entries.services.extend(service);
            table.finish();
        }
    }

    fn read_service(&mut self, table: &Table<'_>) -> Option<Service> {
        let account = table.needed("account", self.account());
        let name = table.needed("name", forms::name());
        let kind = table.needed("type", forms::name());
        let uuid = table.given("uuid", forms::uuid());
        let price = |key| table.given(key, forms::money()).unwrap_or_default();
        let (initial_price, renew_price) = (price("initial_price"), price("renew_price"));
        let renew_period = table.given("renew_period", forms::renew_period());
        if table.has("renew_price") && !table.has("renew_period") {
            let _: Option<()> = table.refuse("renew_period", "nothing", "how often renew_price is charged");
        }
        let starts_at = table.needed("starts_at", forms::recent_instant());
        let ends_at = table.given("ends_at", forms::instant());
        if starts_at.zip(ends_at).is_some_and(|(start, end)| end <= start) {
            let _: Option<()> = table.refuse("ends_at", "an earlier instant", "an instant after starts_at");
        }
        let (account, name) = (account?, name?);
        let accepted = "a name that no other service of the account has";
        self.services.take(table, "name", (account, name.clone()), (), accepted);
        let uuid = uuid.unwrap_or_else(|| made_uuid(account, &name));
        self.service_uuids.take(table, "uuid", uuid, (), "a UUID that no other service has");
        Some(Service {
            uuid,
            account,
            name,
            kind: kind?,
            initial_price,
            renew_price,
            renew_period,
            starts_at: starts_at?,
            ends_at,
        })
    }
}

fn made_uuid(account: AccountId, name: &str) -> Uuid {
    Uuid::new_v5(&SERVICES, format!("{account} {name}").as_bytes())
}
