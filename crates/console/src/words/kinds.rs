//! What kinds, states and choices are called.

use call::{
    encryption::{KeyExchange, MediaEncryption},
    event::{EndCause, Side},
    quality::{LegQuality, StreamQuality},
    record::{Disposition, ReleasedBy},
    state::Phase,
};
use history::{ExportStatus, QualityField, annotations::Author};

use crate::{look, search::Column};

/// What is active, behind a number.
pub const fn active(count: usize) -> &'static str {
    if count == 1 { "active call" } else { "active calls" }
}

/// What a call does.
pub const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Dialing => "Dialing",
        Phase::Ringing => "Ringing",
        Phase::Talking => "Talking",
        Phase::OnHold => "On hold",
        Phase::Transferring => "Transferring",
        Phase::Over => "Ending",
    }
}

/// The class of its mark.
pub const fn phase_class(phase: Phase) -> &'static str {
    match phase {
        Phase::Dialing => "dialing",
        Phase::Ringing => "ringing",
        Phase::Talking => "talking",
        Phase::OnHold => "held",
        Phase::Transferring => "transferring",
        Phase::Over => "off",
    }
}

/// Who sends a call.
pub const fn direction(is_outbound: bool) -> &'static str {
    if is_outbound { "outbound" } else { "inbound" }
}

/// How a leg's sound is encrypted.
pub fn encrypted(MediaEncryption { exchange, suite }: MediaEncryption) -> String {
    let exchange = match exchange {
        KeyExchange::Sdes => "SRTP (SDES)",
        KeyExchange::Dtls => "SRTP (DTLS)",
    };
    format!(" · {exchange} {}", suite.name())
}

/// How well a leg is heard: the mark, what is lost and how unevenly it comes on the way here and back, and how long that
/// takes.
pub fn heard(quality: &LegQuality) -> String {
    let stream = |name: &str, stream: &StreamQuality| {
        format!(" · {name} {:.1} % lost, jitter {}", stream.loss() * 100.0, look::ms(stream.jitter))
    };
    let mos = quality.mos().map(|mos| format!(" · MOS {:.1}", mos.value()));
    let parts = [
        mos,
        quality.received.as_ref().map(|received| stream("from it", received)),
        quality.sent.as_ref().map(|sent| stream("to it", sent)),
        quality.round_trip.map(|round_trip| format!(" · round trip {}", look::ms(round_trip))),
    ];
    parts.into_iter().flatten().collect()
}

/// Which side of a call.
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Origination => "calling",
        Side::Termination => "called",
    }
}

/// What became of a call.
pub const fn disposition(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Answered => "Answered",
        Disposition::Busy => "Busy",
        Disposition::NoAnswer => "No answer",
        Disposition::Cancelled => "Cancelled",
        Disposition::Rejected => "Rejected",
        Disposition::NoRoute => "No route",
        Disposition::Unavailable => "Unavailable",
        Disposition::Limit => "Limit",
        Disposition::Failed => "Failed",
    }
}

/// The class of its mark.
pub const fn outcome_class(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Answered => "talking",
        Disposition::Busy | Disposition::NoAnswer | Disposition::Cancelled => "held",
        Disposition::Rejected
        | Disposition::NoRoute
        | Disposition::Unavailable
        | Disposition::Limit
        | Disposition::Failed => "failed",
    }
}

/// Why a leg ended.
pub const fn cause(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Normal => "hung up",
        EndCause::Busy => "is busy",
        EndCause::NoAnswer => "did not answer",
        EndCause::Cancelled => "given up",
        EndCause::Rejected => "refused",
        EndCause::NoRoute => "no such number",
        EndCause::Unavailable => "cannot be reached",
        EndCause::AnsweredElsewhere => "answered elsewhere",
        EndCause::Transferred => "handed over",
        EndCause::Limit => "a limit was reached",
        EndCause::Failed => "failed",
        EndCause::Interrupted => "the server stopped",
    }
}

