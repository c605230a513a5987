//! Yeti's customer API, version 1.

pub mod routes;

pub use routes::routes;
