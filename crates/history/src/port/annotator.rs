//! What accounts note about calls.

use async_trait::async_trait;
use call::{AccountId, CallId};

use crate::{AnnotationChange, Annotations, HistoryError};

/// Keeps what was noted. Searches find by it and sort by it as it is now.
#[async_trait]
pub trait Annotator: Send + Sync + 'static {
    /// Changes what is noted about a call, for each of `accounts` on its own. What is so already is no change.
    /// Those of a call that is merged into another are then that one's.
    ///
    /// Whether the accounts have a side of the call is the caller's business; one that has none only notes
    /// something for itself.
    async fn annotate(
        &self,
        accounts: Vec<AccountId>,
        call: CallId,
        change: AnnotationChange,
    ) -> Result<(), HistoryError>;

    /// What each of these accounts noted about its call, in the order of `calls`.
    async fn annotations(&self, calls: Vec<(AccountId, CallId)>) -> Result<Vec<Annotations>, HistoryError>;

    /// The latest changes of what an account noted about a call, newest first.
    async fn annotation_changes(
        &self,
        account: AccountId,
        call: CallId,
        limit: u32,
    ) -> Result<Vec<AnnotationChange>, HistoryError>;
}
