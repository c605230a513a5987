//! The reports: plain JSON under parameters that are read in the order in which they were sent (contract
//! yeti.md, 5.5, 6.2 and 6.5 to 6.7).

pub mod active_calls;
mod calls;
pub mod outgoing_calls;
mod parameters;
pub mod request;
pub mod statistics;

use super::{answer::Answer, errors::report::ReportRefusal};

/// Prints an answer off the asynchronous threads: a report of a year or of a busy account is long.
async fn print(answer: impl FnOnce() -> Answer + Send + 'static) -> Result<Answer, ReportRefusal> {
    tokio::task::spawn_blocking(answer).await.map_err(|_| ReportRefusal::Failed)
}
