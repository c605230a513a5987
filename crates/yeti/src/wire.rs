//! The dialect's shapes on the wire. Members are in the order in which they are sent.

pub mod active_calls;
pub mod attribute;
pub mod auth;
pub mod cdr_export;
pub mod chart;
pub(crate) mod check_rate;
pub(crate) mod document;
pub(crate) mod error;
pub mod outgoing_call;
pub mod statistics;
pub mod time;
