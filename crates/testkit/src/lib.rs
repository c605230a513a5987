//! For tests only: calls written as text tables, SIPp and baresip as foreign phones, RTP whose every byte is
//! known, and voices that say known tones and keep what they hear.

pub mod baresip;
pub mod clients;
pub mod event_table;
pub mod heard;
pub mod ladder;
pub mod rtp;
pub mod sipp;
pub mod sync_fault;
pub mod tone;
pub mod voice;
