//! Where a hook is and what it does next. Knows no clock and no socket.

use std::time::Duration;

use call::Timestamp;
use serde::{Deserialize, Serialize};

/// How long to wait after each failure; after the last of them as long as after that.
const BACK_OFF: [Duration; 9] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(3 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
];
/// How often an event may be refused before it is put aside.
const REFUSALS: u32 = 5;
/// How long a hook may fail before it is paused.
const PATIENCE: Duration = Duration::from_secs(72 * 3_600);

/// Where a hook is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// All events up to this number are delivered, put aside, or not for this hook.
    pub cursor: u64,
    /// How it goes.
    pub state: State,
}

/// How it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// The last request was taken, or there was none.
    #[default]
    Well,
    /// The last request was not taken.
    Failing {
        /// Tries of this event.
        tries: u32,
        /// Of these, how many the receiver has refused.
        refusals: u32,
        /// When the first was made, in microseconds since 1970.
        since: i64,
        /// When the next is made.
        next_at: i64,
    },
    /// Nothing is sent until somebody resumes it.
    Paused {
        /// Since when.
        at: i64,
        /// Why.
        why: Pause,
    },
}

/// Why a hook is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// It has failed for three days.
    Failing,
    /// The receiver has said that it is gone (410).
    Gone,
    /// Somebody has paused it.
    Asked,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 2xx.
    Taken,
    /// 410: the receiver wants no more.
    Gone,
    /// Another 4xx: it does not like this event. 408 and 429 are failures.
    Refused,
    /// Everything else: not reached, no answer in time, 5xx, a redirection.
    Failed,
}

/// What to do after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Go on with the next event.
    Advance,
    /// Put the event aside, and go on with the next.
    PutAside,
    /// Try again then.
    Wait(Timestamp),
    /// Send nothing.
    Pause,
}

impl Outcome {
    /// Of an answer's status.
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            410 => Self::Gone,
            408 | 429 => Self::Failed,
            400..=499 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

impl Delivery {
    /// One that begins after an event.
    pub(crate) fn after(cursor: u64) -> Self {
        Self { cursor, state: State::Well }
    }

    /// Everything up to this number is done. It is less than before where the log is another one, of which a backup
    /// has taken the place.
    pub(crate) fn advance(&mut self, through: u64) {
        *self = Self::after(through);
    }

    /// What comes up to this number is not for the hook.
    pub(crate) fn pass_over(&mut self, through: u64) {
        self.cursor = self.cursor.max(through);
    }

    /// Takes note of what became of a request, with which everything up to `through` is done.
    pub(crate) fn on_outcome(&mut self, outcome: Outcome, through: u64, now: Timestamp) -> Next {
        let (tries, refusals, since) = match self.state {
            State::Failing { tries, refusals, since, .. } => (tries, refusals, since),
            State::Well | State::Paused { .. } => (0, 0, now.as_micros()),
        };
        let refusals = refusals + u32::from(outcome == Outcome::Refused);
        let has_waited = now.since(Timestamp::from_micros(since));
        match outcome {
            Outcome::Taken => {
                self.advance(through);
                Next::Advance
            }
            Outcome::Refused if refusals >= REFUSALS => {
                self.advance(through);
                Next::PutAside
            }
            Outcome::Gone => self.pause(Pause::Gone, now),
            Outcome::Failed | Outcome::Refused if has_waited >= PATIENCE => self.pause(Pause::Failing, now),
            Outcome::Failed | Outcome::Refused => {
                let next_at = now + back_off(tries);
                let tries = tries.saturating_add(1);
                self.state = State::Failing { tries, refusals, since, next_at: next_at.as_micros() };
                Next::Wait(next_at)
            }
        }
    }

    /// Sends nothing from now on.
    pub(crate) fn pause(&mut self, why: Pause, now: Timestamp) -> Next {
        self.state = State::Paused { at: now.as_micros(), why };
        Next::Pause
    }

    /// When the next request may be made; `None` if none may.
    pub(crate) fn may_send_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Well => Some(Timestamp::MIN),
            State::Failing { next_at, .. } => Some(Timestamp::from_micros(next_at)),
            State::Paused { .. } => None,
        }
    }
}

fn back_off(tries: u32) -> Duration {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).min(BACK_OFF.len() - 1);
    BACK_OFF.get(place).copied().unwrap_or(PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn what_is_taken_moves_the_cursor_and_what_fails_does_not() {
        let mut delivery = Delivery::after(7);
        assert_eq!(delivery.on_outcome(Outcome::Failed, 8, at(0)), Next::Wait(at(1)));
        assert_eq!(delivery.on_outcome(Outcome::of(503), 8, at(1)), Next::Wait(at(6)));
        assert_eq!(delivery.on_outcome(Outcome::of(429), 8, at(6)), Next::Wait(at(36)));
        assert_eq!((delivery.cursor, delivery.may_send_at()), (7, Some(at(36))));
        assert_eq!(delivery.on_outcome(Outcome::of(204), 8, at(36)), Next::Advance);
        assert_eq!(delivery, Delivery::after(8));
        assert_eq!(delivery.on_outcome(Outcome::Failed, 9, at(40)), Next::Wait(at(41)), "it begins anew");
    }

    #[test]
    fn the_place_goes_back_with_a_log_that_was_restored() {
        let mut delivery = Delivery::after(1_000);
        assert_eq!(delivery.on_outcome(Outcome::Taken, 12, at(0)), Next::Advance);
        assert_eq!(delivery, Delivery::after(12));
    }

    #[test]
    fn what_is_not_for_a_hook_moves_its_place_and_nothing_else() {
        let mut delivery = Delivery::after(7);
        delivery.on_outcome(Outcome::Failed, 9, at(0));
        let state = delivery.state;
        delivery.pass_over(8);
        assert_eq!(delivery, Delivery { cursor: 8, state });
        delivery.pass_over(3);
        assert_eq!(delivery.cursor, 8, "it never goes back");
    }

    #[test]
    fn an_event_that_is_refused_time_and_again_is_put_aside_and_holds_up_no_other() {
        let mut delivery = Delivery::after(0);
        for _ in 1..REFUSALS {
            assert!(matches!(delivery.on_outcome(Outcome::of(422), 1, at(0)), Next::Wait(_)));
        }
        assert_eq!(delivery.on_outcome(Outcome::of(422), 1, at(0)), Next::PutAside);
        assert_eq!(delivery, Delivery::after(1));
    }

    #[test]
    fn a_receiver_that_is_gone_pauses_its_hook_at_once_and_one_that_fails_for_three_days_too() {
        let mut delivery = Delivery::after(0);
        assert_eq!(delivery.on_outcome(Outcome::of(410), 1, at(3)), Next::Pause);
        assert_eq!(delivery.state, State::Paused { at: at(3).as_micros(), why: Pause::Gone });
        let (mut delivery, mut now, mut tries) = (Delivery::after(0), at(0), 0);
        while let Next::Wait(next) = delivery.on_outcome(Outcome::Failed, 1, now) {
            assert!(next > now && next.since(now) <= Duration::from_secs(6 * 3_600));
            (now, tries) = (next, tries + 1);
        }
        assert!(now.since(at(0)) >= PATIENCE && tries > 15, "{tries} tries until {now:?}");
        assert_eq!((delivery.may_send_at(), delivery.cursor), (None, 0));
    }
}
