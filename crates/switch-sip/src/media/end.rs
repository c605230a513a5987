//! The socket that one party sends to and receives from: RTP has one, its RTCP another.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mio::net::UdpSocket;
use parking_lot::Mutex;

use super::{
    Peer,
    counts::{Counters, Fate},
    outflow::Outflow,
    ports::Lease,
    rtp::RATE,
};

/// One end. Fields are dropped in order: the socket is closed before its port is free again.
pub(super) struct End {
    pub(super) socket: UdpSocket,
    pub(super) state: Mutex<State>,
    /// For RTCP: where the stream goes that is reported on.
    reported: Option<Arc<End>>,
    heard_at: AtomicU64,
    _lease: Arc<Lease>,
}

/// What changes while media flows. No two ends are ever locked at once.
#[derive(Default)]
pub(super) struct State {
    pub(super) peer: Peer,
    /// Whom the party's packets go to.
    partner: Weak<End>,
    /// Whether the party hears its partner.
    hears_partner: bool,
    outflow: Outflow,
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
    /// An end for RTP, or for the RTCP that reports on what is sent at `reported`.
    pub(super) fn new(socket: UdpSocket, lease: Arc<Lease>, reported: Option<Arc<Self>>) -> Self {
        Self { socket, state: Mutex::default(), reported, heard_at: AtomicU64::new(0), _lease: lease }
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

    /// Passes on what waits here.
    pub(super) fn relay(
        self: &Arc<Self>,
        now: Duration,
        buffer: &mut Buffer,
        counters: &Counters,
    ) -> Drained {
        for _ in 0..BURST {
            match self.socket.recv_from(buffer) {
                Ok((length, source)) => counters.count(self.pass(source, &mut buffer[..length], now)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(_) => return Drained::Yes,
            }
        }
        Drained::No
    }

    fn pass(self: &Arc<Self>, source: SocketAddr, packet: &mut [u8], now: Duration) -> Fate {
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let partner = match self.state.lock().take_in(source, packet, now) {
            Ok(partner) => partner,
            Err(fate) => return fate,
        };
        self.hear(now);
        partner.upgrade().map_or(Fate::Unwanted, |partner| partner.give(self, packet, now))
    }

    /// Sends a packet that came from `from` to the party, if that is still whom it hears.
    fn give(&self, from: &Arc<Self>, packet: &mut [u8], now: Duration) -> Fate {
        let is_rtp = match &self.reported {
            None => true,
            // The partner's reports are about a stream that the party does not get as it was sent.
            Some(stream) if stream.state.lock().outflow.is_spliced() => return Fate::Unwanted,
            Some(_) => false,
        };
        let mut state = self.state.lock();
        let target = state.target_from(from).filter(|_| !is_rtp || state.outflow.pass(packet, RATE, now));
        drop(state);
        let Some(target) = target else { return Fate::Unwanted };
        match self.socket.send_to(packet, target) {
            Ok(_) => Fate::Relayed,
            Err(_) => Fate::Unsendable,
        }
    }

    /// Makes `partner` the one that the party talks with; gives the one from before.
    pub(super) fn pair_with(&self, partner: &Weak<Self>) -> Weak<Self> {
        let mut state = self.state.lock();
        if !state.partner.ptr_eq(partner) {
            state.cut();
        }
        std::mem::replace(&mut state.partner, partner.clone())
    }

    /// Lets the party hear its partner, or not.
    pub(super) fn hear_partner(&self, hears: bool) {
        let mut state = self.state.lock();
        if state.hears_partner != hears {
            state.hears_partner = hears;
            state.cut();
        }
    }
}

impl State {
    /// Takes a packet that came here; says to whom it goes.
    fn take_in(&mut self, source: SocketAddr, packet: &[u8], now: Duration) -> Result<Weak<End>, Fate> {
        self.peer.admit(source, packet, now)?;
        Ok(self.partner.clone())
    }

    /// Where a packet of `from` goes; `None` if the party does not hear that one.
    fn target_from(&self, from: &Arc<End>) -> Option<SocketAddr> {
        let is_heard = self.hears_partner && std::ptr::eq(self.partner.as_ptr(), Arc::as_ptr(from));
        self.peer.target().filter(|_| is_heard)
    }

    fn cut(&mut self) {
        self.outflow.cut();
    }
}
