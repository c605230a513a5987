//! Ends of legs, and of the call.

use call::{
    EventKind, LegId,
    event::{EndCause, LegEnd, Releaser, SipStatus},
};
use rsipstack::sip::StatusCode;

use super::{
    Session,
    leg::{Leg, Progress},
};
use crate::{
    cause::{Failure, bye, sip_status},
    reason::Reason,
};

/// Whether a leg's peer knows already that it is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    Known,
    Tell,
}

/// How a leg ends.
#[derive(Clone)]
pub(super) struct Ending {
    by: Releaser,
    cause: EndCause,
    /// That its INVITE ends with if it was not answered.
    status: SipStatus,
    /// What its party is told besides, or has told.
    reason: Option<Reason>,
}

impl Ending {
    pub(super) fn new(by: Releaser, cause: EndCause, status: SipStatus) -> Self {
        Self { by, cause, status, reason: None }
    }

    /// Because of a failure.
    pub(super) fn after(by: Releaser, failure: &Failure) -> Self {
        Self::new(by, failure.cause, failure.status.clone()).because(failure.reason.clone())
    }

    /// Somebody else has answered.
    pub(super) fn answered_elsewhere() -> Self {
        let ours = sip_status(&StatusCode::RequestTerminated);
        let ending = Self::new(Releaser::Switch, EndCause::AnsweredElsewhere, ours);
        ending.because(Some(Reason::answered_elsewhere()))
    }

    pub(super) fn because(self, reason: Option<Reason>) -> Self {
        Self { reason, ..self }
    }
}

impl Session {
    /// Ends a leg. One that was answered ends with a BYE, whatever status is given.
    pub(super) fn end_leg(&mut self, id: LegId, notice: Notice, ending: Ending) {
        self.drop_prompt(id);
        let (stack, dialogs) = (self.core.stack.clone(), self.core.dialogs.clone());
        let Some(leg) = self.leg_mut(id).filter(|leg| !leg.is_ended()) else { return };
        let was_answered = leg.is_answered();
        let Ending { by, cause, status, reason } = ending;
        let sip = if was_answered { bye() } else { status };
        match (notice, leg.dialog().map(|dialog| dialog.tag)) {
            (Notice::Tell, _) => leg.part(&stack, &dialogs, (StatusCode::from(sip.code), reason.as_ref())),
            (Notice::Known, tag) => {
                leg.conclude(&stack);
                tag.into_iter().for_each(|tag| dialogs.remove(tag));
            }
        }
        leg.progress = Progress::Ended;
        leg.lifetime = None;
        leg.admission = None;
        leg.parked = None;
        self.drop_exchanges(id);
        self.stop_playing(id);
        self.stop_recording(id);
        self.media.remove(id);
        self.drop_proposals(id);
        if was_answered {
            self.note_left(id);
        }
        let reason = reason.map(|reason| reason.text().clone());
        self.tell(EventKind::LegEnded { leg: id, end: LegEnd { by, cause, sip: Some(sip), reason } });
    }

    /// Ends every leg that is not over.
    pub(super) fn end_all(&mut self, ending: &Ending) {
        self.hunt = None;
        self.end_each(|leg| !leg.is_ended(), ending);
    }

    /// Ends the legs that are being rung.
    pub(super) fn end_rung(&mut self, ending: &Ending) {
        self.end_each(|leg| leg.is_called() && leg.is_pending(), ending);
    }

    fn end_each(&mut self, which: impl Fn(&Leg) -> bool, ending: &Ending) {
        let ids: Vec<_> = self.legs.iter().filter(|leg| which(leg)).map(|leg| leg.id).collect();
        for id in ids {
            self.end_leg(id, Notice::Tell, ending.clone());
        }
    }

    /// The caller cannot be served: told so, and the call is over.
    pub(super) fn give_up_caller(&mut self, failure: &Failure) {
        if !self.give_busy_signal(failure) {
            self.end_for(failure);
        }
    }

