//! The heartbeat: that the server runs, told twice a second, and whether somebody has set the wall clock.

use std::{sync::Arc, time::Duration};

use history::{Heartbeat, Journal};
use switch::{CallClock, Clock};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{Metrics, health::StoreHealth};

/// How often the server says that it runs: a call that a crash interrupts is recorded too short by no more than
/// that and what its commit takes.
const BEAT: Duration = Duration::from_millis(500);
/// From which difference between two heartbeats on the wall clock was set, and not only slewed. In microseconds.
const STEP: i64 = 500_000;

/// The clock of a run, and what it has seen of the wall clock.
pub(crate) struct Pulse {
    wall: Arc<dyn Clock>,
    run: CallClock,
    offset: i64,
    steps: u32,
}

impl Pulse {
    /// Of a run that begins now.
    pub(crate) fn start(clock: Arc<dyn Clock>) -> Self {
        Self { run: CallClock::start(clock.clone()), wall: clock, offset: 0, steps: 0 }
    }

    /// The run's own time.
    pub(crate) fn run(&self) -> CallClock {
        self.run.clone()
    }

    /// Looks at both clocks.
    pub(crate) fn beat(&mut self) -> Heartbeat {
        let (at, wall_at) = (self.run.now(), self.wall.now());
        let offset = wall_at.as_micros().saturating_sub(at.as_micros());
        let step = offset.saturating_sub(self.offset);
        self.offset = offset;
        if step.saturating_abs() > STEP {
            self.steps += 1;
            tracing::warn!(
                milliseconds = step / 1_000,
                "the wall clock was set; lengths are not touched, instants from now on are"
            );
        }
        Heartbeat { at, wall_at, clock_steps: self.steps }
    }
}

/// Tells the history twice a second that the server runs.
pub(crate) async fn run(
    mut pulse: Pulse,
    history: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    health: Arc<StoreHealth>,
    stopping: CancellationToken,
) {
    let mut ticks = tokio::time::interval(BEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let beat = pulse.beat();
        metrics.clock_steps.set(beat.clock_steps.into());
        match history.heartbeat(beat).await {
            Ok(()) => health.committed(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the heartbeat is not stored")
            }
        }
    }
}
