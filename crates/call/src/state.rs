//! A live call and its legs, as the events have made them.

mod attempt;
mod changes;
mod foreign;
mod leg;
mod part;
mod past;
mod sides;
mod timeline;

use std::sync::Arc;

pub(crate) use attempt::Attempt;
pub use foreign::Foreign;
pub use leg::{Leg, LegState};
pub(crate) use part::Parts;
pub use sides::Sides;
pub use timeline::{Phase, Timeline};

use crate::{
    event::{CallEvent, CallRouted, CallStarted, EventKind, LegDirection, LegEnd, Side},
    id::{AccountId, CallId, LegId},
    number::Number,
    party::Owner,
    time::Timestamp,
};

/// A call that has begun. Over once its last leg has ended.
#[derive(Clone, Debug, PartialEq)]
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
    release: Option<Release>,
    interrupted: bool,
    absorbed: Vec<Beginning>,
    extent: Extent,
    events: Vec<Arc<CallEvent>>,
}

/// Whether a call is one, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    /// It is one. It is over with its last leg.
    Whole,
    /// It is a part of another: whoever its called party talks to need not be among its legs, which may also come
    /// one after the other. It is over when the attempt is that it was made of.
    Part { is_over: bool },
}

/// How a call began.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beginning {
    pub(crate) call: CallId,
    pub(crate) started_at: Timestamp,
    pub(crate) started: Arc<CallStarted>,
}

