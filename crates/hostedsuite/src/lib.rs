//! HostedSuite's call-records API, with the conventions of its web framework (ServiceStack).
//!
//! The table in [`operation`] says what can be asked. A `request` is read into members by name, whatever
//! [`notation`] it is written in; its credentials are checked; the operation's route reads the members, does
//! its work and gives back a type of the [`wire`]; the `reply` prints it in the [`mod@format`] that was asked
//! for. The types are described once, by [`dto`], which also makes the `metadata` pages. Section numbers in
//! this crate are those of the dialect's contract.

mod batch;
pub mod convert;
mod credentials;
pub mod dates;
pub mod dto;
mod errors;
pub mod format;
pub mod members;
mod metadata;
pub mod notation;
pub mod openapi;
pub mod operation;
mod reply;
mod request;
pub mod routes;
pub mod sort;
pub mod spelling;
mod state;
mod walk;
pub mod wire;

pub use routes::{routes, with_fallbacks};
pub use state::{HostedSuite, HostedSuiteConfig};
