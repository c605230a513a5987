//! Why a command was not carried out.

use call::ErrorCode;
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
            Self::Conflict(_) => ErrorCode::Conflict,
            Self::Switch(error) => error.code(),
            Self::Annotation(_) => ErrorCode::InvalidInput,
            Self::History(error) => error.code(),
        }
    }
}
