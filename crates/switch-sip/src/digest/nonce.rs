//! Nonces: bound to their source and time by a keyed hash, so that none needs to be kept before it is used;
//! and which counts of a used one are spent.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Issue time (8 bytes), serial (8 bytes), seal (16 bytes).
const LENGTH: usize = 32;
const SIGNED: usize = 16;

/// How many uses are kept before old ones are looked for.
const SWEEP_AT: usize = 4096;

/// Hands out nonces and knows them again.
pub(super) struct Nonces {
    key: [u8; 32],
    lifetime: Duration,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    windows: HashMap<u64, Window>,
    sweep_at: usize,
}

/// Which counts of a nonce are spent: the highest, and those of the 64 below it.
struct Window {
    issued: Duration,
    highest: u32,
    below: u64,
}

/// What a nonce is, as far as its time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    Stale,
    /// Not ours, or given to another source.
    Foreign,
}

impl Nonces {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { key: rand::random(), lifetime, used: Mutex::default() }
    }

    pub(super) fn issue(&self, source: IpAddr, now: Duration) -> String {
        let mut nonce = [0; LENGTH];
        nonce[..8].copy_from_slice(&micros(now).to_be_bytes());
        nonce[8..SIGNED].copy_from_slice(&rand::random::<[u8; 8]>());
        let seal = self.seal(&nonce[..SIGNED], source);
        nonce[SIGNED..].copy_from_slice(&seal);
        URL_SAFE_NO_PAD.encode(nonce)
    }

    /// A prefix MAC: sound here since what is signed has one length and the hash is cut.
    fn seal(&self, signed: &[u8], source: IpAddr) -> [u8; LENGTH - SIGNED] {
        let source = match source {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let hash = Sha256::new().chain_update(self.key).chain_update(signed).chain_update(source.octets());
        let mut seal = [0; LENGTH - SIGNED];
        seal.copy_from_slice(&hash.finalize()[..LENGTH - SIGNED]);
        seal
    }

    pub(super) fn age(&self, nonce: &str, source: IpAddr, now: Duration) -> Age {
        let Some(nonce) = decode(nonce) else { return Age::Foreign };
        let seal = self.seal(&nonce[..SIGNED], source);
        if !bool::from(seal.ct_eq(&nonce[SIGNED..])) {
            return Age::Foreign;
        }
        if now.saturating_sub(issued(&nonce)) > self.lifetime { Age::Stale } else { Age::Fresh }
    }

    /// Spends a count of a fresh nonce; false if it was spent before or is too far behind.
    ///
    /// Only for credentials that were right: whoever does not know the secret must not use up counts.
    pub(super) fn spend(&self, nonce: &str, count: u32, now: Duration) -> bool {
        let Some(nonce) = decode(nonce) else { return false };
        let mut used = self.used.lock();
        used.sweep(now, self.lifetime);
        let window = used.windows.entry(serial(&nonce));
        window.or_insert_with(|| Window { issued: issued(&nonce), highest: 0, below: 0 }).spend(count)
    }
}

impl Used {
    /// Forgets nonces that are stale, once many have come since it was last done.
    fn sweep(&mut self, now: Duration, lifetime: Duration) {
        if self.windows.len() < self.sweep_at.max(SWEEP_AT) {
            return;
        }
        self.windows.retain(|_, window| now.saturating_sub(window.issued) <= lifetime);
        self.sweep_at = self.windows.len() * 2;
    }
}

impl Window {
    fn spend(&mut self, count: u32) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            let was_highest = self.highest > 0 && ahead <= u64::BITS;
            self.below = self.below.checked_shl(ahead).unwrap_or(0);
            self.below |= if was_highest { 1 << (ahead - 1) } else { 0 };
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        if count == 0 || behind == 0 || behind > u64::BITS {
            return false;
        }
        let bit = 1 << (behind - 1);
        let is_new = self.below & bit == 0;
        self.below |= bit;
        is_new
    }
}

fn decode(nonce: &str) -> Option<[u8; LENGTH]> {
    URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()
}

fn issued(nonce: &[u8; LENGTH]) -> Duration {
    let (micros, _) = nonce.split_first_chunk().expect("a nonce is longer than its time");
    Duration::from_micros(u64::from_be_bytes(*micros))
}

fn serial(nonce: &[u8; LENGTH]) -> u64 {
    let (serial, _) = nonce[8..].split_first_chunk().expect("a nonce is longer than time and serial");
    u64::from_be_bytes(*serial)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_nonce_is_known_again_at_its_source_for_its_lifetime() {
        let nonces = Nonces::new(seconds(60));
        let nonce = nonces.issue(HOME, seconds(100));
        assert_eq!(nonces.age(&nonce, HOME, seconds(160)), Age::Fresh);
        assert_eq!(nonces.age(&nonce, HOME, seconds(161)), Age::Stale);
        assert_eq!(nonces.age(&nonce, AWAY, seconds(100)), Age::Foreign);
        assert_eq!(Nonces::new(seconds(60)).age(&nonce, HOME, seconds(100)), Age::Foreign);
        assert_eq!(nonces.age("junk", HOME, seconds(100)), Age::Foreign);
    }

    #[test]
    fn each_count_is_spent_once_in_any_order_within_the_window() {
        let nonces = Nonces::new(seconds(60));
        let nonce = nonces.issue(HOME, seconds(0));
        let spend = |count| nonces.spend(&nonce, count, seconds(1));
        assert!(spend(1) && !spend(1));
        assert!(spend(3) && spend(2) && !spend(2) && !spend(3) && !spend(1));
        assert!(spend(70) && spend(6) && !spend(6), "64 behind is inside");
        assert!(!spend(5), "65 behind is outside");
        assert!(!spend(0));
        assert!(spend(u32::MAX) && !spend(70));
    }
}
