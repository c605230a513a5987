//! What comes of those who are rung, until one answers or nobody is left.

use std::time::Duration;

use call::{
    EventKind, LegId,
    event::{EndCause, Releaser},
};

use super::{Step, Trying};
use crate::{
    Context,
    call::{
        Call, Phase,
        ending::{Ending, Notice},
        parking::Stay,
    },
    failure::{Failure, best},
    leg::Leg,
    limits::Holder,
    message::{Body, ClientTx, Response},
    output::Media,
};

impl Call {
    /// A trunk's INVITE was sent once more, with credentials: it may be silent for so long again.
    pub(in crate::call) fn on_logged_in(&mut self, cx: &Context<'_>) {
        let until = Some(cx.now.monotonic + cx.settings.trunk_silence);
        if let Some(Trying::Trunk { silent_until }) = self.hunt_mut().map(|hunt| &mut hunt.now) {
            *silent_until = until;
        }
    }

    /// A response to the INVITE of a leg that is rung.
    pub(in crate::call) fn on_called_response(
        &mut self,
        id: LegId,
        tx: ClientTx,
        response: Response,
        cx: &mut Context<'_>,
    ) {
        let Some(called) = self.leg(id).and_then(Leg::called).filter(|called| called.invite == tx) else {
            return;
        };
        let rang = called.rang();
        if let Some(leg) = self.leg_mut(id) {
            leg.takes_update = response.takes_update.or(leg.takes_update);
        }
        if let Some(hunt) = self.hunt_mut() {
            hunt.hear();
        }
        if response.is_provisional() {
            return self.on_provisional(id, response, cx);
        }
        if response.is_success() {
            self.note_speaker(id, response.connected.as_ref());
            return self.on_answer(id, &response, cx);
        }
        if self.ask_for_longer(id, &response, cx) || self.redirect(id, &response, cx) {
            return;
        }
        self.on_refusal(id, Failure::of(&response, rang), cx);
    }

    pub(in crate::call) fn on_provisional(&mut self, id: LegId, response: Response, cx: &mut Context<'_>) {
        if response.status.code == 100 || !self.hear(id, &response, cx) {
            return;
        }
        let rings = response.status.code == 180 || response.body.sdp().is_some();
        let is_news = rings && self.leg_mut(id).and_then(Leg::called_mut).is_some_and(|called| called.ring());
        if is_news {
            self.tell(EventKind::LegRinging { leg: id }, cx);
        }
        let body = self.early_media(id, response.body, cx);
        self.tell_progress(response.status.code, body, cx);
    }

    /// What the caller hears of a party before the answer: only one party can be heard, and another once that has
    /// failed.
    pub(in crate::call) fn early_media(&mut self, id: LegId, body: Body, cx: &mut Context<'_>) -> Body {
        let (Some(caller), Some(sdp)) = (self.caller_leg(), body.sdp()) else { return Body::Empty };
        let is_free = self.may_hear_another(caller);
        let Phase::Hunting(hunt) = &mut self.phase else { return Body::Empty };
        if is_free {
            hunt.early = Some(id);
        }
        if hunt.early != Some(id) || self.leg(caller).is_some_and(Leg::is_up) {
            return Body::Empty;
        }
        let passed = self.pass(id, caller, sdp, cx).ok().map(|sdp| self.within_offer(caller, sdp));
        cx.media(Media::Connect(caller, id));
        passed.into()
    }

    /// Whether a caller hears nobody yet, or nobody any more and has acknowledged no description: a second one in
    /// its dialog would be an offer.
    fn may_hear_another(&self, caller: LegId) -> bool {
        let Some(early) = self.hunt().and_then(|hunt| hunt.early) else { return true };
        let is_bound = |leg: &Leg| leg.calling().is_some_and(|calling| calling.responses.bind_description());
        !self.leg(early).is_some_and(Leg::is_called) && !self.leg(caller).is_some_and(is_bound)
    }

