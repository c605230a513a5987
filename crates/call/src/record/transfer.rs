//! Who handed whom over to whom.

use crate::{
    event::{EventKind, TransferMode},
    id::LegId,
    state::Call,
    time::Timestamp,
};

/// A transfer, and the legs in its three roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// With or without talking to the target first.
    pub mode: TransferMode,
    /// The leg of the party that handed over.
    pub initiator: LegId,
    /// The leg of the party that it talked to; `None` if it talked to nobody.
    pub transferred: Option<LegId>,
    /// The leg of the transfer's target; `None` if it came to nothing.
    pub recipient: Option<LegId>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it came about or came to nothing.
    pub ended_at: Timestamp,
}

impl Transfer {
    /// Those that the call's events tell of, oldest first.
    pub(super) fn all(call: &Call) -> Vec<Self> {
        let events: Vec<_> = call.timed_events().map(|(at, event)| (at, &event.kind)).collect();
        let over = call.timeline().until();
        let transfer = |(nth, (started_at, kind)): (usize, &(Timestamp, &EventKind))| {
            let EventKind::TransferStarted { initiator, mode, .. } = kind else { return None };
            let (before, after) = events.split_at(nth);
            let (ended_at, recipient) = outcome(after, *initiator).unwrap_or((over.max(*started_at), None));
            Some(Self {
                mode: *mode,
                initiator: *initiator,
                transferred: peer(before, *initiator),
                recipient,
                started_at: *started_at,
                ended_at,
            })
        };
        events.iter().enumerate().filter_map(transfer).collect()
    }
}

/// Whom the leg talked to last.
fn peer(before: &[(Timestamp, &EventKind)], leg: LegId) -> Option<LegId> {
    before.iter().rev().find_map(|(_, kind)| match kind {
        EventKind::LegsBridged { a: one, b: other } | EventKind::LegRetrieved { leg: one, by: other } => {
            match leg {
                leg if leg == *one => Some(*other),
                leg if leg == *other => Some(*one),
                _ => None,
            }
        }
        _ => None,
    })
}

fn outcome(after: &[(Timestamp, &EventKind)], by: LegId) -> Option<(Timestamp, Option<LegId>)> {
    after.iter().find_map(|(at, kind)| match kind {
        EventKind::TransferCompleted { initiator, recipient } if *initiator == by => {
            Some((*at, Some(*recipient)))
        }
        EventKind::TransferFailed { initiator } if *initiator == by => Some((*at, None)),
        _ => None,
    })
}
