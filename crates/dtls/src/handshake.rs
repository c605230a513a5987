//! What both sides say to each other (RFC 5246 section 7.4), and in which order: without records, fragments and time.

mod client;
mod hello;
mod secrets;
mod server;
mod session;

pub(crate) use client::Client;
pub use secrets::Keys;
pub(crate) use server::Server;
pub(crate) use session::Session;

/// What a message is.
pub(crate) mod kind {
    pub(crate) const CLIENT_HELLO: u8 = 1;
    pub(crate) const SERVER_HELLO: u8 = 2;
    pub(crate) const HELLO_VERIFY_REQUEST: u8 = 3;
    pub(crate) const CERTIFICATE: u8 = 11;
    pub(crate) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(crate) const CERTIFICATE_REQUEST: u8 = 13;
    pub(crate) const SERVER_HELLO_DONE: u8 = 14;
    pub(crate) const CERTIFICATE_VERIFY: u8 = 15;
    pub(crate) const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub(crate) const FINISHED: u8 = 20;
}

/// Two flights, and where an end is between them.
pub(crate) enum Party {
    Client(Client),
    Server(Server),
    /// A message has been taken that ends it.
    Failed,
}
