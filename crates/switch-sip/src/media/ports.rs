//! The ports that are free for media.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::Arc,
};

use mio::net::UdpSocket;
use parking_lot::Mutex;

use super::MediaError;

/// Free pairs of ports. Those given back last are taken last, so that late packets of an old call do not
/// meet a new one.
pub(super) struct PortPool {
    address: IpAddr,
    size: usize,
    free: Arc<Mutex<VecDeque<u16>>>,
}

/// A pair of ports, free again when this is dropped.
pub(super) struct Lease {
    rtp: u16,
    free: Arc<Mutex<VecDeque<u16>>>,
}

/// The sockets of a pair of ports.
pub(super) struct SocketPair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    pub(super) lease: Arc<Lease>,
}

impl PortPool {
    pub(super) fn new(address: IpAddr, range: RangeInclusive<u16>) -> Result<Self, MediaError> {
        let is_pair = |port: &u16| port.is_multiple_of(2) && *port > 0 && range.contains(&(port + 1));
        let free: VecDeque<u16> = range.clone().filter(is_pair).collect();
        if free.is_empty() {
            return Err(MediaError::NoPorts { first: *range.start(), last: *range.end() });
        }
        Ok(Self { address, size: free.len(), free: Arc::new(Mutex::new(free)) })
    }

    pub(super) fn free_pairs(&self) -> usize {
        self.free.lock().len()
    }

    pub(super) fn taken_pairs(&self) -> usize {
        self.size - self.free_pairs()
    }

    /// Whether there are enough for more than the sound of a call: the last half of them is for that alone, so that
    /// nobody keeps others from calling by streams that it could do without.
    pub(super) fn has_plenty(&self) -> bool {
        self.free_pairs() > self.size / 2
    }

    /// Opens the sockets of a free pair. Pairs that some other program sits on are passed over.
    pub(super) fn bind(&self) -> Result<SocketPair, MediaError> {
        for _ in 0..self.free_pairs() {
            let lease = self.lease().ok_or(MediaError::PortsUsedUp)?;
            match self.bind_to(lease) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => (),
                bound => return bound.map_err(MediaError::system("open a media port")),
            }
        }
        Err(MediaError::PortsUsedUp)
    }

    fn lease(&self) -> Option<Lease> {
        let rtp = self.free.lock().pop_front()?;
        Some(Lease { rtp, free: self.free.clone() })
    }

    fn bind_to(&self, lease: Lease) -> io::Result<SocketPair> {
        let rtp = UdpSocket::bind(SocketAddr::new(self.address, lease.rtp))?;
        let rtcp = UdpSocket::bind(SocketAddr::new(self.address, lease.rtcp()))?;
        Ok(SocketPair { rtp, rtcp, lease: Arc::new(lease) })
    }
}

impl Lease {
    pub(super) fn rtp(&self) -> u16 {
        self.rtp
    }

    pub(super) fn rtcp(&self) -> u16 {
        self.rtp + 1
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.free.lock().push_back(self.rtp);
    }
}
