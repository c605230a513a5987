//! Apply, append, publish.

use std::{sync::Arc, time::Duration};

use call::{Applied, CallEvent, CallId, EventKind, Registry};
use history::Batch;
use switch::{CallClock, EventSource};
use tokio_util::sync::CancellationToken;

use crate::{
    Published,
    feed::{Happening, Owners},
    keeper::{Keeper, Kept},
    metrics::Metrics,
    work,
};

/// Events that one commit takes at most.
const MOST: usize = 8_192;

/// How often the writer shows that it works.
const COMES_ROUND: Duration = Duration::from_millis(500);

/// The only one that changes the registry.
pub(crate) struct Writer {
    source: EventSource,
    run: CallClock,
    keeper: Keeper,
    published: Arc<Published>,
    metrics: Arc<Metrics>,
    registry: Registry,
    happenings: Vec<Happening>,
}

impl Writer {
    pub(crate) fn new(
        source: EventSource,
        run: CallClock,
        keeper: Keeper,
        published: Arc<Published>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let registry = Registry::default();
        Self { source, run, keeper, published, metrics, registry, happenings: Vec::new() }
    }

    /// Works until it is told to stop and has written what came before; then hands over what waits, as long as
    /// `patience` lasts, and says where everything is.
    pub(crate) async fn run(
        mut self,
        stopping: CancellationToken,
        patience: impl Future<Output = ()>,
    ) -> Kept {
        let mut events = Vec::with_capacity(MOST);
        let mut ticks = tokio::time::interval(COMES_ROUND);
        loop {
            self.keeper.health().writer_works();
            tokio::select! {
                biased;
                () = self.keeper.advance() => {}
                count = self.source.receive(&mut events, MOST) => {
                    if count == 0 {
                        return self.keeper.flush(patience).await;
                    }
                    self.write(&events).await;
                    events.clear();
                    self.source.written(count);
                }
                () = stopping.cancelled() => self.source.close(),
                _ = ticks.tick() => self.keeper.note_alive(self.run.now()).await,
            }
        }
    }

    async fn write(&mut self, events: &[Arc<CallEvent>]) {
        self.keeper.health().writes();
        let mut batch = Batch { taken_at: Some(self.run.now()), ..Batch::default() };
        for event in events {
            self.apply(event, &mut batch);
        }
        self.append(batch).await;
        self.publish();
        self.keeper.health().has_written();
    }

    fn apply(&mut self, event: &Arc<CallEvent>, batch: &mut Batch) {
        let was_answered = self.is_answered(event.call_id);
        let owners = Owners::of(event, &self.registry);
        match self.registry.apply(event) {
            Applied::Stale => {
                self.metrics.stale_events.inc();
                return;
            }
            Applied::Unexpected => {
                self.metrics.unexpected_events.inc();
                tracing::warn!(call = %event.call_id, "an event fits nothing that is known");
                return;
            }
            Applied::Changed => {
                self.metrics.answered.inc_by(u64::from(!was_answered && self.is_answered(event.call_id)));
                self.happened(event, owners);
                batch.annotations.extend(work::noted(event, &self.registry));
            }
            Applied::Ended(record) => {
                let owners = owners.then(record.origination, record.termination);
                self.happenings.push(Happening::new(event, owners));
                batch.records.push(Arc::new(*record));
            }
        }
        batch.events.push(event.clone());
    }

    fn happened(&mut self, event: &Arc<CallEvent>, owners: Owners) {
        let Some(call) = self.registry.get(event.call_id) else { return };
        if let EventKind::CallStarted(_) = event.kind {
            self.metrics.started.inc();
        }
        let owners = owners.then(call.origination(), call.termination());
        self.happenings.push(Happening::new(event, owners));
    }

    fn is_answered(&self, id: CallId) -> bool {
        self.registry.get(id).is_some_and(|call| call.answered_at().is_some())
    }

    async fn append(&mut self, batch: Batch) {
        if batch.events.is_empty() {
            return;
        }
        let ended = batch.records.len() as u64;
        self.metrics.ended.inc_by(ended);
        self.keeper.keep(batch).await;
        self.metrics.recorded.inc_by(ended);
    }

    fn publish(&mut self) {
        self.published.registry.store(Arc::new(self.registry.clone()));
        self.published.changed.send_replace(());
        for happening in self.happenings.drain(..) {
            // No reader is no fault.
            let _ = self.published.feed.send(happening);
        }
    }
}
