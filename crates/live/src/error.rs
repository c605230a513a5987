//! Why a command was not carried out.

use call::{ErrorCode, event::EndCause};
use history::{HistoryError, annotations::AnnotationEditError};
use switch::SwitchError;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The client has nothing to say in this account.
    #[error("the account is not this client's")]
    Forbidden,
    /// No such live call or leg in the account.
    #[error("the call or leg is not there")]
    NotFound,
    /// The call or leg is not in a state that allows it.
    #[error("{0}")]
    Conflict(&'static str),
    /// It was begun and came to nothing: for this reason of whom it was to reach, if there was anybody.
    #[error("{}", reason(*.0))]
    Failed(Option<EndCause>),
    /// The switch refuses.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// A note is not accepted.
    #[error(transparent)]
    Annotation(#[from] AnnotationEditError),
    /// The history fails.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl CommandError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Forbidden => ErrorCode::Forbidden,
            Self::NotFound => ErrorCode::NotFound,
            Self::Conflict(_) | Self::Failed(_) => ErrorCode::Conflict,
            Self::Switch(error) => error.code(),
            Self::Annotation(_) => ErrorCode::InvalidInput,
            Self::History(error) => error.code(),
        }
    }
}

/// Why nothing came of a command, for whoever gave it.
fn reason(cause: Option<EndCause>) -> &'static str {
    let Some(cause) = cause else { return "the call or leg ended before it was done" };
    match cause {
        EndCause::Busy => "whom it was for is busy",
        EndCause::NoAnswer => "whom it was for did not answer",
        EndCause::Rejected => "whom it was for refused",
        EndCause::NoRoute => "nobody has that number",
        EndCause::Unavailable => "whom it was for cannot be reached",
        EndCause::AnsweredElsewhere => "another phone was faster",
        EndCause::Limit => "a limit of the account, trunk or length was reached",
        EndCause::Failed => "whom it was for, or the way there, is out of order",
        EndCause::Normal | EndCause::Cancelled | EndCause::Transferred | EndCause::Interrupted => {
            "the party left before it was done"
        }
    }
}
