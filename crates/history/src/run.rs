//! Runs of the server: when they were, and what they left behind.
//!
//! A run's own time is the wall clock at its beginning plus monotonic time since then. So whoever sets the wall
//! clock while it lasts makes none of its lengths longer or shorter.

use std::{sync::Arc, time::Duration};

use call::{CallEvent, Timestamp};

/// That a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Now, in the run's own time.
    pub at: Timestamp,
    /// Now, by the wall clock.
    pub wall_at: Timestamp,
    /// How often the wall clock was set since the run began.
    pub clock_steps: u32,
}

impl Heartbeat {
    /// At an instant of a run whose wall clock nobody has set.
    pub fn steady(at: Timestamp) -> Self {
        Self { at, wall_at: at, clock_steps: 0 }
    }
}

/// From when to when a run is known to have lasted, in its own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSpan {
    /// Its first heartbeat.
    pub started_at: Timestamp,
    /// Its last one.
    pub last_seen_at: Timestamp,
}

impl RunSpan {
    /// How long it lasted.
    pub fn length(&self) -> Duration {
        self.last_seen_at.since(self.started_at)
    }
}

/// An event of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEvent {
    /// The event; its instant is of the clock of its call.
    pub event: Arc<CallEvent>,
    /// When the writer took it, in the time of its run; `None` if that was not told.
    pub taken_at: Option<Timestamp>,
}

/// What a run left in the journal: the calls that had not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftByRun {
    /// When it was; `None` if it never said that it ran.
    pub span: Option<RunSpan>,
    /// The events, in the order in which they were appended.
    pub events: Vec<JournalEvent>,
}
