//! Texts of finished calls: the search, a call, exports.

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
pub const IN_CONNECTION: &str = "connected";
pub const CHARGED: &str = "charged";
pub const TOO_MANY_TO_SUM: &str = "of up to 1000 calls also their length and charge are summed up";
pub const EXPORT_THIS: &str = "Export this search";
pub const NOTHING_FOUND: &str = "Nothing was found.";
pub const FIRST_PAGE: &str = "First page";

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

pub const EXPORT_COLUMNS: [&str; 7] = ["Asked for", "Account", "Format", "State", "Rows", "Size", "Actions"];
