//! How the server is, for its operators.

use call::{Timestamp, TrunkId};
use http_core::{App, time::rfc3339};
use live::{Health, NoRoom, Phase, TrunkState};
use serde::Serialize;

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct HealthWire {
    /// `ready` or `refusing`.
    pub status: &'static str,
    /// Why new calls are refused: `draining`, `ending calls`, `flushing`, `backlog`, `store_fails`, `disk_full`.
    pub refuses: Option<&'static str>,
    /// The release.
    pub version: &'static str,
    /// How far the server is with its life.
    pub phase: &'static str,
    /// Calls that go on.
    pub calls: usize,
    /// What makes events durable.
    pub writer: WriterWire,
    /// Where they lie.
    pub store: StoreWire,
    /// Contacts registered.
    pub registrations: usize,
    /// The trunks that are watched or registered at.
    pub trunks: Vec<TrunkWire>,
    /// What the switch holds.
    pub sockets: SocketsWire,
}

/// What makes events durable.
#[derive(Clone, Debug, Serialize)]
pub struct WriterWire {
    /// Events that are not durable yet.
    pub backlog: u64,
    /// Time since the store last took something; a heartbeat comes twice a second.
    pub seconds_since_commit: f64,
    /// How long events have been in the spill file that the store has not taken; 0 if there are none.
    pub behind_seconds: f64,
    /// Events are neither stored nor spilled: live lists show how things were when the last ones were.
    pub live_lists_are_old: bool,
    /// As of when they are then; `null` if they are not old. Every answer says it too, in `X-Live-As-Of`.
    pub live_lists_as_of: Option<String>,
}

/// Where events lie.
#[derive(Clone, Debug, Serialize)]
pub struct StoreWire {
    /// The database file.
    pub database_bytes: u64,
    /// Its write-ahead log.
    pub wal_bytes: u64,
    /// Room on its disk, if known.
    pub free_bytes: Option<u64>,
    /// What could never be stored and was put aside.
    pub quarantined: u64,
    /// Exports that wait or are being made.
    pub exports_waiting: u64,
    /// When a backup was last made; `null` if none was.
    pub backed_up_at: Option<String>,
}

/// A trunk.
#[derive(Clone, Debug, Serialize)]
pub struct TrunkWire {
    /// Which.
    pub id: u32,
    /// Whether it answers; `null` if it is not asked.
    pub up: Option<bool>,
    /// Whether we are registered there; `null` if we are not to be.
    pub registered: Option<bool>,
}

/// What the switch holds.
#[derive(Clone, Debug, Serialize)]
pub struct SocketsWire {
    /// Datagrams that the kernel dropped as the receive buffer was full; `null` if it does not say.
    pub udp_drops: Option<u64>,
}

impl HealthWire {
    /// As it is now.
    pub fn of(app: &App) -> Self {
        let (health, switch, figures) = (app.live.health(), app.live.switch(), app.history.figures());
        let refuses = refuses(&health);
        Self {
            status: if refuses.is_none() { "ready" } else { "refusing" },
            refuses,
            version: env!("CARGO_PKG_VERSION"),
            phase: health.phase.name(),
            calls: app.live.snapshot().len(),
            writer: WriterWire::of(&health, app.live.as_of()),
            store: StoreWire {
                database_bytes: figures.stored_bytes,
                wal_bytes: figures.pending_bytes,
                free_bytes: health.free_bytes,
                quarantined: app.history.quarantined(),
                exports_waiting: figures.exports_waiting,
                backed_up_at: figures.backed_up_at.map(rfc3339),
            },
            registrations: switch.registration_count(),
            trunks: switch.trunks().into_iter().map(TrunkWire::from).collect(),
            sockets: SocketsWire { udp_drops: switch.datagrams_dropped() },
        }
    }
}

fn refuses(health: &Health) -> Option<&'static str> {
    match &health.phase {
        Phase::Running => health.room.map(NoRoom::name),
        stopping => Some(stopping.name()),
    }
}

impl WriterWire {
    fn of(health: &Health, as_of: Option<Timestamp>) -> Self {
        Self {
            backlog: health.backlog,
            seconds_since_commit: health.since_commit.as_secs_f64(),
            behind_seconds: health.behind_for.unwrap_or_default().as_secs_f64(),
            live_lists_are_old: health.is_losing_hold || as_of.is_some(),
            live_lists_as_of: as_of.map(rfc3339),
        }
    }
}

impl From<TrunkState> for TrunkWire {
    fn from(state: TrunkState) -> Self {
        let TrunkId(id) = state.trunk;
        Self { id, up: state.is_up, registered: state.is_registered }
    }
}
