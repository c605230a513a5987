//! Tells how far a command is, in lines on the standard error.

use std::{
    io::Write,
    time::{Duration, Instant},
};

/// The shortest time between two lines.
const PACE: Duration = Duration::from_secs(1);

/// How far a command is.
#[derive(Default)]
pub struct Progress {
    told: Option<Instant>,
}

impl Progress {
    /// Says how much of something is done, unless it was said a moment ago.
    pub fn tell(&mut self, what: &str, done: u64, all: u64) {
        if self.told.is_some_and(|told| told.elapsed() < PACE) {
            return;
        }
        self.told = Some(Instant::now());
        // One who reads no progress is no trouble.
        let _ = writeln!(std::io::stderr(), "{what}: {done} of {all}");
    }
}
