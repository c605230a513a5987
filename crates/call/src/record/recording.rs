//! What was recorded of a call.

use std::sync::Arc;

use super::CallRecord;
use crate::{
    command::RecordingKind,
    event::{EventKind, Side},
    id::LegId,
    party::{Endpoint, Owner},
    state::Call,
    time::Timestamp,
};

/// A file with both directions of a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The leg.
    pub leg: LegId,
    /// Why it was recorded.
    pub kind: RecordingKind,
    /// The file's name in the folder of recordings.
    pub file: Arc<str>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended: at the latest with its leg.
    pub ended_at: Timestamp,
}

impl Recording {
    /// Those that the call's events tell of, oldest first.
    pub(super) fn all(call: &Call) -> Vec<Self> {
        let began = call.timed_events().filter_map(|(at, event)| match &event.kind {
            EventKind::RecordingStarted { leg, kind, file } => Some((at, *leg, *kind, file)),
            _ => None,
        });
        let recording = |(started_at, leg, kind, file): (Timestamp, LegId, RecordingKind, &Arc<str>)| {
            let ended_at = end(call, leg, started_at);
            Self { leg, kind, file: file.clone(), started_at, ended_at }
        };
        began.map(recording).collect()
    }
}

impl CallRecord {
    /// Whose a recording of this call is: a phone is recorded for its account, a trunk for whom it carries the call,
    /// not for the carrier. `None` if nobody is known.
    pub fn recorded_for(&self, recording: &Recording) -> Option<Owner> {
        let leg = self.legs.iter().find(|leg| leg.leg_id == recording.leg)?;
        match (&leg.endpoint, leg.side) {
            (Endpoint::Device { .. }, _) => Some(leg.owner),
            (Endpoint::Trunk { .. }, Side::Origination) => self.termination,
            (Endpoint::Trunk { .. }, Side::Termination) => Some(self.origination),
        }
    }
}

/// When the recording of a leg that was under way at `after` ended.
fn end(call: &Call, leg: LegId, after: Timestamp) -> Timestamp {
    let is_end = |kind: &EventKind| {
        matches!(kind, EventKind::RecordingEnded { .. } | EventKind::LegEnded { .. })
            && kind.leg() == Some(leg)
    };
    let ends = call.timed_events().filter(|(at, event)| *at >= after && is_end(&event.kind));
    ends.map(|(at, _)| at).next().unwrap_or_else(|| call.timeline().until().max(after))
}
