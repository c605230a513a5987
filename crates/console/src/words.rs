//! All texts of the console: those of its frame here, those of its pages in files of their own.

mod history;
mod kinds;
mod live;
mod system;

pub use self::{history::*, kinds::*, live::*, system::*};

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
pub const ACCEPTED_SOUND: &str = "the name of one of the server's sounds, or the URL of a WAV file";
pub const ACCEPTED_SOURCE: &str = "an IP address, or an IPv6 network of 64 bits";
