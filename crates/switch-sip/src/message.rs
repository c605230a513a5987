//! SIP messages: reading what we need of them and writing ours.

pub(crate) mod build;
pub(crate) mod extension;
pub(crate) mod fields;
pub(crate) mod multipart;
pub(crate) mod name_addr;
pub(crate) mod session_timer;
pub(crate) mod uri;

pub(crate) use name_addr::NameAddr;
