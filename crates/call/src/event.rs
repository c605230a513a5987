//! What happened to a call, as the switch tells it. Past tense, one at a time, in order for each call.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use crate::{
    command::RecordingKind,
    encryption::MediaEncryption,
    id::{CallId, LegId},
    number::Number,
    party::{Endpoint, Owner, SipFacts},
    quality::LegQuality,
    rating::Rate,
    time::Timestamp,
};

/// One thing that happened.
///
/// `at` is the wall clock of the call's first event plus the monotonic time since then, so that the
/// events of one call never run backwards.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEvent {
    /// The call it happened to.
    pub call_id: CallId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// An INVITE was accepted for processing, or the API placed a call.
    CallStarted(Arc<CallStarted>),
    /// The destination is known. A fail-over to another trunk says so again, with the new facts.
    CallRouted(Arc<CallRouted>),
    /// A leg came into being: an INVITE was received from its endpoint, or sent to it.
    LegOffered {
        /// The new leg.
        leg: LegId,
        /// What is known of it.
        offer: Arc<LegOffer>,
    },
    /// The leg's endpoint rings (180, or 183 with early media).
    LegRinging {
        /// Which leg.
        leg: LegId,
    },
    /// The leg is answered: by its endpoint (outgoing leg) or toward it (incoming leg).
    LegAnswered {
        /// Which leg.
        leg: LegId,
        /// The `User-Agent` or `Server` header of an endpoint that answered.
        user_agent: Option<Arc<str>>,
    },
    /// The leg's sound is encrypted so from now on.
    LegSecured {
        /// Which leg.
        leg: LegId,
        /// How; `None` if it is no longer.
        encryption: Option<MediaEncryption>,
    },
    /// Two legs hear each other.
    LegsBridged {
        /// One of them.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// The leg's party, or a command, put the other side on hold.
    LegHeld {
        /// The leg that holds.
        leg: LegId,
    },
    /// The hold is over.
    LegResumed {
        /// The leg that held.
        leg: LegId,
    },
    /// A transfer was asked for.
    TransferStarted {
        /// The leg of the party that hands over.
        initiator: LegId,
        /// Whom the far party is sent to.
        target: Arc<TransferTarget>,
        /// With or without talking to the target first.
        mode: TransferMode,
    },
    /// The transferred party talks to the target.
    TransferCompleted {
        /// The leg of the party that handed over.
        initiator: LegId,
        /// The leg of the transfer's target.
        recipient: LegId,
    },
    /// The transfer came to nothing; the first two parties are together again, or the call ends.
    TransferFailed {
        /// The leg of the party that wanted to hand over.
        initiator: LegId,
    },
    /// Another call was joined into this one (attended transfer): its legs and its past are now here, and
    /// what happens to its legs from now on happens to this call.
    CallMerged {
        /// The call that is no more.
        absorbed: CallId,
    },
    /// A party waits in a parking slot.
    LegParked {
        /// The waiting party's leg.
        leg: LegId,
        /// Where.
        slot: Arc<str>,
        /// The leg of who parked it; `None` if it came by itself, and in events of before.
        by: Option<LegId>,
    },
    /// A parked party was picked up.
    LegRetrieved {
        /// The leg that waited.
        leg: LegId,
        /// The leg of who picked it up.
        by: LegId,
    },
    /// The leg's party pressed a key.
    DigitReceived {
        /// Which leg.
        leg: LegId,
        /// Which key: `0-9`, `*`, `#` or `A-D`.
        digit: Digit,
    },
    /// The leg's party hears a sound instead of the other side.
    PlaybackStarted {
        /// Which leg.
        leg: LegId,
    },
    /// The sound is over, or was stopped.
    PlaybackEnded {
        /// Which leg.
        leg: LegId,
    },
    /// Both directions of the leg go into a file from now on.
    RecordingStarted {
        /// Which leg.
        leg: LegId,
        /// Why.
        kind: RecordingKind,
        /// The file's name in the folder of recordings.
        file: Arc<str>,
    },
    /// The recording is over and its file is whole.
    RecordingEnded {
        /// Which leg.
        leg: LegId,
    },
    /// The leg's party says that it is done with its work after a call that it was in before.
    WorkEnded {
        /// Which leg.
        leg: LegId,
        /// The call that was worked on. It is over, or goes on without the party.
        of: CallId,
        /// How long: since the party left that call.
        work: Duration,
    },
    /// The server stopped while the call went on: the call and its legs are over. Written at the next
    /// start, with the last time at which the call is known to have been up.
    CallInterrupted,
    /// The leg is over. A call is over with its last leg.
    LegEnded {
        /// Which leg.
        leg: LegId,
        /// How.
        end: LegEnd,
    },
}

