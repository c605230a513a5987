//! A party hands over the one that it talks to (RFC 5359 sections 2.4 and 2.5, RFC 5589).

use std::sync::Arc;

use call::{
    EventKind, LegId, Number,
    command::Target,
    event::{EndCause, Releaser, TransferMode, TransferTarget},
};
use directory::routing::{Destination, Via};
use rsipstack::sip::StatusCode;
use switch::SwitchError;

use super::{
    Session, description,
    ending::Notice,
    hunt::{Purpose, Quest},
    leg::Leg,
    originate::{destination, number_of},
    referral::Referral,
};
use crate::{
    cause::{Failure, sip_status},
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
    /// Who is told of the outcome besides.
    pub(super) referral: Option<Referral>,
}

const NOT_ON_CALL: SwitchError = SwitchError::Conflict("the leg is not on call");
const BUSY: SwitchError = SwitchError::Conflict("the leg is being transferred or joined");

impl Session {
    /// The two parties that a command about leg `id` concerns: its own and the one that it talks to, with
    /// nothing else under way.
    pub(super) fn pair_at_rest(&self, id: LegId) -> Result<(LegId, LegId), SwitchError> {
        let peer = self.talking_peer(id).ok_or(NOT_ON_CALL)?;
        let is_at_rest = self.transfer.is_none() && self.hunt.is_none() && !self.is_joining();
        if is_at_rest { Ok((id, peer)) } else { Err(BUSY) }
    }

    /// Sends the party that leg `id` talks to elsewhere.
    pub(super) fn transfer(&mut self, id: LegId, target: &Target) -> Result<(), SwitchError> {
        let leg = self.leg(id).ok_or(SwitchError::NotFound)?;
        let directory = self.core.directory.snapshot();
        let to = destination(&directory, leg.party.owner, target)
            .ok_or(SwitchError::Unreachable("the target of the transfer is not known"))?;
        self.transfer_to(id, number_of(target, &to), to, None)
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
        let target = Arc::new(TransferTarget { number, name });
        self.tell(EventKind::TransferStarted { initiator, target, mode: TransferMode::Blind });
        let referrer = referral.as_ref().and_then(|referral| referral.referred_by.clone());
        self.transfer = Some(Transfer { initiator, transferred, recipient: None, referral });
        let quest = Quest {
            purpose: Purpose::Transfer,
            partner: Some(transferred),
            offer: self.talking_description(transferred),
            referrer,
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
        let Some(Transfer { initiator, recipient: Some(recipient), referral, .. }) = self.transfer.take()
        else {
            return;
        };
        self.tell(EventKind::TransferCompleted { initiator, recipient });
        if let Some(referral) = referral {
            self.notify_outcome(&referral, &sip_status(&StatusCode::OK));
        }
        self.end_transferring(initiator);
    }

    fn end_transferring(&mut self, id: LegId) {
        let gone = sip_status(&StatusCode::RequestTerminated);
        self.end_leg(id, Notice::Tell, (Releaser::Switch, EndCause::Transferred, gone));
    }

    /// The transfer comes to nothing: the two first parties talk on, or what is left ends.
    pub(super) fn fail_transfer(&mut self, failure: &Failure) {
        let Some(transfer) = self.transfer.take() else { return };
        let Transfer { initiator, transferred, recipient, referral } = transfer;
        if let Some(recipient) = recipient {
            self.end_leg(recipient, Notice::Tell, (Releaser::Switch, failure.cause, failure.status.clone()));
        }
        self.tell(EventKind::TransferFailed { initiator });
        if let Some(referral) = referral {
            self.notify_outcome(&referral, &failure.status);
        }
        if self.leg(initiator).is_none_or(Leg::is_ended) {
            return self.end_all(&(Releaser::Switch, failure.cause, failure.status.clone()));
        }
        if recipient.is_some() {
            self.let_hear(transferred, initiator);
        }
    }

    /// Goes on with the transfer after the end of leg `gone`; says whether that leg was part of one.
    pub(super) fn settle_transfer(&mut self, gone: LegId) -> bool {
        let Some(transfer) = &self.transfer else { return false };
        let (initiator, transferred, recipient) =
            (transfer.initiator, transfer.transferred, transfer.recipient);
        if gone == transferred {
            self.abandon_transfer();
        } else if Some(gone) == recipient {
            self.fail_transfer(&Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::Normal));
        }
        [Some(initiator), Some(transferred), recipient].contains(&Some(gone))
    }

    /// The party that was to be handed over has gone.
    fn abandon_transfer(&mut self) {
        let Some(Transfer { initiator, referral, .. }) = self.transfer.take() else { return };
        self.hunt = None;
        let gone = sip_status(&StatusCode::RequestTerminated);
        self.tell(EventKind::TransferFailed { initiator });
        if let Some(referral) = referral {
            self.notify_outcome(&referral, &gone);
        }
        self.end_rung((Releaser::Switch, EndCause::Cancelled, gone));
        self.release_all(Releaser::Switch);
    }
}
