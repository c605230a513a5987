//! The events of calls, told in lines: `B answered`, `A ended party normal 200`.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use call::{
    CallEvent, CallId, EventKind, LegId, Notice, NoticeKind,
    event::{EndCause, Releaser},
};
use switch::EventSource;
use tokio::{sync::Mutex, time::timeout};

use super::agent::PATIENCE;

/// What the switch tells, call by call.
pub struct Story {
    source: Mutex<EventSource>,
    /// Events that were heard and are not durable.
    unwritten: AtomicUsize,
    told: Mutex<HashMap<CallId, Vec<Arc<CallEvent>>>>,
}

impl Story {
    pub fn new(source: EventSource) -> Self {
        Self { source: Mutex::new(source), unwritten: AtomicUsize::new(0), told: Mutex::default() }
    }

    async fn hear(&self) -> Arc<CallEvent> {
        let mut batch = Vec::new();
        self.source.lock().await.receive(&mut batch, 1).await;
        self.unwritten.fetch_add(1, Ordering::Relaxed);
        batch.pop().expect("the switch is there")
    }

    /// The next thing that is told beside calls. No call may be up.
    pub async fn notice(&self) -> Notice {
        let (mut batch, mut notices) = (Vec::new(), Vec::new());
        let mut source = self.source.lock().await;
        let heard = timeout(PATIENCE, source.receive_all(&mut batch, &mut notices, 1)).await;
        assert_eq!(heard.expect("something is told"), Some(0), "{batch:?}");
        notices.pop().expect("the switch is there")
    }

    /// Waits until something is told beside calls that `wanted` likes, past all else. No call may end meanwhile.
    pub async fn until_notice(&self, wanted: impl Fn(&NoticeKind) -> bool) {
        let heard = async {
            loop {
                let (mut batch, mut notices) = (Vec::new(), Vec::new());
                self.source.lock().await.receive_all(&mut batch, &mut notices, 1).await;
                self.unwritten.fetch_add(batch.len(), Ordering::Relaxed);
                let mut told = self.told.lock().await;
                for event in &batch {
                    note(&mut told, event);
                }
                if notices.iter().any(|notice| wanted(&notice.kind)) {
                    return;
                }
            }
        };
        timeout(PATIENCE, heard).await.expect("the notice comes");
    }

    /// Makes durable what was heard until now.
    pub async fn write(&self) {
        self.source.lock().await.written(self.unwritten.swap(0, Ordering::Relaxed));
    }

    /// The lines of the next call that ends.
    pub async fn next(&self) -> Vec<String> {
        lines(&self.next_events().await)
    }

    /// The events of the next call that ends. Calls are asserted to be told in order, each leg ended once.
    pub async fn next_events(&self) -> Vec<Arc<CallEvent>> {
        timeout(PATIENCE, async {
            loop {
                let event = self.hear().await;
                let mut told = self.told.lock().await;
                let events = note(&mut told, &event);
                assert!(events.is_sorted_by_key(|event| event.at));
                if is_over(events) {
                    return told.remove(&event.call_id).unwrap();
                }
            }
        })
        .await
        .expect("a call ends")
    }

    /// Waits until the call that is up has told an event that `wanted` likes, and says which call.
    pub async fn until(&self, wanted: impl Fn(&EventKind) -> bool) -> CallId {
        timeout(PATIENCE, async {
            loop {
                let event = self.hear().await;
                note(&mut *self.told.lock().await, &event);
                if wanted(&event.kind) {
                    return event.call_id;
                }
            }
        })
        .await
        .expect("the event comes")
    }

    /// The legs of a call that is up, in order.
    pub async fn legs(&self, call: CallId) -> Vec<LegId> {
        let told = self.told.lock().await;
        let offered = told[&call].iter().filter(|event| matches!(event.kind, EventKind::LegOffered { .. }));
        offered.filter_map(|event| event.kind.leg()).collect()
    }
}

/// Adds an event to those of its call, with the past of a call that became part of it.
fn note<'a>(
    told: &'a mut HashMap<CallId, Vec<Arc<CallEvent>>>,
    event: &Arc<CallEvent>,
) -> &'a mut Vec<Arc<CallEvent>> {
    let past = match event.kind {
        EventKind::CallMerged { absorbed } => told.remove(&absorbed).expect("the call was up"),
        _ => Vec::new(),
    };
    let events = told.entry(event.call_id).or_default();
    events.extend(past);
    events.sort_by_key(|event| event.at);
    events.push(event.clone());
    events
}

fn is_over(events: &[Arc<CallEvent>]) -> bool {
    let count = |wanted: fn(&EventKind) -> bool| events.iter().filter(|event| wanted(&event.kind)).count();
    let offered = count(|kind| matches!(kind, EventKind::LegOffered { .. }));
    offered > 0 && offered == count(|kind| matches!(kind, EventKind::LegEnded { .. }))
}

fn lines(events: &[Arc<CallEvent>]) -> Vec<String> {
    let mut legs: Vec<LegId> = Vec::new();
    events.iter().map(|event| line(&mut legs, &event.kind)).collect()
}

fn line(legs: &mut Vec<LegId>, kind: &EventKind) -> String {
    if let EventKind::LegOffered { leg, .. } = kind {
        legs.push(*leg);
    }
    let name = |leg: &LegId| {
        let at = legs.iter().position(|known| known == leg).expect("a leg is offered first");
        char::from(b'A' + u8::try_from(at).unwrap())
    };
    match kind {
        EventKind::CallStarted(started) => format!("started {} to {}", started.caller, started.dialed),
        EventKind::CallRouted(routed) => match routed.termination {
            Some(to) => format!("routed {} to {} of {}", routed.caller, routed.called, to.account),
            None => "routed nowhere".to_owned(),
        },
        EventKind::LegOffered { leg, offer } => format!("{} offered {}", name(leg), offer.endpoint.name()),
        EventKind::LegRinging { leg } => format!("{} ringing", name(leg)),
        EventKind::LegAnswered { leg, .. } => format!("{} answered", name(leg)),
        EventKind::LegsBridged { a, b } => format!("{}+{} bridged", name(a), name(b)),
        EventKind::LegHeld { leg } => format!("{} held", name(leg)),
        EventKind::LegResumed { leg } => format!("{} resumed", name(leg)),
        EventKind::TransferStarted { initiator, target, mode } => {
            format!("{} transfers {mode:?} to {}", name(initiator), target.number)
        }
        EventKind::CallMerged { .. } => "merged".to_owned(),
        EventKind::TransferCompleted { initiator, recipient } => {
            format!("{} transferred to {}", name(initiator), name(recipient))
        }
        EventKind::TransferFailed { initiator } => format!("{} did not transfer", name(initiator)),
        EventKind::LegParked { leg, slot, .. } => format!("{} parked in {slot}", name(leg)),
        EventKind::LegRetrieved { leg, by } => format!("{} retrieved by {}", name(leg), name(by)),
        EventKind::WorkEnded { leg, work, .. } => format!("{} ended work of {work:?}", name(leg)),
        EventKind::LegEnded { leg, end } => {
            let status = end.sip.as_ref().map_or(0, |status| status.code);
            format!("{} ended {} {} {status}", name(leg), by(end.by), cause(end.cause))
        }
        other => panic!("not expected: {other:?}"),
    }
}

fn by(by: Releaser) -> &'static str {
    match by {
        Releaser::Party => "party",
        Releaser::Switch => "switch",
        Releaser::Command => "command",
    }
}

fn cause(cause: EndCause) -> String {
    format!("{cause:?}").to_lowercase()
}
