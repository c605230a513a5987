//! Ends of legs, and of the call.

use std::sync::Arc;

use call::{
    EventKind, LegId,
    event::{EndCause, LegEnd, Releaser, SipStatus},
};

use super::{Call, Phase};
use crate::{
    Context,
    failure::Failure,
    leg::Leg,
    limits::Holder,
    message::{Reasons, status},
    output::{Media, RETRY_AFTER},
};

/// Whether a leg's party knows already that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Known,
    Tell,
}

/// Who ends a leg and why.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) by: Releaser,
    pub(super) cause: EndCause,
    /// The status that its INVITE ends with if it was not answered.
    pub(super) status: SipStatus,
    /// What the party is told besides (RFC 3326).
    pub(super) reasons: Reasons,
}

impl Ending {
    pub(super) fn new(by: Releaser, cause: EndCause, code: u16) -> Self {
        Self { by, cause, status: status(code), reasons: Reasons::default() }
    }

    pub(super) fn because(self, reasons: Reasons) -> Self {
        Self { reasons, ..self }
    }

    /// Of an INVITE of ours that nobody waits for any more.
    pub(super) fn cancelled(cause: EndCause) -> Self {
        Self::new(Releaser::Switch, cause, 487)
    }

    /// Of those who ring when another one has answered.
    pub(super) fn elsewhere() -> Self {
        Self::cancelled(EndCause::AnsweredElsewhere).because(Reasons::completed_elsewhere())
    }

    pub(super) fn failed(failure: &Failure) -> Self {
        let Failure { status, cause, reasons } = failure.clone();
        Self { by: Releaser::Switch, cause, status, reasons }
    }
}

/// The status of a leg that was hung up.
fn bye() -> SipStatus {
    SipStatus { code: 200, reason: "Bye".into() }
}

impl Call {
    /// Ends a leg. One that was answered ends with a BYE, whatever status is given.
    pub(super) fn end_leg(&mut self, id: LegId, notice: Notice, ending: Ending, cx: &mut Context<'_>) {
        let Some(leg) = self.leg(id).filter(|leg| !leg.is_ended()) else { return };
        let was_up = leg.is_up();
        self.drop_prompt(id, cx);
        self.drop_negotiations(id, cx);
        self.stop_playing(id, cx);
        self.stop_recording(id, cx);
        let Ending { by, cause, status, reasons } = ending;
        let retry_after = (cause == EndCause::Limit && status.code == 503).then_some(RETRY_AFTER);
        let reason = reasons.0.clone();
        // Who ends it by itself is not told why.
        let told = if by == Releaser::Party { Reasons::default() } else { reasons };
        self.close(id, notice, (&status, told), retry_after, cx);
        self.booking.release(&mut cx.state.counts, Holder::Leg(id));
        cx.media(Media::Release(id));
        self.leave_join(id);
        if was_up {
            self.note_left(id, cx);
        }
        let sip = Some(if was_up { bye() } else { status });
        let quality = cx.world.quality(id).map(Arc::new);
        self.tell(EventKind::LegEnded { leg: id, end: LegEnd { by, cause, sip, reason, quality } }, cx);
    }

    /// Ends every leg that is not over.
    pub(super) fn end_all(&mut self, ending: &Ending, cx: &mut Context<'_>) {
        self.phase = Phase::Talking;
        self.end_each(|leg| !leg.is_ended(), ending, cx);
        self.bridges.clear();
    }

    /// Ends the legs that are being rung.
    pub(super) fn end_rung(&mut self, ending: &Ending, cx: &mut Context<'_>) {
        self.end_each(Leg::is_called, ending, cx);
    }

    fn end_each(&mut self, which: impl Fn(&Leg) -> bool, ending: &Ending, cx: &mut Context<'_>) {
        let ids: Vec<_> = self.legs.iter().filter(|leg| which(leg)).map(|leg| leg.id).collect();
        for id in ids {
            self.end_leg(id, Notice::Tell, ending.clone(), cx);
        }
    }

    /// Everybody has left.
    pub(super) fn end(&mut self, cx: &mut Context<'_>) {
        self.phase = Phase::Ending;
        self.tell_ends(cx);
        self.bridges.clear();
        self.booking.give_back(&mut cx.state.counts);
    }

    /// The caller cannot be served: told so, and the call is over, or is once it has heard so.
    pub(super) fn give_up_caller(&mut self, failure: &Failure, cx: &mut Context<'_>) {
        if !self.give_busy_tone(failure, cx) {
            self.end_for(failure, cx);
        }
    }

