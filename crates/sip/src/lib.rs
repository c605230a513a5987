//! The text of SIP: name-addr, URIs and the telephone numbers in them, header parameters, digest
//! authentication, session descriptions, bodies of several parts.
//!
//! This crate is pure. It knows no clock, socket, file, task or lock, and nobody else in Trunkline. It reads
//! what strangers send: whatever the text, nothing panics, and reading takes time in proportion to length.
//! What it reads it borrows.

pub mod digest;
pub mod escape;
pub mod fuzzing;
pub mod host;
pub mod identity;
pub mod multipart;
pub mod name_addr;
pub mod param;
pub mod sdp;
pub mod session_timer;
pub mod telephone;
pub mod uri;

pub use host::{Host, HostPort};
pub use name_addr::NameAddr;
pub use uri::Uri;
