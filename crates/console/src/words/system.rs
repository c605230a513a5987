//! Texts of phones, trunks, the directory and the server.

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

// The directory as a file.

pub const DIRECTORY_FILE: &str = "Change it by a file";
pub const DIRECTORY_DOWNLOAD: &str = "Download the directory as a file";
pub const CHOOSE_FILE: &str = "Directory file";
pub const FILE_TEXT: &str = "Its text";
pub const FILE_IS_WHOLE: &str = "A directory file describes the whole directory: what it does not name is removed. Nothing changes before you have \
     seen what would. Files over 1 MB are applied at the command line.";
pub const PREVIEW: &str = "Show what would change";
pub const WOULD_CHANGE: &str = "What would change";
pub const NO_CHANGES: &str = "Nothing: the directory is as the file says.";
pub const APPLY: &str = "Apply";
pub const DIRECTORY_IS_ANOTHER: &str = "The directory has changed since. Look again at what would change.";

// The audit trail.

pub const AUDIT: &str = "Audit";
pub const BY: &str = "By";
pub const BY_WAY_OF: &str = "By way of";
pub const ACTION: &str = "Change";
pub const ACCOUNT_NUMBER: &str = "Account number";
pub const DETAILS: &str = "Details";

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
pub const WEBHOOKS: &str = "Webhooks";
pub const HOOKS_FAILING: &str = "failing";
pub const HOOKS_PAUSED: &str = "paused";
pub const DEAD_LETTERS: &str = "dead letters";
pub const REFUSALS: &str = "Refused since the start";
pub const NO_REFUSALS: &str = "Nothing was refused.";
pub const REFUSED_CALLS: &str = "Calls";
pub const REFUSED_CONNECTIONS: &str = "Connections";
pub const REFUSED_MESSAGES: &str = "SIP messages";
pub const REFUSED_LOGINS: &str = "Sign-ins";
pub const REFUSED_REQUESTS: &str = "Requests";
pub const BLOCKS: &str = "Kept out for guessing";
pub const NO_BLOCKS: &str = "Nobody is kept out.";
pub const LIFT: &str = "Let in again";

pub const PHONE_COLUMNS: [&str; 5] = ["Extension", "SIP user", "Account", "State", "Registered from"];
pub const TRUNK_COLUMNS: [&str; 4] = ["Trunk", "Address", "State", "Active calls"];
pub const ACCOUNT_COLUMNS: [&str; 4] = ["Number", "Name", "Center", "Limits"];
pub const EXTENSION_COLUMNS: [&str; 4] = ["Extension", "Name", "Account", "Phones"];
pub const NUMBER_COLUMNS: [&str; 4] = ["Number", "Rings", "Account", "Text for who answers"];
pub const USER_COLUMNS: [&str; 4] = ["User name", "Name", "Role", "Extension"];
pub const AUDIT_COLUMNS: [&str; 6] = ["When", "By", "By way of", "Whose", "Change", "What"];
pub const REFUSAL_COLUMNS: [&str; 3] = ["What", "Why", "How many"];
pub const BLOCK_COLUMNS: [&str; 6] = ["Source", "For", "Since", "Until", "Refused", "Actions"];
