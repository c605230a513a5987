//! A refusal.

use serde::Serialize;

/// `{"error": {…}}`.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorWire {
    /// What is wrong.
    pub error: ErrorBodyWire,
}

/// What is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorBodyWire {
    /// What kind of trouble it is.
    pub code: &'static str,
    /// The same for people.
    pub message: String,
    /// The member of the request that it is about, if it is about one.
    #[serde(flatten)]
    pub member: Option<Box<BadMemberWire>>,
}

/// A member that is not accepted.
#[derive(Clone, Debug, Serialize)]
pub struct BadMemberWire {
    /// Its name.
    pub field: String,
    /// What was found there.
    pub found: String,
    /// What is accepted there.
    pub accepted: String,
}
