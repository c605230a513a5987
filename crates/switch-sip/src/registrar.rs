//! Which devices can be reached where (RFC 3261 section 10).

mod bindings;
mod kept;
mod notices;
mod request;
mod restoring;

pub(crate) use bindings::{Binding, Bindings};
pub(crate) use notices::tell_lapsed;
pub(crate) use request::handle;
pub(crate) use restoring::restore;
