//! The state of a simulated call, and the events that each step of it brings: how it is set up and answered.

mod ending;
mod leg;
mod parking;
mod transfer;
mod verbs;

use std::{sync::Arc, time::Duration};

use b2bua::features::Kind;
use call::{
    CallId, EventKind, LegId, Number, Timestamp,
    command::RecordingKind,
    event::{CallRouted, EndCause, LegDirection, LegOffer, LegRoute, Releaser, Side},
    party::{Endpoint, Owner},
};
use rand::{RngExt, rngs::StdRng};

use super::{
    CallSpec, Manner, Manners, Party,
    originate::{Onward, Plan},
    slots::Slots,
};
use crate::SwitchError;
pub(super) use leg::Ending;
use leg::{Phase, SimulatedLeg};

/// The legs of a call.
pub(super) struct Conversation {
    ids: StdRng,
    slots: Arc<Slots>,
    now: Timestamp,
    legs: Vec<SimulatedLeg>,
    routed: Option<Arc<CallRouted>>,
    wanted_for: WantedFor,
    /// How often the call was sent on.
    hunts: u32,
    armed: Option<RecordingKind>,
    events: Vec<EventKind>,
}

/// What happens once one of the parties that are being called answers.
enum WantedFor {
    /// It talks to the caller.
    Caller,
    /// It has placed the call by a command: whom it wants is dialed.
    Onward(Box<Onward>),
    /// It takes the transferred party over.
    Transfer {
        /// The leg of who hands over; it may have ended meanwhile.
        initiator: LegId,
        /// The leg of the transferred party.
        transferred: LegId,
    },
    /// It takes a parked party out of its slot.
    Retrieval {
        /// The leg of the parked party.
        parked: LegId,
    },
}

