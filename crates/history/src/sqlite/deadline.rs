//! When a question is to be broken off.

use std::sync::Arc;

use crate::HistoryError;

/// Tells when a query is to be broken off.
#[derive(Clone)]
pub(super) struct Deadline(Arc<dyn Fn() -> bool + Send + Sync>);

impl Deadline {
    /// When `is_over` says so.
    pub(super) fn new(is_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_over))
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        (self.0)()
    }

    /// An error once it is over.
    pub(super) fn check(&self) -> Result<(), HistoryError> {
        if self.is_over() { Err(HistoryError::TooSlow { what: "read sealed days" }) } else { Ok(()) }
    }
}
