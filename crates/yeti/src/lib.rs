//! Yeti's customer API, version 1.
//!
//! Most of it is JSON:API: a [`request`] passes the checks in the order of the contract (who asks: [`client`];
//! which media type: [`negotiation`]; then [`query`] and [`body`]), and is answered with a document of
//! [resources](resource) that [`present`] puts together. The reports are a family of their own: [`report`].

pub mod answer;
pub mod body;
pub mod chart;
pub mod client;
pub mod convert;
pub mod errors;
pub mod export;
pub mod headers;
pub mod links;
pub mod negotiation;
pub mod openapi;
pub mod present;
pub mod query;
pub mod records;
pub mod report;
pub mod request;
pub mod resource;
pub mod routes;
pub mod session;
mod span;
mod state;
pub mod token;
pub mod wire;

pub use routes::{refuse_host, routes, with_fallbacks};
pub use state::{Yeti, YetiConfig};