/// The end of the leg with which the parties of an answered call parted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Release {
    pub(crate) leg: LegId,
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
            release: None,
            interrupted: false,
            absorbed: Vec::new(),
            extent: Extent::Whole,
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

    /// The caller's number as it is shown: what routing made of it, until then that of the calling phone. What
    /// the caller says of itself is in [`Self::started`].
    pub fn caller(&self) -> &Number {
        let is_caller =
            |leg: &&Leg| leg.offer.side == Side::Origination && leg.offer.direction == LegDirection::Incoming;
        let of_leg = || self.legs.iter().find(is_caller).map(|leg| &leg.offer.from);
        let routed = self.routed.as_ref().map(|routed| &routed.caller);
        routed.or_else(of_leg).unwrap_or(&self.started.caller)
    }

    /// Whose equipment sent the call.
    pub fn origination(&self) -> Owner {
        self.started.origination
    }

    /// To whom it is delivered now.
    pub fn termination(&self) -> Option<Owner> {
        self.routed.as_ref().and_then(|routed| routed.termination)
    }

    /// Whether `account` sends the call, takes it, or both; `None` if it does neither: then it may have a part
    /// of it ([`Self::seen_by`]).
    pub fn sides_of(&self, account: AccountId) -> Option<Sides> {
        Sides::of(account, self.origination(), self.termination())
    }

    /// The calls that were merged into it.
    pub(crate) fn absorbed_calls(&self) -> impl Iterator<Item = CallId> {
        self.absorbed.iter().map(|absorbed| absorbed.call)
    }

    pub(crate) fn beginning(&self) -> Beginning {
        Beginning { call: self.id, started_at: self.started_at, started: self.started.clone() }
    }

    /// How this call began, or one that was merged into it.
    pub(crate) fn beginning_of(&self, call: CallId) -> Option<Beginning> {
        let own = (call == self.id).then(|| self.beginning());
        own.or_else(|| self.absorbed.iter().find(|absorbed| absorbed.call == call).cloned())
    }

    /// Whether the account has a side of the call as such.
    pub(crate) fn is_between(&self, account: AccountId) -> bool {
        let owners = [Some(self.origination()), self.termination()];
        owners.into_iter().flatten().any(|owner| owner.account == account)
    }

    /// All legs, also ended ones, in the order in which they were offered.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// One leg.
    pub fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    /// The calling party's leg: the first that was answered, else the first that was offered.
    pub fn caller_leg(&self) -> Option<&Leg> {
        let answered = self.legs_on(Side::Origination).filter(|leg| leg.has_answered());
        answered.min_by_key(|leg| leg.answered_at).or_else(|| self.legs_on(Side::Origination).next())
    }

    /// The called party's leg, or that of whom the call was transferred to: the last that was answered,
    /// else the one that was tried longest.
    pub fn called_leg(&self) -> Option<&Leg> {
        let answered = self.legs_on(Side::Termination).filter(|leg| leg.has_answered());
        let tried_until = |leg: &&Leg| leg.ended_at.unwrap_or(Timestamp::MAX);
        answered
            .max_by_key(|leg| leg.answered_at)
            .or_else(|| self.legs_on(Side::Termination).max_by_key(tried_until))
    }

    /// The leg with which the called party first answered.
    pub(crate) fn answering_leg(&self) -> Option<&Leg> {
        let answered = self.legs_on(Side::Termination).filter(|leg| leg.has_answered());
        answered.min_by_key(|leg| leg.answered_at)
    }

    fn legs_on(&self, side: Side) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(move |leg| leg.offer.side == side)
    }

    /// The events so far, oldest first. After a merge those of both calls, by time.
    pub fn events(&self) -> &[Arc<CallEvent>] {
        &self.events
    }

    /// The events with the times at which they count: never before an earlier one's.
    pub(crate) fn timed_events(&self) -> impl Iterator<Item = (Timestamp, &CallEvent)> {
        self.events.iter().scan(self.started_at, |latest, event| {
            *latest = event.at.max(*latest);
            Some((*latest, &**event))
        })
    }

    /// How its time was spent.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How often its parties were put on hold: the stretches of time that [`Phase::OnHold`] is made of.
    pub fn hold_count(&self) -> u32 {
        self.timeline.holds()
    }

    /// Whether a transfer is under way.
    pub fn is_transferring(&self) -> bool {
        self.transfer_initiator.is_some()
    }

    /// Whether its last leg has ended. Nothing wakes it then.
    pub fn is_over(&self) -> bool {
        match self.extent {
            Extent::Part { is_over } => is_over,
            Extent::Whole => {
                self.interrupted || (!self.legs.is_empty() && self.legs.iter().all(Leg::is_ended))
            }
        }
    }

    /// Whether the server stopped while it went on.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    pub(crate) fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// What the call is doing, derived from its legs.
    pub fn phase(&self) -> Phase {
        match () {
            () if self.is_over() => Phase::Over,
            () if self.answered_at.is_none() && self.ringing_at.is_some() => Phase::Ringing,
            () if self.answered_at.is_none() => Phase::Dialing,
            () if self.has_parted() => Phase::Over,
            () if self.is_transferring() => Phase::Transferring,
            () if self.connected().any(is_waiting) => Phase::OnHold,
            () => Phase::Talking,
        }
    }

    /// Whether an answered call has nobody left who could talk: the parties still there are fewer than two,
    /// and none of them waits in a slot, to be handed over or for its own call to be answered.
    fn has_parted(&self) -> bool {
        if self.extent != Extent::Whole {
            return !self.connected().any(|leg| leg.offer.side == Side::Termination);
        }
        if let Some(initiator) = self.transfer_initiator {
            return !self.connected().any(|leg| leg.id != initiator);
        }
        let is_alone = match self.connected().count() {
            0 => true,
            1 => !self.is_answering(),
            _ => false,
        };
        is_alone && !self.connected().any(Leg::is_parked)
    }

    /// The caller's INVITE is not answered yet, though the called party has answered.
    fn is_answering(&self) -> bool {
        self.legs_on(Side::Origination).any(Leg::is_pending)
    }

    fn connected(&self) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(|leg| leg.state() == LegState::Answered)
    }
}

/// Whether the leg's party waits in a slot, or makes the one that it is joined with wait. Holding counts for
/// nothing while nobody is on the other side.
fn is_waiting(leg: &Leg) -> bool {
    leg.is_parked() || (leg.is_held() && leg.peer.is_some())
}
