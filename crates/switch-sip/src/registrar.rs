//! Which devices can be reached where (RFC 3261 section 10).

mod bindings;
mod request;

pub(crate) use bindings::{Binding, Bindings};
pub(crate) use request::handle;
