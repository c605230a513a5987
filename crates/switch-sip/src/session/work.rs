//! After-call work: a phone is on a call, leaves it, and says by a feature code when it is done with it.

use call::{
    DeviceId, EventKind, LegId,
    event::{EndCause, Releaser},
};
use directory::routing::Unroutable;
use rsipstack::sip::StatusCode;

use super::{Session, ending::Ending};
use crate::{
    cause::{Failure, bye},
    message::fields::Body,
    work::Worked,
};

impl Session {
    /// The phone of a leg is on this call: it is done with the one before.
    pub(super) fn note_joined(&self, id: LegId) {
        if let Some(device) = self.device_of(id) {
            self.core.last_calls.forget(device);
        }
    }

    /// The phone of an answered leg has left. A call in which nobody was reached leaves no work.
    pub(super) fn note_left(&self, id: LegId) {
        if let Some(device) = self.device_of(id).filter(|_| self.answered.is_some()) {
            self.core.last_calls.note(device, self.id, self.core.clock.monotonic());
        }
    }

    fn device_of(&self, id: LegId) -> Option<DeviceId> {
        self.leg(id)?.party.endpoint.device()
    }

    /// The caller has dialed the code by which it says that it is done with its last call. It hears that this is
    /// noted by an answer that is hung up at once, and by 404 that there is no such call.
    pub(super) fn end_work(&mut self, offer: &Body) {
        let Some(caller) = self.caller_leg() else { return };
        let answer = if self.can_answer(offer) { self.waiting_answer(caller, offer) } else { None };
        let Some(answer) = answer else {
            let unfit = Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected);
            return self.give_up_caller(&unfit);
        };
        let now = self.core.clock.monotonic();
        let worked = self.device_of(caller).and_then(|device| self.core.last_calls.end_work(device, now));
        let Some(Worked { on, work }) = worked else {
            return self.find_no_route(&self.core.directory.snapshot(), Unroutable::Unknown);
        };
        self.answer_invite(caller, answer, None);
        self.tell(EventKind::WorkEnded { leg: caller, of: on, work });
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Normal, bye()));
    }
}
