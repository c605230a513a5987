//! What goes over the wire.

pub mod annotations;
pub mod errors;
