//! For tests only: calls written as text tables, and RTP whose every byte is known.

pub mod event_table;
pub mod rtp;
