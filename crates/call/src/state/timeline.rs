//! How a call's time is spent. The phases share the time among them without gap or overlap, so their
//! sum is the length of the call up to the moment when its parties part.

use std::time::Duration;

use crate::time::Timestamp;

/// What a call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Nobody rings yet (post-dial delay).
    Dialing,
    /// The called party rings.
    Ringing,
    /// The parties talk.
    Talking,
    /// A party holds, or waits in a parking slot.
    OnHold,
    /// A party is being handed over.
    Transferring,
    /// The parties have parted.
    Over,
}

const PHASES: usize = 5;

/// Time spent in each phase so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    phase: Phase,
    until: Timestamp,
    latest: Timestamp,
    spent: [Duration; PHASES],
    holds: u32,
    is_on_hold: bool,
}

impl Timeline {
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            phase: Phase::Dialing,
            until: at,
            latest: at,
            spent: [Duration::ZERO; PHASES],
            holds: 0,
            is_on_hold: false,
        }
    }

    /// The instant up to which time is counted: that of the latest event, or that of the parting once the
    /// parties have parted.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Time spent in `phase` up to [`Self::until`]; nothing is spent in [`Phase::Over`].
    pub fn spent(&self, phase: Phase) -> Duration {
        self.spent.get(phase as usize).copied().unwrap_or_default()
    }

    /// How many holds [`Phase::OnHold`] is made of. Holds of both parties that overlap are one, and so are a hold
    /// and the slot that the party is put into from it, and a hold that a transfer was tried in.
    pub(super) fn holds(&self) -> u32 {
        self.holds
    }

    /// The instant of the latest event.
    pub(super) fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Begins or goes on with `phase` at `at`. Parties that come together again after they had parted were
    /// being handed over in between.
    pub(super) fn enter(&mut self, at: Timestamp, phase: Phase) {
        let at = at.max(self.latest);
        let spent_on = if self.phase == Phase::Over { Phase::Transferring } else { self.phase };
        if (self.phase, phase) != (Phase::Over, Phase::Over) {
            self.count(at, spent_on);
        }
        self.count_holds(phase);
        self.phase = phase;
        self.latest = at;
    }

    fn count_holds(&mut self, phase: Phase) {
        if phase == Phase::Transferring {
            return;
        }
        let is_on_hold = phase == Phase::OnHold;
        self.holds += u32::from(is_on_hold && !self.is_on_hold);
        self.is_on_hold = is_on_hold;
    }

    fn count(&mut self, at: Timestamp, phase: Phase) {
        if let Some(spent) = self.spent.get_mut(phase as usize) {
            *spent += at.since(self.until);
        }
        self.until = at;
    }
}
