//! Which extensions ring, for those who take such a call at their own phone.

use std::sync::Arc;

use call::{AccountId, Number};
use parking_lot::Mutex;

use crate::session::Mailbox;

/// The extensions that ring, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Ringing {
    entries: Arc<Mutex<Vec<Entry>>>,
}

struct Entry {
    id: u64,
    account: AccountId,
    extension: Number,
    mailbox: Mailbox,
}

/// An extension that rings until this is dropped.
pub(crate) struct Ring {
    ringing: Ringing,
    id: u64,
}

impl Ringing {
    pub(crate) fn add(&self, account: AccountId, extension: Number, mailbox: Mailbox) -> Ring {
        let id = rand::random();
        self.entries.lock().push(Entry { id, account, extension, mailbox });
        Ring { ringing: self.clone(), id }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.entries.lock().len()
    }

    /// The call that an extension of the account rings for; any extension if none is named.
    pub(crate) fn find(&self, account: AccountId, extension: Option<&Number>) -> Option<Mailbox> {
        let fits = |entry: &&Entry| {
            entry.account == account && extension.is_none_or(|extension| entry.extension == *extension)
        };
        self.entries.lock().iter().find(fits).map(|entry| entry.mailbox.clone())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.ringing.entries.lock().retain(|entry| entry.id != self.id);
    }
}
