//! Webhooks.

use std::sync::Arc;

use super::{Reading, Table, forms};
use crate::model::{SigningSecret, Webhook, WebhookFormat};

impl Reading {
    pub(super) fn webhooks(&mut self, root: &Table<'_>) {
        for table in root.tables("webhooks") {
            let webhook = self.read_webhook(&table);
            self.entries.webhooks.extend(webhook);
            table.finish();
        }
    }

    fn read_webhook(&mut self, table: &Table<'_>) -> Option<Webhook> {
        let account = table.needed("account", self.account());
        let name = table.needed("name", forms::name());
        let url = table.needed("url", forms::receiver_url());
        let format = table.given("format", forms::webhook_format()).unwrap_or_default();
        let types = table.set("types", forms::event_type());
        if format != WebhookFormat::CloudEvents && !types.is_empty() {
            let accepted = r#"none, as the format tells of calls as a whole"#;
            let _: Option<()> = table.refuse("types", "types", accepted);
        }
        let extension = table.given("extension", self.extension_of(account));
        let trunk = table.given("trunk", self.trunk());
        let secret = read_secret(table);
        let (account, name) = (account?, name?);
        let accepted = "a name that no other webhook of the account has";
        self.webhooks.take(table, "name", (account, name.clone()), (), accepted);
        Some(Webhook { account, name, url: url?, format, types, extension, trunk, secret: secret? })
    }
}

/// The secret: in the file, in the environment of whoever reads that, or, if the directory has it already, by its digest.
fn read_secret(table: &Table<'_>) -> Option<SigningSecret> {
    let accepted = "one of secret, secret_env and secret_sha256";
    let text = table.given("secret", forms::signing_secret());
    let variable = table.given("secret_env", forms::name());
    let digest = table.given("secret_sha256", forms::sha256());
    match ["secret", "secret_env", "secret_sha256"].into_iter().filter(|key| table.has(key)).count() {
        0 => table.refuse("secret", "nothing", accepted),
        1 => variable
            .and_then(|name| from_environment(table, &name))
            .or(text)
            .map(SigningSecret::new)
            .or_else(|| digest.map(SigningSecret::digest)),
        _ => table.refuse("secret", "several secrets", accepted),
    }
}

fn from_environment(table: &Table<'_>, name: &str) -> Option<Arc<str>> {
    let value = std::env::var(name).ok().filter(|value| forms::is_signing_secret(value));
    let refuse = || {
        let accepted = format!("the name of an environment variable with {}", forms::SIGNING_SECRET);
        table.refuse("secret_env", format!("{name:?}, which is no such variable"), accepted)
    };
    value.map(Arc::from).or_else(refuse)
}
