//! All texts of the console.

use call::{
    encryption::{KeyExchange, MediaEncryption},
    event::{EndCause, Side},
    quality::{LegQuality, StreamQuality},
    record::{Disposition, ReleasedBy},
    state::Phase,
};
use history::{ExportStatus, QualityField, annotations::Author};

use crate::{look, search::Column};

// The frame.

pub const PRODUCT: &str = "Trunkline";
pub const MENU: &str = "Pages";
pub const SKIP: &str = "Skip to the content";
pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const LOGIN: &str = "User name";
pub const PASSWORD: &str = "Password";
pub const REFUSED: &str = "This cannot be shown";
pub const TO_THE_CONSOLE: &str = "To the console";
pub const TIMES_ARE_IN: &str = "All times are in the zone";
pub const STREAM_LOST: &str = "The connection to the server is lost; the list stands still.";
pub const NONE: &str = "–";
pub const ANY: &str = "any";
pub const NOTHING: &str = "nothing";
/// Of what is answered, in a file.
pub const YES: &str = "answered";
pub const NO: &str = "unanswered";
pub const NEVER: &str = "never";

// What is refused.

pub const WRONG_LOGIN: &str = "User name or password is wrong.";
pub const TOO_MANY_LOGINS: &str = "There were too many wrong attempts. Try again later.";
pub const SERVER_FAILED: &str = "The server failed.";
pub const FORM_IS_OLD: &str = "This form is no longer good. Load the page again, then send it.";
pub const FORM_TOO_LARGE: &str = "The form is larger than the server takes.";
pub const ONLY_LOOK: &str = "You may look at this, not change it.";
pub const NOT_FOR_YOU: &str = "Your user is not let near this.";
pub const NOT_FOUND: &str = "There is nothing here, or nothing for you.";
pub const WRONG_METHOD: &str = "This address cannot be asked in that way.";
pub const OPERATORS_ONLY: &str = "This is for users who come from one of the operator's networks.";
pub const ACCEPTED_ACCOUNT: &str = "the number of one of your accounts";
pub const ACCEPTED_NUMBER: &str = "a whole number";
pub const ACCEPTED_TIME: &str = "a date and time, as 2026-01-02T12:00";
pub const ACCEPTED_FROM: &str = "a time before the end";
pub const ACCEPTED_ZONE: &str = "the name of a time zone, as Europe/Berlin";
pub const ACCEPTED_STEP: &str = "a step of which at most 1500 fit into the time";
pub const ACCEPTED_COUNTRY: &str = "two letters of ISO 3166-1, as DE";
pub const ACCEPTED_CURSOR: &str = "what the link to the next page has";
pub const ACCEPTED_SOURCE: &str = "an IP address, or an IPv6 network of 64 bits";

// Live calls.

pub const NOW: &str = "Now";
pub const ACTIVE_CALLS: &str = "Active calls";
pub const ALL_CALLS: &str = "All calls";
pub const NO_ACTIVE_CALLS: &str = "No active calls.";
pub const OF: &str = "of";
pub const NUMBER_OR_NAME: &str = "Number or name";
pub const ACCOUNT: &str = "Account";
pub const STATE: &str = "State";
pub const DIRECTION: &str = "Direction";
pub const ORDER: &str = "Order";
pub const GROUP_BY: &str = "Count by";
pub const SHOW: &str = "Show";
pub const ACTIONS: &str = "Actions";
pub const NO_TRUNK: &str = "no trunk";
pub const NO_EXTENSION: &str = "no extension";
pub const NO_COUNTRY: &str = "no country";
pub const PAGES: &str = "Pages of the list";
pub const PREVIOUS: &str = "Previous";
pub const NEXT: &str = "Next";
pub const HANG_UP: &str = "Hang up";
pub const HUNG_UP: &str = "Hung up.";
pub const HOLD: &str = "Hold";
pub const HELD: &str = "On hold.";
pub const RESUME: &str = "Resume";
pub const RESUMED: &str = "Taken back.";
pub const PARK: &str = "Park";
pub const PARKED: &str = "Parked.";
pub const TRANSFER: &str = "Transfer";
pub const TRANSFERRED: &str = "Transfer asked for.";
pub const TRANSFER_TO: &str = "Transfer to";
pub const MORE: &str = "More for this call";

