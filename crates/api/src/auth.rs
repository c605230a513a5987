//! Who is asking: the client's address, and a brake on guessing.

mod attempts;
mod client;
mod login;
mod proofs;

pub use attempts::{Attempts, TooManyAttempts};
pub use client::ClientAddress;
pub use login::{LoggedIn, Login, LoginError, PasswordChecks};
pub use proofs::Proofs;
