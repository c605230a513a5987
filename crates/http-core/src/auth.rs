//! Who is asking: the client's address, its password or token, and the guard against guessing.

mod bearer;
mod client;
pub mod grant;
mod login;
mod operator;
mod password_checks;
mod proofs;
mod server_url;

pub use bearer::{BearerError, Holder};
pub use client::ClientAddress;
pub use login::{LoggedIn, Login, LoginError, TooManyAttempts};
pub use operator::{NotOperator, Operator};
pub use password_checks::PasswordChecks;
pub use proofs::Proofs;
pub use server_url::ServerUrl;
