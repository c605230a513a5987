//! A refusal: problem details (RFC 9457).

use schemars::JsonSchema;
use serde::Serialize;

/// `application/problem+json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProblemWire {
    /// What kind of problem it is: `about:blank`, as `code` says more than any address would.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name of the status.
    pub title: &'static str,
    /// The status.
    pub status: u16,
    /// What is wrong, for people.
    pub detail: String,
    /// What kind of trouble it is, for programs.
    pub code: &'static str,
    /// The member of the request that it is about, if it is about one.
    #[serde(flatten)]
    pub member: Option<Box<BadMemberWire>>,
}

/// A member that is not accepted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BadMemberWire {
    /// Its name.
    pub field: String,
    /// What was found there.
    pub found: String,
    /// What is accepted there.
    pub accepted: String,
}