    /// Passes a provisional response on to who waits for it, unless it says nothing new.
    pub(in crate::call) fn tell_progress(&mut self, code: u16, body: Body, cx: &mut Context<'_>) {
        let Some(hunt) = self.hunt_mut() else { return };
        if body.is_empty() && hunt.told == Some(code) {
            return;
        }
        hunt.told = Some(code);
        match &self.phase {
            Phase::Hunting(_) => self.tell_caller_progress(code, body, cx),
            Phase::Transferring(_) => self.tell_referrer(code, cx),
            Phase::Placing { .. }
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::Parked(_)
            | Phase::BusyTone(_)
            | Phase::Ending => {}
        }
    }

    pub(in crate::call) fn on_refusal(&mut self, id: LegId, failure: Failure, cx: &mut Context<'_>) {
        let ending = Ending { by: Releaser::Party, ..Ending::failed(&failure) };
        self.end_leg(id, Notice::Known, ending, cx);
        self.count_failure(failure, cx);
    }

    /// Goes on after one of the rung parties has failed.
    pub(in crate::call) fn count_failure(&mut self, failure: Failure, cx: &mut Context<'_>) {
        let is_global = failure.is_global();
        let Some(hunt) = self.hunt_mut() else { return };
        hunt.failures.push(failure.clone());
        if is_global {
            hunt.steps.retain(|step| !matches!(step, Step::Phones(_)));
            self.end_rung(&Ending::cancelled(EndCause::Cancelled), cx);
        }
        if self.legs.iter().any(Leg::is_called) {
            return;
        }
        let Some(hunt) = self.hunt_mut() else { return };
        match hunt.steps.front() {
            _ if matches!(hunt.now, Trying::Reaching(_)) => {}
            Some(Step::Phones(_)) => self.try_next(Some(failure), cx),
            Some(Step::Trunk(_) | Step::Address(..)) if failure.is_of_trunk() => {
                self.try_next(Some(failure), cx)
            }
            Some(Step::Trunk(_) | Step::Address(..)) | None => {
                let best = best(&hunt.failures).cloned().unwrap_or(failure);
                self.fail_hunt(&best, cx);
            }
        }
    }

    /// Nobody could be got.
    pub(in crate::call) fn fail_hunt(&mut self, failure: &Failure, cx: &mut Context<'_>) {
        self.booking.release(&mut cx.state.counts, Holder::Hunt);
        match &mut self.phase {
            Phase::Placing { .. } | Phase::Hunting(_) => self.give_up_caller(failure, cx),
            Phase::Transferring(_) => self.fail_transfer(failure, cx),
            // The party waits on in its slot.
            Phase::Parked(parked) => parked.stay = Stay::Waiting,
            Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending => {}
        }
    }

    /// Whether nobody answers in time, and whether those who are tried now are to be left for the next.
    pub(in crate::call) fn watch_hunt(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let Some(hunt) = self.hunt_mut() else { return };
        if now >= hunt.give_up_at {
            self.end_rung(&Ending::new(Releaser::Party, EndCause::NoAnswer, 487), cx);
            return self.fail_hunt(&Failure::ours(480, EndCause::NoAnswer), cx);
        }
        let is_over = |until: &mut Option<Duration>| until.take_if(|until| now >= *until).is_some();
        match &mut hunt.now {
            Trying::Trunk { silent_until } => {
                if is_over(silent_until) {
                    let failure = Failure::ours(408, EndCause::Unavailable);
                    self.end_rung(&Ending::failed(&failure), cx);
                    self.count_failure(failure, cx);
                }
            }
            Trying::Phones { until } => {
                if is_over(until) {
                    self.end_rung(&Ending::new(Releaser::Party, EndCause::NoAnswer, 487), cx);
                    self.count_failure(Failure::ours(480, EndCause::NoAnswer), cx);
                }
            }
            Trying::Reaching(_) => {}
        }
    }
}
