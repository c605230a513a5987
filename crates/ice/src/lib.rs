//! ICE as a server with one address needs it (ICE-lite, RFC 8445 section 2.5): it answers the connectivity checks of
//! its party, which tell where that one is, and sends none of its own. Without a clock, a socket, or memory that
//! strangers could make grow.
//!
//! An [`Agent`] is the server's side of one stream. Who does not know its password can neither learn anything of it nor
//! move it.

mod agent;
mod credentials;
mod stun;
#[cfg(test)]
mod tests;

pub use agent::{Agent, CONSENT, Checked, Dropped};
pub use credentials::Credentials;
pub use stun::is_stun;
