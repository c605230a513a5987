//! Errors (contract yeti.md, 1.2 and 3).

use serde::Serialize;

/// The body of a JSON:API refusal.
#[derive(Debug, Serialize)]
pub struct ErrorsWire {
    /// The errors.
    pub errors: Vec<ErrorWire>,
}

/// An error object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorWire {
    /// What kind of error, in words.
    pub title: String,
    /// What is wrong.
    pub detail: String,
    /// What kind of error, as a number.
    pub code: String,
    /// Where in the request; for validation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceWire>,
    /// The HTTP status.
    pub status: String,
}

/// Where in the request an error lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceWire {
    /// A JSON pointer.
    pub pointer: String,
}

/// The body of a report's refusal.
#[derive(Debug, Serialize)]
pub struct ReportErrorWire {
    /// What is wrong.
    pub error: String,
}
