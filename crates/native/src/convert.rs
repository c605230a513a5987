//! Between the wire and the core.

pub mod annotations;
pub mod calls;
pub mod guard_metrics;
pub mod sign_in_metrics;
pub mod webhook_metrics;
pub mod webhooks;
