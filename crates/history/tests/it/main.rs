//! The history as its users see it.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

mod cancelling;
mod checking;
mod closing;
mod faults;
mod keeping;
mod killed;
mod properties;
mod quarantine;
mod readers;
mod recent;
mod sealing;
mod sealing_store;
mod spill;
mod suite;
mod support;

use history::conformance::calls;
