//! Room for connections: so many in all, so many of each source. When it is full, whoever takes up most of it
//! without doing anything makes place for others.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::Source;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// In all.
    pub total: usize,
    /// From one source.
    pub of_source: usize,
}

/// Room for connections. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: RoomLimits,
    held: Mutex<Held>,
    refused: AtomicU64,
    evicted: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    total: usize,
    sources: HashMap<Source, Places>,
}

/// What one source holds.
#[derive(Debug, Default)]
struct Places {
    /// Those that may be taken away, the oldest first.
    idle: BTreeSet<u64>,
    /// All of them, with what tells them to go.
    leaving: HashMap<u64, CancellationToken>,
}

/// A connection's place. Free again when dropped.
#[derive(Debug)]
pub struct Place {
    room: Room,
    source: Source,
    id: u64,
    leave: CancellationToken,
}

impl Room {
    /// Room for so many.
    pub fn new(limits: RoomLimits) -> Self {
        let (refused, evicted) = Default::default();
        Self(Arc::new(Shared { limits, held: Mutex::default(), refused, evicted }))
    }

    /// A place for a connection from `ip`, idle at first; `None` if there is none, not even by taking one away
    /// from a source that holds more.
    pub fn enter(&self, ip: IpAddr) -> Option<Place> {
        let source = Source::from(ip);
        let mut held = self.0.held.lock();
        let is_admitted = self.make_place(&mut held, source);
        if !is_admitted {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let (id, leave) = (held.next, CancellationToken::new());
        held.next += 1;
        held.total += 1;
        held.sources.entry(source).or_default().add(id, leave.clone());
        drop(held);
        Some(Place { room: self.clone(), source, id, leave })
    }

    /// Connections that are held now.
    pub fn held(&self) -> usize {
        self.0.held.lock().total
    }

    /// Connections that found no place, and those whose place was taken away, since the start.
    pub fn turned_away(&self) -> (u64, u64) {
        (self.0.refused.load(Ordering::Relaxed), self.0.evicted.load(Ordering::Relaxed))
    }

    fn make_place(&self, held: &mut Held, source: Source) -> bool {
        let limits = self.0.limits;
        let own = held.sources.get(&source).map_or(0, Places::total);
        if own >= limits.of_source {
            return self.evict(held, source);
        }
        if held.total < limits.total {
            return true;
        }
        let idlest = held.sources.iter().max_by_key(|(_, places)| places.idle.len());
        let idlest = idlest.map(|(source, places)| (*source, places.idle.len()));
        idlest.is_some_and(|(source, idle)| idle > own && self.evict(held, source))
    }

    /// Takes away the oldest idle place of a source.
    fn evict(&self, held: &mut Held, source: Source) -> bool {
        let oldest = held.sources.get_mut(&source).and_then(|places| places.idle.first().copied());
        oldest.is_some_and(|id| {
            held.remove(source, id);
            self.0.evicted.fetch_add(1, Ordering::Relaxed);
            true
        })
    }
}

impl Held {
    /// Gives a place up and tells its connection so.
    fn remove(&mut self, source: Source, id: u64) {
        let Some(places) = self.sources.get_mut(&source) else { return };
        if let Some(leave) = places.remove(id) {
            leave.cancel();
            self.total -= 1;
        }
        if places.total() == 0 {
            self.sources.remove(&source);
        }
    }
}

impl Places {
    fn total(&self) -> usize {
        self.leaving.len()
    }

    fn add(&mut self, id: u64, leave: CancellationToken) {
        self.idle.insert(id);
        self.leaving.insert(id, leave);
    }

    fn remove(&mut self, id: u64) -> Option<CancellationToken> {
        let leave = self.leaving.remove(&id)?;
        self.idle.remove(&id);
        Some(leave)
    }
}

impl Place {
    /// Cancelled when the connection has to go.
    pub fn leave(&self) -> &CancellationToken {
        &self.leave
    }

    /// Says whether the connection does something that must not be cut off.
    pub fn set_busy(&self, is_busy: bool) {
        let mut held = self.room.0.held.lock();
        let Some(places) = held.sources.get_mut(&self.source) else { return };
        match is_busy {
            true => drop(places.idle.remove(&self.id)),
            false if places.leaving.contains_key(&self.id) => drop(places.idle.insert(self.id)),
            false => {}
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.held.lock().remove(self.source, self.id);
    }
}
