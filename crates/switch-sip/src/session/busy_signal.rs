//! The end of a call that the API placed and whose second party could not be got: the first one, who is on the
//! line already, hears a tone for a while, and its BYE says why (RFC 3326).

use std::time::Duration;

use call::LegId;
use tokio::time::Instant;

use super::{Session, sound::Source};
use crate::cause::Failure;

/// How long the tone lasts.
const TONE: Duration = Duration::from_secs(4);

/// A call that is about to end.
pub(super) struct BusySignal {
    ends_at: Instant,
    failure: Failure,
}

impl Session {
    /// Lets a first party that has answered hear that nobody could be got; the call ends after that. Says whether
    /// there is such a party, and it can hear it.
    pub(super) fn give_busy_signal(&mut self, failure: &Failure) -> bool {
        if self.busy_signal.is_some() {
            return false;
        }
        let Some(caller) = self.answered_first_party() else { return false };
        if self.entertain(caller, Source::Busy) {
            self.busy_signal = Some(BusySignal { ends_at: Instant::now() + TONE, failure: failure.clone() });
        }
        self.busy_signal.is_some()
    }

    /// When the tone is over.
    pub(super) fn busy_signal_ends(&self) -> Option<Instant> {
        self.busy_signal.as_ref().map(|busy_signal| busy_signal.ends_at)
    }

    /// Ends the call once the tone is over.
    pub(super) fn watch_busy_signal(&mut self, now: Instant) {
        if let Some(BusySignal { failure, .. }) =
            self.busy_signal.take_if(|busy_signal| now >= busy_signal.ends_at)
        {
            self.end_for(&failure);
        }
    }

    /// The party that was rung first for a command, if it is all that there is.
    pub(super) fn answered_first_party(&self) -> Option<LegId> {
        let caller = self.leg(self.caller?).filter(|leg| leg.is_called() && leg.is_answered())?;
        let is_alone = self.legs.iter().all(|leg| leg.id == caller.id || leg.is_ended());
        (is_alone && self.onward.is_none()).then_some(caller.id)
    }
}
