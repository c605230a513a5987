//! The answers to a change of a call or leg.

use call::{CallId, LegId};
use serde::Serialize;

use super::{Digits, as_text};

/// What a change did to a call.
#[derive(Clone, Debug, Serialize)]
pub struct ModifiedCallWire {
    /// The account that asked for it.
    pub account_id: Digits,
    /// The call.
    #[serde(serialize_with = "as_text")]
    pub call_id: CallId,
    /// How the call stands now.
    pub call_state: CallStateWire,
    /// Whom the change is about. Always text.
    pub destination: String,
}

/// What a change did to a leg.
#[derive(Clone, Debug, Serialize)]
pub struct ModifiedLegWire {
    /// The account that asked for it.
    pub account_id: Digits,
    /// The call.
    #[serde(serialize_with = "as_text")]
    pub call_id: CallId,
    /// How the leg stands now.
    pub call_state: CallStateWire,
    /// Whom the change is about. Always text.
    pub destination: String,
    /// The leg.
    #[serde(serialize_with = "as_text")]
    pub leg_id: LegId,
}

/// How a call or leg stands after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStateWire {
    /// A phone rings.
    Ringing,
    /// It is answered, or taken back from hold.
    Active,
    /// The other side is on hold.
    Held,
    /// A party waits in a slot.
    Parked,
    /// A party is being sent, or was sent, elsewhere.
    Transferred,
    /// It is over.
    Disconnected,
}
