//! Offers and answers in one dialog, one at a time (RFC 3264, RFC 6337).
//!
//! ```text
//!            party's offer              answered: UPDATE
//!   Idle ───────────────────► Theirs ───────────────────► Idle
//!    │                          │ answered: re-INVITE
//!    │                          └────────────────────────► AwaitingAck ──ACK──► Idle
//!    │ our offer                refused, or answered
//!    └────────────────► Ours ──────────────────────────────────────────────────► Idle
//!                         │ the 2xx made the offer
//!                         └─────────────────► OwesAck ──other side's answer──► Idle
//! ```
//!
//! Where the answer travels (2xx, PRACK, ACK, UPDATE) is data: whoever takes in a description asks [`said`]
//! what it says of hold, wherever it came from.

use std::time::Duration;

use call::LegId;

use super::Hold;
use crate::{
    message::{Body, ClientTx, ServerTx, Shown},
    sdp::Sdp,
};

/// How often a party that is busy with a request of its own is asked.
pub(crate) const ATTEMPTS: u32 = 4;

/// What is being negotiated.
#[derive(Debug)]
pub(crate) enum Negotiation {
    /// Nothing.
    Idle,
    /// An offer of the party waits for the other side's answer.
    Theirs(Theirs),
    /// Our 2xx to a re-INVITE of the party waits for its ACK.
    AwaitingAck {
        request: ServerTx,
        /// Our 2xx made the offer: the ACK has the answer.
        offered: Option<Offered>,
    },
    /// An offer of ours waits for the party's answer.
    Ours(Ours),
    /// The party's 2xx made the offer: our ACK waits for the answer of another leg.
    OwesAck { invite: ClientTx },
}

/// An offer that our 2xx made in another's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    /// Whose ACK waits for the answer.
    pub(crate) by: LegId,
    /// What that one has offered.
    pub(crate) made: Sdp,
    /// The same as the party was told it.
    pub(crate) told: Sdp,
}

/// An offer of the party, or its wish for one.
#[derive(Debug)]
pub(crate) struct Theirs {
    pub(crate) request: ServerTx,
    pub(crate) method: Method,
    pub(crate) offer: Option<Sdp>,
    pub(crate) timer: crate::message::SessionTimer,
}

/// An offer of ours.
#[derive(Debug)]
pub(crate) struct Ours {
    pub(crate) request: ClientTx,
    pub(crate) method: Method,
    /// What it offers; `None` if it asks for an offer, or only refreshes.
    pub(crate) offered: Option<Sdp>,
    pub(crate) aim: Aim,
}

/// What negotiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Invite,
    Update,
}

/// What an offer of ours is for.
#[derive(Debug)]
pub(crate) enum Aim {
    /// To do as a proposal of ours says.
    Propose(Proposal),
    /// To keep the session alive.
    Refresh,
    /// To pass on what the party of another leg asks for.
    PassOn { from: LegId, request: ServerTx },
    /// To pass on what one asked for that has gone.
    Nothing,
}

/// A re-INVITE of ours that waits until the dialog is free.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) body: Body,
    /// Who is there from now on (RFC 4916).
    pub(crate) connected: Option<Shown>,
    pub(crate) purpose: Purpose,
    pub(crate) attempts: u32,
    /// After a glare, when it may be tried again.
    pub(crate) rests_until: Option<Duration>,
}

/// What a proposal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Only to change the leg's media.
    Adjust,
    /// To join the party with another: the answer is part of that.
    Join,
    /// To pass on what the party of another leg has asked for, while this one had an ACK to send yet.
    PassOn { from: LegId, request: ServerTx, method: Method, hops: u8 },
}

/// A request that is to be passed on to the party and negotiates nothing, once that has our answer.
#[derive(Debug)]
pub(crate) struct Passing {
    pub(crate) request: crate::message::Request,
    /// Who waits for its response, if anybody does.
    pub(crate) asker: Option<(LegId, ServerTx)>,
}

/// A request that was passed on to the party and negotiates nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relay {
    pub(crate) sent: ClientTx,
    pub(crate) from: LegId,
    pub(crate) request: ServerTx,
    pub(crate) is_info: bool,
}

impl Proposal {
    pub(crate) fn new(body: Body, connected: Option<Shown>, purpose: Purpose) -> Self {
        Self { body, connected, purpose, attempts: ATTEMPTS, rests_until: None }
    }

    /// Whose request it passes on.
    pub(crate) fn passes_on(&self) -> Option<(LegId, ServerTx)> {
        match self.purpose {
            Purpose::PassOn { from, request, .. } => Some((from, request)),
            Purpose::Adjust | Purpose::Join => None,
        }
    }
}

/// What a description of a party says of hold: whether it holds the other side; `None` if it says nothing.
///
/// An offer says so by itself. An answer does only where the offer left it the choice: whoever is offered
/// `sendonly` cannot but answer `recvonly` or `inactive`. It says nothing of a hold by command, which the
/// phone does not know of.
pub(crate) fn said(description: &Sdp, offered: Option<&Sdp>, before: Hold) -> Option<bool> {
    match offered {
        None => description.holds(),
        Some(offer) if before != Hold::ByCommand => description.holds_in_answer_to(offer),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::Direction;

    #[test]
    fn an_answer_tells_of_hold_only_where_it_had_the_choice() {
        use Direction::*;
        let sdp = |direction| Sdp::new("v=0\r\nm=audio 1 RTP/AVP 0\r\n").directed(direction);
        let cases = [
            (SendOnly, None, Hold::No, Some(true)),
            (SendRecv, None, Hold::ByCommand, Some(false)),
            (SendOnly, Some(SendRecv), Hold::No, Some(true)),
            (Inactive, Some(SendRecv), Hold::No, Some(true)),
            (SendRecv, Some(SendRecv), Hold::ByParty, Some(false)),
            (SendRecv, Some(SendRecv), Hold::ByCommand, None),
            (RecvOnly, Some(SendOnly), Hold::ByParty, Some(false)),
            (Inactive, Some(SendOnly), Hold::No, None),
        ];
        for (said_now, offered, before, expected) in cases {
            let offer = offered.map(sdp);
            let read = said(&sdp(said_now), offer.as_ref(), before);
            assert_eq!(read, expected, "{said_now:?} to {offered:?}");
        }
    }
}
