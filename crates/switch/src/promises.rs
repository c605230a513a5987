//! What is acknowledged to a peer once it is durable.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::EventSink;

/// What waits until all that was sent before it is durable, the oldest first.
///
/// The writer tells of each commit once, however many wait for it.
pub struct Promises<T> {
    sink: EventSink,
    /// How many events are durable.
    durable: watch::Receiver<u64>,
    /// How long anything waits at most; zero = nothing does.
    budget: Duration,
    waiting: VecDeque<Promise<T>>,
}

struct Promise<T> {
    what: T,
    /// How many events have to be durable before.
    after: u64,
    due: Instant,
}

impl<T> Promises<T> {
    /// None, for events that go by `sink`.
    pub fn new(sink: &EventSink, budget: Duration) -> Self {
        Self { sink: sink.clone(), durable: sink.durable(), budget, waiting: VecDeque::new() }
    }

    /// Whether anything waits at all, ever.
    pub fn may_wait(&self) -> bool {
        !self.budget.is_zero()
    }

    /// Lets something wait for what was sent until now.
    pub fn add(&mut self, what: T) {
        let (after, due) = (self.sink.sent(), Instant::now() + self.budget);
        self.waiting.push_back(Promise { what, after, due });
    }

    /// The next that has waited for long enough: until it is durable or, which is counted, for as long as the budget
    /// is. Never, while none waits. Nothing is lost when this is dropped.
    pub async fn next(&mut self) -> T {
        loop {
            let Some(first) = self.waiting.front() else { return std::future::pending().await };
            let (after, due) = (first.after, first.due);
            let is_durable = *self.durable.borrow_and_update() >= after;
            if !is_durable && Instant::now() < due {
                tokio::select! {
                    // It is open for as long as the sink is.
                    _ = self.durable.changed() => {}
                    () = sleep_until(due) => {}
                }
                continue;
            }
            if !is_durable {
                self.sink.count_late();
            }
            if let Some(promise) = self.waiting.pop_front() {
                return promise.what;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use call::{CallEvent, CallId, EventKind, Timestamp};
    use tokio::time::timeout;

    use super::*;
    use crate::{EventSource, event_channel};

    const SOON: Duration = Duration::from_millis(1);
    const BUDGET: Duration = Duration::from_millis(30);

    fn send(sink: &EventSink) {
        let call_id = CallId::new(Timestamp::from_seconds(1), [0; 10]);
        sink.send(CallEvent { call_id, at: Timestamp::from_seconds(1), kind: EventKind::CallInterrupted });
    }

    async fn write(source: &mut EventSource, count: usize) {
        source.receive(&mut Vec::new(), count).await;
        source.written(count);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_waits_for_what_was_sent_before_it_and_for_nothing_else() {
        let (sink, mut source) = event_channel(10);
        let mut promises = Promises::new(&sink, BUDGET);
        send(&sink);
        promises.add(1);
        send(&sink);
        promises.add(2);
        assert!(timeout(SOON, promises.next()).await.is_err());
        write(&mut source, 1).await;
        assert_eq!(timeout(SOON, promises.next()).await, Ok(1));
        assert!(timeout(SOON, promises.next()).await.is_err());
        assert_eq!((source.flow().backlog(), source.flow().late_answers()), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn one_commit_lets_all_go_that_wait_for_it_in_their_order() {
        let (sink, mut source) = event_channel(10);
        let mut promises = Promises::new(&sink, BUDGET);
        for number in 0..3 {
            send(&sink);
            promises.add(number);
        }
        write(&mut source, 3).await;
        for number in 0..3 {
            assert_eq!(timeout(SOON, promises.next()).await, Ok(number));
        }
        assert!(timeout(2 * BUDGET, promises.next()).await.is_err(), "none waits any more");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_waits_too_long_goes_on_and_is_counted() {
        let (sink, source) = event_channel(10);
        let mut promises = Promises::new(&sink, BUDGET);
        send(&sink);
        promises.add(());
        let began = Instant::now();
        promises.next().await;
        assert_eq!((began.elapsed().as_millis() / 10, source.flow().late_answers()), (3, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_durable_already_does_not_wait_however_late_it_is_asked_for() {
        let (sink, mut source) = event_channel(10);
        let mut promises = Promises::new(&sink, BUDGET);
        send(&sink);
        promises.add(());
        write(&mut source, 1).await;
        tokio::time::advance(2 * BUDGET).await;
        promises.next().await;
        assert_eq!(source.flow().late_answers(), 0);
    }
}
