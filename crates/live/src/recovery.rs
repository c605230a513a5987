//! After a crash: the journal still holds the calls that were up. They become records with the cause
//! "interrupted".

use std::sync::Arc;

use call::{Applied, Call, CallEvent, CallRecord, EventKind, Registry, Timestamp};
use history::{Batch, History, HistoryError};

/// Turns every call in the journal into a record; says how many there were. Repeating it does nothing.
///
/// A call is taken to have been up until the last heartbeat of that run, or its own last event if that is
/// later.
pub async fn recover(history: &dyn History) -> Result<usize, HistoryError> {
    let events = history.unfinished().await?;
    let last_known = history.last_heartbeat().await?.unwrap_or(Timestamp::MIN);
    let records = interrupted(&events, last_known);
    let count = records.len();
    if count > 0 {
        history.append(Batch { records, ..Batch::default() }).await?;
        tracing::warn!(
            calls = count,
            "calls that were up when the server stopped are recorded as interrupted"
        );
    }
    Ok(count)
}

fn interrupted(events: &[Arc<CallEvent>], last_known: Timestamp) -> Vec<Arc<CallRecord>> {
    let mut registry = Registry::default();
    let mut records = Vec::new();
    for event in events {
        records.extend(finished(registry.apply(event)));
    }
    let calls: Vec<_> = registry.calls().cloned().collect();
    records.extend(calls.iter().filter_map(|call| finished(registry.apply(&interruption(call, last_known)))));
    records
}

fn interruption(call: &Call, last_known: Timestamp) -> Arc<CallEvent> {
    let at = last_known.max(call.timeline().until());
    Arc::new(CallEvent { call_id: call.id(), at, kind: EventKind::CallInterrupted })
}

fn finished(applied: Applied) -> Option<Arc<CallRecord>> {
    match applied {
        Applied::Ended(record) => Some(Arc::new(*record)),
        Applied::Changed | Applied::Stale | Applied::Unexpected => None,
    }
}
