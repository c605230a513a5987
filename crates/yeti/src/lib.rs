//! Yeti's customer API, version 1.
//!
//! Most of it is JSON:API: a `request` passes the checks in the order of the contract (who asks: `client`;
//! which media type: `negotiation`; then [`query`] and [`body`]), and is answered with a document of
//! [resources](resource) that [`present`] puts together. The reports are a family of their own: `report`.

pub mod answer;
pub mod body;
pub mod chart;
mod client;
pub mod convert;
mod errors;
pub mod export;
mod headers;
pub mod links;
mod negotiation;
pub mod openapi;
pub mod present;
mod push;
pub mod query;
mod records;
mod report;
mod request;
pub mod resource;
pub mod routes;
mod session;
mod span;
mod state;
pub mod token;
pub mod wire;

pub use push::CdrPush;
pub use routes::{refuse_host, routes, with_fallbacks};
pub use state::{Yeti, YetiConfig};
