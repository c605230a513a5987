//! The single writer and what everybody reads: snapshots of the live calls, the feed of what happens, and
//! the commands that change a call.
//!
//! Apply, append, publish: an event changes the registry, is made durable, and only then is seen.

mod command;
mod error;
mod feed;
mod metrics;
mod pulse;
mod recovery;
mod work;
mod writer;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use call::Registry;
use history::History;
use parking_lot::Mutex;
use switch::{Clock, EventSource, SharedSwitch};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

pub use command::{LegAddress, Noted, Placing};
pub use error::CommandError;
pub use feed::{Feed, FeedItem};
pub use metrics::Metrics;
pub use recovery::recover;
pub use switch::Registration;

/// Events that a feed keeps for a reader that falls behind.
const FEED_ROOM: usize = 4_096;

/// The live calls. Shared by everything that reads or commands them.
pub struct Live {
    switch: SharedSwitch,
    history: Arc<dyn History>,
    clock: Arc<dyn Clock>,
    published: Arc<Published>,
    metrics: Arc<Metrics>,
    stopping: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// What readers see.
struct Published {
    registry: ArcSwap<Registry>,
    changed: watch::Sender<()>,
    feed: broadcast::Sender<feed::Happening>,
}

impl Live {
    /// Starts the writer on what `switch` reports through `source`. Call [`recover`] before the switch
    /// takes its first call.
    pub fn start(
        source: EventSource,
        switch: SharedSwitch,
        history: Arc<dyn History>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let published = Arc::new(Published {
            registry: ArcSwap::default(),
            changed: watch::Sender::new(()),
            feed: broadcast::Sender::new(FEED_ROOM),
        });
        let metrics = Arc::new(Metrics::new(source.flow()));
        metrics.tell_quarantined(&*history);
        let stopping = CancellationToken::new();
        let pulse = pulse::Pulse::start(clock.clone());
        let (run, published_too) = (pulse.run(), published.clone());
        let writer = writer::Writer::new(source, run, history.clone(), published_too, metrics.clone());
        let beat = pulse::run(pulse, history.clone(), metrics.clone(), stopping.clone());
        let tasks = vec![tokio::spawn(writer.run(stopping.clone())), tokio::spawn(beat)];
        Arc::new(Self { switch, history, clock, published, metrics, stopping, tasks: Mutex::new(tasks) })
    }

    /// The live calls at this moment. Never waits.
    pub fn snapshot(&self) -> Arc<Registry> {
        self.published.registry.load_full()
    }

    /// The clock that events and answers go by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The switch, for what it knows besides calls.
    pub fn switch(&self) -> &SharedSwitch {
        &self.switch
    }

    /// Stops the switch, letting calls end by themselves for at most `grace`, and writes down what it had
    /// to say. Nothing is lost when this returns.
    pub async fn stop(&self, grace: Duration) {
        self.switch.stop(grace).await;
        self.stopping.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock());
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the live calls did not end well");
            }
        }
    }

    /// Waits until `is_so` holds for the published calls, at most `patience`; says whether it does.
    pub async fn settle(&self, patience: Duration, is_so: impl Fn(&Registry) -> bool) -> bool {
        let mut changed = self.published.changed.subscribe();
        let wait = async {
            while !is_so(&self.published.registry.load()) {
                if changed.changed().await.is_err() {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(patience, wait).await.unwrap_or(false)
    }
}
