//! A party hands over the one that it talks to (RFC 5359 sections 2.4 and 2.5, RFC 5589).

use std::sync::Arc;

use call::{
    EventKind, LegId, Number,
    command::Target,
    event::{EndCause, Releaser, Side, TransferMode, TransferTarget},
};

use super::{
    Call, Phase,
    ending::{Ending, Notice},
    hunt::{Hunt, SentOn},
    join::Join,
    referral::Referral,
    routing::destination,
};
use crate::{
    Context, Refusal,
    failure::Failure,
    features::Place,
    leg::Leg,
    world::{Destination, Unroutable},
};

/// A transfer that is under way.
#[derive(Debug)]
pub(super) struct Transfer {
    /// The leg that hands over.
    pub(super) initiator: LegId,
    /// The leg that is handed over.
    pub(super) transferred: LegId,
    /// Whom the recipient talked to before, or rings for, who leaves with the initiator: after a consultation.
    pub(super) leaver: Option<LegId>,
    /// Who is told of the outcome besides.
    pub(super) referral: Option<Referral>,
    pub(super) progress: Progress,
}

/// How far a transfer has come.
#[derive(Debug)]
pub(super) enum Progress {
    /// The recipient rings.
    Ringing(Box<Hunt>),
    /// It is there: who comes in the join.
    Joining(Join),
}

const NOT_ON_CALL: Refusal = Refusal::Conflict("the leg is not on call");
const BUSY: Refusal = Refusal::Conflict("the leg is being transferred or joined");

impl Transfer {
    /// The leg that takes the party over, once it is there.
    pub(super) fn recipient(&self) -> Option<LegId> {
        match &self.progress {
            Progress::Joining(join) => Some(join.comes),
            Progress::Ringing(_) => None,
        }
    }
}

impl Call {
    /// The two parties that a command about leg `id` concerns: its own and the one that it talks to, with
    /// nothing else under way.
    pub(super) fn pair_at_rest(&self, id: LegId) -> Result<(LegId, LegId), Refusal> {
        let peer = self.talking_peer(id).ok_or(NOT_ON_CALL)?;
        if matches!(self.phase, Phase::Talking) { Ok((id, peer)) } else { Err(BUSY) }
    }

    /// Sends the party that leg `id` talks to elsewhere.
    pub(super) fn transfer(
        &mut self,
        id: LegId,
        target: &Target,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        if let Target::FeatureCode(code) | Target::Number(code) | Target::Extension(code) = target
            && let Some(slot) = slot_of(code, cx)
        {
            return self.park(id, slot.as_deref(), None, cx);
        }
        let leg = self.leg(id).ok_or(Refusal::NotFound)?;
        let to = destination(leg.party.owner, target, self.clock.at(cx.now), cx);
        let to = to.map_err(|why| match why {
            Unroutable::Unknown => Refusal::Unreachable("the target of the transfer is not known"),
            Unroutable::Refused => {
                Refusal::Unreachable("the rates refuse calls to the target of the transfer")
            }
        })?;
        self.transfer_to(id, super::originate::number_of(target, &to), to, None, cx)
    }

    /// Sends the party that leg `id` talks to elsewhere.
    pub(super) fn transfer_to(
        &mut self,
        id: LegId,
        number: Number,
        to: Destination,
        referral: Option<Referral>,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let (initiator, transferred) = self.pair_at_rest(id)?;
        let name = match &to {
            Destination::Phones { owner, extension, .. } => cx.world.extension_name(owner.account, extension),
            Destination::Trunks(_) => None,
        };
        let target = TransferTarget { number: number.clone(), name };
        self.tell_transfer(initiator, target, TransferMode::Blind, cx);
        let offer = self.talking_description(transferred);
        let mut hunt = Self::new_hunt(Side::Termination, Some(transferred), offer, cx);
        hunt.referred_by = referral.as_ref().and_then(|referral| referral.referred_by.clone());
        let by = self.leg(initiator).map(|leg| leg.party.owner);
        by.into_iter()
            .for_each(|by| hunt.sent_on(SentOn { by, sender: Some(initiator), to: number.clone() }));
        let progress = Progress::Ringing(Box::new(hunt));
        let transfer = Transfer { initiator, transferred, leaver: None, referral, progress };
        self.phase = Phase::Transferring(Box::new(transfer));
        self.hunt_for(to, cx);
        Ok(())
    }

    pub(super) fn tell_transfer(
        &mut self,
        initiator: LegId,
        target: TransferTarget,
        mode: TransferMode,
        cx: &mut Context<'_>,
    ) {
        self.tell(EventKind::TransferStarted { initiator, target: Arc::new(target), mode }, cx);
    }

    /// The latest session description of a leg's party, without any hold in it.
    pub(super) fn talking_description(&self, id: LegId) -> Option<crate::Sdp> {
        Some(self.leg(id)?.theirs.as_ref()?.without_hold())
    }

    /// The transferred party and the recipient talk.
    pub(super) fn complete_transfer(&mut self, transfer: Transfer, recipient: LegId, cx: &mut Context<'_>) {
        let Transfer { initiator, leaver, referral, .. } = transfer;
        self.tell(EventKind::TransferCompleted { initiator, recipient }, cx);
        if let Some(referral) = referral {
            self.notify_outcome(&referral, 200, cx);
        }
        for leg in [Some(initiator), leaver].into_iter().flatten() {
            self.end_leg(leg, Notice::Tell, Ending::cancelled(EndCause::Transferred), cx);
        }
    }

