//! A call as another switch tells it.

use std::{net::SocketAddr, sync::Arc};

use call::{
    Number, Timestamp,
    event::{EndCause, SipStatus},
    rating::Rate,
};

/// A call that is over.
#[derive(Clone, PartialEq)]
pub struct ForeignCall {
    /// What makes it this call and no other, in its file's own terms.
    pub identity: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When the called party rang, if that is told.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered; `None` if it was not.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Who called.
    pub caller: ForeignParty,
    /// The caller's name.
    pub caller_name: Option<Arc<str>>,
    /// Who was called.
    pub called: ForeignParty,
    /// Why it ended.
    pub cause: EndCause,
    /// Who ended it.
    pub ended_by: EndedBy,
    /// The final status of SIP toward the caller, if it is told.
    pub status: Option<SipStatus>,
}

/// One side of a call.
#[derive(Clone, Default, PartialEq)]
pub struct ForeignParty {
    /// The number as received or dialed.
    pub number: Text,
    /// The number as used for routing, if it is another.
    pub routed: Option<Number>,
    /// The account, as the file names it.
    pub account: Option<String>,
    /// The phone or trunk, as the file names it.
    pub endpoint: Option<String>,
    /// What the account pays or is paid.
    pub rate: Option<Rate>,
    /// The Call-ID header.
    pub sip_call_id: Option<Arc<str>>,
    /// Where the party is.
    pub address: Option<SocketAddr>,
    /// Its `User-Agent` or `Server` header.
    pub user_agent: Option<Arc<str>>,
}

/// A number as text; empty if none is told.
pub type Text = Arc<str>;

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The calling party.
    Caller,
    /// The called party.
    Called,
    /// Neither, or nobody knows.
    Switch,
}

/// Why a call ended whose final status in SIP was this.
pub(crate) fn cause_of(code: u16) -> EndCause {
    match code {
        200..=299 => EndCause::Normal,
        486 | 600 => EndCause::Busy,
        408 | 480 => EndCause::NoAnswer,
        487 => EndCause::Cancelled,
        404 | 484 | 604 => EndCause::NoRoute,
        400..=499 | 603 | 607 | 608 => EndCause::Rejected,
        _ => EndCause::Failed,
    }
}