    /// Ends the call for this reason.
    pub(super) fn end_for(&mut self, failure: &Failure) {
        let status = sip_status(&failure.toward_caller());
        if failure.cause == EndCause::Limit && status.code == 503 {
            self.say_when_to_retry();
        }
        let ending = Ending::new(Releaser::Switch, failure.cause, status);
        let ours = || self.answered_first_party().map(|_| Reason::of_status(&failure.status));
        let reason = failure.reason.clone().or_else(ours);
        self.end_all(&ending.because(reason));
    }

    /// A party has hung up, after an answer.
    pub(super) fn on_bye(&mut self, id: LegId, reason: Option<Reason>) {
        let ending = Ending::new(Releaser::Party, EndCause::Normal, bye()).because(reason.clone());
        self.end_leg(id, Notice::Known, ending);
        self.settle_end(id, EndCause::Normal, reason);
    }

    /// A party that called gives up before an answer.
    pub(super) fn on_cancel(&mut self, id: LegId, reason: Option<Reason>) {
        let ours = sip_status(&StatusCode::RequestTerminated);
        let ending = |by| Ending::new(by, EndCause::Cancelled, ours.clone()).because(reason.clone());
        self.end_leg(id, Notice::Tell, ending(Releaser::Party));
        if self.caller != Some(id) {
            return self.settle_end(id, EndCause::Cancelled, reason);
        }
        self.end_all(&ending(Releaser::Switch));
    }

    /// A party's dialog has broken down.
    pub(super) fn on_breakdown(&mut self, id: LegId) {
        self.end_leg(id, Notice::Tell, Ending::new(Releaser::Switch, EndCause::Failed, bye()));
        self.settle_end(id, EndCause::Failed, None);
    }

    /// Goes on after the end of leg `id`: whoever has nobody to talk to or to wait for any more ends too.
    pub(super) fn settle_end(&mut self, id: LegId, cause: EndCause, reason: Option<Reason>) {
        let peer = self.separate(id);
        if self.settle_transfer(id) || self.settle_parking(id) || self.transfer.is_some() {
            return;
        }
        let status = sip_status(&StatusCode::TemporarilyUnavailable);
        let ending = Ending::new(Releaser::Switch, cause, status).because(reason);
        if let Some(peer) = peer {
            self.end_leg(peer, Notice::Tell, ending.clone());
        }
        if self.legs.iter().filter(|leg| !leg.is_ended()).count() < 2 {
            self.end_all(&ending);
        }
    }

    /// The server stops.
    pub(super) fn interrupt(&mut self) {
        let status = sip_status(&StatusCode::ServiceUnavailable);
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Interrupted, status));
    }

    /// Ends a leg, and the call if nobody is left to talk to.
    pub(super) fn release(&mut self, id: LegId) {
        let was_rung = self.leg(id).is_some_and(|leg| leg.is_called() && leg.is_pending());
        self.end_plainly(id, Releaser::Command);
        match &self.hunt {
            Some(hunt) if was_rung && hunt.purpose.is_for_one_who_talks() => {
                let ours = Failure::ours(StatusCode::RequestTerminated, EndCause::Cancelled);
                self.count_failure(ours);
            }
            _ => self.settle_end(id, EndCause::Normal, None),
        }
    }

    /// Ends the call.
    pub(super) fn release_all(&mut self, by: Releaser) {
        self.hunt = None;
        let ids: Vec<_> = self.legs.iter().map(|leg| leg.id).collect();
        ids.into_iter().for_each(|id| self.end_plainly(id, by));
    }

    /// Hangs up: normal after an answer, else cancelled.
    pub(super) fn end_plainly(&mut self, id: LegId, by: Releaser) {
        let Some(leg) = self.leg(id) else { return };
        let cause = if leg.is_answered() { EndCause::Normal } else { EndCause::Cancelled };
        let status = match leg.is_called() {
            true => StatusCode::RequestTerminated,
            false => StatusCode::TemporarilyUnavailable,
        };
        self.end_leg(id, Notice::Tell, Ending::new(by, cause, sip_status(&status)));
    }

    /// The last resort when the task ends early.
    pub(super) fn end_all_failed(&mut self) {
        let status = sip_status(&StatusCode::ServerInternalError);
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Failed, status));
    }
}
