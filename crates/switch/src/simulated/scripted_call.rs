//! A call of the simulated switch, as whoever plays it holds it.

use std::{sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, EventKind, LegId, Timestamp,
    command::Digits,
    event::{EndCause, Releaser, Side},
};
use parking_lot::{Mutex, MutexGuard};

use super::{
    Exchange, Party,
    conversation::{Conversation, Ending},
};
use crate::{CallClock, SwitchError};

/// A call that is played step by step. Clones are the same call.
///
/// As with a real phone, a step that makes no sense, or none any more, does nothing: a command may have
/// ended the call meanwhile.
#[derive(Clone)]
pub struct SimulatedCall {
    exchange: Arc<Exchange>,
    line: Arc<Line>,
}

impl SimulatedCall {
    pub(super) fn new(exchange: Arc<Exchange>, line: Arc<Line>) -> Self {
        Self { exchange, line }
    }

    /// The call's id.
    pub fn id(&self) -> CallId {
        self.line.id
    }

    /// The legs that are not over, oldest first.
    pub fn legs(&self) -> Vec<LegId> {
        self.line.state.lock().conversation.live_legs()
    }

    /// The calling party's leg.
    pub fn caller_leg(&self) -> Option<LegId> {
        self.line.state.lock().conversation.leg_of(Side::Origination)
    }

    /// The called party's leg: the one that answered, else the first that is tried.
    pub fn called_leg(&self) -> Option<LegId> {
        self.line.state.lock().conversation.leg_of(Side::Termination)
    }

    /// Whether the call is over.
    pub fn is_over(&self) -> bool {
        self.line.state.lock().conversation.is_over()
    }

    /// Lets time pass for this call alone: what follows happens that much later.
    pub fn after(&self, length: Duration) -> &Self {
        self.line.state.lock().skipped += length;
        self
    }

    /// The parties that are being called ring.
    pub fn ring(&self) -> &Self {
        self.step(Conversation::ring)
    }

    /// This one of the parties that are being called rings.
    pub fn ring_on(&self, leg: LegId) -> &Self {
        self.step(|call| call.ring_on(leg))
    }

    /// The first party that is being called answers. In a call placed by a command, this is first the one
    /// whom the command rings, and then the one whom it dials.
    pub fn answer(&self) -> &Self {
        self.step(|call| call.answer(None))
    }

    /// This one of the parties that are being called answers.
    pub fn answer_on(&self, leg: LegId) -> &Self {
        self.step(|call| call.answer(Some(leg)))
    }

    /// The parties that are being called are busy.
    pub fn busy(&self) -> &Self {
        self.refuse(EndCause::Busy)
    }

    /// The parties that are being called did not answer in time.
    pub fn no_answer(&self) -> &Self {
        self.refuse(EndCause::NoAnswer)
    }

    /// The parties that are being called refuse, for this cause.
    pub fn refuse(&self, cause: EndCause) -> &Self {
        self.step(|call| call.refuse(cause))
    }

    /// The parties that are being called fail, and the call goes on to another one.
    pub fn fail_over(&self, to: Party) -> &Self {
        self.step(|call| call.fail_over(to))
    }

    /// A party puts the other on hold.
    pub fn hold(&self, by: Side) -> &Self {
        self.step_of(by, |call, leg| call.hold(leg, true))
    }

    /// A party takes the other back from hold.
    pub fn resume(&self, by: Side) -> &Self {
        self.step_of(by, |call, leg| call.hold(leg, false))
    }

    /// A party presses keys: `0-9`, `*`, `#`, `A-D`.
    pub fn press(&self, by: Side, digits: &str) -> &Self {
        match Digits::parse(digits) {
            Some(digits) => self.step_of(by, |call, leg| call.press(leg, &digits)),
            None => self,
        }
    }

    /// A party sends the other one on without asking the target first. The target is called; with
    /// [`ring`](Self::ring), [`answer`](Self::answer), [`busy`](Self::busy) it goes on.
    pub fn transfer(&self, by: Side, to: Party) -> &Self {
        self.step_of(by, |call, leg| call.transfer(leg, &[to]))
    }

    /// A party joins the other one with whom it talks to in `consultation`, a call of its own. That call
    /// then is part of this one, and steps of it do nothing.
    pub fn transfer_to(&self, by: Side, consultation: &Self) -> &Self {
        let own = self.told(|call| call.leg_of(by).and_then(|leg| Some((leg, call.endpoint_of(leg)?))));
        let legs = own.and_then(|(leg, party)| Some((leg, consultation.told(|call| call.leg_at(&party))?)));
        if let Some((leg, theirs)) = legs.filter(|_| !self.is_same_as(consultation)) {
            // A refusal leaves both calls as they are, which is what a step without sense does.
            let _ = self.absorb(leg, consultation, theirs);
        }
        self
    }

    /// A party lets the other one wait in a slot, the first free one if none is named, and leaves.
    pub fn park(&self, by: Side, slot: Option<&str>) -> &Self {
        self.step_of(by, |call, leg| call.park(leg, slot))
    }

    /// Somebody dials the slot in which a party of this call waits.
    pub fn pick_up(&self, by: &Party) -> &Self {
        self.step(|call| _ = call.pick_up(by))
    }

    /// The sound that a party hears is over.
    pub fn sound_ends(&self, side: Side) -> &Self {
        self.step_of(side, Conversation::stop_playing)
    }

