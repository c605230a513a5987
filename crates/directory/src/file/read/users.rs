//! Users.

use std::sync::Arc;

use call::{AccountId, CustomerId, Number, UserId};

use super::{Reading, Table, forms};
use crate::model::{ProfileId, Scope, User};

impl Reading {
    pub(super) fn users(&mut self, root: &Table<'_>) {
        for (id, table) in (1..).map(UserId).zip(root.tables("users")) {
            let user = self.read_user(&table, id);
            self.entries.users.extend(user);
            table.finish();
        }
    }

    fn read_user(&mut self, table: &Table<'_>, id: UserId) -> Option<User> {
        let login = table.needed("login", forms::login());
        let customer = table.needed("customer", self.customer());
        let password_hash = self.read_password(table, id);
        let name = table.needed("name", forms::name());
        let role = table.needed("role", forms::role());
        let accounts = table.set("accounts", self.account_of(customer));
        let centers =
            customer.map_or_else(|| table.skip("centers"), |id| table.set("centers", self.center(id)));
        let networks = table.set("networks", forms::network());
        let scope = Scope::of(&table.set("scopes", forms::area()));
        let extension = self.read_own_extension(table, customer);
        let profile = table.given("profile", self.profile()).unwrap_or(ProfileId::USUAL);
        let login = login?;
        self.logins.take(table, "login", login.clone(), (), "a login that no other user has");
        let (customer, password_hash, name, role) = (customer?, password_hash?, name?, role?);
        Some(User {
            id,
            customer,
            login,
            password_hash,
            name,
            role,
            accounts,
            centers,
            networks,
            extension,
            profile,
            scope,
        })
    }

    /// The hash; empty if the file gives the password itself, which is set aside.
    fn read_password(&mut self, table: &Table<'_>, id: UserId) -> Option<Arc<str>> {
        let password = table.given("password", forms::password());
        let hash = table.given("password_hash", forms::password_hash());
        let accepted = "either password or password_hash";
        match (table.has("password"), table.has("password_hash")) {
            (true, true) => table.refuse("password", "both password and password_hash", accepted),
            (false, false) => table.refuse("password", "nothing", accepted),
            (false, true) => hash,
            (true, false) => {
                self.passwords.insert(id, password?);
                Some(Arc::default())
            }
        }
    }

    fn read_own_extension(
        &self,
        table: &Table<'_>,
        customer: Option<CustomerId>,
    ) -> Option<(AccountId, Number)> {
        let table = table.inner("extension", r#"a table such as { account = 1, number = "1001" }"#)?;
        let account = table.needed("account", self.account_of(customer));
        let number = table.needed("number", self.extension_of(account));
        table.finish();
        account.zip(number)
    }
}
