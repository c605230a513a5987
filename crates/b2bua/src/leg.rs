//! One leg: who is at its far end, and how far its dialog has come.

pub(crate) mod closing;
pub(crate) mod early;
pub(crate) mod keep_alive;
pub(crate) mod keys;
pub(crate) mod lifetime;
pub(crate) mod negotiation;
pub(crate) mod reliable;
mod up;

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, LegId, Number,
    party::{Endpoint, Owner},
};

use crate::{
    message::{ClientTx, Fork, Reasons, ServerTx, SessionTimer, Shown},
    sdp::Sdp,
    world::Callee,
};
use closing::Closing;
use early::Early;
use lifetime::Lifetime;
use negotiation::Negotiation;
use reliable::{Heard, Responses};
pub(crate) use up::{Confirmed, Hold, Playback, Recording, Stage, Up};

/// One leg.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) party: Party,
    /// Who has sent the INVITE that made its dialog, and so the Call-ID.
    pub(crate) begun_by: BegunBy,
    /// The latest session description of its party.
    pub(crate) theirs: Option<Sdp>,
    /// The session description that its party was sent last.
    pub(crate) ours: Option<Sdp>,
    /// Whether its party takes UPDATE, once it has said so.
    pub(crate) takes_update: Option<bool>,
    pub(crate) phase: Phase,
}

/// Who has sent the INVITE that made a leg's dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BegunBy {
    Party,
    Us,
}

/// Who is at a leg's far end.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) owner: Owner,
    pub(crate) endpoint: Endpoint,
    /// The number that it shows inside its account.
    pub(crate) number: Number,
    /// The number that it shows elsewhere.
    pub(crate) outside: Number,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) hidden: Option<Arc<str>>,
    /// Whether its network has said who it is (RFC 3325), so that it is more than the number that was called.
    pub(crate) is_asserted: bool,
}

/// How far a leg has come.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Its party has sent an INVITE, which waits for our answer.
    Calling(Calling),
    /// We have sent it one.
    Called(Called),
    /// It is answered.
    Up(Box<Up>),
    /// It is over for the call; its dialog is being closed.
    Closing(Closing),
}

/// An INVITE of the party waits for our answer.
#[derive(Debug)]
pub(crate) struct Calling {
    pub(crate) invite: ServerTx,
    /// What its Request-URI says.
    pub(crate) requested: Number,
    /// Whether it had a session description.
    pub(crate) has_offered: bool,
    pub(crate) timer: SessionTimer,
    pub(crate) responses: Responses,
    pub(crate) early: Early,
}

/// An INVITE of ours waits for the party's answer.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) invite: ClientTx,
    pub(crate) callee: Callee,
    pub(crate) progress: Progress,
    /// The leg whose description it was offered; `None` if it was asked for an offer.
    pub(crate) offered: Option<LegId>,
    /// Whether it was called again since the session was too short for it (RFC 4028 section 7.3).
    pub(crate) was_too_short: bool,
    /// The early dialogs that were hung up: the BYE has overtaken the 2xx.
    pub(crate) hung_up: Vec<(Fork, Reasons)>,
    pub(crate) heard: Heard,
    pub(crate) early: Early,
    pub(crate) prompt: Option<Prompt>,
}

/// How far a called party has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It was sent the INVITE.
    Offered,
    /// It rings.
    Ringing,
}

/// A second INVITE to a phone that rings, beside the first: to answer by itself.
#[derive(Debug)]
pub(crate) struct Prompt {
    /// Names its dialog.
    pub(crate) leg: LegId,
    pub(crate) invite: ClientTx,
    /// When it is given up.
    pub(crate) until: Duration,
    /// The early dialogs that were hung up.
    pub(crate) hung_up: Vec<(Fork, Reasons)>,
}

impl Called {
    /// Whether it rings, or has rung.
    pub(crate) fn rang(&self) -> bool {
        self.progress == Progress::Ringing
    }

    /// Notes that it rings; says whether that is new.
    pub(crate) fn ring(&mut self) -> bool {
        std::mem::replace(&mut self.progress, Progress::Ringing) != Progress::Ringing
    }
}

impl Party {
    /// How it is shown to the parties of an account.
    pub(crate) fn shown_to(&self, account: AccountId) -> Shown {
        let is_inside = account == self.owner.account;
        let number = if is_inside { &self.number } else { &self.outside };
        let name = self.name.clone().filter(|name| **name != *number.as_str());
        Shown { number: number.clone(), name, hidden: self.hidden.clone() }
    }
}