/// What is known when a call begins.
#[derive(Clone, PartialEq)]
pub struct CallStarted {
    /// Whose equipment sent the call, or whose API client placed it.
    pub origination: Owner,
    /// How the call came about.
    pub origin: Origin,
    /// The caller's number as received.
    pub caller: Number,
    /// The caller's name as received.
    pub caller_name: Option<Arc<str>>,
    /// The number as dialed.
    pub dialed: Number,
}

/// How a call came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An INVITE from a device or trunk.
    Invite,
    /// A command.
    Api,
}

/// What routing found.
#[derive(Clone, PartialEq)]
pub struct CallRouted {
    /// To whom the call is delivered; `None` when there is no route.
    pub termination: Option<Owner>,
    /// The caller's number as used for routing.
    pub caller: Number,
    /// The called number as used for routing.
    pub called: Number,
    /// Country of the caller's number (ISO 3166-1 numeric), if it has one.
    pub caller_country: Option<u16>,
    /// Country of the called number (ISO 3166-1 numeric), if it has one.
    pub called_country: Option<u16>,
    /// What the origination account pays.
    pub origination_rate: Option<Rate>,
    /// What the termination account is paid.
    pub termination_rate: Option<Rate>,
    /// Text shown to whoever answers the called number.
    pub screen_pop: Option<Arc<str>>,
}

impl CallRouted {
    /// Without countries, rates and a text.
    pub const fn new(termination: Option<Owner>, caller: Number, called: Number) -> Self {
        Self {
            termination,
            caller,
            called,
            caller_country: None,
            called_country: None,
            origination_rate: None,
            termination_rate: None,
            screen_pop: None,
        }
    }

    /// The rate at which `side`'s account pays or is paid.
    pub const fn rate(&self, side: Side) -> Option<&Rate> {
        match side {
            Side::Origination => self.origination_rate.as_ref(),
            Side::Termination => self.termination_rate.as_ref(),
        }
    }
}

/// What is known of a leg when it comes into being.
#[derive(Clone, PartialEq)]
pub struct LegOffer {
    /// Whether the leg is the calling or the called party's.
    pub side: Side,
    /// Who called whom.
    pub direction: LegDirection,
    /// The account that the leg belongs to.
    pub owner: Owner,
    /// The phone or trunk at its far end.
    pub endpoint: Endpoint,
    /// The number shown as calling on this leg.
    pub from: Number,
    /// The number called on this leg.
    pub to: Number,
    /// The SIP facts of its dialog; absent in the simulated switch.
    pub sip: Option<SipFacts>,
    /// Who has sent the call here, if it was sent here on a routing of its own: by a transfer, a redirection,
    /// a retrieval, or to its first party. `None` for incoming legs, for those that the call was routed to as
    /// [`CallRouted`] says, and for phones of the account that sends it.
    pub route: Option<Arc<LegRoute>>,
}

/// Who has sent a call to a leg, and what that costs.
#[derive(Clone, PartialEq)]
pub struct LegRoute {
    /// Who pays for it: the transferor's account (RFC 5589 section 2), that of the phone that redirects, or that
    /// of the client of the API.
    pub sent_by: Owner,
    /// The leg whose party has sent it here, if it is one of the call.
    pub sender: Option<LegId>,
    /// Which of the routings within the call it is, from 1 on. What rings or is tried for the same one has the
    /// same number.
    pub hunt: u32,
    /// The place among what is tried for it, from 1 on. Phones that ring together share one.
    pub attempt: u32,
    /// What routing found: the numbers, and what is paid by `sent_by` and to the leg's owner.
    pub routed: Arc<CallRouted>,
}

/// The calling or the called side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The calling party, also when the API rings it first.
    Origination,
    /// The called party, and everyone the call is transferred to.
    Termination,
}

/// Whether a leg's endpoint called the switch or was called by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegDirection {
    /// The endpoint called the switch.
    Incoming,
    /// The switch called the endpoint.
    Outgoing,
}

