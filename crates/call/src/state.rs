//! A live call and its legs, as the events have made them.

mod leg;
mod timeline;

use std::sync::Arc;

pub use leg::{Leg, LegState};
pub use timeline::{Phase, Timeline};

use crate::{
    event::{CallEvent, CallRouted, CallStarted, EventKind, LegEnd, Releaser, Side},
    id::{AccountId, CallId, LegId},
    party::Owner,
    registry::Applied,
    time::Timestamp,
};

/// A call that has begun. Over once its last leg has ended.
#[derive(Clone, Debug)]
pub struct Call {
    id: CallId,
    started_at: Timestamp,
    started: Arc<CallStarted>,
    routed: Option<Arc<CallRouted>>,
    legs: Vec<Leg>,
    timeline: Timeline,
    ringing_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    transfer_initiator: Option<LegId>,
    hold_count: u32,
    release: Option<Release>,
    interrupted: bool,
    events: Vec<Arc<CallEvent>>,
}

/// How an answered call came to its end.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) by: Releaser,
    pub(crate) side: Side,
    pub(crate) end: LegEnd,
}

impl Call {
    /// The call that a `CallStarted` event brings into being; `None` for any other event.
    pub fn begin(event: &Arc<CallEvent>) -> Option<Self> {
        let EventKind::CallStarted(started) = &event.kind else { return None };
        Some(Self {
            id: event.call_id,
            started_at: event.at,
            started: started.clone(),
            routed: None,
            legs: Vec::with_capacity(2),
            timeline: Timeline::new(event.at),
            ringing_at: None,
            answered_at: None,
            transfer_initiator: None,
            hold_count: 0,
            release: None,
            interrupted: false,
            events: vec![event.clone()],
        })
    }

    /// The call's id.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// When it was accepted.
    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// When the called party first rang.
    pub fn ringing_at(&self) -> Option<Timestamp> {
        self.ringing_at
    }

