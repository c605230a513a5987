//! What lies in the mailboxes of extensions, as the system that keeps the messages says it.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use call::{AccountId, Number, Timestamp};
use keyvalue::Table;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

/// How many voice messages lie in a mailbox (RFC 3842 section 3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Not heard yet, the urgent ones among them.
    pub new: u32,
    /// Heard, the urgent ones among them.
    pub old: u32,
    /// Urgent and not heard yet.
    pub urgent_new: u32,
    /// Urgent and heard.
    pub urgent_old: u32,
}

type Listener = Box<dyn Fn(AccountId, &Number) + Send + Sync>;

/// The mailboxes that something was said of. Kept on disk.
pub struct Mailboxes {
    mailboxes: RwLock<HashMap<(AccountId, Number), Mailbox>>,
    table: Arc<dyn Table>,
    listener: OnceLock<Listener>,
}

impl std::fmt::Debug for Mailboxes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailboxes(…)")
    }
}

impl Mailboxes {
    /// Those that were kept.
    pub fn new(table: Arc<dyn Table>) -> Self {
        let kept = table.load(Timestamp::MIN).into_iter().filter_map(|entry| {
            let (account, number) = entry.key.split_once('/')?;
            let mailbox = serde_json::from_slice(&entry.value).ok()?;
            Some(((AccountId(account.parse().ok()?), Number::from(number)), mailbox))
        });
        Self { mailboxes: RwLock::new(kept.collect()), table, listener: OnceLock::new() }
    }

    /// What lies in the mailbox of an extension: nothing, if nobody has said otherwise.
    pub fn get(&self, account: AccountId, extension: &Number) -> Mailbox {
        self.mailboxes.read().get(&(account, extension.clone())).copied().unwrap_or_default()
    }

    /// Says what lies there now. `false` if that will not outlive the process.
    pub async fn set(&self, account: AccountId, extension: &Number, mailbox: Mailbox) -> bool {
        let key = format!("{}/{}", account.0, extension.as_str());
        let value = serde_json::to_vec(&mailbox).expect("numbers can be printed as JSON");
        {
            // Kept in the order in which they are said.
            let mut mailboxes = self.mailboxes.write();
            mailboxes.insert((account, extension.clone()), mailbox);
            self.table.put(&key, value, Timestamp::MAX);
        }
        if let Some(listener) = self.listener.get() {
            listener(account, extension);
        }
        self.table.durable().await
    }

    /// Has `listener` called after each change. The first one stays.
    pub fn listen(&self, listener: impl Fn(AccountId, &Number) + Send + Sync + 'static) {
        let _ = self.listener.set(Box::new(listener));
    }
}

#[cfg(test)]
mod tests {
    use keyvalue::Memory;

    use super::*;

    #[tokio::test]
    async fn what_was_said_is_kept_and_told() {
        let table: Arc<dyn Table> = Arc::new(Memory::default());
        let mailboxes = Mailboxes::new(table.clone());
        let heard = Arc::new(RwLock::new(Vec::new()));
        let ears = heard.clone();
        mailboxes.listen(move |account, extension| ears.write().push((account, extension.clone())));
        let (account, extension) = (AccountId(1), Number::from("1001"));
        let mailbox = Mailbox { new: 2, ..Mailbox::default() };
        assert!(mailboxes.set(account, &extension, mailbox).await);
        assert_eq!(*heard.read(), [(account, extension.clone())]);
        let kept = table.load(Timestamp::MIN).remove(0);
        let form = br#"{"new":2,"old":0,"urgent_new":0,"urgent_old":0}"#;
        assert_eq!((kept.key.as_str(), kept.value.as_slice()), ("1/1001", form.as_slice()));
        let again = Mailboxes::new(table);
        assert_eq!(again.get(account, &extension), mailbox);
        assert_eq!(again.get(AccountId(2), &extension), Mailbox::default());
    }
}
