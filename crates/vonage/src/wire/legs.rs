//! A leg.

use call::{CallId, LegId};
use serde::Serialize;

use super::{Digits, DirectionWire, StatusWire, as_text};

/// One party's side of a call.
#[derive(Clone, Debug, Serialize)]
pub struct LegWire {
    /// The account that the leg belongs to.
    pub account_id: Digits,
    /// The call.
    #[serde(serialize_with = "as_text")]
    pub call_id: CallId,
    /// Which way it goes.
    pub direction: DirectionWire,
    /// When it ended, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Digits>,
    /// The number shown as calling.
    pub from: Digits,
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub leg_id: LegId,
    /// When it came into being, in seconds.
    pub start_time: Digits,
    /// How it stands.
    pub status: StatusWire,
    /// The number called.
    pub to: Digits,
}
