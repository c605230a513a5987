//! What can happen to the machine.

use std::{fmt, net::SocketAddr, sync::Arc};

use call::{
    CallCommand, CallId, LegId, Number,
    encryption::MediaEncryption,
    party::{Endpoint, Owner, SipFacts},
};

use crate::{
    error::Refusal,
    message::{
        Alerting, Body, ClientTx, Fork, Reasons, Replaces, Request, Response, ServerTx, SessionTimer, Shown,
    },
    world::Via,
};

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Input {
    /// An INVITE without a To tag, of somebody who is known and may call, has come.
    Invite(Box<Invite>),
    /// Something has happened on a leg.
    Leg {
        /// The leg. One that is not there, or no longer, has nothing happen to it; requests to it are
        /// refused.
        leg: LegId,
        /// What.
        event: LegInput,
    },
    /// A program wants something.
    Command {
        /// Names the command in what it is answered ([`Output::Taken`](crate::Output::Taken)).
        ticket: u64,
        /// What it wants.
        command: CallCommand,
    },
    /// A trunk that was to be reached ([`Output::Reach`](crate::Output::Reach)) is, at the first of these
    /// addresses, or is not, if there is none.
    Reached {
        /// The call that wanted it.
        call: CallId,
        /// Where it is, that which is connected first; the others can be tried too.
        addresses: Vec<SocketAddr>,
    },
    /// The deadline has passed.
    Timeout,
    /// The server stops: every call ends.
    Stop,
}

/// An INVITE that begins a leg.
#[derive(Clone)]
pub struct Invite {
    /// The id of its call, if it begins one.
    pub call: CallId,
    /// The id of its leg.
    pub leg: LegId,
    /// Its transaction.
    pub transaction: ServerTx,
    /// Who sends it.
    pub caller: Caller,
    /// What it wants the place of (RFC 3891).
    pub replaces: Replaces,
    /// Its body: an offer, or nothing if it asks for one.
    pub body: Body,
    /// What its sender says of provisional responses that are acknowledged (RFC 3262).
    pub reliability: Reliability,
    /// What it says of session timers. The driver has refused one that is too short.
    pub timer: SessionTimer,
    /// Whether its sender takes UPDATE; `None` if it has no Allow.
    pub takes_update: Option<bool>,
    /// Max-Forwards, as received; more than 0.
    pub hops: u8,
    /// How the call has come here: Diversion as received, where its sender is trusted (RFC 5806).
    pub diversion: Option<Arc<str>>,
    /// The same as History-Info has it (RFC 7044).
    pub history: Option<Arc<str>>,
    /// How it says that a phone is to ring.
    pub alerting: Alerting,
    /// What SIP says besides, for the call's events.
    pub facts: SipFacts,
}

/// Who sends an INVITE.
#[derive(Clone)]
pub struct Caller {
    /// Whose it is.
    pub owner: Owner,
    /// The phone or trunk.
    pub endpoint: Endpoint,
    /// What it came by.
    pub via: Via,
    /// The number that was received: what its From shows, or what a trunk that is trusted asserts.
    pub number: Number,
    /// The number of the leg: a phone's own, whatever its From says; of a trunk the one that From shows.
    pub calling: Number,
    /// The number that it shows to the phones of its own account; of a phone, its extension.
    pub inside: Number,
    /// The number that it shows to everybody else.
    pub outside: Number,
    /// The name that it shows.
    pub name: Option<Arc<str>>,
    /// What `Privacy` asks for, if the called party is not to know who calls (RFC 3323).
    pub hidden: Option<Arc<str>>,
    /// What it has dialed.
    pub dialed: Number,
    /// What its Request-URI says.
    pub requested: Number,
}

/// What a caller says of provisional responses that are acknowledged (RFC 3262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliability {
    /// Nothing.
    #[default]
    Unknown,
    /// It can (Supported).
    Supported,
    /// It wants them all so (Require).
    Required,
}

/// What can happen on a leg.
#[derive(Clone, Debug)]
pub enum LegInput {
    /// Its party has sent a request, next in the order of its dialog.
    Request(ServerTx, Request),
    /// Its party, which we have called, has hung up in an early dialog: its BYE has overtaken its 2xx, since
    /// nobody may hang up before that (RFC 3261 section 15).
    EarlyBye(ServerTx, Fork, Reasons),
    /// Its party has cancelled an INVITE of its own, and says why.
    Cancelled(ServerTx, Reasons),
    /// Its party has acknowledged our 2xx to an INVITE of its own, maybe with a session description.
    Acknowledged(ServerTx, Body),
    /// Our 2xx to an INVITE of its party was never acknowledged: its transaction has timed out.
    NeverAcknowledged(ServerTx),
    /// A response to a request of ours. The driver makes silence a 408, an INVITE whose connection is lost a 503,
    /// and sends a request once more with credentials before it gives a 401 or 407. What answers an INVITE from
    /// another fork after the first 2xx, it acknowledges and hangs up itself.
    Response(ClientTx, Response),
    /// The connection that a request of ours went over has closed before its answer.
    ConnectionLost(ClientTx),
    /// The INVITE of ours was sent once more, with credentials.
    LoggedIn,
    /// Its party and the switch encrypt its media so from now on, or no longer.
    Secured(Option<MediaEncryption>),
    /// Its party has pressed a key: its RTP says so.
    Key(char),
    /// Its party hears a file now that it was to hear.
    PlaybackBegun(u64),
    /// The file is over.
    PlaybackOver(u64),
    /// It cannot be played.
    PlaybackFailed(u64, Refusal),
    /// Its recording goes into its file now.
    RecordingBegun(u32),
    /// The file could not be made.
    RecordingFailed(u32),
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite")
            .field("call", &self.call)
            .field("leg", &self.leg)
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("owner", &self.owner)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Caller {
    /// What it shows to phones inside its account, or to everybody else.
    pub(crate) fn shown(&self, is_inside: bool) -> Shown {
        let number = if is_inside { &self.inside } else { &self.outside };
        Shown { number: number.clone(), name: self.name.clone(), hidden: self.hidden.clone() }
    }
}
