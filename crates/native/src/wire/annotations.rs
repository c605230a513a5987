//! What was noted about a call.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer to both verbs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnnotationsWire {
    /// The call.
    pub call_id: String,
    /// What was noted.
    pub notes: Option<String>,
    /// Whether it is flagged.
    pub flagged: bool,
    /// What was noted about the flag.
    pub flag_notes: Option<String>,
    /// The forms that were filled in, in the order in which they came.
    pub completed_form_ids: Vec<String>,
    /// After-call work.
    pub work_time_in_seconds: f64,
    /// Who changed what when, the latest first.
    pub changes: Vec<ChangeWire>,
}

/// A change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeWire {
    /// RFC 3339, UTC.
    pub at: String,
    /// Who.
    pub by: AuthorWire,
    /// What became different; absent members stayed as they were.
    #[serde(flatten)]
    pub edit: EditWire,
}

/// Who changed something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AuthorWire {
    /// A person who signed in.
    User {
        /// Who.
        id: u32,
        /// The login at that time.
        login: String,
    },
    /// A program with a token of the account.
    Token,
    /// Whoever used a phone.
    Device {
        /// Which.
        id: u32,
        /// Its name at that time.
        name: String,
    },
}

/// What became different.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EditWire {
    /// The notes; empty if they were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flagged: Option<bool>,
    /// The notes about the flag; empty if they were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag_notes: Option<String>,
    /// Forms that came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub completed_form_ids: Vec<String>,
    /// Forms that went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_form_ids: Vec<String>,
    /// What the after-call work was set to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_time_in_seconds: Option<f64>,
    /// What was added to the after-call work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_work_time_in_seconds: Option<f64>,
}
