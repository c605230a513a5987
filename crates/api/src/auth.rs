//! Who is asking: the client's address, and a brake on guessing.

mod attempts;
mod client;

pub use attempts::{Attempts, TooManyAttempts};
pub use client::ClientAddress;
