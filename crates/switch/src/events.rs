//! The way from a switch to the one writer. Sending never waits; a backlog that grows too long makes the
//! switch refuse new calls instead. Who acknowledges something to a peer can wait until it is durable
//! ([`Promises`](crate::Promises)).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use call::{CallEvent, Notice};
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

/// Notices that may wait for the writer.
const NOTICES: usize = 8_192;

/// Where a switch reports to. Cheap to clone.
#[derive(Clone)]
pub struct EventSink {
    sender: mpsc::UnboundedSender<Arc<CallEvent>>,
    notices: mpsc::Sender<Notice>,
    flow: EventFlow,
    listener: Option<Arc<Listener>>,
}

/// Hears events as they are sent, in order for each call.
pub type Listener = dyn Fn(&CallEvent) + Send + Sync;

/// Where the writer reads.
pub struct EventSource {
    receiver: mpsc::UnboundedReceiver<Arc<CallEvent>>,
    notices: mpsc::Receiver<Notice>,
    flow: EventFlow,
}

/// How the way stands. Clones show the same.
#[derive(Clone)]
pub struct EventFlow(Arc<Shared>);

struct Shared {
    limit: u64,
    /// Events that were sent.
    sent: AtomicU64,
    /// Acknowledgements that did not wait for their events, as that took too long.
    late: AtomicU64,
    /// Notices that found no room.
    lost_notices: AtomicU64,
    /// Of the events sent, the first so many are durable.
    durable: watch::Sender<u64>,
    /// Why the writer wants no new calls.
    closed: Mutex<Option<NoRoom>>,
}

/// Why no new call can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoRoom {
    /// The writer is gone: the server stops.
    Stopping,
    /// Too many events wait for the writer.
    Backlog,
    /// The store has taken nothing for a while.
    StoreFails,
    /// The disk has too little room.
    DiskFull,
}

impl NoRoom {
    /// The reason in a word, for counters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Backlog => "backlog",
            Self::StoreFails => "store_fails",
            Self::DiskFull => "disk_full",
        }
    }
}

/// A way with room for `limit` events that are not durable before new calls are to be refused.
pub fn event_channel(limit: usize) -> (EventSink, EventSource) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (notices, noticed) = mpsc::channel(NOTICES);
    let flow = EventFlow(Arc::new(Shared {
        limit: limit as u64,
        sent: AtomicU64::new(0),
        late: AtomicU64::new(0),
        lost_notices: AtomicU64::new(0),
        durable: watch::Sender::new(0),
        closed: Mutex::default(),
    }));
    let sink = EventSink { sender, notices, flow: flow.clone(), listener: None };
    (sink, EventSource { receiver, notices: noticed, flow })
}

impl EventSink {
    /// The same way, whose events `listener` hears too: for what a switch derives of its own calls. It must not
    /// wait, nor send anything.
    pub fn heard_by(self, listener: impl Fn(&CallEvent) + Send + Sync + 'static) -> Self {
        Self { listener: Some(Arc::new(listener)), ..self }
    }

