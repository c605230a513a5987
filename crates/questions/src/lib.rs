//! What every interface asks of calls, whatever it calls them: the list of those that go on, filtered, ordered,
//! counted; and how many were active when, of those that are over and those that go on together.

pub mod activity;
mod finished_calls;
mod group;
mod live_call;
mod live_calls;
pub mod names;
mod order;
mod text;

pub use finished_calls::{FinishedCalls, FinishedPart, Place};
pub use group::{GroupBy, GroupKey};
pub use live_call::{LiveCall, OwnLeg, Party};
pub use live_calls::{Found, LiveCalls, Part};
pub use order::{Cursor, Order};
pub use text::SearchText;
