//! Vonage Business Cloud's telephony API, version 3.

pub mod routes;

pub use routes::routes;
