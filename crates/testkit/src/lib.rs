//! For tests only: calls written as text tables, SIPp as a foreign phone, and RTP whose every byte is
//! known.

pub mod event_table;
pub mod rtp;
pub mod sipp;
