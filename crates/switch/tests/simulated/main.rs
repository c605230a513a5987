//! The simulated switch.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

mod stage;
mod steps;
mod verbs;
