//! Re-INVITEs of ours: they wait until the leg is free, and are tried again after a 491 (RFC 3261 section
//! 14.1).

use std::time::Duration;

use call::LegId;
use rsipstack::sip::{Method, Response, StatusCode, StatusCodeKind};

use super::{Input, Session, description::Streams, leg::Leg};
use crate::{
    cause::Failure,
    message::fields::{self, Body},
    task::launch,
};

/// How often a party that is busy with a request of its own is asked.
const ATTEMPTS: u32 = 4;

/// A re-INVITE of ours.
pub(super) struct Proposal {
    number: u64,
    leg: LegId,
    /// The session description that is offered.
    body: Body,
    aim: Aim,
    attempts: u32,
    stage: Stage,
}

/// What a re-INVITE is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// Only to change the leg's media.
    Adjust,
    /// To have the leg's answer offered to `to`, and the two joined then.
    Introduce { to: LegId },
    /// To join the leg with another, whose description it is offered.
    Join { with: LegId },
}

impl Aim {
    fn other(self) -> Option<LegId> {
        match self {
            Self::Adjust => None,
            Self::Introduce { to: other } | Self::Join { with: other } => Some(other),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Sent,
    /// After a 491.
    Resting,
}

impl Session {
    /// Offers a leg's party `body` as soon as nothing else is being negotiated with it.
    pub(super) fn propose(&mut self, leg: LegId, body: Body, aim: Aim) {
        let proposal =
            Proposal { number: rand::random(), leg, body, aim, attempts: ATTEMPTS, stage: Stage::Waiting };
        self.proposals.push(proposal);
    }

    /// Whether an offer is on its way to or from the leg's party.
    pub(super) fn is_negotiating(&self, leg: LegId) -> bool {
        self.proposals.iter().any(|proposal| proposal.leg == leg && proposal.stage == Stage::Sent)
            || self.exchanges.iter().any(|exchange| exchange.negotiates_with(leg))
    }

    /// Whether the parties of two legs are being joined.
    pub(super) fn is_joining(&self) -> bool {
        self.proposals.iter().any(|proposal| proposal.aim != Aim::Adjust)
            || self.legs.iter().any(|leg| leg.meets.is_some() && !leg.is_ended())
    }

    /// Sends the re-INVITEs that wait, as far as their legs are free.
    pub(super) fn send_proposals(&mut self) {
        while let Some(at) = self.proposals.iter().position(|proposal| self.can_send(proposal)) {
            self.proposals[at].stage = Stage::Sent;
            self.send_proposal(at);
        }
    }

    fn can_send(&self, proposal: &Proposal) -> bool {
        let is_first = self.proposals.iter().find(|other| other.leg == proposal.leg);
        proposal.stage == Stage::Waiting
            && is_first.is_some_and(|first| first.number == proposal.number)
            && self.leg(proposal.leg).is_some_and(Leg::is_settled)
            && !self.is_negotiating(proposal.leg)
    }

    fn send_proposal(&mut self, at: usize) {
        let Proposal { number, leg, ref body, aim, .. } = self.proposals[at];
        let body = body.clone();
        let stack = self.core.stack.clone();
        let connected = aim.other().and_then(|other| self.connected(leg, other));
        let asked = self.leg_mut(leg).and_then(|leg| leg.ask(&stack, Method::Invite, 70, body, connected));
        let (Some(exchange), mailbox) = (asked, self.mailbox.clone()) else { return };
        launch(&stack.tasks, async move {
            mailbox.post(Input::Proposed { number, response: exchange.await });
        });
    }

    /// The final response to a re-INVITE of ours.
    pub(super) fn on_proposed(&mut self, number: u64, response: Option<&Response>) {
        let Some(at) = self.proposals.iter().position(|proposal| proposal.number == number) else { return };
        let code = response.map_or(408, |response| response.status_code.code());
        match response.filter(|response| response.status_code.kind() == StatusCodeKind::Successful) {
            None if code == 491 && self.proposals[at].attempts > 1 => self.rest(at),
            Some(response) => {
                let proposal = self.proposals.remove(at);
                self.on_agreed(&proposal, response);
            }
            None => {
                let proposal = self.proposals.remove(at);
                self.on_declined(&proposal, code);
            }
        }
    }

    fn on_agreed(&mut self, proposal: &Proposal, response: &Response) {
        let leg = proposal.leg;
        let cseq = fields::cseq(response).map_or(0, |(number, _)| number);
        if let Some(dialog) = self.leg_mut(leg).and_then(Leg::dialog_mut) {
            dialog.retarget(fields::contact(response));
        }
        self.live_as_agreed(leg, response);
        self.acknowledge_number(leg, cseq, Body::default());
        let answer = Body::of_response(response);
        if self.describe(leg, &answer).is_err() {
            return self.on_breakdown(leg);
        }
        let offer = Streams::of(&proposal.body.bytes);
        match (proposal.aim, Streams::of(&answer.bytes).hold_in_answer_to(&offer)) {
            // A command may hold for a party whose phone does not know of it.
            (Aim::Adjust, Some(false)) | (_, None) => {}
            // Whoever held the party before does not hold the next one unless it says so again.
            (_, Some(holds)) => drop(self.set_holding(leg, holds)),
        }
        match proposal.aim {
            Aim::Adjust => {}
            Aim::Introduce { to } => match self.pass(leg, to, answer) {
                Ok(body) => self.propose(to, body, Aim::Join { with: leg }),
                Err(failure) => self.on_join_declined(leg, &failure),
            },
            // The other has its description already; only where the media comes from may be new.
            Aim::Join { with } => self.on_joined(leg, with),
        }
    }

    /// The party does not take the offer: what was agreed before still holds (RFC 3261 section 14.1), unless
    /// it does not know the dialog any more, or is not there.
    fn on_declined(&mut self, proposal: &Proposal, code: u16) {
        match proposal.aim {
            _ if matches!(code, 408 | 481) => self.on_breakdown(proposal.leg),
            Aim::Adjust => {}
            Aim::Introduce { .. } | Aim::Join { .. } => {
                let failure = Failure::ours(StatusCode::from(code), call::event::EndCause::Failed);
                self.on_join_declined(proposal.leg, &failure);
            }
        }
    }

    /// After a 491, the side that made the Call-ID waits 2.1 to 4 seconds, the other up to 2.
    fn rest(&mut self, at: usize) {
        let proposal = &mut self.proposals[at];
        proposal.stage = Stage::Resting;
        proposal.attempts -= 1;
        let (number, leg) = (proposal.number, proposal.leg);
        let is_ours = self.leg(leg).is_some_and(Leg::is_called);
        let rest = if is_ours { rand::random_range(2100..4000) } else { rand::random_range(0..2000) };
        let mailbox = self.mailbox.clone();
        self.core.stack.tasks.spawn(async move {
            tokio::time::sleep(Duration::from_millis(rest)).await;
            mailbox.post(Input::ProposeAgain(number));
        });
    }

    /// The rest after a 491 is over.
    pub(super) fn propose_again(&mut self, number: u64) {
        if let Some(proposal) = self.proposals.iter_mut().find(|proposal| proposal.number == number) {
            proposal.stage = Stage::Waiting;
        }
    }

    /// Forgets what a leg that is over was to be offered, and that others were to be joined with it. What is
    /// sent already is still acknowledged.
    pub(super) fn drop_proposals(&mut self, leg: LegId) {
        let concerned = |proposal: &Proposal| proposal.aim.other() == Some(leg);
        self.proposals.retain(|proposal| {
            proposal.leg != leg && !(concerned(proposal) && proposal.stage != Stage::Sent)
        });
        for proposal in self.proposals.iter_mut().filter(|proposal| concerned(proposal)) {
            proposal.aim = Aim::Adjust;
        }
    }
}
