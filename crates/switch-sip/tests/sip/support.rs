//! A switch with a small directory, and foreign user agents.

pub mod agent;
pub mod browser;
pub mod digest;
pub mod line;
pub mod message;
pub mod name_server;
pub mod office;
pub mod story;
pub mod talk;

pub use agent::Agent;
pub use message::Message;
pub use office::{Office, anchored_media};
pub use talk::Talk;
