//! What each event changes.

use std::sync::Arc;

use super::{Call, Leg, LegState, Phase, Release};
use crate::{
    event::{CallEvent, CallRouted, EventKind, LegDirection, LegEnd, LegOffer, Side},
    id::{CallId, LegId},
    registry::Applied,
    time::Timestamp,
};

impl Call {
    /// Takes in one event. Repeats, events of ended legs and events of a call that is over change nothing.
    ///
    /// An event that is older than one before it counts as if it had come at that one's time.
    pub fn apply(&mut self, event: &Arc<CallEvent>) -> Applied {
        if self.is_over() || self.knows(event) {
            return Applied::Stale;
        }
        let at = event.at.max(self.timeline.latest());
        let applied = self.change(at, event);
        if applied == Applied::Changed {
            self.events.push(event.clone());
            self.pass(at);
        }
        applied
    }

    /// Whether the event is a repeat. Events newer than all others cannot be.
    fn knows(&self, event: &Arc<CallEvent>) -> bool {
        event.at <= self.timeline.latest() && self.events.contains(event)
    }

    pub(super) fn pass(&mut self, at: Timestamp) {
        let phase = self.phase();
        self.timeline.enter(at, phase);
        if phase != Phase::Over {
            self.release = None;
        }
    }

    fn change(&mut self, at: Timestamp, event: &CallEvent) -> Applied {
        match &event.kind {
            EventKind::CallStarted(_) => Applied::Stale,
            EventKind::CallRouted(routed) => self.route(routed),
            EventKind::LegOffered { leg, offer } => self.offer((event.call_id, *leg), offer, at),
            EventKind::LegRinging { leg } => self.ring(*leg, at),
            EventKind::LegAnswered { leg, user_agent } => self.answer(*leg, user_agent.as_ref(), at),
            EventKind::LegSecured { leg, encryption } => self.with_leg(*leg, |leg| leg.secure(*encryption)),
            EventKind::LegsBridged { a, b } => self.bridge(*a, *b),
            EventKind::LegHeld { leg } => self.with_leg(*leg, Leg::hold),
            EventKind::LegResumed { leg } => self.with_leg(*leg, Leg::resume),
            EventKind::TransferStarted { initiator, .. } => self.start_transfer(*initiator),
            EventKind::TransferCompleted { initiator, .. } | EventKind::TransferFailed { initiator } => {
                self.finish_transfer(*initiator)
            }
            EventKind::CallMerged { .. } => Applied::Unexpected,
            EventKind::CallInterrupted => self.interrupt(at),
            EventKind::LegParked { leg, slot, .. } => self.park(*leg, slot),
            EventKind::LegRetrieved { leg, by } => self.retrieve(*leg, *by),
            EventKind::DigitReceived { leg, .. } | EventKind::WorkEnded { leg, .. } => {
                self.with_leg(*leg, |_| Applied::Changed)
            }
            EventKind::PlaybackStarted { leg } => self.with_leg(*leg, |leg| leg.set_playing(true)),
            EventKind::PlaybackEnded { leg } => self.with_leg(*leg, |leg| leg.set_playing(false)),
            EventKind::RecordingStarted { leg, kind, .. } => {
                self.with_leg(*leg, |leg| leg.set_recording(Some(*kind)))
            }
            EventKind::RecordingEnded { leg } => self.with_leg(*leg, |leg| leg.set_recording(None)),
            EventKind::LegEnded { leg, end } => self.end_leg(*leg, end, at),
        }
    }

    fn with_leg(&mut self, id: LegId, change: impl FnOnce(&mut Leg) -> Applied) -> Applied {
        match self.legs.iter_mut().find(|leg| leg.id == id) {
            None => Applied::Unexpected,
            Some(leg) if leg.is_ended() => Applied::Stale,
            Some(leg) => change(leg),
        }
    }

    fn route(&mut self, routed: &Arc<CallRouted>) -> Applied {
        if self.routed.as_ref() == Some(routed) {
            return Applied::Stale;
        }
        self.routed = Some(routed.clone());
        Applied::Changed
    }

