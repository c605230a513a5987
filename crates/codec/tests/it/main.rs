//! What goes through the codecs, heard.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a test that cannot go on fails, and its numbers are small"
)]

mod signal;
mod snr;
mod streams;
