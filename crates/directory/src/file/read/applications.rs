//! Applications.

use std::sync::Arc;

use super::{Reading, Table, forms};
use crate::{
    digest,
    model::{Application, Scope},
};

impl Reading {
    pub(super) fn applications(&mut self, root: &Table<'_>) {
        for table in root.tables("applications") {
            let application = self.read_application(&table);
            self.entries.applications.extend(application);
            table.finish();
        }
    }

    fn read_application(&mut self, table: &Table<'_>) -> Option<Application> {
        let client_id = table.needed("client_id", forms::sip_user());
        let name = table.needed("name", forms::name());
        let account = table.needed("account", self.account());
        let secret_sha256 = read_secret(table);
        let redirect_uris = table.set("redirect_uris", forms::redirect_uri());
        let scope = Scope::of(&table.set("scopes", forms::area()));
        let client_id = client_id?;
        let accepted = "a client_id that no other application has";
        self.applications.take(table, "client_id", client_id.clone(), (), accepted);
        Some(Application { client_id, account: account?, name: name?, secret_sha256, redirect_uris, scope })
    }
}

/// The digest, either given or made from the secret; `None` for an application that keeps no secret.
fn read_secret(table: &Table<'_>) -> Option<Arc<str>> {
    let secret = table.given("secret", forms::long_secret());
    let digest = table.given("secret_sha256", forms::sha256());
    if table.has("secret") && table.has("secret_sha256") {
        return table.refuse("secret", "both a secret and its digest", "either secret or secret_sha256");
    }
    secret.map(|secret| digest::sha256(&secret)).or(digest)
}
