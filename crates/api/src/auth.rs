//! Who is asking: the client's address, its password or token, and a brake on guessing.

mod attempts;
mod bearer;
mod client;
pub(crate) mod grant;
mod login;
mod proofs;

pub use attempts::{Attempts, TooManyAttempts};
pub use bearer::{BearerError, Holder};
pub use client::ClientAddress;
pub use login::{LoggedIn, Login, LoginError, PasswordChecks};
pub use proofs::Proofs;
