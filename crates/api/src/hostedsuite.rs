//! HostedSuite's call-records API (ServiceStack conventions).

pub mod routes;

pub use routes::routes;
