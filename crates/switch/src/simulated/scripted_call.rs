//! A call of the simulated switch, as whoever plays it holds it.

use std::{sync::Arc, time::Duration};

use call::{
    CallEvent, CallId, LegId, Timestamp,
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
        self.step(|call| call.hold(by, true))
    }

    /// A party takes the other back from hold.
    pub fn resume(&self, by: Side) -> &Self {
        self.step(|call| call.hold(by, false))
    }

    /// A party hangs up. Before an answer the caller thereby cancels, and the called parties refuse.
    pub fn end(&self, by: Side) -> &Self {
        self.step(|call| call.hang_up(by))
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

    /// A step that says whether there was anything to change.
    pub(super) fn step_if(&self, change: impl FnOnce(&mut Conversation) -> bool) -> bool {
        self.line.step(&self.exchange, change)
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
}

impl Line {
    pub(super) fn new(id: CallId, clock: CallClock, age: Duration, conversation: Conversation) -> Self {
        let state = LineState { conversation, skipped: Duration::ZERO, last_at: Timestamp::MIN };
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

    /// Changes the call and reports what came of it. The events of one step have one time.
    pub(super) fn step<T>(&self, exchange: &Exchange, change: impl FnOnce(&mut Conversation) -> T) -> T {
        let now = self.now();
        let mut state = self.state.lock();
        let outcome = self.play(exchange, &mut state, now, change);
        self.leave_if_over(exchange, state);
        outcome
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
        let at = state.last_at.max(now + state.skipped);
        state.last_at = at;
        let outcome = state.conversation.at(at, change);
        for kind in state.conversation.take_events() {
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
