//! What every request and answer passes through, whatever the dialect: cross-origin rules, the check of the
//! `Host`, encodings of bodies, and conditional requests.

pub mod conditional;
pub mod cors;
pub mod encoding;
pub mod host;
pub mod staleness;
