//! Parts of a call: what somebody has sent on within it. A part concerns two accounts, as a call does: who sends
//! it and who takes it. Each is rated for its own stretch of time.

use std::sync::Arc;

use super::{Attempt, Call, Extent, Leg, Phase, Sides, attempt::Hunt};
use crate::{
    event::{
        CallEvent, CallRouted, CallStarted, EndCause, EventKind, LegDirection, LegEnd, LegOffer, Origin,
        Releaser, Side,
    },
    id::LegId,
    time::Timestamp,
};

/// What of a call lies in parts of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parts {
    /// The parts, by their start, and the sides whose accounts see them.
    pub(crate) parts: Vec<(Attempt, Sides)>,
    /// What the originator pays for lies in a part too.
    pub(crate) has_origination: bool,
    /// Whoever took the call itself sees that in parts.
    pub(crate) has_termination: bool,
}

impl Parts {
    /// Those of a call. Most have none.
    pub(crate) fn of(call: &Call) -> Self {
        if call.is_plain() {
            return Self::default();
        }
        let attempts = Attempt::all(call);
        let own = Hunt { call: call.id, number: 0 };
        let of_call: Vec<_> = attempts.iter().filter(|attempt| attempt.hunt == own).collect();
        let has_termination =
            of_call.len() > 1 || of_call.iter().any(|attempt| attempt.is_outlasted_by(call));
        let has_origination =
            has_termination && last(&attempts, own).is_some_and(|last| last.is_outlasted_by(call));
        let shown = |attempt: &Attempt| {
            let is_own = attempt.hunt == own;
            let is_last = last(&attempts, attempt.hunt).is_some_and(|last| last.legs == attempt.legs);
            match (is_own, is_last) {
                (true, _) if !has_termination => None,
                (true, true) if has_origination => Some(Sides::Both),
                (true, _) | (false, false) => Some(Sides::Terminated),
                (false, true) => Some(Sides::Both),
            }
        };
        let leaving = attempts.iter().filter(|attempt| attempt.leaves() || attempt.hunt == own);
        let mut parts: Vec<_> =
            leaving.filter_map(|attempt| Some((attempt.clone(), shown(attempt)?))).collect();
        parts.sort_by_key(|(attempt, _)| attempt.started_at);
        Self { parts, has_origination, has_termination }
    }
}

/// The attempt that was answered, else the last: the one that whoever sends the call pays for.
fn last(attempts: &[Attempt], hunt: Hunt) -> Option<&Attempt> {
    let of_hunt = || attempts.iter().filter(|attempt| attempt.hunt == hunt);
    of_hunt()
        .find(|attempt| attempt.answered_at.is_some())
        .or_else(|| of_hunt().max_by_key(|attempt| attempt.number))
}

impl Attempt {
    /// Whether the call goes on, or went on, without the trunk that was tried.
    fn is_outlasted_by(&self, call: &Call) -> bool {
        self.by_trunk && call.outlasts(self.ended_at)
    }
}

impl Attempt {
    /// How it was routed, to whom it went.
    fn as_taken(&self) -> Arc<CallRouted> {
        let termination = Some(self.taken_by);
        match self.routed.termination == termination {
            true => self.routed.clone(),
            false => Arc::new(CallRouted { termination, ..(*self.routed).clone() }),
        }
    }
}

impl Call {
    /// Whether it has no parts for certain: its two parties are as it was routed, once.
    fn is_plain(&self) -> bool {
        let mut tried = self.legs.iter().filter(|leg| leg.routed.is_some());
        let is_trunk = |leg: &Leg| leg.offer.endpoint.device().is_none();
        let is_tried_once = match (tried.next(), tried.next()) {
            (Some(leg), None) => !is_trunk(leg) || !self.outlasts(leg.ended_at),
            (Some(first), Some(second)) => !is_trunk(first) && !is_trunk(second) && !tried.any(is_trunk),
            (None, _) => true,
        };
        is_tried_once && self.absorbed.is_empty() && self.legs.iter().all(|leg| leg.offer.route.is_none())
    }

    /// Whether its parties talk, or talked, on after what ended then.
    fn outlasts(&self, ended_at: Option<Timestamp>) -> bool {
        let parted_at = (self.phase() == Phase::Over).then(|| self.timeline.until());
        let is_before = |ended_at| parted_at.is_none_or(|parted_at| ended_at < parted_at);
        self.answered_at.is_some() && ended_at.is_some_and(is_before)
    }

    /// A part of the call as a call between the two accounts that it concerns.
    pub(crate) fn part(&self, attempt: &Attempt) -> Self {
        let mut events = self.events_of(attempt).into_iter();
        let mut part = events.next().and_then(|event| Self::begin(&event)).unwrap_or_else(|| self.clone());
        part.extent = Extent::Part { is_over: false };
        events.for_each(|event| {
            part.apply(&event);
        });
        if let Some(ended_at) = attempt.ended_at {
            part.extent = Extent::Part { is_over: true };
            part.pass(ended_at);
        }
        part
    }

    /// Has the legs of another part of the same call too.
    pub(crate) fn take_legs_of(&mut self, part: &Self) {
        let is_new = |leg: &&Leg| self.legs.iter().all(|known| known.id != leg.id);
        let legs: Vec<_> = part.legs.iter().filter(is_new).cloned().collect();
        self.legs.extend(legs);
    }

