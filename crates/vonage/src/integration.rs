//! The Integration Platform's call events and webhooks (developer.vonage.com, "Vonage Integration Platform"): what
//! becomes of calls, told to a program's own server. A hook is one of the server's own, in the vendor's words.

mod call_events;
mod convert;
mod hooks;
mod query;
mod routes;
mod wire;

pub use call_events::CallEvents;
pub(super) use routes::{BEYOND, routes};
