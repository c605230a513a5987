//! After-call work: a phone is on a call, leaves it, and says by a feature code when it is done with it.

use call::{
    EventKind, LegId,
    event::{EndCause, Releaser},
};

use super::{Call, ending::Ending};
use crate::{Context, sdp::Sdp, work::Worked, world::Unroutable};

impl Call {
    /// The phone of a leg is on this call: it is done with the one before.
    pub(super) fn note_joined(&self, id: LegId, cx: &mut Context<'_>) {
        if let Some(device) = self.device_of(id) {
            cx.state.last_calls.forget(device);
        }
    }

    /// The phone of an answered leg has left. A call in which nobody was reached leaves no work.
    pub(super) fn note_left(&self, id: LegId, cx: &mut Context<'_>) {
        if let Some(device) = self.device_of(id).filter(|_| self.answered_at.is_some()) {
            cx.state.last_calls.note(device, self.id, cx.now.monotonic);
        }
    }

    /// The caller has dialed the code by which it says that it is done with its last call. It hears that
    /// this is noted by an answer that is hung up at once, and by 404 that there is no such call.
    pub(super) fn end_work(&mut self, offer: Option<&Sdp>, cx: &mut Context<'_>) {
        let Some(caller) = self.caller_leg() else { return };
        let answer = match self.waiting_answer(caller, offer, cx) {
            Ok(answer) => answer,
            Err(failure) => return self.give_up_caller(&failure, cx),
        };
        let now = cx.now.monotonic;
        let worked = self.device_of(caller).and_then(|device| cx.state.last_calls.end_work(device, now));
        let Some(Worked { on, work }) = worked else { return self.find_no_route(Unroutable::Unknown, cx) };
        self.answer_invite(caller, None, answer.into(), cx);
        self.tell(EventKind::WorkEnded { leg: caller, of: on, work }, cx);
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Normal, 480), cx);
    }
}
