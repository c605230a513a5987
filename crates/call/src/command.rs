//! What the API wants done to a call. Imperative; the outcome comes back as events.

use crate::{
    id::{AccountId, CallId, DeviceId, LegId},
    number::Number,
};

/// A wish, sent to the switch that holds the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallCommand {
    /// Place a call.
    Originate(Originate),
    /// End every leg of a call.
    HangupCall {
        /// Which call.
        call_id: CallId,
    },
    /// End one leg. A call left with fewer than two parties ends too.
    HangupLeg {
        /// Which call.
        call_id: CallId,
        /// Which leg of it.
        leg_id: LegId,
    },
}

impl CallCommand {
    /// The call that is meant.
    pub fn call_id(&self) -> CallId {
        match self {
            Self::Originate(originate) => originate.call_id,
            Self::HangupCall { call_id } | Self::HangupLeg { call_id, .. } => *call_id,
        }
    }
}

/// Rings `from`; when it answers, dials `to` on its behalf and joins the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originate {
    /// The id that the new call shall have.
    pub call_id: CallId,
    /// The account that places the call. `from`, and an extension in `to`, belong to it.
    pub account: AccountId,
    /// Who is rung first.
    pub from: Target,
    /// Who is dialled then.
    pub to: Target,
}

/// Someone to ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One phone.
    Device(DeviceId),
    /// All phones of an extension of the account.
    Extension(Number),
    /// An outside number.
    Number(Number),
    /// A feature code, dialled as it is.
    FeatureCode(Number),
}
