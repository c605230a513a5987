//! Overload control by delay (RFC 6357 section 4, RFC 7339): who is refused while more comes than can be handled.
//!
//! What comes waits in the order in which it came, in a queue of the kernel. As long as that is found empty again and
//! again, however long it gets in between, all is well. If it stands, whoever begins something is refused as soon as
//! that has waited for [`TARGET`]; what belongs to something that has begun never is. So the queue stays as short
//! as that, the thread is never idle, and the work that it does is finished. The idea is that of CoDel (RFC 8289), with
//! refusals for its losses.
//!
//! A source that asks for less than the others do is spared until [`CEILING`], so that one that floods us is refused
//! before those beside it.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
    time::Duration,
};

use guard::Source;
use parking_lot::Mutex;
use tokio::task::coop::has_budget_remaining;

/// How long what begins something may have waited while the queue stands.
const TARGET: Duration = Duration::from_millis(50);

/// The same where the kernel gives the queue so little room that it throws messages away: a long wait cannot be seen
/// there, and what is thrown away are ends of calls, too.
const CRAMPED: Duration = Duration::from_millis(5);

/// The same for sources that ask for less than the others.
const CEILING: Duration = Duration::from_millis(200);

/// How long a queue is not empty before it is said to stand: a burst is none.
const STANDS: Duration = Duration::from_millis(250);

/// How often what the sources have asked for counts half.
const HALF_LIFE: Duration = Duration::from_secs(1);

/// Sources that are counted at a time, at most; others count among those that ask for most.
const MOST_SOURCES: usize = 4_096;

/// For so long the repeats and acknowledgements of what was refused may come (64 times T1, RFC 3261 section 17.1.1).
const ECHO: Duration = Duration::from_secs(32);

/// How long the longest wait is told, at least.
const TOLD: Duration = Duration::from_secs(5);

/// How a message has waited.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wait {
    /// Since it came.
    pub(super) waited: Duration,
    /// Since the queue that it waited in was last empty.
    pub(super) stands: Duration,
    /// Whether that has thrown something away since.
    pub(super) overflows: bool,
}

impl Wait {
    fn target(self) -> Duration {
        if self.overflows { CRAMPED } else { TARGET }
    }
}

/// A queue as whoever empties it sees it, by a clock that only grows.
#[derive(Debug, Default)]
pub(super) struct Queue {
    stands_since: Option<Duration>,
    /// How much it has thrown away, ever.
    lost: u32,
    overflows: bool,
}

impl Queue {
    /// There was nothing in it.
    pub(super) fn found_empty(&mut self) {
        (self.stands_since, self.overflows) = (None, false);
    }

    /// It has thrown away so much, ever.
    pub(super) fn has_lost(&mut self, lost: u32) {
        self.overflows |= lost != self.lost;
        self.lost = lost;
    }

    pub(super) fn overflows(&self) -> bool {
        self.overflows
    }

    /// Takes something out of it, and notes if that has to wait.
    pub(super) async fn watch<T>(&mut self, take: impl Future<Output = T>) -> T {
        let mut take = pin!(take);
        let at_once = poll_fn(|context| Poll::Ready(take.as_mut().poll(context))).await;
        match at_once {
            Poll::Ready(taken) => taken,
            Poll::Pending => {
                // A task that has used up its turn is told to wait, too.
                if has_budget_remaining() {
                    self.found_empty();
                }
                take.await
            }
        }
    }

    /// Something was taken out of it. Gives for how long it has not been empty, as far as is known.
    pub(super) fn took(&mut self, now: Duration) -> Duration {
        now.saturating_sub(*self.stands_since.get_or_insert(now))
    }
}

/// Decides who is refused.
#[derive(Debug, Default)]
pub(crate) struct Overload {
    crowd: Mutex<Crowd>,
    waits: Waits,
    requests_refused: AtomicU64,
    /// When the latest was refused, in milliseconds and one more; 0 if none was.
    refused_at: AtomicU64,
}

impl Overload {
    /// Notes how long something has waited; whether what begins something may have to be refused.
    pub(super) fn is_pressed(&self, wait: Wait, now: Duration) -> bool {
        self.waits.note(wait.waited, now);
        wait.stands >= STANDS && wait.waited >= wait.target()
    }

