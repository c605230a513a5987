//! The history as its users see it.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

mod suite;
mod support;
