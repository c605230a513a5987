//! What goes over the wire.

pub mod annotations;
pub mod audit;
pub mod blocks;
pub mod calls;
pub mod devices;
pub mod errors;
pub mod events;
pub mod health;
pub mod invoices;
pub mod mailboxes;
pub mod payments;
pub mod series;
pub mod webhooks;
