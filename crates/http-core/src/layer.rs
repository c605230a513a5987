//! What every request and answer passes through, whatever the dialect: cross-origin rules, the check of the
//! `Host`, encodings of bodies, conditional requests, and commands that may be repeated.

pub mod conditional;
pub mod cors;
pub mod encoding;
pub mod host;
pub mod idempotency;
pub mod staleness;
