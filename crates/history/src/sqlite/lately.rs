//! Which calls have ended lately, in memory. Of thousands of calls that went on a moment ago, nearly all still do: only
//! those that are named here, and those from before the store was opened, are looked for in it.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use call::{CallId, Timestamp, activity::ActiveCall};
use parking_lot::Mutex;

/// How long a call is named. No question takes as long, from its look at the live calls on.
const KEPT: Duration = Duration::from_secs(60);
/// Calls that are named at most: of a minute with more, those of its latest part.
const MOST: usize = 1 << 18;

/// The calls that have ended lately.
pub(super) struct Lately {
    opened_at: Timestamp,
    ended: Mutex<Ended>,
}

#[derive(Default)]
struct Ended {
    order: VecDeque<(Instant, CallId)>,
    calls: HashSet<CallId>,
}

impl Lately {
    /// None yet, of a store that is opened at this time.
    pub(super) fn new(opened_at: Timestamp) -> Self {
        Self { opened_at, ended: Mutex::default() }
    }

    /// A call gets a record, or it is known of it that it gets none, by the commit that is being made.
    pub(super) fn note(&self, call: CallId) {
        self.ended.lock().note(call, Instant::now());
    }

    /// Those of these calls, which went on a moment ago, that may be over; and the others. A reader asks this after its
    /// snapshot was taken, so that whatever it sees was named before.
    pub(super) fn divide<'a>(&self, calls: &'a [ActiveCall]) -> (Vec<&'a ActiveCall>, Vec<&'a ActiveCall>) {
        let ended = self.ended.lock();
        let may_be_over =
            |call: &&ActiveCall| call.started_at < self.opened_at || ended.calls.contains(&call.call_id);
        calls.iter().partition(may_be_over)
    }
}

impl Ended {
    fn note(&mut self, call: CallId, now: Instant) {
        if !self.calls.insert(call) {
            return;
        }
        self.order.push_back((now, call));
        let is_old = |(at, _): &(Instant, CallId)| now.duration_since(*at) > KEPT;
        while self.order.len() > MOST || self.order.front().is_some_and(is_old) {
            let Some((_, old)) = self.order.pop_front() else { break };
            self.calls.remove(&old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_for_a_while_and_there_is_room_for_so_many() {
        let (mut ended, began) = (Ended::default(), Instant::now());
        let call = |number: usize| {
            let mut random = [0; 10];
            random[2..].copy_from_slice(&(number as u64).to_be_bytes());
            CallId::new(Timestamp::from_seconds(1), random)
        };
        (0..=MOST).for_each(|number| ended.note(call(number), began));
        assert_eq!((ended.order.len(), ended.calls.len()), (MOST, MOST));
        assert!(!ended.calls.contains(&call(0)) && ended.calls.contains(&call(1)));
        ended.note(call(MOST), began + KEPT);
        assert_eq!(ended.order.len(), MOST, "it is named once");
        ended.note(call(0), began + KEPT + Duration::from_secs(1));
        assert_eq!((ended.order.len(), ended.calls.len()), (1, 1));
    }
}