impl Leg {
    pub(crate) fn up(&self) -> Option<&Up> {
        match &self.phase {
            Phase::Up(up) => Some(up),
            Phase::Calling(_) | Phase::Called(_) | Phase::Closing(_) => None,
        }
    }

    pub(crate) fn up_mut(&mut self) -> Option<&mut Up> {
        match &mut self.phase {
            Phase::Up(up) => Some(up),
            Phase::Calling(_) | Phase::Called(_) | Phase::Closing(_) => None,
        }
    }

    pub(crate) fn calling(&self) -> Option<&Calling> {
        match &self.phase {
            Phase::Calling(calling) => Some(calling),
            Phase::Up(_) | Phase::Called(_) | Phase::Closing(_) => None,
        }
    }

    pub(crate) fn called(&self) -> Option<&Called> {
        match &self.phase {
            Phase::Called(called) => Some(called),
            Phase::Up(_) | Phase::Calling(_) | Phase::Closing(_) => None,
        }
    }

    pub(crate) fn called_mut(&mut self) -> Option<&mut Called> {
        match &mut self.phase {
            Phase::Called(called) => Some(called),
            Phase::Up(_) | Phase::Calling(_) | Phase::Closing(_) => None,
        }
    }

    /// How far offer and answer have come, while its INVITE has no final response.
    pub(crate) fn early(&self) -> Option<&Early> {
        match &self.phase {
            Phase::Calling(calling) => Some(&calling.early),
            Phase::Called(called) => Some(&called.early),
            Phase::Up(_) | Phase::Closing(_) => None,
        }
    }

    pub(crate) fn early_mut(&mut self) -> Option<&mut Early> {
        match &mut self.phase {
            Phase::Calling(calling) => Some(&mut calling.early),
            Phase::Called(called) => Some(&mut called.early),
            Phase::Up(_) | Phase::Closing(_) => None,
        }
    }

    /// What is being negotiated in its dialog, once a first offer was answered there.
    pub(crate) fn negotiation(&self) -> Option<&Negotiation> {
        match &self.phase {
            Phase::Up(up) => Some(&up.negotiation),
            Phase::Calling(_) | Phase::Called(_) | Phase::Closing(_) => {
                Some(&self.early()?.agreed()?.negotiation)
            }
        }
    }

    pub(crate) fn negotiation_mut(&mut self) -> Option<&mut Negotiation> {
        let early = match &mut self.phase {
            Phase::Up(up) => return Some(&mut up.negotiation),
            Phase::Calling(calling) => &mut calling.early,
            Phase::Called(called) => &mut called.early,
            Phase::Closing(_) => return None,
        };
        early.agreed_mut().map(|agreed| &mut agreed.negotiation)
    }

    /// Whether and how it holds the other side, once a first offer was answered in its dialog.
    pub(crate) fn hold(&self) -> Option<Hold> {
        match &self.phase {
            Phase::Up(up) => Some(up.hold),
            Phase::Calling(_) | Phase::Called(_) | Phase::Closing(_) => Some(self.early()?.agreed()?.hold),
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up().is_some()
    }

    pub(crate) fn is_calling(&self) -> bool {
        self.calling().is_some()
    }

    pub(crate) fn is_called(&self) -> bool {
        self.called().is_some()
    }

    /// Whether it is over for the call.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Closing(_))
    }

    /// Whether it holds the other side.
    pub(crate) fn holds(&self) -> bool {
        self.up().is_some_and(|up| up.hold != Hold::No)
    }

    /// When something is next due on it.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Calling(calling) => calling.responses.deadline(),
            Phase::Called(called) => called.prompt.as_ref().map(|prompt| prompt.until),
            Phase::Closing(closing) => closing.deadline(),
            Phase::Up(up) => {
                let responses = match &up.confirmed {
                    Confirmed::AwaitingAck { responses, .. } => responses.deadline(),
                    Confirmed::OwesAck { .. } | Confirmed::Yes => None,
                };
                let lifetime = up.lifetime.as_ref().map(Lifetime::deadline);
                let next = up.proposals.front().filter(|_| up.is_free()).and_then(|next| next.rests_until);
                [responses, lifetime, next, up.keys.deadline(), up.keep_alive.deadline()]
                    .into_iter()
                    .flatten()
                    .min()
            }
        }
    }
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party")
            .field("owner", &self.owner)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
