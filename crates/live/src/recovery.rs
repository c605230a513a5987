//! After a crash: the journal still holds the calls that were up. They become records with the cause
//! "interrupted".

use std::{collections::HashMap, sync::Arc, time::Duration};

use call::{Applied, Call, CallEvent, CallId, CallRecord, EventKind, Registry, Timestamp};
use history::{Batch, HistoryError, Journal, JournalEvent, LeftByRun, RunSpan, Told};

use crate::concerned;

/// Hands the store what the spill file held, as far as the store has not taken it already; says how many events.
pub async fn replay(history: &dyn Journal, batches: Vec<Batch>) -> Result<usize, HistoryError> {
    let mut events = 0;
    for batch in batches {
        if batch.number.is_none_or(|number| number > history.latest_append()) {
            events += batch.events.len();
            history.append(batch).await?;
        }
    }
    Ok(events)
}

/// Turns every call in the journal into a record; says how many there were. Repeating it does nothing.
///
/// A call is taken to have been up until its own run was last heard of. No other run has a say, and neither
/// has the wall clock: what counts is monotonic time since the call's own events.
pub async fn recover(history: &dyn Journal) -> Result<usize, HistoryError> {
    let runs = history.left_by_runs().await?;
    let ends = interrupted(&runs);
    let count = ends.records.len();
    if count > 0 {
        history.append(ends).await?;
        tracing::warn!(
            calls = count,
            "calls that were up when the server stopped are recorded as interrupted"
        );
    }
    Ok(count)
}

fn interrupted(runs: &[LeftByRun]) -> Batch {
    let mut ends = Batch::default();
    runs.iter().for_each(|run| interrupt(run, &mut ends));
    ends
}

/// No call outlives the run that took it.
fn interrupt(run: &LeftByRun, ends: &mut Batch) {
    let mut registry = Registry::default();
    for told in &run.events {
        ends.records.extend(finished(registry.apply(&told.event)));
    }
    let end = LastSign::of(run);
    let calls: Vec<_> = registry.calls().cloned().collect();
    for call in calls {
        let event = end.interruption(&call);
        let concerned = concerned::before(&event, &registry);
        ends.records.extend(finished(registry.apply(&event)));
        ends.events.push(Told { event, concerned });
    }
}

/// When a run was last heard of, in its own time and in that of each of its calls.
struct LastSign {
    at: Timestamp,
    span: Option<RunSpan>,
    /// How far each call's clock was from the run's, in microseconds. The writer takes an event only after it
    /// has happened: of what a call's events say, the greatest is nearest.
    offsets: HashMap<CallId, i64>,
}

impl LastSign {
    fn of(run: &LeftByRun) -> Self {
        let taken = run.events.iter().filter_map(|told| told.taken_at).max();
        let seen = run.span.map(|span| span.last_seen_at);
        let mut offsets = HashMap::new();
        for (call, offset) in run.events.iter().filter_map(offset) {
            offsets.entry(call).and_modify(|known: &mut i64| *known = offset.max(*known)).or_insert(offset);
        }
        Self { at: taken.max(seen).unwrap_or(Timestamp::MIN), span: run.span, offsets }
    }

    fn interruption(&self, call: &Call) -> Arc<CallEvent> {
        let at = self.in_the_time_of(call).max(call.timeline().until());
        Arc::new(CallEvent { call_id: call.id(), at, kind: EventKind::CallInterrupted })
    }

    /// Never further from the call's beginning than the run was long.
    fn in_the_time_of(&self, call: &Call) -> Timestamp {
        let offset = self.offsets.get(&call.id()).copied().unwrap_or_default();
        let at = Timestamp::from_micros(self.at.as_micros().saturating_add(offset));
        at.min(call.started_at() + self.length())
    }

    fn length(&self) -> Duration {
        self.span.map_or(Duration::ZERO, |span| self.at.since(span.started_at))
    }
}

fn offset(told: &JournalEvent) -> Option<(CallId, i64)> {
    let taken_at = told.taken_at?.as_micros();
    Some((told.event.call_id, told.event.at.as_micros().saturating_sub(taken_at)))
}

fn finished(applied: Applied) -> Option<Arc<CallRecord>> {
    match applied {
        Applied::Ended(record) => Some(Arc::new(*record)),
        Applied::Changed | Applied::Stale | Applied::Unexpected => None,
    }
}

#[cfg(test)]
mod tests;