    fn events_of(&self, attempt: &Attempt) -> Vec<Arc<CallEvent>> {
        let began = attempt.started_at;
        let event = |at, kind| Arc::new(CallEvent { call_id: self.id, at, kind });
        let mut events = vec![event(began, EventKind::CallStarted(self.start_of(attempt)))];
        let is_another = |id: &LegId| !attempt.legs.contains(id);
        let sender = attempt.sender.filter(is_another).and_then(|id| self.leg(id));
        if let Some(leg) = sender {
            events.push(event(began, EventKind::LegOffered { leg: leg.id, offer: sending(leg, attempt) }));
        }
        events.push(event(began, EventKind::CallRouted(attempt.as_taken())));
        for (at, told) in self.timed_events() {
            let Some(leg) = told.kind.leg().filter(|leg| attempt.legs.contains(leg)) else { continue };
            // What a leg does after that is no longer of the part.
            let at = attempt.ended_at.map_or(at, |ended_at| at.min(ended_at));
            events.extend(self.told_in(leg, &told.kind).map(|kind| event(at, kind)));
            if let (EventKind::LegAnswered { .. }, Some(sender)) = (&told.kind, sender) {
                events.push(event(at, EventKind::LegAnswered { leg: sender.id, user_agent: None }));
            }
        }
        if let Some(ended_at) = attempt.ended_at {
            let ends = self.ends_of(attempt, sender.map(|leg| leg.id));
            events.extend(ends.into_iter().map(|kind| event(ended_at, kind)));
        }
        events
    }

    fn start_of(&self, attempt: &Attempt) -> Arc<CallStarted> {
        let begun = self.beginning_of(attempt.hunt.call).unwrap_or_else(|| self.beginning());
        if attempt.hunt.is_of_call() {
            return begun.started;
        }
        Arc::new(CallStarted {
            origination: attempt.sent_by,
            origin: attempt.sender.map_or(Origin::Api, |_| Origin::Invite),
            caller: attempt.routed.caller.clone(),
            caller_name: begun.started.caller_name.clone(),
            dialed: attempt.routed.called.clone(),
        })
    }

    /// What an event of one of the part's legs is in the part.
    fn told_in(&self, leg: LegId, kind: &EventKind) -> Option<EventKind> {
        match kind {
            EventKind::LegOffered { offer, .. } => {
                let offer = LegOffer { side: Side::Termination, route: None, ..(**offer).clone() };
                Some(EventKind::LegOffered { leg, offer: offer.into() })
            }
            EventKind::LegEnded { .. } => (!self.leg(leg)?.has_answered()).then(|| kind.clone()),
            EventKind::LegRinging { .. }
            | EventKind::LegAnswered { .. }
            | EventKind::LegSecured { .. }
            | EventKind::LegHeld { .. }
            | EventKind::LegResumed { .. }
            | EventKind::DigitReceived { .. }
            | EventKind::PlaybackStarted { .. }
            | EventKind::PlaybackEnded { .. }
            | EventKind::RecordingStarted { .. }
            | EventKind::RecordingEnded { .. }
            | EventKind::WorkEnded { .. } => Some(kind.clone()),
            EventKind::CallStarted(_)
            | EventKind::CallRouted(_)
            | EventKind::LegsBridged { .. }
            | EventKind::TransferStarted { .. }
            | EventKind::TransferCompleted { .. }
            | EventKind::TransferFailed { .. }
            | EventKind::CallMerged { .. }
            | EventKind::LegParked { .. }
            | EventKind::LegRetrieved { .. }
            | EventKind::CallInterrupted => None,
        }
    }

    /// The ends of the legs that last until the part is over, at which no event of theirs need be.
    fn ends_of(&self, attempt: &Attempt, sender: Option<LegId>) -> Vec<EventKind> {
        let legs: Vec<_> = attempt.legs.iter().filter_map(|id| self.leg(*id)).collect();
        let is_handed_on = |end: &LegEnd| end.cause == EndCause::Transferred && !attempt.by_trunk;
        // How the leg that ended the call was heard is that leg's alone.
        let of_call = self.release.as_ref().map(|release| LegEnd { quality: None, ..release.end.clone() });
        let of_call = || LegEnd { by: Releaser::Switch, ..of_call.clone().unwrap_or(LegEnd::INTERRUPTED) };
        let end_of = |leg: &&Leg| leg.end.clone().filter(|end| !is_handed_on(end)).unwrap_or_else(of_call);
        let is_open = |leg: &&&Leg| leg.has_answered() || leg.end.as_ref() == Some(&LegEnd::INTERRUPTED);
        let last = legs.iter().filter(is_open).chain(legs.last()).next().map(end_of);
        let open = legs.iter().filter(is_open).map(|leg| (leg.id, end_of(leg)));
        // Whose end has not been told yet, though another phone has the call.
        let elsewhere = LegEnd::new(Releaser::Switch, EndCause::AnsweredElsewhere, None);
        let late = legs.iter().filter(|leg| leg.end.is_none() && !leg.has_answered());
        let open = open.chain(late.map(|leg| (leg.id, elsewhere.clone())));
        let sender = sender.zip(last.map(|end| LegEnd { by: Releaser::Switch, quality: None, ..end }));
        open.chain(sender).map(|(leg, end)| EventKind::LegEnded { leg, end }).collect()
    }
}

/// The leg of whoever sends a part, in it.
fn sending(leg: &Leg, attempt: &Attempt) -> Arc<LegOffer> {
    if attempt.hunt.is_of_call() {
        return leg.offer.clone();
    }
    Arc::new(LegOffer {
        side: Side::Origination,
        direction: LegDirection::Incoming,
        owner: attempt.sent_by,
        from: attempt.routed.caller.clone(),
        to: attempt.routed.called.clone(),
        route: None,
        ..(*leg.offer).clone()
    })
}
