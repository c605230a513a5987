//! How long a connection is kept, by what its peer has shown of itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use guard::Place;
use tokio::time::Instant;

use crate::config::StreamLimits;

/// A peer that has connected to us. A stranger at first: it has to say something soon, and its connection may be
/// closed for the sake of others. Once it has proved who it is, neither is so.
pub(crate) struct Standing {
    place: Place,
    is_known: AtomicBool,
}

/// Who has opened a connection.
#[derive(Clone)]
pub(super) enum Origin {
    /// We, to a peer of this name.
    Ours(Arc<str>),
    /// The peer; its place is free again when the last of these is dropped.
    Theirs(Arc<Standing>),
}

/// Watches that a peer is heard in time.
pub(super) struct Watch<'a> {
    origin: &'a Origin,
    limits: &'a StreamLimits,
    /// When it was heard last: a stranger by a whole message, anybody else by anything.
    heard_at: Instant,
    /// Since when it is sending a message that is not whole yet.
    begun_at: Option<Instant>,
}

impl Standing {
    pub(super) fn stranger(place: Place) -> Arc<Self> {
        Arc::new(Self { place, is_known: AtomicBool::new(false) })
    }

    /// The peer has proved who it is.
    pub(crate) fn prove(&self) {
        if !self.is_known.swap(true, Ordering::Relaxed) {
            self.place.set_busy(true);
        }
    }
}

impl Origin {
    /// The name that the peer has shown a certificate for.
    pub(super) fn name(&self) -> Option<Arc<str>> {
        match self {
            Self::Ours(name) => Some(name.clone()),
            Self::Theirs(_) => None,
        }
    }

    /// The peer has proved who it is.
    pub(super) fn prove(&self) {
        if let Self::Theirs(standing) = self {
            standing.prove();
        }
    }

    fn is_known(&self) -> bool {
        match self {
            Self::Ours(_) => true,
            Self::Theirs(standing) => standing.is_known.load(Ordering::Relaxed),
        }
    }

    /// Returns when the connection has to go for the sake of others.
    pub(super) async fn has_to_leave(&self) {
        match self {
            Self::Ours(_) => std::future::pending().await,
            Self::Theirs(standing) => standing.place.leave().cancelled().await,
        }
    }
}

impl<'a> Watch<'a> {
    pub(super) fn begin(origin: &'a Origin, limits: &'a StreamLimits) -> Self {
        Self { origin, limits, heard_at: Instant::now(), begun_at: None }
    }

    /// Something has come.
    pub(super) fn on_bytes(&mut self) {
        if self.origin.is_known() {
            self.heard_at = Instant::now();
        }
    }

    /// A whole message has come.
    pub(super) fn on_message(&mut self) {
        (self.heard_at, self.begun_at) = (Instant::now(), None);
    }

    /// Until when something has to come, if somebody we know may say nothing for `idle`.
    pub(super) fn deadline(&self, idle: Duration) -> Instant {
        let patience = if self.origin.is_known() { idle } else { self.limits.stranger.min(idle) };
        self.heard_at + patience
    }

    /// The same while a message has begun.
    pub(super) fn deadline_of_message(&mut self) -> Instant {
        *self.begun_at.get_or_insert_with(Instant::now) + self.limits.message
    }
}
