//! The state of a simulated call, and the events that each step of it brings.

use std::sync::Arc;

use call::{
    EventKind, LegId, Number, Timestamp,
    event::{CallRouted, EndCause, LegDirection, LegEnd, LegOffer, Releaser, Side, SipStatus},
};
use rand::{RngExt, rngs::StdRng};

use super::{
    CallSpec, Party,
    originate::{Onward, Plan},
};

/// The legs of a call.
pub(super) struct Conversation {
    ids: StdRng,
    now: Timestamp,
    legs: Vec<SimulatedLeg>,
    routed: Option<Arc<CallRouted>>,
    onward: Option<Onward>,
    events: Vec<EventKind>,
}

struct SimulatedLeg {
    id: LegId,
    offer: Arc<LegOffer>,
    phase: Phase,
    holds: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Offered,
    Ringing,
    Answered,
    Ended,
}

/// How legs are ended. Without a cause it is a plain hang-up: normal after an answer, else cancelled.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    pub(super) by: Releaser,
    pub(super) cause: Option<EndCause>,
}

impl Ending {
    pub(super) fn by(by: Releaser) -> Self {
        Self { by, cause: None }
    }
}

impl SimulatedLeg {
    fn is_live(&self) -> bool {
        self.phase < Phase::Ended
    }

    fn is_pending(&self) -> bool {
        self.phase < Phase::Answered
    }

    /// Whether its endpoint is being called.
    fn is_tried(&self) -> bool {
        self.is_pending() && self.offer.direction == LegDirection::Outgoing
    }

    /// The final status on the leg: of the BYE after an answer, of the INVITE before it.
    fn status(&self, cause: EndCause) -> SipStatus {
        let (code, reason) = match cause {
            _ if self.phase == Phase::Answered => (200, "OK"),
            EndCause::NoAnswer if self.offer.direction == LegDirection::Incoming => {
                (480, "Temporarily Unavailable")
            }
            EndCause::Busy => (486, "Busy Here"),
            EndCause::NoRoute => (404, "Not Found"),
            EndCause::Rejected => (603, "Decline"),
            EndCause::Unavailable => (480, "Temporarily Unavailable"),
            EndCause::Failed | EndCause::Limit | EndCause::Interrupted => (503, "Service Unavailable"),
            EndCause::Normal
            | EndCause::NoAnswer
            | EndCause::Cancelled
            | EndCause::AnsweredElsewhere
            | EndCause::Transferred => (487, "Request Terminated"),
        };
        SipStatus { code, reason: reason.into() }
    }
}

impl Conversation {
    pub(super) fn new(ids: StdRng) -> Self {
        Self {
            ids,
            now: Timestamp::MIN,
            legs: Vec::with_capacity(2),
            routed: None,
            onward: None,
            events: Vec::new(),
        }
    }

    /// Runs a step that happens at `now`.
    pub(super) fn at<T>(&mut self, now: Timestamp, step: impl FnOnce(&mut Self) -> T) -> T {
        self.now = now;
        step(self)
    }

    /// What has happened since this was last asked.
    pub(super) fn take_events(&mut self) -> Vec<EventKind> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn is_over(&self) -> bool {
        !self.legs.iter().any(SimulatedLeg::is_live)
    }

    pub(super) fn live_legs(&self) -> Vec<LegId> {
        self.legs.iter().filter(|leg| leg.is_live()).map(|leg| leg.id).collect()
    }

    pub(super) fn leg_of(&self, side: Side) -> Option<LegId> {
        let of_side = || self.legs.iter().filter(|leg| leg.offer.side == side && leg.is_live());
        of_side().find(|leg| !leg.is_pending()).or_else(|| of_side().next()).map(|leg| leg.id)
    }

    /// A call comes in and is routed.
    pub(super) fn receive(&mut self, spec: CallSpec) {
        self.events.push(EventKind::CallStarted(Arc::new(spec.started)));
        let caller = self.offer(
            &spec.caller,
            Side::Origination,
            LegDirection::Incoming,
            (&spec.routed.caller, &spec.routed.called),
        );
        let unreached = match spec.routed.termination {
            Some(_) => EndCause::Unavailable,
            None => EndCause::NoRoute,
        };
        self.dial(Onward { to: spec.called, routed: spec.routed });
        if !self.legs.iter().any(SimulatedLeg::is_tried) {
            self.release(caller, Ending { by: Releaser::Switch, cause: Some(unreached) });
        }
    }

    /// A command places a call: its first party rings.
    pub(super) fn ring_first(&mut self, plan: Plan) {
        self.events.push(EventKind::CallStarted(Arc::new(plan.started)));
        for party in &plan.from {
            let numbers = (&plan.onward.routed.called, &party.number);
            self.offer(party, Side::Origination, LegDirection::Outgoing, numbers);
        }
        self.onward = Some(plan.onward);
        self.ring();
    }

    pub(super) fn ring(&mut self) {
        for leg in self.legs.iter_mut().filter(|leg| leg.is_tried() && leg.phase == Phase::Offered) {
            leg.phase = Phase::Ringing;
            self.events.push(EventKind::LegRinging { leg: leg.id });
        }
    }

