//! The way from a switch to the one writer. Sending never waits; a backlog that grows too long makes the
//! switch refuse new calls instead.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use call::CallEvent;
use tokio::sync::mpsc;

/// Where a switch reports to. Cheap to clone.
#[derive(Clone)]
pub struct EventSink {
    sender: mpsc::UnboundedSender<Arc<CallEvent>>,
    backlog: Arc<AtomicUsize>,
    limit: usize,
}

/// Where the writer reads.
pub struct EventSource {
    receiver: mpsc::UnboundedReceiver<Arc<CallEvent>>,
    backlog: Arc<AtomicUsize>,
}

/// A way with room for `limit` unwritten events before new calls are to be refused.
pub fn event_channel(limit: usize) -> (EventSink, EventSource) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let backlog = Arc::new(AtomicUsize::new(0));
    (EventSink { sender, backlog: backlog.clone(), limit }, EventSource { receiver, backlog })
}

impl EventSink {
    /// Reports an event. Events that nobody reads any more are dropped.
    pub fn send(&self, event: CallEvent) {
        self.backlog.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(Arc::new(event)).is_err() {
            self.backlog.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether a new call's events could be kept: the writer is there and not too far behind.
    pub fn has_room(&self) -> bool {
        !self.sender.is_closed() && self.backlog.load(Ordering::Relaxed) < self.limit
    }
}

impl EventSource {
    /// Appends the events that have come, at least one and at most `limit`, to `batch`; waits if there is
    /// none. 0 when every sink is gone.
    pub async fn receive(&mut self, batch: &mut Vec<Arc<CallEvent>>, limit: usize) -> usize {
        self.receiver.recv_many(batch, limit).await
    }

    /// Takes no more events; those that have come can still be received.
    pub fn close(&mut self) {
        self.receiver.close();
    }

    /// Says that `count` events are written, so that they no longer count as backlog.
    pub fn written(&self, count: usize) {
        self.backlog.fetch_sub(count, Ordering::Relaxed);
    }
}
