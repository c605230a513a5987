//! Transactions of SIP (RFC 3261 section 17, as RFC 6026 corrects it): which message is a repeat, what is repeated
//! until the peer has it, and when to give up.
//!
//! No socket, clock or message: a message is the bytes that go out and a [`Key`] made from what tells its transaction
//! apart, time comes in with each call, and what is to be done comes out of [`Transactions::poll_output`]. So a
//! transaction that only waits for repeats is no more than its key, a time, and the response that it repeats.
//!
//! ```text
//! server, INVITE:  Open ── 2xx ──▶ Accepted ── ACK ──▶ Confirmed ──▶ gone
//!                       ── 3xx… ─▶ Refused  ── ACK ──▶ Confirmed
//! server, others:  Open ── final ▶ Completed ──▶ gone
//! client, INVITE:  Calling ── 1xx ─▶ Proceeding ── 2xx ─▶ gone      (its ACK is the dialog's)
//!                                               ── 3xx… ▶ Completed ──▶ gone
//! client, others:  Calling ── 1xx ─▶ Proceeding ── final ▶ gone
//! ```

mod client;
mod queue;
mod server;
#[cfg(test)]
mod tests;
mod timing;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;

pub use client::Heard;
pub use server::{Cancelled, Response};
pub use timing::Timing;

use client::Client;
use queue::Queue;
use server::Server;

/// What tells a transaction apart: a hash of what RFC 3261 sections 17.1.3 and 17.2.3 compare, wide enough and with
/// a secret, so that no two have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u128);

/// A way to a peer.
pub trait Way: Clone {
    /// Whether the transport repeats what is lost, as TCP does.
    fn is_reliable(&self) -> bool;
}

/// What a transaction is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An INVITE, which may be answered long after, and whose answer is acknowledged.
    Invite,
    /// Any other request.
    Other,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<W, S, C> {
    /// A message is to be sent.
    Send(W, Bytes),
    /// Nobody has answered a request of ours in time (timers B, C and F): as if with 408.
    TimedOut(C),
    /// Our 2xx to an INVITE was never acknowledged (timer L).
    NeverAcknowledged(S),
}

/// All transactions over ways `W`. Those who hear what becomes of an INVITE of a peer are named by `S`, those who wait
/// for the responses to a request of ours by `C`.
#[derive(Debug)]
pub struct Transactions<W, S, C> {
    timing: Timing,
    servers: HashMap<Key, Server<W, S>>,
    clients: HashMap<Key, Client<W, C>>,
    /// The INVITEs whose 2xx is not acknowledged, by what names its ACK, which has a branch of its own.
    unacknowledged: HashMap<Key, Key>,
    due: Queue,
    outputs: VecDeque<Output<W, S, C>>,
}

impl<W: Way, S: Clone, C> Transactions<W, S, C> {
    /// None, with these timers.
    #[must_use]
    pub fn new(timing: Timing) -> Self {
        Self {
            timing,
            servers: HashMap::new(),
            clients: HashMap::new(),
            unacknowledged: HashMap::new(),
            due: Queue::default(),
            outputs: VecDeque::new(),
        }
    }

    /// How many there are, with those that only absorb repeats.
    #[must_use]
    pub fn count(&self) -> usize {
        self.servers.len() + self.clients.len()
    }

    /// Whether a request is a repeat of one that was taken.
    #[must_use]
    pub fn knows(&self, request: Key) -> bool {
        self.servers.contains_key(&request)
    }

    /// When [`Self::handle_timeout`] has something to do; `None` if time changes nothing.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.due.first()
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Duration) {
        while let Some(due) = self.due.pop(now) {
            match due {
                queue::Id::Server(key) => self.server_due(key, now),
                queue::Id::Client(key) => self.client_due(key, now),
            }
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll_output(&mut self) -> Option<Output<W, S, C>> {
        self.outputs.pop_front()
    }

    fn send(&mut self, way: W, bytes: Bytes) {
        self.outputs.push_back(Output::Send(way, bytes));
    }
}
