//! The single writer and what everybody reads: snapshots of the live calls, the feed of what happens, and
//! the commands that change a call.
//!
//! Apply, append, publish: an event changes the registry, is made durable, and only then is seen.

mod command;
mod concerned;
mod error;
mod feed;
mod health;
mod keeper;
mod limits;
mod metrics;
mod pulse;
mod readers;
mod recovery;
mod spending;
mod stopping;
mod work;
mod writer;

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use call::{Call, CallRecord, LegId, Registry, Timestamp, quality::LegQuality};
use history::{History, SpillFile};
use parking_lot::Mutex;
use switch::{Clock, EventFlow, EventSource, SharedSwitch};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

pub use command::{
    ACCEPTED_OUTSIDE, ACCEPTED_TARGET, LegAddress, Noted, Outcome, Placing, feature_code, outside,
};
pub use error::CommandError;
pub use feed::{Feed, FeedItem};
pub use health::{Health, Limits};
pub use keeper::Kept;
pub use limits::tell_limits;
pub use metrics::Metrics;
pub use readers::{ReaderLimits, TooManyReaders};
pub use recovery::{recover, replay};
pub use spending::watch_spending;
pub use stopping::Phase;
pub use switch::{NoRoom, Registration, TrunkState};

use self::{
    health::StoreHealth,
    keeper::Keeper,
    readers::Readers,
    stopping::{Haste, Stop},
};

/// Records of calls that have ended, for those who look each second.
const RECORDS_ROOM: usize = 8_192;

/// The live calls. Shared by everything that reads or commands them.
pub struct Live {
    switch: SharedSwitch,
    history: Arc<dyn History>,
    clock: Arc<dyn Clock>,
    published: Arc<Published>,
    readers: Arc<Readers>,
    metrics: Arc<Metrics>,
    health: Arc<StoreHealth>,
    flow: EventFlow,
    phase: watch::Sender<Phase>,
    haste: Haste,
    stop: Mutex<Option<Stop>>,
}

/// What readers see.
struct Published {
    registry: ArcSwap<Registry>,
    changed: watch::Sender<()>,
    /// The number of the latest event that `registry` shows.
    through: watch::Sender<u64>,
    /// Calls that have ended.
    records: broadcast::Sender<Arc<CallRecord>>,
}

/// How the writer deals with a store that fails.
pub struct LiveOptions {
    /// Where events go while the store takes none; without it they wait in memory.
    pub spill: Option<SpillFile>,
    /// When new calls are refused.
    pub limits: Limits,
    /// How long a stop waits for a store that fails, before it leaves what waits to the spill file.
    pub flush: Duration,
    /// How many may read events.
    pub readers: ReaderLimits,
}

impl Default for LiveOptions {
    /// No spill file, ten seconds, the usual readers.
    fn default() -> Self {
        let (limits, readers) = (Limits::default(), ReaderLimits::default());
        Self { spill: None, limits, flush: Duration::from_secs(10), readers }
    }
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
        Self::start_with(source, switch, history, clock, LiveOptions::default())
    }

    /// The same with options.
    pub fn start_with(
        source: EventSource,
        switch: SharedSwitch,
        history: Arc<dyn History>,
        clock: Arc<dyn Clock>,
        options: LiveOptions,
    ) -> Arc<Self> {
        let published = Arc::new(Published {
            registry: ArcSwap::default(),
            changed: watch::Sender::new(()),
            through: watch::Sender::new(*history.latest_event().borrow()),
            records: broadcast::Sender::new(RECORDS_ROOM),
        });
        let (flow, health) = (source.flow(), Arc::new(StoreHealth::default()));
        let readers = Readers::new(options.readers);
        let metrics = Arc::new(Metrics::new(flow.clone(), health.clone(), readers.clone()));
        metrics.tell_quarantined(&*history);
        let (stopping, haste) = (CancellationToken::new(), Haste::default());
        let pulse = pulse::Pulse::start(clock.clone());
        let keeper = Keeper::new(history.clone(), options.spill, metrics.clone(), health.clone());
        let writer = writer::Writer::new(source, pulse.run(), keeper, published.clone(), metrics.clone());
        let patience = haste.patience(stopping.clone(), options.flush);
        let beat = pulse::run(pulse, history.clone(), metrics.clone(), health.clone(), stopping.clone());
        *health.limits.lock() = options.limits;
        let watch = health::watch(health.clone(), flow.clone(), stopping.clone());
        let phase = watch::Sender::new(Phase::Running);
        let stop = Stop {
            switch: switch.clone(),
            phase: phase.clone(),
            haste: haste.clone(),
            writer: tokio::spawn(writer.run(stopping.clone(), patience)),
            others: vec![tokio::spawn(beat), tokio::spawn(watch)],
            stopping,
        };
        let stop = Mutex::new(Some(stop));
        Arc::new(Self {
            switch,
            history,
            clock,
            published,
            readers,
            metrics,
            health,
            flow,
            phase,
            haste,
            stop,
        })
    }

    /// The live calls at this moment. Never waits.
    pub fn snapshot(&self) -> Arc<Registry> {
        self.published.registry.load_full()
    }

    /// What is kept of calls.
    pub fn history(&self) -> &Arc<dyn History> {
        &self.history
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

    /// How well the legs of a call that are up are heard now.
    pub async fn quality_of(&self, call: &Call) -> HashMap<LegId, LegQuality> {
        let up = call.legs().iter().filter(|leg| !leg.is_ended()).map(|leg| leg.id);
        self.switch.quality(up.collect()).await.into_iter().collect()
    }

    /// Stops the switch, letting calls end by themselves for at most `grace`, and writes down what it had
    /// to say; says where that is. Asked again, it waits for the stop that goes on. A stop that has begun is
    /// carried through, whether somebody waits for it or not.
    pub async fn stop(&self, grace: Duration) -> Kept {
        if let Some(stop) = self.stop.lock().take() {
            tokio::spawn(stop.run(grace));
        }
        let mut phase = self.phase.subscribe();
        let done = phase.wait_for(|phase| matches!(phase, Phase::Done(_))).await;
        match done.as_deref() {
            Ok(Phase::Done(kept)) => kept.clone(),
            _ => Kept::Unknown,
        }
    }

    /// Hastens a stop: calls that may still end by themselves are ended; a store that fails is no longer waited
    /// for, if there is a spill file. Nothing that was acknowledged is skipped.
    pub fn hasten(&self) {
        self.haste.hasten(&self.phase.borrow());
    }

    /// Whether the writer works, or is known not to for the disk's sake.
    pub fn is_writer_alive(&self) -> bool {
        self.health.is_writer_alive()
    }

    /// From now on new calls are refused when these are exceeded.
    pub fn set_limits(&self, limits: Limits) {
        *self.health.limits.lock() = limits;
    }

    /// How far the server is with its life.
    pub fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// How the store is, and whether new calls are taken.
    pub fn health(&self) -> Health {
        Health {
            phase: self.phase(),
            room: self.flow.room().err(),
            backlog: self.flow.backlog(),
            since_commit: self.health.since_commit(),
            behind_for: self.health.behind_for(),
            is_losing_hold: self.health.is_losing_hold(),
            free_bytes: self.health.free_bytes(),
        }
    }

    /// As of when the live calls are, if that is a second ago or more: what has happened since is not durable yet.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.health.staleness().map(|age| self.clock.now() - age)
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
