//! The reports: plain JSON under parameters that are read in the order in which they were sent (contract
//! yeti.md, 5.5, 6.2 and 6.5 to 6.7).

pub mod active_calls;
mod calls;
pub mod outgoing_calls;
mod parameters;
pub mod statistics;

use call::AccountId;
use directory::{Access, Snapshot};
use history::HistoryError;

use super::{
    answer::Answer,
    convert,
    errors::report::{ParameterError, ReportRefusal},
};

/// What a client may ask about.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The client's rights.
    pub access: &'a Access,
    /// The directory as it is now.
    pub directory: &'a Snapshot,
}

impl Scope<'_> {
    /// The account of this id, if the client may see it.
    fn account(&self, text: &str) -> Option<AccountId> {
        let account = self.directory.account_by_uuid(convert::uuid(text)?)?;
        self.access.allows(account.id).then_some(account.id)
    }
}

/// Prints an answer off the asynchronous threads: a report of a year or of a busy account is long.
async fn print(answer: impl FnOnce() -> Answer + Send + 'static) -> Result<Answer, ReportRefusal> {
    tokio::task::spawn_blocking(answer).await.map_err(|_| ReportRefusal::Failed)
}

/// Why a report cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It spans too long a time.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The store failed.
    #[error(transparent)]
    History(#[from] HistoryError),
}
