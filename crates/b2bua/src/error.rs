//! Why a command is refused.

use std::fmt;

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such call or leg, or no longer.
    NotFound,
    /// The call or leg is not in a state that allows it.
    Conflict(&'static str),
    /// What is to be rung or dialled does not exist or cannot be reached.
    Unreachable(&'static str),
    /// The account has as many calls as it may have, or begins them too fast.
    Limit,
    /// No new calls are taken now.
    Unavailable,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "the call or leg is not there",
            Self::Conflict(why) | Self::Unreachable(why) => why,
            Self::Limit => "a limit of the account is reached",
            Self::Unavailable => "no new calls are taken now",
        })
    }
}

impl std::error::Error for Refusal {}
