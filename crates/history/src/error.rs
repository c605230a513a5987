//! What can go wrong.

use call::ErrorCode;

use crate::RecordField;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The store failed while doing `what`.
    #[error("the call history failed to {what}")]
    Store {
        /// What was being done.
        what: &'static str,
        /// What went wrong below.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something stored cannot be read back.
    #[error("a stored {what} cannot be read: {reason}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Part of what is stored is not as it was written, or not there. Whatever needs it fails; a backup mends it.
    #[error("part of the call history is damaged: {part}")]
    Damaged {
        /// Its name, which says nothing of the calls that it holds.
        part: String,
    },
    /// A condition compares a field with a value of another kind.
    #[error("the field {field:?} was compared with a value of another kind")]
    Mismatch {
        /// The field.
        field: RecordField,
    },
    /// It took too long and was broken off.
    #[error("the call history took too long to {what}")]
    TooSlow {
        /// What was being done.
        what: &'static str,
    },
    /// No more files can be opened: more connections and calls go on than this process may have files.
    #[error("the call history failed to {what}: no more files can be opened (LimitNOFILE, `ulimit -n`)")]
    NoFiles {
        /// What was being done.
        what: &'static str,
    },
    /// The account has as many exports as it may have.
    #[error("the account has {most} exports {of} already, which is the most; delete some, or wait")]
    TooManyExports {
        /// How many it may have.
        most: u32,
        /// Of which kind.
        of: &'static str,
    },
    /// The store is closed.
    #[error("the call history is closed")]
    Closed,
}

impl HistoryError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store { .. } | Self::Unreadable { .. } | Self::Damaged { .. } | Self::Mismatch { .. } => {
                ErrorCode::Internal
            }
            Self::TooManyExports { .. } => ErrorCode::TooManyRequests,
            Self::TooSlow { .. } | Self::NoFiles { .. } | Self::Closed => ErrorCode::Unavailable,
        }
    }
}