// Charts.

pub const LAST_HOUR: &str = "Last hour";
pub const SENT: &str = "sent";
pub const TAKEN: &str = "taken";
pub const PEAK: &str = "peak";
pub const CHOOSE_AN_ACCOUNT: &str = "There are too many accounts for one answer: choose an account.";
pub const CHARTS: &str = "Charts";
pub const MEASURE: &str = "Show";
pub const SIDE: &str = "Side";
pub const STEP: &str = "Step";
pub const USUAL_STEP: &str = "as it fits";
pub const THIS_STRETCH: &str = "this time";
pub const WEEK_BEFORE: &str = "the week before";
pub const CALLED_COUNTRY: &str = "Called country, as DE";
pub const CALLED_PREFIX: &str = "Called number begins with";
pub const AS_CSV: &str = "Figures as CSV";

// History.

pub const HISTORY: &str = "History";
pub const LATEST: &str = "Latest";
pub const USUAL_STRETCH: &str = "1 day, or as chosen";
pub const FROM_TIME: &str = "From";
pub const TO_TIME: &str = "To";
pub const CALLER: &str = "Caller has";
pub const CALLED: &str = "Called number has";
pub const OUTCOME: &str = "Outcome";
pub const MORE_FILTERS: &str = "More filters and columns";
pub const ANSWERED_BY: &str = "Answered by";
pub const SIP_CODE: &str = "SIP code";
pub const LEAST_SECONDS: &str = "Connected seconds, at least";
pub const NOTES: &str = "Notes";
pub const FLAG: &str = "Flag";
pub const FLAGGED: &str = "Flagged";
pub const FLAG_NOTES: &str = "Why it is flagged";
pub const SIP_CALL_ID: &str = "SIP Call-ID";
pub const COLUMNS: &str = "Columns";
pub const SEARCH: &str = "Search";
pub const FOUND: &str = "calls";
pub const ANSWERED: &str = "answered";
pub const EXPORT_THIS: &str = "Export this search";
pub const NOTHING_FOUND: &str = "Nothing was found.";
pub const FIRST_PAGE: &str = "First page";

// The phone in the browser.

pub const PHONE: &str = "Phone";
pub const NO_PHONE: &str = "No extension is yours, so there is no phone to be.";
pub const NO_WEB_SOCKET: &str =
    "The switch takes no WebSocket that this page could use: see ws and wss in [sip], and [phone].";
pub const NUMBER: &str = "Number";
pub const CALLS_OF_PHONE: &str = "Calls";
pub const KEYPAD: &str = "Keypad";
pub const MICROPHONE: &str = "Microphone";

// A call.

pub const CALL: &str = "Call";
pub const CALL_ID: &str = "Call id";
pub const STARTED: &str = "Started";
pub const ENDED: &str = "Ended";
pub const CONNECTED: &str = "Connected";
pub const TIMES: &str = "Times";
pub const PDD: &str = "post-dial delay";
pub const RINGING: &str = "ringing";
pub const TALKING: &str = "talking";
pub const ON_HOLD: &str = "on hold";
pub const TRANSFERRING: &str = "transferring";
pub const RELEASED_BY: &str = "Released by";
pub const COST: &str = "Cost";
pub const RECORDINGS: &str = "Recordings";
pub const RECORDING: &str = "Recording";
pub const DOWNLOAD: &str = "Download";
pub const NOTED: &str = "Noted.";
pub const SAVE: &str = "Save";
pub const LEGS: &str = "Legs";
pub const AFTER: &str = "After";
pub const ANOTHERS: &str = "another's phone";
pub const CALLS: &str = "calls";
pub const IS_CALLED: &str = "is called";
pub const RINGS: &str = "rings";
pub const IS_ANSWERED: &str = "is answered";
pub const ANSWERS: &str = "answers";
pub const HOLDS: &str = "holds";
pub const RESUMES: &str = "takes back";
pub const TRANSFERS: &str = "transfers";
pub const HAS_TRANSFERRED: &str = "has transferred";
pub const TRANSFER_FAILED: &str = "transfer failed";
pub const IS_PARKED: &str = "is parked";
pub const IS_RETRIEVED: &str = "is retrieved";
pub const HEARS_A_SOUND: &str = "hears a sound";
pub const SOUND_IS_OVER: &str = "the sound is over";
pub const IS_RECORDED: &str = "is recorded";
pub const RECORDING_IS_OVER: &str = "the recording is over";