    /// Whether something may begin that has waited so long.
    pub(super) fn admits(&self, source: Source, wait: Wait, now: Duration) -> bool {
        wait.waited < if self.crowd.lock().is_foremost(source, now) { wait.target() } else { CEILING }
    }

    /// Something other than a call was refused.
    pub(super) fn count_request(&self) {
        self.requests_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Something was refused without a transaction.
    pub(super) fn note_refusal(&self, now: Duration) {
        self.refused_at.store(millis(now) + 1, Ordering::Relaxed);
    }

    /// Whether repeats and acknowledgements of what was refused may come.
    pub(super) fn echoes(&self, now: Duration) -> bool {
        let refused_at = self.refused_at.load(Ordering::Relaxed);
        refused_at > 0 && millis(now) < refused_at + millis(ECHO)
    }

    /// Requests other than calls that were refused, since the start.
    pub(crate) fn requests_refused(&self) -> u64 {
        self.requests_refused.load(Ordering::Relaxed)
    }

    /// The longest that something has waited of late.
    pub(crate) fn longest_wait(&self, now: Duration) -> Duration {
        self.waits.longest(now)
    }
}

/// What each source has asked for of late, while there was too much.
#[derive(Debug, Default)]
struct Crowd {
    sources: HashMap<Source, u32>,
    total: u64,
    halved_at: Duration,
}

impl Crowd {
    /// Counts another request; whether its source has asked for as much as sources do on average, or more.
    fn is_foremost(&mut self, source: Source, now: Duration) -> bool {
        self.fade(now);
        if self.sources.len() >= MOST_SOURCES && !self.sources.contains_key(&source) {
            return true;
        }
        let asked = self.sources.entry(source).or_default();
        *asked += 1;
        let asked = u64::from(*asked);
        self.total += 1;
        asked * self.sources.len() as u64 >= self.total
    }

