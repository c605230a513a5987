//! Mailboxes.

use directory::mailboxes::Mailbox;
use schemars::JsonSchema;
use serde::Serialize;

/// How many voice messages lie in the mailbox of an extension.
#[derive(Serialize, JsonSchema)]
pub struct MailboxWire {
    /// The extension.
    pub extension: String,
    /// Not heard yet, the urgent ones among them.
    pub new: u32,
    /// Heard, the urgent ones among them.
    pub old: u32,
    /// Urgent and not heard yet.
    pub urgent_new: u32,
    /// Urgent and heard.
    pub urgent_old: u32,
}

impl MailboxWire {
    /// The mailbox of an extension.
    pub fn new(extension: &str, mailbox: Mailbox) -> Self {
        let Mailbox { new, old, urgent_new, urgent_old } = mailbox;
        Self { extension: extension.to_owned(), new, old, urgent_new, urgent_old }
    }
}
