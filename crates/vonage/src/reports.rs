//! The Reports API's call logs: where finished calls are to be found (contract section 7).

mod convert;
mod errors;
mod query;
mod routes;
mod wire;

pub(super) use routes::routes;
