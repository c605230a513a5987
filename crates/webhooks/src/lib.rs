//! Webhooks: what happens, sent to the servers of those who registered for it (docs/webhooks.md).
//!
//! A hook is a reader of the event log that the server itself moves on. Each has its own place in the log, kept on disk,
//! and its own task: events come in order, each at least once, and one hook that hangs holds up no other. Requests
//! are signed as the Standard Webhooks specification says (github.com/standard-webhooks/standard-webhooks).

mod delivery;
mod format;
mod hook;
mod message;
mod post;
mod runner;
mod signature;
mod store;

pub use delivery::{Delivery, Pause, State};
pub use format::{Attempt, Format, Formats, Letter, Occasion};
pub use hook::{Hook, HookError, HookId, NewHook, NewSecret, Source, Wanted};
pub use runner::Replayed;
pub use signature::{Secret, SecretError};
pub use store::{Count, DeadLetter, Webhooks};
