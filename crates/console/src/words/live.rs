//! Texts of live calls, charts and the phone in the browser.

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
pub const TRANSFERRED: &str = "Transferred.";
pub const TRANSFER_TO: &str = "Transfer to";
pub const JOIN: &str = "Join with its other call";
pub const PLAY: &str = "Play";
pub const PLAYED: &str = "The sound is played.";
pub const STOP_PLAYING: &str = "Stop the sound";
pub const PLAYING_STOPPED: &str = "The sound is over.";
pub const SOUND: &str = "Sound: file or URL";
pub const RECORD: &str = "Record";
pub const RECORDED: &str = "It is recorded.";
pub const STOP_RECORDING: &str = "Stop recording";
pub const RECORDING_STOPPED: &str = "The recording is over.";
pub const UNDER_WAY: &str = "Asked for. It takes its time: the list shows what becomes of it.";
pub const NO_OTHER_CALL: &str = "This phone has no other call to join with.";
pub const SEVERAL_OTHER_CALLS: &str = "This phone has several other calls: transfer to a number instead.";
pub const MORE: &str = "More for this call";

pub const LIVE_COLUMNS: [&str; 6] = ["State", "From", "To", "Trunk", "Account", "Age"];

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

// The phone in the browser.

pub const PHONE: &str = "Phone";
pub const NO_PHONE: &str = "No extension is yours, so there is no phone to be.";
pub const NO_WEB_SOCKET: &str =
    "The switch takes no WebSocket that this page could use: see ws and wss in [sip], and [phone].";
pub const NUMBER: &str = "Number";
pub const CALLS_OF_PHONE: &str = "Calls";
pub const KEYPAD: &str = "Keypad";
pub const MICROPHONE: &str = "Microphone";