// Exports.

pub const EXPORTS: &str = "Exports";
pub const NO_EXPORTS: &str = "No exports. Search the history, then export the search.";
pub const CANCEL: &str = "Cancel";
pub const DELETE: &str = "Delete";

// Phones and trunks.

pub const PHONES: &str = "Phones and trunks";
pub const PHONES_COUNTED: &str = "phones";
pub const REGISTERED: &str = "registered";
pub const NOT_REGISTERED: &str = "not registered";
pub const FIRST_SHOWN: &str = "shown are the first";
pub const SINCE: &str = "since";
pub const UNTIL: &str = "until";
pub const TRUNKS: &str = "Trunks";
pub const NO_TRUNKS: &str = "None of your accounts has a trunk.";
pub const UP: &str = "up";
pub const DOWN: &str = "down";
pub const NOT_PROBED: &str = "not asked";

// The directory.

pub const DIRECTORY: &str = "Directory";
pub const ACCOUNTS: &str = "Accounts";
pub const EXTENSIONS: &str = "Extensions";
pub const NUMBERS: &str = "Numbers";
pub const USERS: &str = "Users";
pub const MANAGER: &str = "manager";
pub const VIEWER: &str = "viewer";
pub const CLIENT: &str = "client";
pub const LIMIT_CALLS: &str = "calls";
pub const LIMIT_OUTGOING: &str = "outgoing";
pub const LIMIT_INCOMING: &str = "incoming";
pub const LIMIT_RATE: &str = "a second";
pub const LIMIT_LENGTH: &str = "longest";

// Health.

pub const HEALTH: &str = "Health";
pub const TAKES_CALLS: &str = "takes new calls";
pub const REFUSES_CALLS: &str = "refuses new calls";
pub const VERSION: &str = "Version";
pub const CALLS_NOW: &str = "Active calls";
pub const RECORDS: &str = "Call records";
pub const NEWEST_RECORD: &str = "Newest record";
pub const REGISTRATIONS: &str = "Registered contacts";
pub const EVENTS_BEHIND: &str = "Events not durable yet";
pub const SINCE_COMMIT: &str = "Since the last commit";
pub const QUARANTINED: &str = "Put aside, as it could not be stored";
pub const DATABASE: &str = "Database, and its log";
pub const DISK_FREE: &str = "Free on its disk";
pub const EXPORTS_WAITING: &str = "Exports that wait";
pub const BACKED_UP: &str = "Last backup";
pub const BLOCKS: &str = "Kept out for guessing";
pub const NO_BLOCKS: &str = "Nobody is kept out.";
pub const LIFT: &str = "Let in again";

// Heads of tables.

pub const LIVE_COLUMNS: [&str; 6] = ["State", "From", "To", "Trunk", "Account", "Age"];
pub const EXPORT_COLUMNS: [&str; 7] = ["Asked for", "Account", "Format", "State", "Rows", "Size", "Actions"];
pub const PHONE_COLUMNS: [&str; 5] = ["Extension", "SIP user", "Account", "State", "Registered from"];
pub const TRUNK_COLUMNS: [&str; 4] = ["Trunk", "Address", "State", "Active calls"];
pub const ACCOUNT_COLUMNS: [&str; 4] = ["Number", "Name", "Center", "Limits"];
pub const EXTENSION_COLUMNS: [&str; 4] = ["Extension", "Name", "Account", "Phones"];
pub const NUMBER_COLUMNS: [&str; 4] = ["Number", "Rings", "Account", "Text for who answers"];
pub const USER_COLUMNS: [&str; 4] = ["User name", "Name", "Role", "Extension"];
pub const BLOCK_COLUMNS: [&str; 6] = ["Source", "For", "Since", "Until", "Refused", "Actions"];

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
    }
}

/// What the value of a choice is called; a value without words of its own by itself.
pub fn of_choice(value: &'static str) -> &'static str {
    const CHOICES: [(&str, &str); 30] = [
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
        ("from", "caller"),
        ("to", "called number"),
    ];
    CHOICES.iter().find(|(name, _)| *name == value).map_or(value, |(_, words)| words)
}
