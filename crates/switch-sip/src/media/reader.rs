//! A thread that waits for packets at many sockets and passes them on.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Registry, Token, Waker};
use parking_lot::RwLock;

use super::{
    counts::Counters,
    end::{Buffer, Drained, End},
};

const WAKE: Token = Token(usize::MAX);
const EVENTS: usize = 1_024;

/// What the thread shares with the sessions.
pub(super) struct Reader {
    registry: Registry,
    waker: Waker,
    is_stopped: AtomicBool,
    ends: RwLock<HashMap<usize, Arc<End>>>,
    next_id: AtomicUsize,
}

/// An end that is being read, until this is dropped.
pub(super) struct Reading {
    pub(super) end: Arc<End>,
    id: usize,
    reader: Arc<Reader>,
}

impl Reader {
    pub(super) fn start(began: Instant, counters: Arc<Counters>) -> io::Result<Arc<Self>> {
        let poll = Poll::new()?;
        let reader = Arc::new(Self {
            registry: poll.registry().try_clone()?,
            waker: Waker::new(poll.registry(), WAKE)?,
            is_stopped: AtomicBool::new(false),
            ends: RwLock::default(),
            next_id: AtomicUsize::new(0),
        });
        let shared = reader.clone();
        thread::Builder::new()
            .name("media-relay".into())
            .spawn(move || shared.run(poll, began, &counters))?;
        Ok(reader)
    }

    /// Reads the end's socket from now on.
    pub(super) fn read(self: &Arc<Self>, mut end: End) -> io::Result<Reading> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.registry.register(&mut end.socket, Token(id), Interest::READABLE)?;
        let end = Arc::new(end);
        self.ends.write().insert(id, end.clone());
        Ok(Reading { end, id, reader: self.clone() })
    }

    /// Lets the thread end.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "a media relay thread cannot be woken to stop");
        }
    }

    fn run(&self, mut poll: Poll, began: Instant, counters: &Counters) {
        let mut events = Events::with_capacity(EVENTS);
        let mut buffer: Box<Buffer> = Box::new([0; _]);
        let mut unfinished = Vec::new();
        while !self.is_stopped.load(Ordering::Acquire) {
            let patience = if unfinished.is_empty() { None } else { Some(Duration::ZERO) };
            match poll.poll(&mut events, patience) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    tracing::error!(%error, "media can no longer be relayed");
                    return;
                }
                _ => (),
            }
            let now = began.elapsed();
            let ready =
                std::mem::take(&mut unfinished).into_iter().chain(events.iter().map(|event| event.token()));
            for token in ready {
                if self.relay(token, now, &mut buffer, counters) == Drained::No {
                    unfinished.push(token);
                }
            }
        }
    }

    fn relay(&self, token: Token, now: Duration, buffer: &mut Buffer, counters: &Counters) -> Drained {
        let end = self.ends.read().get(&token.0).cloned();
        end.map_or(Drained::Yes, |end| end.relay(now, buffer, counters))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.reader.ends.write().remove(&self.id);
    }
}
