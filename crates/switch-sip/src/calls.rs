//! The calls that are up.

use std::collections::HashMap;

use call::CallId;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::session::Mailbox;

/// The calls that are up.
#[derive(Default)]
pub(crate) struct Calls {
    mailboxes: Mutex<HashMap<CallId, Mailbox>>,
    ended: Notify,
}

impl Calls {
    /// Adds a call unless there are `limit`; says whether it did.
    pub(crate) fn add(&self, call: CallId, mailbox: Mailbox, limit: usize) -> bool {
        let mut mailboxes = self.mailboxes.lock();
        let has_room = mailboxes.len() < limit && !mailboxes.contains_key(&call);
        if has_room {
            mailboxes.insert(call, mailbox);
        }
        has_room
    }

    pub(crate) fn remove(&self, call: CallId) {
        self.mailboxes.lock().remove(&call);
        self.ended.notify_waiters();
    }

    pub(crate) fn get(&self, call: CallId) -> Option<Mailbox> {
        self.mailboxes.lock().get(&call).cloned()
    }

    pub(crate) fn count(&self) -> usize {
        self.mailboxes.lock().len()
    }

    pub(crate) fn all(&self) -> Vec<Mailbox> {
        self.mailboxes.lock().values().cloned().collect()
    }

    /// Returns when no call is up.
    pub(crate) async fn idle(&self) {
        loop {
            let ended = self.ended.notified();
            if self.mailboxes.lock().is_empty() {
                return;
            }
            ended.await;
        }
    }
}