    /// When the called party answered.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.answered_at
    }

    /// What was known when it began.
    pub fn started(&self) -> &CallStarted {
        &self.started
    }

    /// What routing found, so far.
    pub fn routed(&self) -> Option<&CallRouted> {
        self.routed.as_deref()
    }

    /// Whose equipment sent the call.
    pub fn origination(&self) -> Owner {
        self.started.origination
    }

    /// To whom it is delivered now.
    pub fn termination(&self) -> Option<Owner> {
        self.routed.as_ref().and_then(|routed| routed.termination)
    }

    /// Whether `account` sends the call, takes it, or both; `None` if it is a stranger's.
    pub fn sides_of(&self, account: AccountId) -> Option<Sides> {
        Sides::of(account, self.origination(), self.termination())
    }

    /// All legs, also ended ones, in the order in which they were offered.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// One leg.
    pub fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    /// The events so far, oldest first.
    pub fn events(&self) -> &[Arc<CallEvent>] {
        &self.events
    }

    /// How its time was spent.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How often a party was put on hold.
    pub fn hold_count(&self) -> u32 {
        self.hold_count
    }

    /// Whether a transfer is under way.
    pub fn is_transferring(&self) -> bool {
        self.transfer_initiator.is_some()
    }

    /// Whether its last leg has ended.
    pub fn is_over(&self) -> bool {
        self.interrupted || (!self.legs.is_empty() && self.legs.iter().all(Leg::is_ended))
    }

    /// Whether the server stopped while it went on.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    pub(crate) fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// Takes in one event. Repeats and events that come too late change nothing.
    pub fn apply(&mut self, event: &Arc<CallEvent>) -> Applied {
        let at = event.at.max(self.timeline.until());
        let applied = self.change(at, &event.kind);
        if matches!(applied, Applied::Changed) {
            self.events.push(event.clone());
            self.timeline.enter(at, self.phase());
        }
        applied
    }

    fn change(&mut self, at: Timestamp, kind: &EventKind) -> Applied {
        match kind {
            EventKind::CallStarted(_) => Applied::Stale,
            EventKind::CallRouted(routed) => self.route(routed),
            EventKind::LegOffered { leg, .. } if self.leg(*leg).is_some() => Applied::Stale,
            EventKind::LegOffered { leg, offer } => {
                self.legs.push(Leg::offered(*leg, offer.clone(), at));
                Applied::Changed
            }
            EventKind::LegsBridged { a, b } => self.bridge(*a, *b),
            EventKind::LegRetrieved { leg, by } => self.retrieve(*leg, *by),
            EventKind::TransferStarted { initiator, .. } => self.start_transfer(*initiator),
            EventKind::TransferCompleted { initiator, .. } | EventKind::TransferFailed { initiator } => {
                self.finish_transfer(*initiator)
            }
            EventKind::CallMerged { .. } => Applied::Unexpected,
            EventKind::CallInterrupted => self.interrupt(at),
            EventKind::LegEnded { leg, end } => self.end_leg(*leg, end, at),
            EventKind::LegHeld { leg } => {
                let applied = self.with_leg(*leg, Leg::hold);
                self.hold_count += u32::from(matches!(applied, Applied::Changed));
                applied
            }
            EventKind::LegResumed { leg } => self.with_leg(*leg, Leg::resume),
            EventKind::LegParked { leg, slot } => self.with_leg(*leg, |leg| leg.park(slot)),
            EventKind::LegRinging { leg } => self.ring(*leg, at),
            EventKind::LegAnswered { leg, user_agent } => self.answer(*leg, user_agent.as_ref(), at),
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
        if self.is_over() || self.routed.as_ref() == Some(routed) {
            return Applied::Stale;
        }
        self.routed = Some(routed.clone());
        Applied::Changed
    }

    fn ring(&mut self, leg: LegId, at: Timestamp) -> Applied {
        let applied = self.with_leg(leg, |leg| leg.ring(at));
        if matches!(applied, Applied::Changed) && self.is_called_leg(leg) {
            self.ringing_at.get_or_insert(at);
        }
        applied
    }

    fn answer(&mut self, leg: LegId, user_agent: Option<&Arc<str>>, at: Timestamp) -> Applied {
        let applied = self.with_leg(leg, |leg| leg.answer(at, user_agent));
        if matches!(applied, Applied::Changed) && self.is_called_leg(leg) {
            self.answered_at.get_or_insert(at);
        }
        applied
    }

    fn is_called_leg(&self, id: LegId) -> bool {
        self.leg(id).is_some_and(|leg| leg.offer.side == Side::Termination)
    }

    fn bridge(&mut self, a: LegId, b: LegId) -> Applied {
        let (Some(one), Some(other)) = (self.leg(a), self.leg(b)) else { return Applied::Unexpected };
        if one.is_ended() || other.is_ended() || (one.peer == Some(b) && other.peer == Some(a)) {
            return Applied::Stale;
        }
        self.with_leg(a, |leg| leg.join(b));
        self.with_leg(b, |leg| leg.join(a))
    }

    fn retrieve(&mut self, leg: LegId, by: LegId) -> Applied {
        match self.with_leg(leg, Leg::unpark) {
            Applied::Changed => {
                self.bridge(leg, by);
                Applied::Changed
            }
            other => other,
        }
    }

    fn start_transfer(&mut self, initiator: LegId) -> Applied {
        let under_way = self.is_transferring();
        let applied = self.with_leg(initiator, |leg| match leg.state() {
            LegState::Answered if under_way => Applied::Stale,
            LegState::Answered => Applied::Changed,
            _ => Applied::Unexpected,
        });
        if matches!(applied, Applied::Changed) {
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
        if matches!(applied, Applied::Changed) && self.release.is_none() && self.phase() == Phase::Over {
            self.release =
                self.leg(id).map(|leg| Release { by: end.by, side: leg.offer.side, end: end.clone() });
        }
        applied
    }

    fn interrupt(&mut self, at: Timestamp) -> Applied {
        if self.is_over() {
            return Applied::Stale;
        }
        for leg in self.legs.iter_mut().filter(|leg| !leg.is_ended()) {
            leg.end(at, &LegEnd::INTERRUPTED);
        }
        self.interrupted = true;
        Applied::Changed
    }

    /// What the call is doing, derived from its legs.
    pub fn phase(&self) -> Phase {
        let live = || self.legs.iter().filter(|leg| leg.state() == LegState::Answered);
        match () {
            () if self.is_over() => Phase::Over,
            () if self.answered_at.is_none() && self.ringing_at.is_some() => Phase::Ringing,
            () if self.answered_at.is_none() => Phase::Dialing,
            () if self.is_transferring() => Phase::Transferring,
            () if live().any(Leg::is_parked) => Phase::OnHold,
            () if live().count() < 2 && !self.is_answering() => Phase::Over,
            () if live().any(Leg::is_held) => Phase::OnHold,
            () => Phase::Talking,
        }
    }

    /// The called party has answered and the caller's INVITE is not answered yet.
    fn is_answering(&self) -> bool {
        let waits = |leg: &Leg| leg.offer.side == Side::Origination && leg.is_pending();
        self.legs.iter().any(waits)
    }

    /// The past of `other` becomes this call's past, its legs this call's legs.
    pub(crate) fn merged_with(&self, other: &Self, merge: &Arc<CallEvent>) -> Option<Self> {
        let mut events: Vec<_> = self.events.iter().chain(&other.events).cloned().collect();
        events.sort_by_key(|event| (event.at, event.call_id != self.id));
        events.push(merge.clone());
        Self::replay(self.id, &events)
    }

    /// The call as `events` made it. Events of calls that were merged into `id` may be among them.
    pub(crate) fn replay(id: CallId, events: &[Arc<CallEvent>]) -> Option<Self> {
        let first = events
            .iter()
            .find(|event| event.call_id == id && matches!(event.kind, EventKind::CallStarted(_)))?;
        let mut call = Self::begin(first)?;
        call.events.clear();
        for event in events {
            if call.is_own_fact(event) {
                call.events.push(event.clone());
            } else {
                call.apply(event);
            }
        }
        Some(call)
    }

    /// Events that tell of calls rather than of legs: kept as the past, not applied in a replay.
    fn is_own_fact(&self, event: &CallEvent) -> bool {
        match event.kind {
            EventKind::CallStarted(_) | EventKind::CallMerged { .. } => true,
            EventKind::CallRouted(_) => event.call_id != self.id,
            _ => false,
        }
    }
}

/// Which sides of a call an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sides {
    /// It sends the call.
    Originated,
    /// It takes the call.
    Terminated,
    /// Both: a call inside the account.
    Both,
}

impl Sides {
    /// The sides that `account` has of a call between the two owners.
    pub fn of(account: AccountId, origination: Owner, termination: Option<Owner>) -> Option<Self> {
        let originates = origination.account == account;
        let terminates = termination.is_some_and(|owner| owner.account == account);
        match (originates, terminates) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Originated),
            (false, true) => Some(Self::Terminated),
            (false, false) => None,
        }
    }

    /// Whether the account sends the call. Calls inside an account count as sent.
    pub fn is_outbound(self) -> bool {
        !matches!(self, Self::Terminated)
    }
}
