//! A party hands over the one that it talks to (RFC 5359 sections 2.4 and 2.5, RFC 5589).

use std::sync::Arc;

use call::{
    EventKind, LegId, Number,
    command::Target,
    event::{EndCause, Releaser, Side, TransferMode, TransferTarget},
};
use directory::routing::{Destination, Unroutable, Via};
use rsipstack::sip::StatusCode;
use switch::SwitchError;

use super::{
    Session, description,
    ending::{Ending, Notice},
    feature::Lead,
    hunt::{Purpose, Quest, SentOn},
    leg::Leg,
    originate::number_of,
    referral::Referral,
};
use crate::{
    cause::{Failure, sip_status},
    features::Given,
    message::fields::Body,
};

/// A transfer that is under way.
pub(super) struct Transfer {
    /// The leg that hands over.
    pub(super) initiator: LegId,
    /// The leg that is handed over.
    pub(super) transferred: LegId,
    /// The leg that takes it, once it has answered.
    pub(super) recipient: Option<LegId>,
    /// Whom the recipient talked to before; `None` without a consultation.
    pub(super) consultation: Option<Consultation>,
    /// Who is told of the outcome besides.
    pub(super) referral: Option<Referral>,
}

/// The conversation that an attended transfer follows.
#[derive(Clone, Copy)]
pub(super) struct Consultation {
    /// The recipient's former peer, which leaves with the initiator.
    pub(super) leaver: LegId,
}

const NOT_ON_CALL: SwitchError = SwitchError::Conflict("the leg is not on call");
const BUSY: SwitchError = SwitchError::Conflict("the leg is being transferred or joined");

impl Session {
    /// The two parties that a command about leg `id` concerns: its own and the one that it talks to, with
    /// nothing else under way.
    pub(super) fn pair_at_rest(&self, id: LegId) -> Result<(LegId, LegId), SwitchError> {
        let peer = self.talking_peer(id).ok_or(NOT_ON_CALL)?;
        let is_at_rest =
            self.transfer.is_none() && self.asking.is_none() && self.hunt.is_none() && !self.is_joining();
        if is_at_rest { Ok((id, peer)) } else { Err(BUSY) }
    }

    /// Sends the party that leg `id` talks to elsewhere.
    pub(super) fn transfer(&mut self, id: LegId, target: &Target) -> Result<(), SwitchError> {
        let leg = self.leg(id).ok_or(SwitchError::NotFound)?;
        let directory = self.core.directory.snapshot();
        let giver = (leg.party.owner, Given::Transferred, self.clock.now());
        match Lead::of_target(&self.core, &directory, giver, target) {
            Ok(Lead::Feature(feature)) => self.park(id, feature.slot(), None),
            Ok(Lead::Call(to)) => self.transfer_to(id, number_of(target, &to), to, None),
            Err(Unroutable::Unknown) => {
                Err(SwitchError::Unreachable("the target of the transfer is not known"))
            }
            Err(Unroutable::Refused) => {
                Err(SwitchError::Unreachable("the rates refuse calls to the target of the transfer"))
            }
        }
    }

    /// Sends the party that leg `id` talks to elsewhere.
    pub(super) fn transfer_to(
        &mut self,
        id: LegId,
        number: Number,
        to: Destination,
        referral: Option<Referral>,
    ) -> Result<(), SwitchError> {
        let (initiator, transferred) = self.pair_at_rest(id)?;
        let directory = self.core.directory.snapshot();
        let name = match &to {
            Destination::Phones { owner, extension, .. } => {
                directory.extension(owner.account, extension).and_then(|extension| extension.name.clone())
            }
            Destination::Trunks(_) => None,
        };
        let target = Arc::new(TransferTarget { number: number.clone(), name });
        self.tell(EventKind::TransferStarted { initiator, target, mode: TransferMode::Blind });
        let referrer = referral.as_ref().and_then(|referral| referral.referred_by.clone());
        let by = self.leg(initiator).map(|leg| leg.party.owner);
        let sent = by.map(|by| SentOn { by, sender: Some(initiator), to: number });
        self.transfer =
            Some(Transfer { initiator, transferred, recipient: None, consultation: None, referral });
        let quest = Quest {
            purpose: Purpose::Transfer,
            side: Side::Termination,
            partner: Some(transferred),
            offer: self.talking_description(transferred),
            referrer,
            sent,
        };
        self.hunt_for(&directory, quest, to);
        Ok(())
    }

    /// The latest session description of a leg's party, without any hold in it.
    pub(super) fn talking_description(&self, id: LegId) -> Body {
        let body = self.leg(id).map(|leg| leg.description.clone()).unwrap_or_default();
        Body { bytes: description::without_hold(&body.bytes), ..body }
    }

    /// How calls are routed on behalf of a leg's party.
    pub(super) fn via_of(leg: &Leg) -> Via {
        match leg.party.endpoint {
            call::party::Endpoint::Device { .. } => Via::Device,
            call::party::Endpoint::Trunk { id, .. } => Via::Trunk(id),
        }
    }