    /// `leg`, or the first that is tried, answers; the others of its side were too slow.
    pub(super) fn answer(&mut self, leg: Option<LegId>) {
        let tried = |known: &SimulatedLeg| known.is_tried() && leg.is_none_or(|leg| leg == known.id);
        let Some(answering) = self.legs.iter().position(tried) else { return };
        let answering = self.mark_answered(answering);
        self.release_tried(Ending { by: Releaser::Switch, cause: Some(EndCause::AnsweredElsewhere) });
        match self.onward.take() {
            Some(onward) => self.dial(onward),
            None => self.join(answering),
        }
    }

    pub(super) fn refuse(&mut self, cause: EndCause) {
        if !self.release_tried(Ending { by: Releaser::Party, cause: Some(cause) }) {
            return;
        }
        self.release_all(Ending { by: Releaser::Switch, cause: Some(cause) });
    }

    pub(super) fn fail_over(&mut self, to: Party) {
        let Some(routed) = self.routed.as_deref().cloned() else { return };
        if !self.release_tried(Ending { by: Releaser::Party, cause: Some(EndCause::Failed) }) {
            return;
        }
        let routed = CallRouted { termination: Some(to.owner), ..routed };
        self.dial(Onward { to: vec![to], routed });
    }

    pub(super) fn hold(&mut self, by: Side, holds: bool) {
        let of_side = |leg: &&mut SimulatedLeg| leg.offer.side == by && leg.phase == Phase::Answered;
        let Some(leg) = self.legs.iter_mut().find(of_side).filter(|leg| leg.holds != holds) else { return };
        leg.holds = holds;
        let leg = leg.id;
        self.events.push(if holds { EventKind::LegHeld { leg } } else { EventKind::LegResumed { leg } });
    }

    pub(super) fn hang_up(&mut self, by: Side) {
        let Some(leg) = self.leg_of(by) else { return };
        if self.legs.iter().any(|known| known.id == leg && known.is_tried()) {
            return self.refuse(EndCause::Rejected);
        }
        self.release(leg, Ending::by(Releaser::Party));
        self.release_all(Ending::by(Releaser::Switch));
    }

    /// A command ends one leg, and the call if that leaves fewer than two parties. Says whether the leg
    /// was there.
    pub(super) fn release_leg(&mut self, leg: LegId) -> bool {
        let found = self.release(leg, Ending::by(Releaser::Command));
        if found && self.live_legs().len() < 2 {
            self.release_all(Ending::by(Releaser::Switch));
        }
        found
    }

    /// Ends every leg; says whether there was one.
    pub(super) fn release_all(&mut self, ending: Ending) -> bool {
        self.release_each(SimulatedLeg::is_live, ending)
    }

    fn release_tried(&mut self, ending: Ending) -> bool {
        self.release_each(SimulatedLeg::is_tried, ending)
    }

    fn release_each(&mut self, which: fn(&SimulatedLeg) -> bool, ending: Ending) -> bool {
        let legs: Vec<_> = self.legs.iter().filter(|leg| which(leg)).map(|leg| leg.id).collect();
        for leg in &legs {
            self.release(*leg, ending);
        }
        !legs.is_empty()
    }

    fn release(&mut self, id: LegId, ending: Ending) -> bool {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id && leg.is_live()) else { return false };
        let plain = if leg.is_pending() { EndCause::Cancelled } else { EndCause::Normal };
        let cause = ending.cause.unwrap_or(plain);
        let end = LegEnd { by: ending.by, cause, sip: Some(leg.status(cause)) };
        leg.phase = Phase::Ended;
        self.events.push(EventKind::LegEnded { leg: id, end });
        true
    }

    fn dial(&mut self, onward: Onward) {
        let routed = Arc::new(onward.routed);
        self.events.push(EventKind::CallRouted(routed.clone()));
        for party in &onward.to {
            let numbers = (&routed.caller, &routed.called);
            self.offer(party, Side::Termination, LegDirection::Outgoing, numbers);
        }
        self.routed = Some(routed);
    }

    fn offer(
        &mut self,
        party: &Party,
        side: Side,
        direction: LegDirection,
        (from, to): (&Number, &Number),
    ) -> LegId {
        let id = LegId::new(self.now, self.ids.random());
        let offer = Arc::new(LegOffer {
            side,
            direction,
            owner: party.owner,
            endpoint: party.endpoint.clone(),
            from: from.clone(),
            to: to.clone(),
            sip: party.sip.clone(),
        });
        self.events.push(EventKind::LegOffered { leg: id, offer: offer.clone() });
        self.legs.push(SimulatedLeg { id, offer, phase: Phase::Offered, holds: false });
        id
    }

    fn mark_answered(&mut self, index: usize) -> LegId {
        let leg = &mut self.legs[index];
        leg.phase = Phase::Answered;
        let user_agent = leg.offer.sip.as_ref().and_then(|sip| sip.user_agent.clone());
        self.events.push(EventKind::LegAnswered { leg: leg.id, user_agent });
        leg.id
    }

    /// The called party is there: the caller's INVITE is answered, and the two hear each other.
    fn join(&mut self, called: LegId) {
        let of_caller = |leg: &SimulatedLeg| leg.offer.side == Side::Origination && leg.is_live();
        let Some(index) = self.legs.iter().position(of_caller) else { return };
        let caller = self.legs[index].id;
        if self.legs[index].is_pending() {
            self.legs[index].phase = Phase::Answered;
            self.events.push(EventKind::LegAnswered { leg: caller, user_agent: None });
        }
        self.events.push(EventKind::LegsBridged { a: caller, b: called });
    }
}
