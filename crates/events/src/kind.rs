//! The kinds of events, by name.

use call::{
    EventKind, NoticeKind,
    event::TransferMode,
    notice::{ExportChange, RegistrationChange, TrunkChange},
};
use history::{Happening, LogEntry};

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

/// The kind of an event.
pub fn kind(entry: &LogEntry) -> &'static str {
    match &entry.what {
        Happening::Call(event) => of_call(&event.kind),
        Happening::Other(notice) => of_notice(&notice.kind),
    }
}

fn of_call(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::CallStarted(_) => "call.started",
        EventKind::CallRouted(_) => "call.routed",
        EventKind::CallMerged { .. } => "call.merged",
        EventKind::CallInterrupted => "call.interrupted",
        EventKind::LegOffered { .. } => "leg.offered",
        EventKind::LegRinging { .. } => "leg.ringing",
        EventKind::LegAnswered { .. } => "leg.answered",
        EventKind::LegSecured { .. } => "leg.secured",
        EventKind::LegsBridged { .. } => "leg.bridged",
        EventKind::LegHeld { .. } => "leg.held",
        EventKind::LegResumed { .. } => "leg.resumed",
        EventKind::TransferStarted { mode: TransferMode::Blind, .. } => "transfer.blind_started",
        EventKind::TransferStarted { mode: TransferMode::Attended, .. } => "transfer.attended_started",
        EventKind::TransferCompleted { .. } => "transfer.completed",
        EventKind::TransferFailed { .. } => "transfer.failed",
        EventKind::LegParked { .. } => "leg.parked",
        EventKind::LegRetrieved { .. } => "leg.retrieved",
        EventKind::DigitReceived { .. } => "leg.digit_received",
        EventKind::PlaybackStarted { .. } => "leg.playback_started",
        EventKind::PlaybackEnded { .. } => "leg.playback_ended",
        EventKind::RecordingStarted { .. } => "leg.recording_started",
        EventKind::RecordingEnded { .. } => "leg.recording_ended",
        EventKind::WorkEnded { .. } => "leg.work_ended",
        EventKind::LegEnded { .. } => "leg.ended",
    }
}

fn of_notice(kind: &NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Registration { change, .. } => match change {
            RegistrationChange::Made => "registration.made",
            RegistrationChange::Renewed => "registration.renewed",
            RegistrationChange::Moved => "registration.moved",
            RegistrationChange::Ended => "registration.ended",
            RegistrationChange::Lapsed => "registration.lapsed",
            RegistrationChange::Refused(_) => "registration.refused",
        },
        NoticeKind::Trunk { change, .. } => match change {
            TrunkChange::Up => "trunk.up",
            TrunkChange::Down => "trunk.down",
            TrunkChange::Registered => "trunk.registered",
            TrunkChange::Unregistered => "trunk.unregistered",
        },
        NoticeKind::LimitReached { .. } => "limit.reached",
        NoticeKind::Export { change, .. } => match change {
            ExportChange::Created => "export.created",
            ExportChange::Completed { .. } => "export.completed",
            ExportChange::Failed => "export.failed",
            ExportChange::Deleted => "export.deleted",
        },
        NoticeKind::CallAnnotated { .. } => "call.annotated",
    }
}

/// Which kinds are wanted: each by its name, or by what stands before the point for all of these. None: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindFilter(Vec<String>);

/// A kind that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind(pub String);

impl KindFilter {
    /// Of these names, with commas between them. Each counts once: there are never more than there are kinds and groups
    /// of them.
    pub fn parse(names: &str) -> Result<Self, UnknownKind> {
        let mut wanted = Self::default();
        for name in names.split(',').map(|name| name.trim().trim_start_matches("trunkline.")) {
            if !KINDS.iter().any(|kind| is_of(kind, name)) {
                return Err(UnknownKind(name.to_owned()));
            }
            if !wanted.0.iter().any(|known| known == name) {
                wanted.0.push(name.to_owned());
            }
        }
        Ok(wanted)
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether an event is of a kind that is wanted.
    pub fn wants(&self, entry: &LogEntry) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| is_of(kind(entry), name))
    }
}

fn is_of(kind: &str, name: &str) -> bool {
    kind.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_whole_or_by_what_stands_before_the_point() {
        assert!(KINDS.iter().all(|kind| KindFilter::parse(kind).is_ok()));
        assert_eq!(KindFilter::parse("trunkline.leg.held, call"), KindFilter::parse("leg.held,call"));
        assert_eq!(KindFilter::parse("leg.hel"), Err(UnknownKind("leg.hel".into())));
        assert_eq!(
            KindFilter::parse(&["leg"; 9_000].join(",")),
            KindFilter::parse("leg"),
            "each counts once"
        );
        assert_eq!(KindFilter::parse(""), Err(UnknownKind(String::new())));
    }
}
