//! What is neither vendor's: health and metrics.

pub mod routes;

pub use routes::routes;
