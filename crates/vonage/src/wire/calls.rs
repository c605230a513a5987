//! A call, and the list of calls.

use call::CallId;
use serde::Serialize;

use super::{Digits, DirectionWire, LegWire, PagesWire, StatusWire, as_text};

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct CallWire {
    /// The account that it is seen from.
    pub account_id: Digits,
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub call_id: CallId,
    /// Which way it goes.
    pub direction: DirectionWire,
    /// When it ended, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Digits>,
    /// The caller's number.
    pub from: Digits,
    /// Its legs, oldest first.
    pub legs: Vec<LegWire>,
    /// When its first leg came into being, in seconds.
    pub start_time: Digits,
    /// How it stands.
    pub status: StatusWire,
    /// The number dialed.
    pub to: Digits,
}

/// A page of calls.
#[derive(Clone, Debug, Serialize)]
pub struct CallsPageWire {
    /// The calls.
    pub calls: Vec<CallWire>,
    /// The page's number, from 0.
    pub current_page: Digits,
    /// The ways to the other pages.
    #[serde(flatten)]
    pub pages: PagesWire,
}
