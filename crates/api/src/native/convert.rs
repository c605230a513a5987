//! Between the wire and the core.

pub mod annotations;