    /// Reports an event. Events that nobody reads any more are dropped.
    pub fn send(&self, event: CallEvent) {
        if let Some(listener) = &self.listener {
            listener(&event);
        }
        // Counted first: whoever looks later finds at least as many sent as lie before its own.
        self.flow.0.sent.fetch_add(1, Ordering::SeqCst);
        if self.sender.send(Arc::new(event)).is_err() {
            self.flow.0.sent.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Tells what happened beside calls. When too much of that waits for the writer it is not kept, and counted.
    pub fn notice(&self, notice: Notice) {
        if self.notices.try_send(notice).is_err() {
            self.flow.0.lost_notices.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether a new call's events could be kept: the writer is there and not too far behind.
    pub fn room(&self) -> Result<(), NoRoom> {
        if self.sender.is_closed() {
            return Err(NoRoom::Stopping);
        }
        self.flow.room()
    }

    /// How many events were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.flow.0.sent.load(Ordering::SeqCst)
    }

    /// Tells of the events sent how many are durable, in their order.
    pub(crate) fn durable(&self) -> watch::Receiver<u64> {
        self.flow.0.durable.subscribe()
    }

    /// An acknowledgement goes out before its events are durable.
    pub(crate) fn count_late(&self) {
        self.flow.0.late.fetch_add(1, Ordering::Relaxed);
    }
}

impl EventFlow {
    /// Events that are not durable yet.
    pub fn backlog(&self) -> u64 {
        let durable = *self.0.durable.borrow();
        self.0.sent.load(Ordering::SeqCst).saturating_sub(durable)
    }

    /// Acknowledgements that went out before their events were durable, as that took too long.
    pub fn late_answers(&self) -> u64 {
        self.0.late.load(Ordering::Relaxed)
    }

    /// Notices that were not kept, as too many waited.
    pub fn lost_notices(&self) -> u64 {
        self.0.lost_notices.load(Ordering::Relaxed)
    }

    /// Has new calls refused for this reason, or for none.
    pub fn close(&self, why: Option<NoRoom>) {
        *self.0.closed.lock() = why;
    }

    /// Whether a new call's events could be kept.
    pub fn room(&self) -> Result<(), NoRoom> {
        let closed = *self.0.closed.lock();
        match closed {
            Some(why) => Err(why),
            None if self.backlog() >= self.0.limit => Err(NoRoom::Backlog),
            None => Ok(()),
        }
    }
}

impl EventSource {
    /// Appends the events that have come, at least one and at most `limit`, to `batch`; waits if there is
    /// none. 0 when every sink is gone.
    pub async fn receive(&mut self, batch: &mut Vec<Arc<CallEvent>>, limit: usize) -> usize {
        self.receiver.recv_many(batch, limit).await
    }

    /// The same, with notices of what happened beside calls; waits for one or the other. `None` when every sink is
    /// gone, else how many events there are.
    pub async fn receive_all(
        &mut self,
        batch: &mut Vec<Arc<CallEvent>>,
        notices: &mut Vec<Notice>,
        limit: usize,
    ) -> Option<usize> {
        tokio::select! {
            biased;
            count = self.receiver.recv_many(batch, limit) => {
                while notices.len() < limit && let Ok(notice) = self.notices.try_recv() {
                    notices.push(notice);
                }
                (count > 0).then_some(count)
            }
            1.. = self.notices.recv_many(notices, limit) => Some(0),
        }
    }

    /// Takes no more events; those that have come can still be received.
    pub fn close(&mut self) {
        self.receiver.close();
    }

    /// Says that `count` more events are durable, so that they no longer count as backlog and nobody waits for
    /// them.
    pub fn written(&self, count: usize) {
        self.flow.0.durable.send_modify(|durable| *durable += count as u64);
    }

    /// How the way stands.
    pub fn flow(&self) -> EventFlow {
        self.flow.clone()
    }
}

#[cfg(test)]
mod tests {
    use call::{CallId, EventKind, NoticeKind, Timestamp};

    use super::*;

    fn event() -> CallEvent {
        let call_id = CallId::new(Timestamp::from_seconds(1), [0; 10]);
        CallEvent { call_id, at: Timestamp::from_seconds(1), kind: EventKind::CallInterrupted }
    }

    async fn take(source: &mut EventSource) {
        source.receive(&mut Vec::new(), 1).await;
        source.written(1);
    }

    #[tokio::test]
    async fn a_listener_hears_what_is_sent() {
        let (sink, mut source) = event_channel(10);
        let heard = Arc::new(AtomicU64::new(0));
        let ears = heard.clone();
        let sink = sink.heard_by(move |_| {
            ears.fetch_add(1, Ordering::Relaxed);
        });
        sink.clone().send(event());
        take(&mut source).await;
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn notices_wait_for_the_writer_in_bounded_room_and_what_finds_none_is_counted() {
        let (sink, mut source) = event_channel(1);
        let notice = |_| {
            let at = Timestamp::from_seconds(1);
            let kind = NoticeKind::CallAnnotated { call: event().call_id };
            sink.notice(Notice { at, accounts: Vec::new(), kind });
        };
        (0..NOTICES + 3).for_each(notice);
        assert_eq!(source.flow().lost_notices(), 3);
        let mut notices = Vec::new();
        assert_eq!(source.receive_all(&mut Vec::new(), &mut notices, 2 * NOTICES).await, Some(0));
        assert_eq!(notices.len(), NOTICES);
        notice(0);
        assert_eq!(source.flow().lost_notices(), 3, "there is room again");
    }

    #[tokio::test]
    async fn a_writer_that_closes_has_its_reason_told_before_the_backlog() {
        let (sink, source) = event_channel(1);
        assert_eq!(sink.room(), Ok(()));
        sink.send(event());
        assert_eq!(sink.room(), Err(NoRoom::Backlog));
        source.flow().close(Some(NoRoom::DiskFull));
        assert_eq!(sink.room(), Err(NoRoom::DiskFull));
        source.flow().close(None);
        source.written(1);
        assert_eq!(sink.room(), Ok(()));
        drop(source);
        assert_eq!(sink.room(), Err(NoRoom::Stopping));
    }
}