    fn fade(&mut self, now: Duration) {
        let since = now.saturating_sub(self.halved_at);
        if since < HALF_LIFE {
            return;
        }
        let halvings = u32::try_from(since.as_millis() / HALF_LIFE.as_millis()).unwrap_or(u32::MAX);
        // What is left of a half-life counts toward the next halving.
        self.halved_at = self.halved_at.saturating_add(HALF_LIFE.saturating_mul(halvings));
        self.sources.retain(|_, asked| {
            *asked = asked.checked_shr(halvings).unwrap_or(0);
            *asked > 0
        });
        self.total = self.sources.values().map(|asked| u64::from(*asked)).sum();
    }
}

/// The longest waits, in microseconds, of this stretch of time and of the one before.
#[derive(Debug, Default)]
struct Waits {
    stretch: AtomicU64,
    longest: [AtomicU64; 2],
}

impl Waits {
    /// By one thread only.
    fn note(&self, waited: Duration, now: Duration) {
        let stretch = now.as_secs() / TOLD.as_secs();
        let [longest, other] =
            if stretch % 2 == 1 { [1, 0] } else { [0, 1] }.map(|which| &self.longest[which]);
        let before = self.stretch.swap(stretch, Ordering::Relaxed);
        if before != stretch {
            longest.store(0, Ordering::Relaxed);
        }
        // After a pause, what the other one holds is no longer of the stretch before.
        if before.abs_diff(stretch) > 1 {
            other.store(0, Ordering::Relaxed);
        }
        longest.fetch_max(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn longest(&self, now: Duration) -> Duration {
        let stretch = now.as_secs() / TOLD.as_secs();
        let noted = self.stretch.load(Ordering::Relaxed);
        let told = |which: u64| self.longest[usize::from(which % 2 == 1)].load(Ordering::Relaxed);
        Duration::from_micros(match stretch.saturating_sub(noted) {
            0 => told(noted).max(told(noted + 1)),
            1 => told(noted),
            _ => 0,
        })
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn source(number: u8) -> Source {
        IpAddr::from(Ipv4Addr::new(192, 0, 2, number)).into()
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn wait(waited: u64, stands: u64) -> Wait {
        Wait { waited: ms(waited), stands: ms(stands), overflows: false }
    }

    #[test]
    fn a_queue_stands_from_when_something_is_taken_out_until_it_is_found_empty() {
        let mut queue = Queue::default();
        let stands = [1_000, 1_100].map(|now| queue.took(ms(now)));
        queue.found_empty();
        assert_eq!((stands, queue.took(ms(9_000))), ([ms(0), ms(100)], ms(0)));
    }

    #[test]
    fn a_queue_that_throws_messages_away_is_kept_shorter_until_it_is_found_empty() {
        let (mut queue, overload) = (Queue::default(), Overload::default());
        let presses = |queue: &Queue| {
            overload.is_pressed(Wait { overflows: queue.overflows(), ..wait(10, 300) }, ms(0))
        };
        assert!(!presses(&queue));
        queue.has_lost(7);
        queue.has_lost(7);
        assert!(presses(&queue));
        queue.found_empty();
        queue.has_lost(7);
        assert!(!presses(&queue));
    }

    #[test]
    fn bursts_and_short_waits_press_nobody() {
        let overload = Overload::default();
        for (waited, stands, is_pressed) in
            [(0, 0, false), (240, 240, false), (49, 60_000, false), (50, 250, true)]
        {
            assert_eq!(
                overload.is_pressed(wait(waited, stands), ms(0)),
                is_pressed,
                "{waited} ms of {stands} ms"
            );
        }
    }

    #[test]
    fn a_source_that_is_alone_is_refused_from_the_target_on() {
        let overload = Overload::default();
        let admitted = [49, 50, 199].map(|waited| overload.admits(source(1), wait(waited, 300), ms(0)));
        assert_eq!(admitted, [true, false, false]);
    }

    #[test]
    fn sources_that_ask_for_less_are_spared_up_to_the_ceiling() {
        let overload = Overload::default();
        for _ in 0..90 {
            overload.admits(source(1), wait(60, 300), ms(0));
        }
        let admits = |number, waited| overload.admits(source(number), wait(waited, 300), ms(10));
        assert_eq!([admits(2, 60), admits(1, 60), admits(2, 200)], [true, false, false]);
    }

    #[test]
    fn what_was_asked_for_long_ago_counts_no_more() {
        let overload = Overload::default();
        for _ in 0..90 {
            overload.admits(source(1), wait(60, 300), ms(0));
        }
        assert!(overload.admits(source(2), wait(60, 300), ms(1_000)));
        assert!(!overload.admits(source(2), wait(60, 300), ms(60_000)));
        assert_eq!(overload.crowd.lock().sources.len(), 1);
    }

    #[test]
    fn what_was_asked_for_counts_half_after_each_half_life_however_rarely_that_is_looked_at() {
        let mut crowd = Crowd::default();
        for _ in 0..64 {
            crowd.is_foremost(source(1), ms(0));
        }
        let counts = [1_900, 3_800, 5_700].map(|now| {
            crowd.fade(ms(now));
            crowd.total
        });
        assert_eq!(counts, [32, 8, 2], "it was looked at after 1.9, 3.8 and 5.7 half-lives");
    }

    #[test]
    fn sources_are_counted_in_bounded_room() {
        let overload = Overload::default();
        for number in 0..2 * MOST_SOURCES as u32 {
            overload.admits(IpAddr::from(number.to_be_bytes()).into(), wait(60, 300), ms(0));
        }
        assert_eq!(overload.crowd.lock().sources.len(), MOST_SOURCES);
    }

    #[test]
    fn the_longest_wait_of_late_is_told() {
        let overload = Overload::default();
        let notes = [(5, 1_000), (80, 2_000), (7, 6_000)];
        for (waited, now) in notes {
            overload.is_pressed(wait(waited, 0), ms(now));
        }
        let told = [6_000, 11_000, 60_000].map(|now| overload.longest_wait(ms(now)));
        assert_eq!(told, [ms(80), ms(7), ms(0)]);
    }

    #[test]
    fn a_wait_of_before_a_pause_is_not_told_again() {
        let overload = Overload::default();
        for (waited, now) in [(80, 6_000), (5, 10_000), (3, 20_000)] {
            overload.is_pressed(wait(waited, 0), ms(now));
        }
        assert_eq!(overload.longest_wait(ms(20_000)), ms(3));
    }

    #[test]
    fn acknowledgements_are_expected_for_a_while_after_a_refusal() {
        let overload = Overload::default();
        assert!(!overload.echoes(ms(0)));
        overload.note_refusal(ms(0));
        assert_eq!((overload.echoes(ms(31_999)), overload.echoes(ms(32_001))), (true, false));
    }
}
