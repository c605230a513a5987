//! Who has changed what.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditWire {
    /// The latest come first.
    pub entries: Vec<AuditEntryWire>,
    /// What `before` is to be for the entries before these; null if there are none.
    pub next: Option<i64>,
}

/// A change. In CSV, its members are the columns.
#[derive(Clone, Serialize, JsonSchema)]
pub struct AuditEntryWire {
    /// Its number: later changes have greater ones.
    pub id: i64,
    /// RFC 3339, UTC.
    pub at: String,
    /// `"user"`, `"token"`, `"operator"`, `"system"` (the command line) or `"server"`.
    pub who: &'static str,
    /// The login, or the name that the system has for them.
    pub name: Option<String>,
    /// The address that it came from.
    pub source: Option<String>,
    /// `"command-line"`, `"native"`, `"yeti"`, `"vonage"` or `"hostedsuite"`.
    pub interface: &'static str,
    /// The name of the customer whose the entry is.
    pub customer: Option<String>,
    /// The number of the account whose it is.
    pub account: Option<u32>,
    /// `"added"`, `"changed"` or `"removed"`.
    pub action: &'static str,
    /// What was changed.
    pub entry: String,
    /// What it was, as in a directory file, without secrets; of a changed one, the lines that are others now.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl std::fmt::Debug for AuditEntryWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditEntryWire").field("id", &self.id).finish_non_exhaustive()
    }
}