    /// Ends the call for this reason. Whoever has placed it and is up is told that by its BYE.
    pub(super) fn end_for(&mut self, failure: &Failure, cx: &mut Context<'_>) {
        let Failure { cause, reasons, .. } = failure.clone();
        let is_told = reasons.0.is_some() || self.lonely_first_party().is_none();
        let reasons = if is_told { reasons } else { Reasons::of_status(&failure.status) };
        let ending = Ending { by: Releaser::Switch, cause, status: failure.toward_caller(), reasons };
        self.end_all(&ending, cx);
    }

    /// A party has hung up, after an answer.
    pub(super) fn on_bye(&mut self, id: LegId, reasons: Reasons, cx: &mut Context<'_>) {
        let ending =
            Ending { by: Releaser::Party, cause: EndCause::Normal, status: bye(), reasons: reasons.clone() };
        self.end_leg(id, Notice::Known, ending, cx);
        self.settle_end(id, EndCause::Normal, reasons, cx);
    }

    /// A party that called gives up before an answer.
    pub(super) fn on_cancel(&mut self, id: LegId, reasons: Reasons, cx: &mut Context<'_>) {
        let ours = Ending::new(Releaser::Party, EndCause::Cancelled, 487).because(reasons.clone());
        self.end_leg(id, Notice::Tell, ours, cx);
        if self.caller != Some(id) {
            return self.settle_end(id, EndCause::Cancelled, reasons, cx);
        }
        self.end_all(&Ending::cancelled(EndCause::Cancelled).because(reasons), cx);
    }

    /// A party's dialog has broken down.
    pub(super) fn on_breakdown(&mut self, id: LegId, cx: &mut Context<'_>) {
        self.end_leg(id, Notice::Tell, Ending::new(Releaser::Switch, EndCause::Failed, 500), cx);
        self.settle_end(id, EndCause::Failed, Reasons::default(), cx);
    }

    /// Goes on after the end of leg `id`: whoever has nobody to talk to or to wait for any more ends too.
    pub(super) fn settle_end(&mut self, id: LegId, cause: EndCause, reasons: Reasons, cx: &mut Context<'_>) {
        let peer = self.separate(id);
        let was_waited_for = matches!(&self.phase, Phase::Hunting(hunt) if hunt.partner == Some(id));
        if was_waited_for {
            return self.end_all(&Ending::cancelled(EndCause::Cancelled).because(reasons), cx);
        }
        if self.settle_transfer(id, cx) || self.settle_parking(id, cx) {
            return;
        }
        let ending = Ending::new(Releaser::Switch, cause, 480).because(reasons);
        if let Some(peer) = peer {
            self.end_leg(peer, Notice::Tell, ending.clone(), cx);
        }
        if self.legs.iter().filter(|leg| !leg.is_ended()).count() < 2 {
            self.end_all(&ending, cx);
        }
    }

    /// A fault of ours has come in between: nothing is known for sure but that the call is over.
    pub(crate) fn fail(&mut self, cx: &mut Context<'_>) {
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Failed, 500), cx);
    }

    /// The server stops.
    pub(crate) fn interrupt(&mut self, cx: &mut Context<'_>) {
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Interrupted, 503), cx);
    }

    /// Ends a leg, and the call if nobody is left to talk to.
    pub(super) fn release(&mut self, id: LegId, cx: &mut Context<'_>) {
        let was_rung = self.leg(id).is_some_and(Leg::is_called);
        let is_for_one_who_talks = matches!(self.phase, Phase::Transferring(_) | Phase::Parked(_));
        self.end_plainly(id, Releaser::Command, cx);
        match self.hunt() {
            Some(_) if was_rung && is_for_one_who_talks => {
                self.count_failure(Failure::ours(487, EndCause::Cancelled), cx);
            }
            _ => self.settle_end(id, EndCause::Normal, Reasons::default(), cx),
        }
    }

    /// Ends the call.
    pub(crate) fn release_all(&mut self, by: Releaser, cx: &mut Context<'_>) {
        self.phase = Phase::Talking;
        let ids: Vec<_> = self.legs.iter().map(|leg| leg.id).collect();
        ids.into_iter().for_each(|id| self.end_plainly(id, by, cx));
    }

    /// Hangs up: normal after an answer, else cancelled.
    pub(super) fn end_plainly(&mut self, id: LegId, by: Releaser, cx: &mut Context<'_>) {
        let Some(leg) = self.leg(id) else { return };
        let cause = if leg.is_up() { EndCause::Normal } else { EndCause::Cancelled };
        let code = if leg.is_called() { 487 } else { 480 };
        self.end_leg(id, Notice::Tell, Ending::new(by, cause, code), cx);
    }
}
