//! A refusal.

use serde::Serialize;

use super::Digits;

/// `{"code": …, "message": …}`.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorWire {
    /// The HTTP status.
    pub code: Digits,
    /// What is wrong.
    pub message: String,
}
