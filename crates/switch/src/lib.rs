//! The port to whatever switches calls: the trait, its conformance suite and the simulated switch.
//!
//! A switch says what happened ([`call::CallEvent`]) and is told what is wanted ([`call::CallCommand`]).

pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod events;
mod promises;
pub mod registration;
pub mod simulated;
pub mod trunk;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use call::{AccountId, CallCommand, ErrorCode, LegId, Number, quality::LegQuality};

pub use clock::{CallClock, Clock, ManualClock, SystemClock, wait_until};
pub use events::{EventFlow, EventSink, EventSource, NoRoom, event_channel};
pub use promises::Promises;
pub use registration::Registration;
pub use simulated::SimulatedSwitch;
pub use trunk::TrunkState;

/// Something that switches calls.
///
/// It reports through the [`EventSink`] that it was made with. For each call the events come in order, each
/// exactly once: `CallStarted` first, a leg's `LegOffered` before anything else of the leg, and `LegEnded`
/// last for each leg. When all legs have ended, no event of the call follows.
#[async_trait]
pub trait Switch: Send + Sync + 'static {
    /// Takes a command. `Ok` says that it is being carried out; what comes of it is told by events.
    ///
    /// A command for a call or leg that is not there, or no longer, is [`SwitchError::NotFound`].
    async fn command(&self, command: CallCommand) -> Result<(), SwitchError>;

    /// Whether the switch itself serves callers of this number: a feature code or a parking slot.
    fn serves(&self, number: &Number) -> bool;

    /// The registrations of an account's devices, one for each contact, in no order. A device whose
    /// contacts have all lapsed still has its latest one, with `expires_at` in the past.
    fn registrations(&self, account: AccountId) -> Vec<Registration>;

    /// How many contacts are registered now, all accounts together.
    fn registration_count(&self) -> usize;

    /// How the trunks are that the switch watches or registers at, by id.
    fn trunks(&self) -> Vec<TrunkState> {
        Vec::new()
    }

    /// What is held for calls, each kind by its name. Once no call is up and the last repeats of messages are
    /// absorbed, it is what it was before the first call.
    fn in_use(&self) -> Vec<(&'static str, usize)> {
        Vec::new()
    }

    /// Messages that the system threw away as they were not taken in time; `None` if it does not say.
    fn datagrams_dropped(&self) -> Option<u64> {
        None
    }

    /// How many calls were refused before they began, by reason.
    fn refused(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// What became of the packets of media that have come, by what that was.
    fn media_packets(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// The streams of media that are made of one codec another, by pair, and those that ever were.
    fn transcoded(&self) -> Vec<Transcoded> {
        Vec::new()
    }

    /// How much there is to do for it.
    fn load(&self) -> Load {
        Load::default()
    }

    /// How well the sound of these legs arrives now, of those that are up and have some that goes through the switch.
    /// What it has come to in the end is in their `LegEnded`.
    async fn quality(&self, _legs: Vec<LegId>) -> Vec<(LegId, LegQuality)> {
        Vec::new()
    }

    /// Takes no new calls from now on (503 with Retry-After), waits at most `grace` for the others to end,
    /// and then ends those. All events have been sent when it returns. Called again meanwhile, the shorter
    /// grace counts.
    async fn stop(&self, grace: Duration);
}

/// Streams of media that are made of one codec another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcoded {
    /// The codec that comes, in small letters.
    pub from: &'static str,
    /// The codec that goes.
    pub to: &'static str,
    /// Streams now.
    pub now: usize,
    /// Streams since the start.
    pub ever: u64,
}

/// How much a switch has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// The longest that a message of the last seconds has waited to be handled.
    pub longest_wait: Duration,
    /// Requests other than calls that were refused as messages waited too long, since the start.
    pub requests_refused: u64,
}

/// Why a switch refuses a command.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// No such call or leg, or no longer.
    #[error("the call or leg is not there")]
    NotFound,
    /// The call or leg is not in a state that allows it.
    #[error("{0}")]
    Conflict(&'static str),
    /// What is to be rung or dialled does not exist or cannot be reached.
    #[error("{0}")]
    Unreachable(&'static str),
    /// The account has as many calls as it may have, or begins them too fast.
    #[error("a limit of the account is reached")]
    Limit,
    /// It takes no new calls now.
    #[error("the switch takes no new calls now")]
    Unavailable,
}

impl SwitchError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Conflict(_) => ErrorCode::Conflict,
            Self::Unreachable(_) => ErrorCode::InvalidInput,
            Self::Limit => ErrorCode::TooManyRequests,
            Self::Unavailable => ErrorCode::Unavailable,
        }
    }
}

/// A switch that is shared.
pub type SharedSwitch = Arc<dyn Switch>;
