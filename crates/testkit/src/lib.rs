//! For tests only: calls written as text tables, SIPp and baresip as foreign phones, RTP whose every byte is
//! known, voices that say known tones and keep what they hear, and texts that are alike.

pub mod baresip;
pub mod clients;
pub mod event_table;
pub mod heard;
pub mod ladder;
pub mod rtp;
pub mod sipp;
pub mod sync_fault;
pub mod texts;
pub mod tone;
pub mod voice;
