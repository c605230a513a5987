//! SIP as the machine sees it: what a message means, not how it is written.
//!
//! Dialog identity, CSeq, routes, Contact, Via and credentials stay with the driver. The same types serve
//! both directions: what a party sends and what it is sent.

use std::{fmt, sync::Arc, time::Duration};

use call::{LegId, Number, event::SipStatus};

use crate::sdp::Sdp;

/// Max-Forwards of a request that begins here (RFC 3261 section 8.1.1.6).
pub const MAX_FORWARDS: u8 = 70;

/// A server transaction of a leg, as the driver numbers it: an INVITE or another request of its party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerTx(pub u64);

/// A client transaction of a leg, as the machine numbers it: a request of ours. Numbers are never used
/// twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientTx(pub u64);

/// The body of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    #[default]
    Empty,
    /// A session description.
    Sdp(Sdp),
    /// Something else, which is passed on as it is.
    Other(Content),
}

/// A body that is no session description.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Its media type, as received.
    pub kind: Arc<str>,
    /// The content itself.
    pub bytes: Arc<[u8]>,
}

impl Body {
    /// The session description, if it is one.
    pub fn sdp(&self) -> Option<&Sdp> {
        match self {
            Self::Sdp(sdp) => Some(sdp),
            Self::Empty | Self::Other(_) => None,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl From<Sdp> for Body {
    fn from(sdp: Sdp) -> Self {
        Self::Sdp(sdp)
    }
}

impl From<Option<Sdp>> for Body {
    fn from(sdp: Option<Sdp>) -> Self {
        sdp.map_or(Self::Empty, Self::Sdp)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// A request inside a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A re-INVITE.
    Invite(Offer),
    /// An UPDATE (RFC 3311).
    Update(Offer),
    /// A PRACK (RFC 3262).
    Prack(Prack),
    /// A BYE, and why.
    Bye(Reasons),
    /// A REFER (RFC 3515).
    Refer(Refer),
    /// A NOTIFY of a referral.
    Notify(Notify),
    /// An INFO.
    Info(Body),
    /// A MESSAGE.
    Message(Body),
    /// An OPTIONS.
    Options,
    /// Any other, which is refused with 405.
    Other,
}

/// What a re-INVITE or an UPDATE says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The session description that it offers; a re-INVITE without one asks for an offer.
    pub body: Body,
    /// What it says of session timers.
    pub timer: SessionTimer,
    /// Who its sender speaks for from now on (RFC 4916): of a party's only where that is believed.
    pub connected: Option<Shown>,
    /// Whether its sender takes UPDATE; `None` if it has no Allow.
    pub takes_update: Option<bool>,
    /// The early dialog that it comes from or goes in, of a called party whose answer is not there.
    pub fork: Fork,
    /// Max-Forwards. The driver refuses 0.
    pub hops: u8,
}

/// What a PRACK acknowledges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prack {
    /// The number of the response (RSeq).
    pub rseq: u32,
    /// The INVITE that it belongs to, from a caller: what its RAck names. A number of no INVITE is that of
    /// none here.
    pub invite: Option<ServerTx>,
    /// The early dialog that it goes in, to a called party.
    pub fork: Fork,
    /// Its body: the answer to an offer in the response.
    pub body: Body,
}

/// One of several early dialogs that an INVITE has made, as the driver numbers them by their To tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fork(pub u32);

/// A REFER.
#[derive(Clone, PartialEq, Eq)]
pub struct Refer {
    /// The user part of Refer-To.
    pub to: Number,
    /// The dialog that whoever is referred shall take the place in (RFC 3891).
    pub replaces: Replaces,
    /// Referred-By (RFC 3892).
    pub referred_by: Option<Arc<str>>,
    /// The number that its NOTIFYs carry as the `id` of their Event, since it is not the first of its dialog:
    /// the driver gives the CSeq always, the machine drops that of the first.
    pub id: u32,
    /// Whether its sender wants to hear how it goes (RFC 4488).
    pub is_told: bool,
}

impl fmt::Debug for Refer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refer").field("replaces", &self.replaces).finish_non_exhaustive()
    }
}

/// The dialog that a Replaces names (RFC 3891), as the driver has found it by its tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replaces {
    /// There is no such header.
    #[default]
    No,
    /// The dialog of this leg.
    Leg(LegId),
    /// The same, but not once it is answered: `early-only`.
    RingingLeg(LegId),
    /// One that is not there.
    Unknown,
}

