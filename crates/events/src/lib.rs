//! Events as programs get them, whichever way they come: CloudEvents 1.0 in JSON (docs/events.md).
//!
//! What an account may know of an event is decided here and nowhere else: whoever prints one needs the reader's
//! [`Access`](directory::Access).

mod data;
mod envelope;
mod kind;

pub use data::cause;
pub use envelope::{CloudEventWire, GapEventWire, envelope, gap};
pub use kind::{KINDS, KindFilter, UnknownKind, kind};