impl Conversation {
    pub(super) fn new(ids: StdRng, slots: Arc<Slots>) -> Self {
        Self {
            ids,
            slots,
            now: Timestamp::MIN,
            legs: Vec::with_capacity(2),
            routed: None,
            wanted_for: WantedFor::Caller,
            hunts: 0,
            armed: None,
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

    /// The latest leg of that phone or trunk.
    pub(super) fn leg_at(&self, endpoint: &Endpoint) -> Option<LegId> {
        let is_meant = |leg: &&SimulatedLeg| leg.is_live() && leg.offer.endpoint == *endpoint;
        self.legs.iter().rev().find(is_meant).map(|leg| leg.id)
    }

    /// The leg's phone or trunk.
    pub(super) fn endpoint_of(&self, leg: LegId) -> Option<Endpoint> {
        self.live_leg(leg).map(|leg| leg.offer.endpoint.clone())
    }

    /// Whose the leg is.
    pub(super) fn owner_of(&self, leg: LegId) -> Option<Owner> {
        self.live_leg(leg).map(|leg| leg.offer.owner)
    }

    /// The digits that were sent to the leg's party so far.
    pub(super) fn digits_of(&self, leg: LegId) -> String {
        let known = self.legs.iter().find(|known| known.id == leg);
        known.map(|known| known.digits.clone()).unwrap_or_default()
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

    /// A phone has dialed the code by which it says that it is done with its work after a call.
    pub(super) fn end_work(&mut self, phone: Party, of: CallId, work: Duration) {
        let dialed = Kind::EndWork.default_code().into();
        let CallSpec { caller, started, .. } = CallSpec::without_route(phone, dialed);
        let numbers = (started.caller.clone(), started.dialed.clone());
        self.events.push(EventKind::CallStarted(Arc::new(started)));
        let (side, direction) = (Side::Origination, LegDirection::Incoming);
        let leg = self.offer(&caller, side, direction, (&numbers.0, &numbers.1));
        self.mark_answered(leg);
        self.events.push(EventKind::WorkEnded { leg, of, work });
        self.release(leg, Ending::by(Releaser::Switch));
    }

    /// A command places a call: its first party rings.
    pub(super) fn ring_first(&mut self, plan: Plan) {
        self.events.push(EventKind::CallStarted(Arc::new(plan.started)));
        for party in &plan.from {
            let numbers = (&plan.onward.routed.called, &party.number);
            self.offer(party, Side::Origination, LegDirection::Outgoing, numbers);
        }
        self.wanted_for = WantedFor::Onward(Box::new(plan.onward));
        self.armed = plan.recording;
        self.ring();
    }

    pub(super) fn ring(&mut self) {
        let tried: Vec<_> = self.legs.iter().filter(|leg| leg.is_tried()).map(|leg| leg.id).collect();
        for leg in tried {
            self.ring_on(leg);
        }
    }

    /// `leg`, or the first that is tried, answers; the others that were tried with it were too slow.
    pub(super) fn answer(&mut self, leg: Option<LegId>) {
        let tried = |known: &SimulatedLeg| known.is_tried() && leg.is_none_or(|leg| leg == known.id);
        let Some(answering) = self.legs.iter().find(|known| tried(known)).map(|leg| leg.id) else { return };
        self.mark_answered(answering);
        self.release_tried(Ending { by: Releaser::Switch, cause: Some(EndCause::AnsweredElsewhere) });
        match std::mem::replace(&mut self.wanted_for, WantedFor::Caller) {
            WantedFor::Caller => self.join_caller(answering),
            WantedFor::Onward(onward) => self.dial(*onward),
            WantedFor::Transfer { initiator, transferred } => {
                self.hand_over(initiator, transferred, answering);
            }
            WantedFor::Retrieval { parked } => self.take_out(parked, answering),
        }
    }

    /// Those who are being called do what they do of themselves, and so do those whom that has called.
    pub(super) fn behave(&mut self, manners: &Manners) {
        let acts = |leg: &SimulatedLeg| match manners(&leg.offer.endpoint) {
            Manner::Waits => None,
            Manner::Rings if leg.phase == Phase::Ringing => None,
            manner => Some((leg.id, manner)),
        };
        while let Some((leg, manner)) = self.legs.iter().filter(|leg| leg.is_tried()).find_map(acts) {
            match manner {
                Manner::Waits | Manner::Rings => self.ring_on(leg),
                Manner::Answers => {
                    self.ring_on(leg);
                    self.answer(Some(leg));
                }
                Manner::Busy => self.refuse_on(leg, EndCause::Busy),
            }
        }
    }

    pub(super) fn ring_on(&mut self, leg: LegId) {
        let is_new = |known: &&mut SimulatedLeg| known.id == leg && known.phase == Phase::Offered;
        if let Some(leg) = self.legs.iter_mut().find(is_new) {
            leg.phase = Phase::Ringing;
            self.events.push(EventKind::LegRinging { leg: leg.id });
        }
    }

    fn refuse_on(&mut self, leg: LegId, cause: EndCause) {
        self.release(leg, Ending { by: Releaser::Party, cause: Some(cause) });
        if !self.legs.iter().any(SimulatedLeg::is_tried) {
            self.give_up(Ending { by: Releaser::Switch, cause: Some(cause) });
        }
    }

    /// Those who are being called cannot be had.
    pub(super) fn refuse(&mut self, cause: EndCause) {
        if self.release_tried(Ending { by: Releaser::Party, cause: Some(cause) }) {
            self.give_up(Ending { by: Releaser::Switch, cause: Some(cause) });
        }
    }

    pub(super) fn fail_over(&mut self, to: Party) {
        let Some(routed) = self.routed.as_deref().cloned() else { return };
        if !matches!(self.wanted_for, WantedFor::Caller) {
            return;
        }
        if !self.release_tried(Ending { by: Releaser::Party, cause: Some(EndCause::Failed) }) {
            return;
        }
        let routed = CallRouted { termination: Some(to.owner), ..routed };
        self.dial(Onward { to: vec![to], routed });
    }

    fn dial(&mut self, onward: Onward) {
        let routed = Arc::new(onward.routed);
        if self.routed.as_ref() != Some(&routed) {
            self.events.push(EventKind::CallRouted(routed.clone()));
        }
        for party in &onward.to {
            self.call_up(party, (&routed.caller, &routed.called));
        }
        self.routed = Some(routed);
    }

    /// The switch calls somebody for the called side.
    fn call_up(&mut self, party: &Party, numbers: (&Number, &Number)) {
        self.offer(party, Side::Termination, LegDirection::Outgoing, numbers);
    }

    /// The switch calls somebody whom the call is sent on to.
    fn send_on(&mut self, party: &Party, numbers: (&Number, &Number), by: Option<(Owner, Option<LegId>)>) {
        let (from, to) = numbers;
        let leaves = |by: &Owner| party.endpoint.device().is_none() || by.account != party.owner.account;
        let route = by.filter(|(by, _)| leaves(by)).map(|(sent_by, sender)| {
            let routed = Arc::new(CallRouted::new(Some(party.owner), from.clone(), to.clone()));
            Arc::new(LegRoute { sent_by, sender, hunt: self.hunts, attempt: 1, routed })
        });
        self.offer_by(party, (Side::Termination, LegDirection::Outgoing), numbers, route);
    }

    fn offer(
        &mut self,
        party: &Party,
        side: Side,
        direction: LegDirection,
        numbers: (&Number, &Number),
    ) -> LegId {
        self.offer_by(party, (side, direction), numbers, None)
    }

    fn offer_by(
        &mut self,
        party: &Party,
        (side, direction): (Side, LegDirection),
        (from, to): (&Number, &Number),
        route: Option<Arc<LegRoute>>,
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
            route,
        });
        self.events.push(EventKind::LegOffered { leg: id, offer: offer.clone() });
        self.legs.push(SimulatedLeg::new(id, offer, party.number.clone()));
        id
    }

    fn mark_answered(&mut self, id: LegId) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.id == id) else { return };
        leg.phase = Phase::Answered;
        let has_called = leg.offer.direction == LegDirection::Incoming;
        let user_agent = leg.offer.sip.as_ref().and_then(|sip| sip.user_agent.clone());
        let user_agent = if has_called { None } else { user_agent };
        self.events.push(EventKind::LegAnswered { leg: id, user_agent });
    }

    /// The called party is there: the caller's INVITE is answered, and the two hear each other.
    fn join_caller(&mut self, called: LegId) {
        let Some(caller) = self.leg_of(Side::Origination) else { return };
        if self.live_leg(caller).is_some_and(SimulatedLeg::is_pending) {
            self.mark_answered(caller);
        }
        self.join(caller, called);
        if let Some(kind) = self.armed.take() {
            self.start_recording(caller, kind);
        }
    }

    fn join(&mut self, a: LegId, b: LegId) {
        self.pair(a, b);
        self.events.push(EventKind::LegsBridged { a, b });
    }

    fn pair(&mut self, a: LegId, b: LegId) {
        for leg in &mut self.legs {
            leg.peer = match leg.id {
                id if id == a => Some(b),
                id if id == b => Some(a),
                _ => leg.peer.filter(|peer| *peer != a && *peer != b),
            };
        }
    }

    fn live_leg(&self, id: LegId) -> Option<&SimulatedLeg> {
        self.legs.iter().find(|leg| leg.id == id && leg.is_live())
    }

    fn leg_mut(&mut self, id: LegId) -> Result<&mut SimulatedLeg, SwitchError> {
        let leg = self.legs.iter_mut().find(|leg| leg.id == id && leg.is_live());
        leg.ok_or(SwitchError::NotFound)
    }
}