    fn offer(&mut self, (call, id): (CallId, LegId), offer: &Arc<LegOffer>, at: Timestamp) -> Applied {
        if self.leg(id).is_some() {
            return Applied::Stale;
        }
        let mut leg = Leg::offered(id, call, offer.clone(), at);
        if self.is_rung_as_routed(offer) {
            leg.routed.clone_from(&self.routed);
        }
        self.legs.push(leg);
        Applied::Changed
    }

    /// Whether a leg is rung for what the call was routed to.
    fn is_rung_as_routed(&self, offer: &LegOffer) -> bool {
        let is_rung = (offer.side, offer.direction) == (Side::Termination, LegDirection::Outgoing);
        is_rung && offer.route.is_none() && self.answered_at.is_none()
    }

    fn ring(&mut self, leg: LegId, at: Timestamp) -> Applied {
        let applied = self.with_leg(leg, |leg| leg.ring(at));
        let is_first = self.ringing_at.is_none() && self.answered_at.is_none();
        if applied == Applied::Changed && is_first && self.is_called_leg(leg) {
            self.ringing_at = Some(at);
        }
        applied
    }

    fn answer(&mut self, leg: LegId, user_agent: Option<&Arc<str>>, at: Timestamp) -> Applied {
        let applied = self.with_leg(leg, |leg| leg.answer(at, user_agent));
        if applied == Applied::Changed && self.is_called_leg(leg) {
            self.answered_at.get_or_insert(at);
        }
        applied
    }

    fn is_called_leg(&self, id: LegId) -> bool {
        self.leg(id).is_some_and(|leg| leg.offer.side == Side::Termination)
    }

    fn bridge(&mut self, a: LegId, b: LegId) -> Applied {
        let (Some(one), Some(other)) = (self.leg(a), self.leg(b)) else { return Applied::Unexpected };
        if a == b {
            return Applied::Unexpected;
        }
        if one.is_ended() || other.is_ended() || one.peer == Some(b) {
            return Applied::Stale;
        }
        self.separate(a);
        self.separate(b);
        self.with_leg(a, |leg| leg.join(b));
        self.with_leg(b, |leg| leg.join(a))
    }

    /// The leg and whoever heard it hear nothing now, so that two legs are always each other's peers.
    fn separate(&mut self, id: LegId) {
        for leg in self.legs.iter_mut().filter(|leg| leg.id == id || leg.peer == Some(id)) {
            leg.peer = None;
        }
    }

    fn park(&mut self, leg: LegId, slot: &Arc<str>) -> Applied {
        let applied = self.with_leg(leg, |leg| leg.park(slot));
        if applied == Applied::Changed {
            self.separate(leg);
        }
        applied
    }

    fn retrieve(&mut self, leg: LegId, by: LegId) -> Applied {
        let applied = self.with_leg(leg, Leg::unpark);
        if applied == Applied::Changed {
            self.bridge(leg, by);
        }
        applied
    }

    fn start_transfer(&mut self, initiator: LegId) -> Applied {
        let applied = self.with_leg(initiator, |leg| match leg.state() {
            LegState::Answered => Applied::Changed,
            _ => Applied::Unexpected,
        });
        if applied == Applied::Changed {
            self.transfer_initiator = Some(initiator);
        }
        applied
    }

    fn finish_transfer(&mut self, initiator: LegId) -> Applied {
        if self.transfer_initiator != Some(initiator) {
            return Applied::Stale;
        }
        self.transfer_initiator = None;
        Applied::Changed
    }

    fn end_leg(&mut self, id: LegId, end: &LegEnd, at: Timestamp) -> Applied {
        let applied = self.with_leg(id, |leg| leg.end(at, end));
        if applied != Applied::Changed {
            return applied;
        }
        self.separate(id);
        let has_parted = self.answered_at.is_some() && self.phase() == Phase::Over;
        if has_parted && self.release.is_none() {
            self.release =
                self.leg(id).map(|leg| Release { leg: id, side: leg.offer.side, end: end.clone() });
        }
        applied
    }

    fn interrupt(&mut self, at: Timestamp) -> Applied {
        for leg in self.legs.iter_mut().filter(|leg| !leg.is_ended()) {
            leg.end(at, &LegEnd::INTERRUPTED);
        }
        self.interrupted = true;
        Applied::Changed
    }
}
