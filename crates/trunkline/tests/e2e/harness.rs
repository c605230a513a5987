//! A whole server as a process of its own, and clients of its three dialects.

mod clients;
mod process;

pub use clients::{Records, Row, Yeti, vonage};
pub use process::{MUSIC, PATIENCE, Process, Setup, Usage, free_port, wait_until};
