//! The ports that are free for media.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    sync::Arc,
};

use call::AccountId;
use mio::net::UdpSocket;
use parking_lot::Mutex;

use super::MediaError;

/// Free pairs of ports. Those given back last are taken last, so that late packets of an old call do not
/// meet a new one.
pub(super) struct PortPool {
    address: IpAddr,
    size: usize,
    pairs: Arc<Mutex<Pairs>>,
}

#[derive(Default)]
struct Pairs {
    free: VecDeque<u16>,
    /// How many are taken for calls of each account.
    taken: HashMap<AccountId, usize>,
}

/// For whose call pairs of ports are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The account that the call comes from.
    pub account: AccountId,
    /// How many pairs all its calls may have.
    pub most: usize,
}

/// A pair of ports, free again when this is dropped.
pub(super) struct Lease {
    rtp: u16,
    account: Option<AccountId>,
    pairs: Arc<Mutex<Pairs>>,
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
        let size = free.len();
        let pairs = Arc::new(Mutex::new(Pairs { free, ..Pairs::default() }));
        Ok(Self { address, size, pairs })
    }

    /// All of them.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn free_pairs(&self) -> usize {
        self.pairs.lock().free.len()
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
    pub(super) fn bind(&self, share: Option<Share>) -> Result<SocketPair, MediaError> {
        for _ in 0..self.free_pairs() {
            let lease = self.lease(share)?;
            match self.bind_to(lease) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => (),
                bound => return bound.map_err(MediaError::system("open a media port")),
            }
        }
        Err(MediaError::PortsUsedUp)
    }

    fn lease(&self, share: Option<Share>) -> Result<Lease, MediaError> {
        let mut pairs = self.pairs.lock();
        if let Some(Share { account, most }) = share {
            let taken = pairs.taken.get(&account).copied().unwrap_or_default();
            if taken >= most {
                return Err(MediaError::AccountHasItsShare { account });
            }
        }
        let rtp = pairs.free.pop_front().ok_or(MediaError::PortsUsedUp)?;
        let account = share.map(|share| share.account);
        if let Some(account) = account {
            *pairs.taken.entry(account).or_default() += 1;
        }
        Ok(Lease { rtp, account, pairs: self.pairs.clone() })
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
        let mut pairs = self.pairs.lock();
        pairs.free.push_back(self.rtp);
        if let Some(Entry::Occupied(mut taken)) = self.account.map(|account| pairs.taken.entry(account)) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}
