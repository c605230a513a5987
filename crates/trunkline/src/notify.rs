//! What systemd is told (`Type=notify`). Without systemd nobody is told anything.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::assembly::Server;

/// The server takes calls.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It reads its configuration again.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "the monotonic clock cannot be read"),
    }
}

/// It stops, and is so far.
pub fn stopping(phase: &str) {
    tell(&[NotifyState::Stopping, NotifyState::Status(phase)]);
}

/// Feeds systemd's watchdog as long as the writer of the call history works; never ends.
pub async fn feed_watchdog(server: &Server) {
    let Some(period) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut ticks = tokio::time::interval((period / 3).max(Duration::from_millis(100)));
    loop {
        ticks.tick().await;
        if server.live().is_writer_alive() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd cannot be told");
    }
}
