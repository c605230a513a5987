//! What the machine wants done.

use std::{sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, LegId, Number, TrunkId,
    command::{Digits, Sound},
};

use crate::{
    error::Refusal,
    message::{Alerting, Body, ClientTx, Prack, Reasons, Request, Response, ServerTx, SessionTimer, Shown},
    world::{Bound, Callee, Limited},
};

/// One thing to do. They are done in their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send an INVITE that begins a leg or calls the phone of a leg once more, or a leg's INVITE again in the same
    /// dialog, changed.
    Invite {
        /// The leg.
        leg: LegId,
        /// The transaction.
        transaction: ClientTx,
        /// To whom.
        callee: Callee,
        /// What it says.
        invite: Box<OutgoingInvite>,
    },
    /// Cancel that, once a provisional response has come (RFC 3261 section 9.1). Its final response is
    /// awaited all the same.
    Cancel {
        /// The leg.
        leg: LegId,
        /// The transaction of the INVITE.
        transaction: ClientTx,
        /// Why (RFC 3326).
        reasons: Reasons,
    },
    /// Acknowledge the 2xx to an INVITE of ours, and again whenever it is repeated.
    Ack {
        /// The leg.
        leg: LegId,
        /// The transaction of the INVITE.
        transaction: ClientTx,
        /// The answer, where the 2xx made the offer.
        body: Body,
    },
    /// Acknowledge a reliable provisional response to the leg's INVITE, in the early dialog that it comes
    /// from.
    Prack {
        /// The leg.
        leg: LegId,
        /// The transaction of the PRACK.
        transaction: ClientTx,
        /// The transaction of the INVITE.
        invite: ClientTx,
        /// What is acknowledged.
        prack: Prack,
    },
    /// Send a request inside the leg's dialog.
    Request {
        /// The leg.
        leg: LegId,
        /// The transaction.
        transaction: ClientTx,
        /// What.
        request: Request,
    },
    /// Answer a request of the leg's party. A 2xx to an INVITE is repeated until it is acknowledged; a
    /// reliable provisional response comes again by itself.
    Respond {
        /// The leg.
        leg: LegId,
        /// The transaction.
        transaction: ServerTx,
        /// What.
        response: Box<Response>,
    },
    /// Let two legs have each other's dialogs and transactions: a phone has answered the second INVITE, by which it
    /// was told to answer by itself, and that is its leg's dialog now.
    Swap {
        /// The leg.
        leg: LegId,
        /// What the second INVITE went by.
        other: LegId,
    },
    /// Forget the leg's dialog: nothing more is sent in it, and requests in it are refused with 481.
    Forget {
        /// The leg.
        leg: LegId,
    },
    /// Resolve and connect a trunk; [`Input::Reached`](crate::Input::Reached) says what came of it.
    Reach {
        /// The call that wants it.
        call: CallId,
        /// The trunk.
        trunk: TrunkId,
        /// The address, if it is another one of the trunk that is known by now.
        address: Option<std::net::SocketAddr>,
    },
    /// Do something to the media of legs.
    Media(Media),
    /// Tell what has happened. The event of an outgoing leg's offer has no SIP facts: the driver, which has
    /// just begun its dialog, adds them.
    Event(CallEvent),
    /// Tell that a limit has kept a call from somebody.
    LimitReached {
        /// Whose it is.
        of: Limited,
        /// Which.
        bound: Bound,
    },
    /// Tell a program whether its command is carried out.
    Taken {
        /// The command's.
        ticket: u64,
        /// Whether it is.
        result: Result<(), Refusal>,
    },
}

/// What an INVITE of ours says that begins a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingInvite {
    /// The number that is called.
    pub called: Number,
    /// Who calls. A trunk is shown it as its own settings say (RFC 3323, RFC 3325).
    pub caller: Shown,
    /// The session description; nothing if it asks for one.
    pub body: Body,
    /// Whether provisional responses may want to be acknowledged: Supported has 100rel.
    pub takes_reliable: bool,
    /// What it says of session timers.
    pub timer: SessionTimer,
    /// Max-Forwards.
    pub hops: u8,
    /// Diversion: who has sent the call on (RFC 5806).
    pub diversion: Option<Diversion>,
    /// History-Info as the call came with it (RFC 7044); a trunk that is trusted is told it with the diversions.
    pub history: Option<Arc<str>>,
    /// Referred-By (RFC 3892).
    pub referred_by: Option<Arc<str>>,
    /// Whether the phone shall answer by itself.
    pub answers_itself: bool,
    /// How the phone is to ring, and what it may show besides.
    pub alerting: Alerting,
}

/// Who has sent a call on, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diversion {
    /// Those who did so here.
    pub by: Vec<Diverted>,
    /// What the call came with, as received.
    pub received: Option<Arc<str>>,
}

/// Somebody who sent a call on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverted {
    /// The number that was called there.
    pub number: Number,
    /// Whether it rang before (`deflection`), or not at all (`unconditional`).
    pub rang: bool,
}

/// What to do to the media of legs. Without a relay all of it is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// Let two parties hear each other, and nobody else.
    Connect(LegId, LegId),
    /// Let a party hear this instead of whom it is connected with, until it is connected again.
    Hear(LegId, Source),
    /// Give back what the leg's media takes up.
    Release(LegId),
    /// Get a file, and let the party hear it once before everything else. Told to have begun and to be over
    /// by its number.
    Play {
        /// The leg.
        leg: LegId,
        /// The number of the playback.
        number: u64,
        /// What.
        sound: Sound,
    },
    /// End that.
    StopPlaying(LegId),
    /// Record both directions of the leg into a file of the folder of recordings.
    Record {
        /// The leg.
        leg: LegId,
        /// Which of the leg's recordings, from 1.
        number: u32,
        /// The file's name.
        file: Arc<str>,
    },
    /// End that.
    StopRecording(LegId),
    /// Send keys to the party in RTP (RFC 4733).
    Press(LegId, Digits),
}

/// What a party hears while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Music on hold.
    Music,
    /// The tone that somebody rings for it.
    Ringback,
    /// The tone that nobody could be got.
    Busy,
    /// Packets of silence: for a party that holds the other one and does not know, because a command did so.
    /// Its phone must not take it for gone.
    Silence,
    /// Nothing: the switch cannot speak to it.
    Nothing,
}

/// How long after a refusal a caller may try again, in a rate that is full or a count: rates have room again
/// within a second, and counts with the next call that ends.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);