/// Whom a transfer goes to.
#[derive(Clone, PartialEq, Eq)]
pub struct TransferTarget {
    /// The number dialed for it.
    pub number: Number,
    /// Its name, where the directory knows one.
    pub name: Option<Arc<str>>,
}

/// With or without talking to the target first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferMode {
    /// Without.
    Blind,
    /// With.
    Attended,
}

/// A key of a phone. It may be part of a secret, so it is not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digit(pub char);

/// How a leg ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegEnd {
    /// Who ended it.
    pub by: Releaser,
    /// Why.
    pub cause: EndCause,
    /// The final SIP status on the leg: of the INVITE if it failed, else 200 of the BYE.
    pub sip: Option<SipStatus>,
    /// The `Reason` that the party gave or was given with that (RFC 3326), as text.
    pub reason: Option<Arc<str>>,
    /// How well its sound arrived; `None` if there was none, or it went past the switch.
    pub quality: Option<Arc<LegQuality>>,
}

/// Who ended a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Releaser {
    /// The party at the leg's far end: hung up, refused, cancelled or did not answer.
    Party,
    /// The switch: because the other leg ended, a limit was reached, or it was told to stop.
    Switch,
    /// A command.
    Command,
}

/// Why a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// Hung up after an answer.
    Normal,
    /// 486, 600.
    Busy,
    /// Rang and was not answered in time (408, 480, 487 of ours).
    NoAnswer,
    /// The caller gave up before an answer.
    Cancelled,
    /// Refused by the party (603, 403 and other 4xx), or by the rates of an account (403 of ours).
    Rejected,
    /// Nobody has this number (404, 484, 604).
    NoRoute,
    /// No contact is registered, or no trunk answers.
    Unavailable,
    /// Another phone of the same extension was faster.
    AnsweredElsewhere,
    /// This party handed the call over.
    Transferred,
    /// A limit of account, trunk or length was reached.
    Limit,
    /// Trouble at the peer or in the switch (5xx).
    Failed,
    /// The server stopped while the call went on.
    Interrupted,
}

/// A SIP status line's code and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipStatus {
    /// 100 to 699.
    pub code: u16,
    /// The reason phrase.
    pub reason: Arc<str>,
}

impl LegOffer {
    /// The peer's IP address, where SIP said one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.sip.as_ref().map(|sip| sip.address.ip())
    }
}

impl LegEnd {
    /// The end of a leg that the server's own end took with it.
    pub const INTERRUPTED: Self = Self::new(Releaser::Switch, EndCause::Interrupted, None);

    /// An end that no `Reason` was given for, of a leg without sound.
    pub const fn new(by: Releaser, cause: EndCause, sip: Option<SipStatus>) -> Self {
        Self { by, cause, sip, reason: None, quality: None }
    }
}

impl EventKind {
    /// The leg that the event is first of all about.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::CallStarted(_) | Self::CallRouted(_) | Self::CallMerged { .. } | Self::CallInterrupted => {
                None
            }
            Self::LegOffered { leg, .. }
            | Self::LegRinging { leg }
            | Self::LegAnswered { leg, .. }
            | Self::LegsBridged { a: leg, .. }
            | Self::LegSecured { leg, .. }
            | Self::LegHeld { leg }
            | Self::LegResumed { leg }
            | Self::TransferStarted { initiator: leg, .. }
            | Self::TransferCompleted { initiator: leg, .. }
            | Self::TransferFailed { initiator: leg }
            | Self::LegParked { leg, .. }
            | Self::LegRetrieved { leg, .. }
            | Self::DigitReceived { leg, .. }
            | Self::PlaybackStarted { leg }
            | Self::PlaybackEnded { leg }
            | Self::RecordingStarted { leg, .. }
            | Self::RecordingEnded { leg }
            | Self::WorkEnded { leg, .. }
            | Self::LegEnded { leg, .. } => Some(*leg),
        }
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(…)")
    }
}

impl fmt::Debug for CallStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallStarted")
            .field("origination", &self.origination)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CallRouted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRouted").field("termination", &self.termination).finish_non_exhaustive()
    }
}

impl fmt::Debug for LegOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegOffer")
            .field("direction", &self.direction)
            .field("owner", &self.owner)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LegRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegRoute")
            .field("sent_by", &self.sent_by)
            .field("hunt", &self.hunt)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TransferTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransferTarget(…)")
    }
}