    /// The transferred party and the recipient talk.
    pub(super) fn complete_transfer(&mut self) {
        let Some(Transfer { initiator, recipient: Some(recipient), referral, consultation, .. }) =
            self.transfer.take()
        else {
            return;
        };
        self.tell(EventKind::TransferCompleted { initiator, recipient });
        if let Some(referral) = referral {
            self.notify_outcome(&referral, &sip_status(&StatusCode::OK));
        }
        for leg in [Some(initiator), consultation.map(|consultation| consultation.leaver)] {
            let gone = sip_status(&StatusCode::RequestTerminated);
            let ending = Ending::new(Releaser::Switch, EndCause::Transferred, gone);
            leg.into_iter().for_each(|leg| self.end_leg(leg, Notice::Tell, ending.clone()));
        }
    }

    /// The transfer comes to nothing: who talked before talks on, or ends if left alone.
    pub(super) fn fail_transfer(&mut self, failure: &Failure) {
        let Some(transfer) = self.transfer.take() else { return };
        let ending = Ending::after(Releaser::Switch, failure);
        if let (Some(recipient), None) = (transfer.recipient, transfer.consultation) {
            self.end_leg(recipient, Notice::Tell, ending.clone());
        }
        self.tell(EventKind::TransferFailed { initiator: transfer.initiator });
        if let Some(referral) = &transfer.referral {
            self.notify_outcome(referral, &failure.status);
        }
        self.change_music(transfer.transferred, transfer.initiator);
        if transfer.recipient.is_some() {
            self.restore(transfer.transferred, transfer.initiator, &ending);
        } else if self.is_gone(transfer.initiator) {
            self.end_leg(transfer.transferred, Notice::Tell, ending.clone());
        }
        if let Some(Consultation { leaver }) = transfer.consultation {
            self.settle_consultation(transfer.recipient, leaver, failure);
        }
    }

    /// What becomes of the conversation before a transfer that came to nothing: it goes on if there was one.
    fn settle_consultation(&mut self, recipient: Option<LegId>, leaver: LegId, failure: &Failure) {
        let ending = Ending::after(Releaser::Switch, failure);
        match recipient {
            Some(recipient) if self.leg(leaver).is_some_and(Leg::is_answered) => {
                self.restore(recipient, leaver, &ending);
            }
            recipient => {
                let told = sip_status(&failure.toward_caller());
                let refusal =
                    Ending::new(Releaser::Switch, failure.cause, told).because(failure.reason.clone());
                self.end_leg(leaver, Notice::Tell, refusal);
                recipient.into_iter().for_each(|id| self.end_leg(id, Notice::Tell, ending.clone()));
            }
        }
    }

    fn is_gone(&self, id: LegId) -> bool {
        self.leg(id).is_none_or(Leg::is_ended)
    }

    /// Two that were to part talk on; whoever is left alone ends.
    fn restore(&mut self, party: LegId, peer: LegId, ending: &Ending) {
        if self.is_gone(party) || self.is_gone(peer) {
            self.end_leg(party, Notice::Tell, ending.clone());
            return self.end_leg(peer, Notice::Tell, ending.clone());
        }
        self.let_hear(party, peer);
    }

    /// Goes on with the transfer after the end of leg `gone`; says whether that leg was part of one.
    pub(super) fn settle_transfer(&mut self, gone: LegId) -> bool {
        let Some(transfer) = &self.transfer else { return false };
        let leaver = transfer.consultation.map(|consultation| consultation.leaver);
        let is_waiting_on = Some(gone) == leaver || gone == transfer.initiator;
        if gone == transfer.transferred {
            self.abandon_transfer();
        } else if Some(gone) == transfer.recipient {
            self.fail_transfer(&Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::Normal));
        } else if !is_waiting_on {
            return false;
        }
        true
    }

    /// The party that was to be handed over has gone.
    fn abandon_transfer(&mut self) {
        let is_talking =
            |transfer: &Transfer| transfer.consultation.is_some() && transfer.recipient.is_some();
        if self.transfer.as_ref().is_some_and(is_talking) {
            let failure = Failure::ours(StatusCode::RequestTerminated, EndCause::Normal);
            return self.fail_transfer(&failure);
        }
        let Some(Transfer { initiator, referral, consultation, .. }) = self.transfer.take() else { return };
        let gone = sip_status(&StatusCode::RequestTerminated);
        self.tell(EventKind::TransferFailed { initiator });
        if let Some(referral) = referral {
            self.notify_outcome(&referral, &gone);
        }
        if let Some(Consultation { leaver }) = consultation.filter(|one| !self.is_gone(one.leaver)) {
            self.end_plainly(initiator, Releaser::Switch);
            return self.ring_for_initiator(leaver);
        }
        self.hunt = None;
        self.end_rung(&Ending::new(Releaser::Switch, EndCause::Cancelled, gone));
        self.release_all(Releaser::Switch);
    }
}
