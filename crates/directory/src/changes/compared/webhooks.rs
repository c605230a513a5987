//! Webhooks.

use std::sync::Arc;

use call::AccountId;

use super::{Compared, differing, of_account};
use crate::{audit::Whose, file::Entry, model::Webhook, snapshot::Snapshot};

impl Compared for Webhook {
    type Key = (AccountId, Arc<str>);

    fn key(&self) -> Self::Key {
        Self::key(self)
    }

    fn title(&self, _: &Snapshot) -> String {
        format!("webhook {:?} of account {}", self.name, self.account)
    }

    fn differences(&self, other: &Self) -> Vec<&'static str> {
        differing!(
            self, other,
            "url": url, "format": format, "types": types, "extension": extension, "trunk": trunk,
            "secret": secret.sha256,
        )
    }

    fn whose(&self, directory: &Snapshot) -> Whose {
        of_account(directory, self.account)
    }

    fn entry(&self) -> Entry<'_> {
        Entry::Webhook(self)
    }
}
