//! A leg that is answered.

use std::{collections::VecDeque, sync::Arc};

use call::command::RecordingKind;

use super::{
    keep_alive::KeepAlive,
    keys::Keys,
    lifetime::Lifetime,
    negotiation::{Negotiation, Passing, Proposal, Relay},
    reliable::Responses,
};
use crate::message::{ClientTx, ServerTx};

/// What an answered leg has.
#[derive(Debug)]
pub(crate) struct Up {
    pub(crate) confirmed: Confirmed,
    pub(crate) negotiation: Negotiation,
    /// Re-INVITEs of ours that wait until the dialog is free.
    pub(crate) proposals: VecDeque<Proposal>,
    /// Requests for the party that wait until it has acknowledged our answer: it may not have got that yet.
    pub(crate) waiting: Vec<Passing>,
    /// Requests that were passed on to the party and negotiate nothing.
    pub(crate) relays: Vec<Relay>,
    /// How long it lives without a refresh.
    pub(crate) lifetime: Option<Lifetime>,
    /// Whether it is still there, where its media does not tell.
    pub(crate) keep_alive: KeepAlive,
    /// Whether it holds the other side.
    pub(crate) hold: Hold,
    /// Keys that the party is to be sent by INFO.
    pub(crate) keys: Keys,
    /// The file that the party hears, or is about to.
    pub(crate) playback: Option<Playback>,
    pub(crate) recording: Recording,
    /// Whether the party has sent a REFER before.
    pub(crate) has_referred: bool,
    /// The responses to its INVITE, while a PRACK of one of them may come yet.
    pub(crate) unheard: Option<(ServerTx, Responses)>,
}

/// Whether both sides know of the answer.
#[derive(Debug)]
pub(crate) enum Confirmed {
    /// The party has not acknowledged our 2xx.
    AwaitingAck {
        invite: ServerTx,
        responses: Responses,
        /// Whether the 2xx made the offer, so that the ACK brings the answer.
        has_offered: bool,
    },
    /// The party's 2xx made the offer: our ACK waits for the other side's answer.
    OwesAck { invite: ClientTx },
    /// They do.
    Yes,
}

/// Whether a leg holds the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    No,
    /// As its description says.
    ByParty,
    /// As a command wants, which its phone does not know of.
    ByCommand,
}

/// A file that a party hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Playback {
    pub(crate) number: u64,
    pub(crate) stage: Stage,
}

/// How far a playback has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The file is being got; whoever has sent this command hears whether it can be played.
    Fetching { ticket: u64 },
    /// The party hears it.
    Heard,
}

/// What is recorded of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recording {
    /// Nothing; it was recorded so often before.
    No { before: u32 },
    /// Its file is being made; whoever has sent this command, if anybody, hears whether it can be.
    Beginning { number: u32, kind: RecordingKind, file: Arc<str>, ticket: Option<u64> },
    /// It is recorded.
    Running { number: u32 },
}

impl Recording {
    /// The number of the latest.
    pub(crate) const fn number(&self) -> u32 {
        match self {
            Self::No { before: number } | Self::Beginning { number, .. } | Self::Running { number } => {
                *number
            }
        }
    }
}

impl Up {
    pub(crate) fn new(confirmed: Confirmed) -> Self {
        Self {
            confirmed,
            negotiation: Negotiation::Idle,
            proposals: VecDeque::new(),
            waiting: Vec::new(),
            relays: Vec::new(),
            lifetime: None,
            keep_alive: KeepAlive::Off,
            hold: Hold::No,
            keys: Keys::default(),
            playback: None,
            recording: Recording::No { before: 0 },
            has_referred: false,
            unheard: None,
        }
    }

    /// Whether our 2xx still waits for a PRACK: its party has no answer yet.
    pub(crate) fn is_answer_waiting(&self) -> bool {
        matches!(&self.confirmed, Confirmed::AwaitingAck { responses, .. } if !responses.is_final())
    }

    /// Whether our 2xx made an offer, whose answer the ACK brings.
    pub(crate) fn awaits_answer(&self) -> bool {
        matches!(self.confirmed, Confirmed::AwaitingAck { has_offered: true, .. })
    }

    /// Whether nothing is being negotiated, but for an ACK of its party that is to come yet.
    pub(crate) fn is_free_once_acknowledged(&self) -> bool {
        let is_known = matches!(self.confirmed, Confirmed::Yes | Confirmed::AwaitingAck { .. });
        let is_idle =
            matches!(self.negotiation, Negotiation::Idle | Negotiation::AwaitingAck { offered: None, .. });
        is_known && is_idle && self.proposals.iter().all(|proposal| proposal.passes_on().is_none())
    }

    /// Whether nothing is being negotiated, and both sides know of what was.
    pub(crate) fn is_free(&self) -> bool {
        matches!((&self.confirmed, &self.negotiation), (Confirmed::Yes, Negotiation::Idle))
    }
}
