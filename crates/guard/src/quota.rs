//! How much a client may ask for: so many requests a minute, and as many at once as it has not made in the minute before.

use std::{
    hash::Hash,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use hashlink::LruCache;
use parking_lot::Mutex;

/// In which time all that was spent comes back.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Clients that are remembered; of others it is forgotten what they have spent.
const ROOM: usize = 10_000;

/// What each client has spent. All times are monotonic.
#[derive(Debug)]
pub struct Quotas<K> {
    /// Requests within the window; 0 = as many as they like.
    limit: AtomicU32,
    /// When each has everything again.
    clients: Mutex<LruCache<K, Duration>>,
    refused: AtomicU64,
}

/// What a client has, with a request that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests within the window.
    pub limit: u32,
    /// How many it has left.
    pub left: u32,
    /// How long until it has everything again.
    pub full_in: Duration,
    /// How long it has to wait, if it had none left for this one.
    pub wait: Option<Duration>,
}

impl<K: Eq + Hash> Quotas<K> {
    /// Such as let every client ask so much within the window; 0 = as much as it likes.
    pub fn new(limit: u32) -> Self {
        let clients = Mutex::new(LruCache::new(ROOM));
        Self { limit: limit.into(), clients, refused: AtomicU64::new(0) }
    }

    /// From now on, this is how much.
    pub fn set_limit(&self, limit: u32) {
        self.limit.store(limit, Relaxed);
    }

    /// Takes a request off what a client has; `None` if nobody is bounded.
    pub fn spend(&self, client: K, now: Duration) -> Option<Allowance> {
        let limit = self.limit.load(Relaxed);
        if limit == 0 {
            return None;
        }
        let mut clients = self.clients.lock();
        let full_at = clients.get(&client).copied().unwrap_or_default();
        let (full_at, allowance) = spent(full_at, limit, now);
        clients.insert(client, full_at);
        self.refused.fetch_add(allowance.wait.is_some().into(), Relaxed);
        Some(allowance)
    }

    /// Requests that were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Clients that are remembered.
    pub fn remembered(&self) -> usize {
        self.clients.lock().len()
    }
}

/// One request more of a client that had everything again at `full_at`: when that is now, and what it has.
fn spent(full_at: Duration, limit: u32, now: Duration) -> (Duration, Allowance) {
    let one = WINDOW / limit;
    // A greater limit before this one counts no longer than the window.
    let full_at = full_at.clamp(now, now + WINDOW);
    let with_this = full_at + one;
    let wait = with_this.checked_sub(now + WINDOW).filter(|wait| !wait.is_zero());
    let full_at = if wait.is_some() { full_at } else { with_this };
    let full_in = full_at - now;
    let left = (WINDOW - full_in).as_nanos() / one.as_nanos().max(1);
    (full_at, Allowance { limit, left: u32::try_from(left).unwrap_or(limit).min(limit), full_in, wait })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_client_has_so_many_at_once_and_gets_them_back_one_by_one() {
        let quotas = Quotas::new(6);
        for left in [5, 4, 3, 2, 1, 0] {
            assert_eq!(quotas.spend("a", at(0)).map(|it| (it.left, it.wait)), Some((left, None)));
        }
        let refused = quotas.spend("a", at(0)).unwrap();
        assert_eq!((refused.left, refused.wait, refused.full_in), (0, Some(at(10)), at(60)));
        assert_eq!(quotas.spend("b", at(0)).map(|it| it.left), Some(5), "another client has its own");
        assert_eq!(quotas.spend("a", at(10)).map(|it| (it.left, it.wait)), Some((0, None)));
        assert_eq!(quotas.spend("a", at(15)).and_then(|it| it.wait), Some(at(5)));
        assert_eq!(quotas.spend("a", at(70)).map(|it| it.left), Some(5));
        assert_eq!(quotas.refused(), 2);
    }

    #[test]
    fn a_limit_can_change_and_none_bounds_nobody() {
        let quotas = Quotas::new(60);
        for _ in 0..60 {
            let _ = quotas.spend("a", at(0));
        }
        quotas.set_limit(6);
        assert_eq!(quotas.spend("a", at(0)).and_then(|it| it.wait), Some(at(10)));
        quotas.set_limit(0);
        assert_eq!(quotas.spend("a", at(0)), None);
    }

    #[test]
    fn so_many_clients_are_remembered_and_no_more() {
        let quotas = Quotas::new(1);
        for client in 0..ROOM + 10 {
            let _ = quotas.spend(client, at(0));
        }
        assert_eq!(quotas.remembered(), ROOM);
    }

    proptest! {
        #[test]
        fn no_client_gets_more_than_twice_the_limit_in_a_window(
            limit in 1..500_u32,
            gaps in proptest::collection::vec(0..2_000_u64, 1..400),
        ) {
            let (quotas, mut now, mut taken) = (Quotas::new(limit), Duration::ZERO, Vec::new());
            for gap in gaps {
                now += Duration::from_millis(gap);
                let Some(allowance) = quotas.spend((), now) else { unreachable!("there is a limit") };
                prop_assert!(allowance.left <= limit && allowance.full_in <= WINDOW);
                match allowance.wait {
                    None => taken.push(now),
                    Some(wait) => prop_assert!(wait <= WINDOW / limit + Duration::from_nanos(1), "{wait:?}"),
                }
            }
            for start in &taken {
                let within = taken.iter().filter(|at| *start <= **at && **at < *start + WINDOW).count();
                prop_assert!(within <= 2 * limit as usize, "{within}");
            }
        }
    }
}
