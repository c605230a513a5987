//! The names of what happens, as programs that read events know them.

use crate::{
    event::{EventKind, TransferMode},
    notice::{ExportChange, NoticeKind, RegistrationChange, TrunkChange},
};

/// All kinds there are.
pub const KINDS: [&str; 40] = [
    "call.started",
    "call.routed",
    "call.merged",
    "call.interrupted",
    "call.annotated",
    "leg.offered",
    "leg.ringing",
    "leg.answered",
    "leg.secured",
    "leg.bridged",
    "leg.held",
    "leg.resumed",
    "leg.parked",
    "leg.retrieved",
    "leg.digit_received",
    "leg.playback_started",
    "leg.playback_ended",
    "leg.recording_started",
    "leg.recording_ended",
    "leg.work_ended",
    "leg.ended",
    "transfer.blind_started",
    "transfer.attended_started",
    "transfer.completed",
    "transfer.failed",
    "registration.made",
    "registration.renewed",
    "registration.moved",
    "registration.ended",
    "registration.lapsed",
    "registration.refused",
    "trunk.up",
    "trunk.down",
    "trunk.registered",
    "trunk.unregistered",
    "limit.reached",
    "export.created",
    "export.completed",
    "export.failed",
    "export.deleted",
];

impl EventKind {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CallStarted(_) => "call.started",
            Self::CallRouted(_) => "call.routed",
            Self::CallMerged { .. } => "call.merged",
            Self::CallInterrupted => "call.interrupted",
            Self::LegOffered { .. } => "leg.offered",
            Self::LegRinging { .. } => "leg.ringing",
            Self::LegAnswered { .. } => "leg.answered",
            Self::LegSecured { .. } => "leg.secured",
            Self::LegsBridged { .. } => "leg.bridged",
            Self::LegHeld { .. } => "leg.held",
            Self::LegResumed { .. } => "leg.resumed",
            Self::TransferStarted { mode: TransferMode::Blind, .. } => "transfer.blind_started",
            Self::TransferStarted { mode: TransferMode::Attended, .. } => "transfer.attended_started",
            Self::TransferCompleted { .. } => "transfer.completed",
            Self::TransferFailed { .. } => "transfer.failed",
            Self::LegParked { .. } => "leg.parked",
            Self::LegRetrieved { .. } => "leg.retrieved",
            Self::DigitReceived { .. } => "leg.digit_received",
            Self::PlaybackStarted { .. } => "leg.playback_started",
            Self::PlaybackEnded { .. } => "leg.playback_ended",
            Self::RecordingStarted { .. } => "leg.recording_started",
            Self::RecordingEnded { .. } => "leg.recording_ended",
            Self::WorkEnded { .. } => "leg.work_ended",
            Self::LegEnded { .. } => "leg.ended",
        }
    }
}

impl NoticeKind {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registration { change, .. } => match change {
                RegistrationChange::Made => "registration.made",
                RegistrationChange::Renewed => "registration.renewed",
                RegistrationChange::Moved => "registration.moved",
                RegistrationChange::Ended => "registration.ended",
                RegistrationChange::Lapsed => "registration.lapsed",
                RegistrationChange::Refused(_) => "registration.refused",
            },
            Self::Trunk { change, .. } => match change {
                TrunkChange::Up => "trunk.up",
                TrunkChange::Down => "trunk.down",
                TrunkChange::Registered => "trunk.registered",
                TrunkChange::Unregistered => "trunk.unregistered",
            },
            Self::LimitReached { .. } => "limit.reached",
            Self::Export { change, .. } => match change {
                ExportChange::Created => "export.created",
                ExportChange::Completed { .. } => "export.completed",
                ExportChange::Failed => "export.failed",
                ExportChange::Deleted => "export.deleted",
            },
            Self::CallAnnotated { .. } => "call.annotated",
        }
    }
}

/// Whether this names a kind, or by what stands before the point a group of kinds.
pub fn is_name(text: &str) -> bool {
    KINDS.iter().any(|kind| is_of(kind, text))
}

/// Whether a kind is meant by a name: its own, or that of its group.
pub fn is_of(kind: &str, name: &str) -> bool {
    kind.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
