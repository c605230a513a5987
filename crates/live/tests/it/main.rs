//! The live calls on a simulated switch and a store in a temporary folder.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

mod feed;
mod quarantine;
mod replaying;
mod soak;
mod spilling;
mod stage;
mod work;
