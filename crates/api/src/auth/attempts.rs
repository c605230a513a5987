//! A brake on guessing passwords: after too many failures from one address for one login, further tries are
//! refused for a while, right or wrong.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use call::Timestamp;
use parking_lot::Mutex;

/// Failures that are let pass within [`WINDOW`].
const ALLOWED: usize = 10;
/// How long a failure counts.
const WINDOW: Duration = Duration::from_secs(300);
/// Most pairs of address and login that are remembered.
const ROOM: usize = 100_000;

/// The failures of late. Logins are kept as hashes of the process.
#[derive(Default)]
pub struct Attempts {
    failures: Mutex<HashMap<(IpAddr, u64), Vec<Timestamp>>>,
    hasher: std::hash::RandomState,
}

/// Too many failures; try again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyAttempts {
    /// How long to wait.
    pub retry_after: Duration,
}

impl Attempts {
    /// Whether another try is let pass.
    pub fn check(&self, ip: IpAddr, login: &str, now: Timestamp) -> Result<(), TooManyAttempts> {
        let failures = self.failures.lock();
        let recent = failures.get(&self.key(ip, login)).map(|times| recent(times, now)).unwrap_or_default();
        match recent.first() {
            Some(first) if recent.len() >= ALLOWED => {
                Err(TooManyAttempts { retry_after: (*first + WINDOW).since(now) })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a failure.
    pub fn failed(&self, ip: IpAddr, login: &str, now: Timestamp) {
        let mut failures = self.failures.lock();
        if failures.len() >= ROOM {
            failures.retain(|_, times| !recent(times, now).is_empty());
        }
        let times = failures.entry(self.key(ip, login)).or_default();
        *times = recent(times, now);
        times.push(now);
    }

    /// Forgets the failures: the right password was given.
    pub fn succeeded(&self, ip: IpAddr, login: &str) {
        self.failures.lock().remove(&self.key(ip, login));
    }

    fn key(&self, ip: IpAddr, login: &str) -> (IpAddr, u64) {
        use std::hash::BuildHasher;
        (ip, self.hasher.hash_one(login))
    }
}

fn recent(times: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
    times.iter().copied().filter(|at| *at + WINDOW > now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn tries_are_refused_after_ten_failures_until_the_oldest_is_forgotten() {
        let attempts = Attempts::default();
        let start = Timestamp::from_seconds(1_000);
        for _ in 0..ALLOWED {
            assert_eq!(attempts.check(IP, "anna", start), Ok(()));
            attempts.failed(IP, "anna", start);
        }
        let refused = attempts.check(IP, "anna", start + Duration::from_secs(100));
        assert_eq!(refused, Err(TooManyAttempts { retry_after: Duration::from_secs(200) }));
        assert_eq!(attempts.check(IP, "anna", start + WINDOW), Ok(()));
    }

    #[test]
    fn failures_of_one_login_do_not_lock_another() {
        let attempts = Attempts::default();
        let now = Timestamp::from_seconds(1_000);
        (0..ALLOWED).for_each(|_| attempts.failed(IP, "anna", now));
        assert_eq!(attempts.check(IP, "berta", now), Ok(()));
    }

    #[test]
    fn the_right_password_forgets_failures() {
        let attempts = Attempts::default();
        let now = Timestamp::from_seconds(1_000);
        (0..ALLOWED).for_each(|_| attempts.failed(IP, "anna", now));
        attempts.succeeded(IP, "anna");
        assert_eq!(attempts.check(IP, "anna", now), Ok(()));
    }
}
