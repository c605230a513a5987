//! HostedSuite's call-records API, with the conventions of its web framework (ServiceStack).
//!
//! A request arrives as [`request::OperationRequest`]: members by name, and the reply to be sent. A route
//! checks credentials, binds the members to its own request type, does its work and gives the reply a
//! [`wire::Value`], which the [`mod@format`] prints. Section numbers in this folder are those of the dialect's
//! contract.

pub mod bind;
pub mod convert;
pub mod credentials;
pub mod dates;
pub mod errors;
pub mod format;
pub mod members;
pub mod request;
pub mod routes;
pub mod sort;
pub mod walk;
pub mod wire;

pub use routes::routes;