    /// The transfer comes to nothing: who talked before talks on, or ends if left alone.
    pub(super) fn fail_transfer(&mut self, failure: &Failure, cx: &mut Context<'_>) {
        let transfer = match std::mem::replace(&mut self.phase, Phase::Talking) {
            Phase::Transferring(transfer) => *transfer,
            other => {
                self.phase = other;
                return;
            }
        };
        let recipient = transfer.recipient();
        let Transfer { initiator, transferred, leaver, referral, .. } = transfer;
        let ending = Ending::failed(failure);
        if let Some(join) = [transferred].into_iter().chain(recipient).find(|id| self.leg(*id).is_some()) {
            self.drop_join_proposals(join);
        }
        if let (Some(recipient), None) = (recipient, leaver) {
            self.end_leg(recipient, Notice::Tell, ending.clone(), cx);
        }
        self.tell(EventKind::TransferFailed { initiator }, cx);
        if let Some(referral) = &referral {
            self.notify(referral, failure.status.clone(), true, cx);
        }
        let is_left_alone = self.is_over_for(initiator);
        if !is_left_alone {
            self.change_music(transferred, initiator, cx);
        }
        if recipient.is_some() {
            self.restore(transferred, initiator, &ending, cx);
        } else if is_left_alone {
            self.end_leg(transferred, Notice::Tell, ending.clone(), cx);
        }
        if let Some(leaver) = leaver {
            self.settle_consultation(recipient, leaver, failure, cx);
        }
    }

    /// What becomes of the consultation after a transfer that came to nothing: it goes on, or comes about, if
    /// the recipient is there.
    fn settle_consultation(
        &mut self,
        recipient: Option<LegId>,
        leaver: LegId,
        failure: &Failure,
        cx: &mut Context<'_>,
    ) {
        let ending = Ending { status: failure.toward_caller(), ..Ending::failed(failure) };
        match recipient {
            Some(recipient) => {
                self.drop_join_proposals(recipient);
                self.answer_consultation(leaver, recipient, cx);
                self.restore(recipient, leaver, &ending, cx);
            }
            None => self.end_leg(leaver, Notice::Tell, ending, cx),
        }
    }

    /// Answers the INVITE of whoever has called the recipient, if it still waits for that.
    fn answer_consultation(&mut self, caller: LegId, recipient: LegId, cx: &mut Context<'_>) {
        if self.is_over_for(recipient) || !self.leg(caller).is_some_and(Leg::is_calling) {
            return;
        }
        match self.pass_talking(recipient, caller, cx) {
            Ok(answer) => {
                let answer = self.within_offer(caller, answer);
                self.answer_invite(caller, Some(recipient), answer.into(), cx);
                self.tell(EventKind::LegsBridged { a: caller, b: recipient }, cx);
            }
            Err(failure) => self.end_leg(caller, Notice::Tell, Ending::failed(&failure), cx),
        }
    }

    pub(super) fn is_over_for(&self, id: LegId) -> bool {
        self.leg(id).is_none_or(Leg::is_ended)
    }

    /// Two that were to part talk on; whoever is left alone ends.
    fn restore(&mut self, party: LegId, peer: LegId, ending: &Ending, cx: &mut Context<'_>) {
        if self.is_over_for(party) || self.is_over_for(peer) {
            self.end_leg(party, Notice::Tell, ending.clone(), cx);
            return self.end_leg(peer, Notice::Tell, ending.clone(), cx);
        }
        if self.peer_of(party) != Some(peer) {
            self.connect(party, peer, cx);
        }
        self.let_hear(party, peer, cx);
    }

    /// Goes on with the transfer after the end of leg `gone`; says whether one is under way.
    pub(super) fn settle_transfer(&mut self, gone: LegId, cx: &mut Context<'_>) -> bool {
        let Phase::Transferring(transfer) = &self.phase else { return false };
        if gone == transfer.transferred {
            self.abandon_transfer(cx);
        } else if Some(gone) == transfer.recipient() {
            self.fail_transfer(&Failure::ours(480, EndCause::Normal), cx);
        }
        true
    }

    /// The party that was to be handed over has gone. Those that ring for a consultation ring on for whoever
    /// has called them.
    fn abandon_transfer(&mut self, cx: &mut Context<'_>) {
        let transfer = match std::mem::replace(&mut self.phase, Phase::Talking) {
            Phase::Transferring(transfer) => *transfer,
            other => {
                self.phase = other;
                return;
            }
        };
        if transfer.leaver.is_some() && matches!(transfer.progress, Progress::Joining(_)) {
            self.phase = Phase::Transferring(Box::new(transfer));
            return self.fail_transfer(&Failure::ours(487, EndCause::Normal), cx);
        }
        let Transfer { initiator, leaver, referral, progress, .. } = transfer;
        self.tell(EventKind::TransferFailed { initiator }, cx);
        if let Some(referral) = referral {
            self.notify_outcome(&referral, 487, cx);
        }
        let leaver = leaver.filter(|leaver| !self.is_over_for(*leaver));
        if let (Some(leaver), Progress::Ringing(hunt)) = (leaver, progress) {
            self.end_plainly(initiator, Releaser::Switch, cx);
            return self.ring_for(leaver, *hunt);
        }
        self.end_rung(&Ending::cancelled(EndCause::Cancelled), cx);
        self.release_all(Releaser::Switch, cx);
    }

    /// Those that ring do so for this calling party from now on.
    fn ring_for(&mut self, caller: LegId, mut hunt: Hunt) {
        self.caller = Some(caller);
        hunt.hand_to(caller, self.talking_description(caller));
        self.phase = Phase::Hunting(Box::new(hunt));
    }
}

/// The slot that a number parks in, `None` for the first free one, if it is such a number.
pub(super) fn slot_of(number: &Number, cx: &Context<'_>) -> Option<Option<Arc<str>>> {
    cx.settings.features.read(number.as_str(), Place::Transfer)?.parks_in()
}
