//! What every request passes through, whatever it asks for: who is asking ([`auth`]), bodies ([`body`]), files
//! ([`mod@file`]), the list of routes ([`route`]), the trail of what they change ([`trail`]), what lies around them all ([`layer`]), request ids, limits and
//! configuration.
//!
//! No vendor's word and nothing that one dialect alone keeps is in here. A dialect's state holds [`App`], and says
//! so by `FromRef`: what here is extracted from a request is extracted for any of them.

pub mod app;
pub mod auth;
pub mod body;
pub mod browser_phones;
pub mod config;
pub mod failure;
pub mod file;
pub mod formula;
pub mod layer;
pub mod openapi;
pub mod repeats;
pub mod request;
pub mod route;
mod serve;
pub mod sign_in_links;
pub mod time;
pub mod trail;

pub use app::App;
pub use config::HttpConfig;
pub use route::{Endpoint, Guard, Overstepped, Rights, Route};
pub use serve::{PROTOCOLS, ServeLimits, serve};
