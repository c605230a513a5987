//! What every request and answer passes through, whatever the dialect: cross-origin rules, the check of the
//! `Host`, encodings of bodies, conditional requests, commands that may be repeated, and how much a client may ask for.

pub mod conditional;
pub mod cors;
pub mod encoding;
pub mod host;
pub mod idempotency;
pub mod quota;
pub mod staleness;
