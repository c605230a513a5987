//! Apply, append, publish.

use std::{sync::Arc, time::Duration};

use call::{Applied, CallEvent, CallId, CallRecord, EventKind, Notice, Registry, event::LegEnd};
use history::{Batch, Told};
use switch::{CallClock, EventSource};
use tokio_util::sync::CancellationToken;

use crate::{
    Published, concerned,
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
    ended: Vec<Arc<CallRecord>>,
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
        Self { source, run, keeper, published, metrics, registry, ended: Vec::new() }
    }

    /// Works until it is told to stop and has written what came before; then hands over what waits, as long as
    /// `patience` lasts, and says where everything is.
    pub(crate) async fn run(
        mut self,
        stopping: CancellationToken,
        patience: impl Future<Output = ()>,
    ) -> Kept {
        let (mut events, mut notices) = (Vec::with_capacity(MOST), Vec::new());
        let mut ticks = tokio::time::interval(COMES_ROUND);
        loop {
            self.keeper.health().writer_works();
            tokio::select! {
                biased;
                () = self.keeper.advance() => self.tell(),
                count = self.source.receive_all(&mut events, &mut notices, MOST) => {
                    let Some(count) = count else { return self.keeper.flush(patience).await };
                    self.write(&events, std::mem::take(&mut notices)).await;
                    events.clear();
                    self.source.written(count);
                }
                () = stopping.cancelled() => self.source.close(),
                _ = ticks.tick() => self.keeper.note_alive(self.run.now()).await,
            }
        }
    }

    async fn write(&mut self, events: &[Arc<CallEvent>], notices: Vec<Notice>) {
        self.keeper.health().writes();
        let mut batch = Batch { taken_at: Some(self.run.now()), notices, ..Batch::default() };
        for event in events {
            self.apply(event, &mut batch);
        }
        self.append(batch).await;
        self.publish();
        self.keeper.health().has_written();
    }

    fn apply(&mut self, event: &Arc<CallEvent>, batch: &mut Batch) {
        let was_answered = self.is_answered(event.call_id);
        let before = concerned::before(event, &self.registry);
        let concerned = match self.registry.apply(event) {
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
                self.metrics.started.inc_by(u64::from(matches!(event.kind, EventKind::CallStarted(_))));
                batch.annotations.extend(work::noted(event, &self.registry));
                let sides =
                    self.registry.get(event.call_id).map(|call| (call.origination(), call.termination()));
                match sides {
                    Some((origination, termination)) => concerned::then(before, origination, termination),
                    None => before,
                }
            }
            Applied::Ended(record) => {
                let concerned = concerned::then(before, record.origination, record.termination);
                let record = Arc::new(*record);
                self.ended.push(record.clone());
                batch.records.push(record);
                concerned
            }
        };
        if let EventKind::LegEnded { end: LegEnd { quality: Some(quality), .. }, .. } = &event.kind {
            self.metrics.heard.observe(quality);
        }
        batch.events.push(Told { event: event.clone(), concerned });
    }

    fn is_answered(&self, id: CallId) -> bool {
        self.registry.get(id).is_some_and(|call| call.answered_at().is_some())
    }

    async fn append(&mut self, batch: Batch) {
        if batch.events.is_empty() && batch.notices.is_empty() {
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
        for record in self.ended.drain(..) {
            // Nobody may be looking.
            let _ = self.published.records.send(record);
        }
        self.tell();
    }

    /// What the store has taken may be told: the published calls show it.
    fn tell(&self) {
        self.published.through.send_replace(self.keeper.latest_event());
    }
}
