//! For tests only: calls written as text tables, SIPp and baresip as foreign phones, and RTP whose every byte is
//! known.

pub mod baresip;
pub mod clients;
pub mod event_table;
pub mod rtp;
pub mod sipp;
pub mod tone;
