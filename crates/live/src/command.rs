//! The commands: one file each, who may and what it does.
//!
//! A command for a leg is carried out where the client may act for the account that it names, that account
//! has a side of the call, and the leg is the client's to command: one of its accounts' own, or one to the
//! network. Another account's phone is nobody else's to command, also while one talks to it; whoever has a
//! side of the call can end the call.
//!
//! Each command answers with what became of it ([`Outcome`]), seen in the live calls, or with why nothing did.

mod addressed;
mod annotate;
mod answer;
mod hangup_call;
mod hangup_leg;
mod hold;
mod originate;
mod outcome;
mod park;
mod play;
mod record;
mod resume;
mod retrieve;
mod send_digits;
mod target;
mod transfer;
mod transfer_to_leg;

pub use addressed::LegAddress;
pub use annotate::Noted;
pub use originate::Placing;
pub use outcome::Outcome;
pub use target::{ACCEPTED_OUTSIDE, ACCEPTED_TARGET, feature_code, outside};