/// A NOTIFY of a referral (RFC 3515 section 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Which of the dialog's referrals: `None` for the first.
    pub id: Option<u32>,
    /// How it stands, as `message/sipfrag`.
    pub status: SipStatus,
    /// Whether it is over.
    pub is_final: bool,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its status line.
    pub status: SipStatus,
    /// Its body.
    pub body: Body,
    /// The number that a PRACK must name (RSeq), of a provisional one that is sent reliably.
    pub reliable: Option<u32>,
    /// The early dialog that it comes from.
    pub fork: Fork,
    /// What it says of session timers.
    pub timer: SessionTimer,
    /// Who has answered (RFC 3325): of a party's only where that is believed.
    pub connected: Option<Shown>,
    /// Whether its sender takes UPDATE; `None` if it has no Allow.
    pub takes_update: Option<bool>,
    /// The user parts of its Contacts, in their order of preference: where a 3xx sends the call.
    pub contacts: Vec<Number>,
    /// Its Reason headers.
    pub reasons: Reasons,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Its `User-Agent` or `Server`.
    pub user_agent: Option<Arc<str>>,
}

impl Response {
    /// A response with nothing but its status.
    pub fn new(status: SipStatus) -> Self {
        Self {
            status,
            body: Body::Empty,
            reliable: None,
            fork: Fork::default(),
            timer: SessionTimer::default(),
            connected: None,
            takes_update: None,
            contacts: Vec::new(),
            reasons: Reasons::default(),
            retry_after: None,
            user_agent: None,
        }
    }

    /// The same by its code, with the reason phrase of RFC 3261.
    pub fn of(code: u16) -> Self {
        Self::new(status(code))
    }

    /// Whether more is to come.
    pub fn is_provisional(&self) -> bool {
        self.status.code < 200
    }

    /// Whether it is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status.code)
    }
}

/// Who somebody is, as a party is shown it. A number and a name are always of the same one.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number.
    pub number: Number,
    /// The name, if one is known.
    pub name: Option<Arc<str>>,
    /// What `Privacy` asks for, if it is not to be told to whoever is not trusted (RFC 3323).
    pub hidden: Option<Arc<str>>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").field("hidden", &self.hidden).finish_non_exhaustive()
    }
}

/// How a called phone is to ring, and what it may show besides: headers as received, comma-joined.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Alerting {
    /// Alert-Info (RFC 3261 section 20.4).
    pub alert_info: Option<Arc<str>>,
    /// Call-Info (RFC 3261 section 20.9).
    pub call_info: Option<Arc<str>>,
    /// Answer-Mode (RFC 5373).
    pub answer_mode: Option<Arc<str>>,
    /// Where the call comes from, if the phone is told; of ours only.
    pub origin: Option<Origin>,
}

/// Where a call comes from, as a phone may ring for it (RFC 7462 section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Another phone of its own account.
    Internal,
    /// Somebody else.
    External,
}

impl fmt::Debug for Alerting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alerting").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What Reason headers say (RFC 3326), as received: passed on from leg to leg, and told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons(pub Option<Arc<str>>);

impl Reasons {
    /// What those are told who ring when another one has answered.
    pub(crate) fn completed_elsewhere() -> Self {
        Self(Some("SIP;cause=200;text=\"Call completed elsewhere\"".into()))
    }

    /// That somebody else could not be got.
    pub(crate) fn of_status(status: &SipStatus) -> Self {
        let text = status.reason.replace('\\', "\\\\").replace('"', "\\\"");
        Self(Some(format!("SIP;cause={};text=\"{text}\"", status.code).into()))
    }
}

/// What a message says of session timers (RFC 4028).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionTimer {
    /// Whether its sender knows the extension: Supported or Require.
    pub is_known: bool,
    /// Session-Expires.
    pub expires: Option<Expires>,
    /// Min-SE.
    pub shortest: Option<Duration>,
}

/// Session-Expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expires {
    /// How long the session lives without a refresh.
    pub interval: Duration,
    /// Who refreshes it, if that is said.
    pub refresher: Option<Refresher>,
}

/// The side of a request that refreshes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Whoever has sent the request.
    Client,
    /// Whoever answers it.
    Server,
}

/// A status line with the reason phrase that its code has in the RFCs.
pub fn status(code: u16) -> SipStatus {
    let reason = match code {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        422 => "Session Interval Too Small",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => "",
    };
    SipStatus { code, reason: reason.into() }
}