    /// The digits that commands sent to the leg's party so far.
    pub fn digits_sent_to(&self, leg: LegId) -> String {
        self.told(|call| call.digits_of(leg))
    }

    /// A party hangs up. Before an answer the caller thereby cancels, and the called parties refuse.
    pub fn end(&self, by: Side) -> &Self {
        self.step(|call| call.hang_up(by))
    }

    /// This leg's party hangs up.
    pub fn end_on(&self, leg: LegId) -> &Self {
        self.step(|call| call.hang_up_leg(leg))
    }

    /// The switch ends the call, for this cause.
    pub fn cut(&self, cause: EndCause) -> &Self {
        self.step(|call| {
            call.release_all(Ending { by: Releaser::Switch, cause: Some(cause) });
        })
    }

    fn step(&self, change: impl FnOnce(&mut Conversation)) -> &Self {
        self.line.step(&self.exchange, change);
        self
    }

    /// A step of the party on one side. What is refused does nothing.
    fn step_of(
        &self,
        side: Side,
        change: impl FnOnce(&mut Conversation, LegId) -> Result<(), SwitchError>,
    ) -> &Self {
        self.step(|call| {
            if let Some(leg) = call.leg_of(side) {
                let _ = change(call, leg);
            }
        })
    }

    /// A step that says what came of it.
    pub(super) fn told<T>(&self, change: impl FnOnce(&mut Conversation) -> T) -> T {
        self.line.step(&self.exchange, change)
    }

    /// Joins another call into this one, by a leg of each.
    pub(super) fn absorb(&self, leg: LegId, other: &Self, other_leg: LegId) -> Result<(), SwitchError> {
        self.line.absorb(&self.exchange, leg, &other.line, other_leg)
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.line, &other.line)
    }
}

/// What the switch keeps of a call.
pub(super) struct Line {
    pub(super) id: CallId,
    clock: CallClock,
    age: Duration,
    state: Mutex<LineState>,
}

struct LineState {
    conversation: Conversation,
    skipped: Duration,
    last_at: Timestamp,
    /// What was told of that time.
    told: Vec<EventKind>,
}

impl Line {
    pub(super) fn new(id: CallId, clock: CallClock, age: Duration, conversation: Conversation) -> Self {
        let state =
            LineState { conversation, skipped: Duration::ZERO, last_at: Timestamp::MIN, told: Vec::new() };
        Self { id, clock, age, state: Mutex::new(state) }
    }

    /// Enters the call with the switch and plays its first step; nothing can come in between.
    pub(super) fn begin(
        self: &Arc<Self>,
        exchange: &Exchange,
        first: impl FnOnce(&mut Conversation),
    ) -> Result<(), SwitchError> {
        let now = self.now();
        let mut state = self.state.lock();
        exchange.open(self)?;
        self.play(exchange, &mut state, now, first);
        self.leave_if_over(exchange, state);
        Ok(())
    }

    /// Changes the call and reports what came of it. The events of one step have one time
    /// unless it brings the same twice.
    pub(super) fn step<T>(&self, exchange: &Exchange, change: impl FnOnce(&mut Conversation) -> T) -> T {
        let now = self.now();
        let mut state = self.state.lock();
        let outcome = self.play(exchange, &mut state, now, change);
        self.leave_if_over(exchange, state);
        outcome
    }

    /// Joins `other` into this call, if that may be; nothing can come in between.
    fn absorb(
        &self,
        exchange: &Exchange,
        leg: LegId,
        other: &Self,
        other_leg: LegId,
    ) -> Result<(), SwitchError> {
        let now = self.now();
        let (mut state, mut absorbed) = lock_both(self, other);
        state.reach(absorbed.last_at);
        self.play(exchange, &mut state, now, |call| {
            call.transfer_to_leg(leg, (other.id, &mut absorbed.conversation), other_leg)
        })?;
        other.leave_if_over(exchange, absorbed);
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.clock.now() - self.age
    }

    fn play<T>(
        &self,
        exchange: &Exchange,
        state: &mut LineState,
        now: Timestamp,
        change: impl FnOnce(&mut Conversation) -> T,
    ) -> T {
        state.reach(now + state.skipped);
        let outcome = state.conversation.at(state.last_at, change);
        for kind in state.conversation.take_events() {
            let at = state.time_of(&kind);
            exchange.sink.send(CallEvent { call_id: self.id, at, kind });
        }
        outcome
    }

    fn leave_if_over(&self, exchange: &Exchange, state: MutexGuard<'_, LineState>) {
        if state.conversation.is_over() {
            exchange.close(self.id);
        }
    }
}

impl LineState {
    /// Time goes on to `at`, if it is not there yet.
    fn reach(&mut self, at: Timestamp) {
        if at > self.last_at {
            self.last_at = at;
            self.told.clear();
        }
    }

    /// The time of the next event. What happens twice, happens at two times.
    fn time_of(&mut self, kind: &EventKind) -> Timestamp {
        if self.told.contains(kind) {
            self.reach(self.last_at + Duration::from_micros(1));
        }
        self.told.push(kind.clone());
        self.last_at
    }
}

/// Locks two calls in an order that is the same whoever asks.
fn lock_both<'a>(one: &'a Line, other: &'a Line) -> (MutexGuard<'a, LineState>, MutexGuard<'a, LineState>) {
    if one.id < other.id {
        let first = one.state.lock();
        (first, other.state.lock())
    } else {
        let first = other.state.lock();
        (one.state.lock(), first)
    }
}