/// Who ended a call.
pub const fn released_by(by: ReleasedBy) -> &'static str {
    match by {
        ReleasedBy::Caller => "the caller",
        ReleasedBy::Callee => "the called party",
        ReleasedBy::Switch => "the switch",
        ReleasedBy::Command => "a command",
    }
}

/// Who noted something.
pub fn author(author: &Author) -> String {
    match author {
        Author::User { login, .. } => login.clone(),
        Author::Token => "a program".to_owned(),
        Author::Device { name, .. } => format!("{name}, by phone"),
    }
}

/// How far an export is.
pub const fn export_state(status: ExportStatus) -> &'static str {
    match status {
        ExportStatus::Pending => "in progress",
        ExportStatus::Completed => "completed",
        ExportStatus::Failed => "failed",
        ExportStatus::Deleted => "deleted",
    }
}

/// The head of a column of the history.
pub const fn column(column: Column) -> &'static str {
    match column {
        Column::Started => "Started",
        Column::Caller => "Caller",
        Column::CallerName => "Caller's name",
        Column::Called => "Called",
        Column::AnsweredBy => "Answered by",
        Column::Account => "Account",
        Column::Direction => "Direction",
        Column::Outcome => "Outcome",
        Column::Code => "Code",
        Column::Wait => "Wait",
        Column::Connected => "Connected",
        Column::Hold => "Hold",
        Column::Cost => "Cost",
        Column::SipCallId => "SIP Call-ID",
        Column::Address => "Address",
        Column::UserAgent => "User agent",
        Column::Quality(QualityField::ReceivedPackets) => "Packets from it",
        Column::Quality(QualityField::ReceivedLost) => "Lost from it",
        Column::Quality(QualityField::ReceivedJitter) => "Jitter from it",
        Column::Quality(QualityField::SentPackets) => "Packets to it",
        Column::Quality(QualityField::SentLost) => "Lost to it",
        Column::Quality(QualityField::SentJitter) => "Jitter to it",
        Column::Quality(QualityField::RoundTrip) => "Round trip",
        Column::Quality(QualityField::Mos) => "MOS",
        Column::Notes => "Notes",
        Column::Flag => "Flag",
    }
}

/// What the value of a choice is called; a value without words of its own by itself.
pub fn of_choice(value: &'static str) -> &'static str {
    const CHOICES: &[(&str, &str)] = &[
        ("dialing", "Dialing"),
        ("ringing", "Ringing"),
        ("talking", "Talking"),
        ("on-hold", "On hold"),
        ("transferring", "Transferring"),
        ("outbound", "outbound"),
        ("inbound", "inbound"),
        ("newest", "newest first"),
        ("oldest", "oldest first"),
        ("active", "Active calls"),
        ("calls", "Calls"),
        ("answered", "Answered"),
        ("unanswered", "Not answered"),
        ("asr", "Answer-seizure ratio"),
        ("acd", "Average call duration"),
        ("minutes", "Minutes"),
        ("cost", "Cost"),
        ("sent", "sent"),
        ("taken", "taken"),
        ("minute", "1 minute"),
        ("five-minutes", "5 minutes"),
        ("fifteen-minutes", "15 minutes"),
        ("hour", "1 hour"),
        ("day", "1 day"),
        ("week", "1 week"),
        ("month", "31 days"),
        ("year", "366 days"),
        ("flagged", "flagged"),
        ("command-line", "command line"),
        ("native", "native API"),
        ("yeti", "Yeti API"),
        ("vonage", "Vonage API"),
        ("hostedsuite", "HostedSuite API"),
        ("console", "console"),
        ("operator", "an operator"),
        ("server", "the server"),
        ("token", "a program"),
        ("from", "caller"),
        ("to", "called number"),
    ];
    CHOICES.iter().find(|(name, _)| *name == value).map_or(value, |(_, words)| words)
}
