//! SIP messages of the stack: reading what we need of them and writing ours. What is text alone is read and
//! written in the crate `sip`.

pub(crate) mod build;
pub(crate) mod extension;
pub(crate) mod fields;
pub(crate) mod session_timer;
pub(crate) mod uri;

pub(crate) use sip::{NameAddr, multipart, name_addr};
