//! A way for packets between two parties: RTP has one, its RTCP another.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mio::net::UdpSocket;
use parking_lot::Mutex;

use super::{
    Peer,
    counts::{Counters, Fate},
    ports::Lease,
};

/// Two ends; what comes in at one goes out at the other.
pub(super) struct Path {
    pub(super) ends: [End; 2],
}

/// The socket that one party sends to and receives from.
///
/// Fields are dropped in order: the socket is closed before its port is free again.
pub(super) struct End {
    pub(super) socket: UdpSocket,
    pub(super) peer: Mutex<Peer>,
    heard_at: AtomicU64,
    _lease: Arc<Lease>,
}

/// Larger than any datagram.
pub(super) type Buffer = [u8; 65_536];

/// Packets taken from one socket before the others have their turn.
const BURST: usize = 64;

/// Whether a socket may have more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    Yes,
    No,
}

impl End {
    pub(super) fn new(socket: UdpSocket, lease: Arc<Lease>) -> Self {
        Self { socket, peer: Mutex::default(), heard_at: AtomicU64::new(0), _lease: lease }
    }

    /// When the party's latest packet came, since the relay's start.
    pub(super) fn heard_at(&self) -> Option<Duration> {
        match self.heard_at.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    fn hear(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX).max(1);
        self.heard_at.store(micros, Ordering::Relaxed);
    }
}

impl Path {
    /// Passes on what waits at an end.
    pub(super) fn relay(
        &self,
        from: usize,
        now: Duration,
        buffer: &mut Buffer,
        counters: &Counters,
    ) -> Drained {
        for _ in 0..BURST {
            match self.ends[from].socket.recv_from(buffer) {
                Ok((length, source)) => counters.count(self.pass(from, source, &buffer[..length], now)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(_) => return Drained::Yes,
            }
        }
        Drained::No
    }

    fn pass(&self, from: usize, source: SocketAddr, packet: &[u8], now: Duration) -> Fate {
        let (near, far) = (&self.ends[from], &self.ends[1 - from]);
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        if let Err(fate) = near.peer.lock().admit(source, packet, now) {
            return fate;
        }
        near.hear(now);
        let Some(target) = far.peer.lock().target() else { return Fate::Unwanted };
        match far.socket.send_to(packet, target) {
            Ok(_) => Fate::Relayed,
            Err(_) => Fate::Unsendable,
        }
    }
}
