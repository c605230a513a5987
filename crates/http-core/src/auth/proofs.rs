//! Logins that were right a moment ago. Clients of some dialects send their password with every request;
//! checking it each time would cost a hundred times what the request itself does.
//!
//! What is kept is no password: a digest under a key that only this process has, for a minute, and only as
//! long as the directory stays the very same.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use call::UserId;
use directory::Snapshot;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::Login;

/// How long a login is remembered.
const LIFETIME: Duration = Duration::from_secs(60);
/// Most logins that are remembered.
const ROOM: usize = 10_000;

/// A login and where it came from, as a digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proof([u8; 32]);

/// The logins of late that were right.
pub struct Proofs {
    key: [u8; 32],
    accepted: Mutex<Accepted>,
}

#[derive(Default)]
struct Accepted {
    directory: Weak<Snapshot>,
    users: HashMap<Proof, (UserId, Duration)>,
}

impl Default for Proofs {
    fn default() -> Self {
        Self { key: rand::random(), accepted: Mutex::default() }
    }
}

impl Proofs {
    /// The digest of a login.
    pub fn digest(&self, ip: IpAddr, login: &Login) -> Proof {
        let customer = login.customer.as_deref().map_or("-".to_owned(), |name| format!("+{name}"));
        let ip = ip.to_string();
        let parts = [customer.as_str(), &login.login, &login.password.0, &ip];
        let digest = parts.iter().fold(Sha256::new_with_prefix(self.key), |digest, part| {
            digest.chain_update(part.len().to_le_bytes()).chain_update(part)
        });
        Proof(digest.finalize().into())
    }

    /// Whose login it was, if it was right for this same directory within the last minute. `now` is
    /// monotonic.
    pub fn recall(&self, directory: &Arc<Snapshot>, proof: Proof, now: Duration) -> Option<UserId> {
        let accepted = self.accepted.lock();
        let (user, until) = accepted.users.get(&proof).filter(|_| accepted.is_for(directory))?;
        (now < *until).then_some(*user)
    }

    /// Remembers that it was right.
    pub fn remember(&self, directory: &Arc<Snapshot>, proof: Proof, user: UserId, now: Duration) {
        let mut accepted = self.accepted.lock();
        if !accepted.is_for(directory) {
            *accepted = Accepted { directory: Arc::downgrade(directory), users: HashMap::new() };
        }
        if accepted.users.len() >= ROOM {
            accepted.users.retain(|_, (_, until)| now < *until);
        }
        if accepted.users.len() < ROOM {
            accepted.users.insert(proof, (user, now + LIFETIME));
        }
    }
}

impl Accepted {
    fn is_for(&self, directory: &Arc<Snapshot>) -> bool {
        std::ptr::eq(self.directory.as_ptr(), Arc::as_ptr(directory))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use directory::snapshot::Entries;

    use super::*;
    use crate::config::Secret;

    const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn directory() -> Arc<Snapshot> {
        Arc::new(Snapshot::new(Entries::default()))
    }

    fn login(customer: Option<&str>, login: &str, password: &str) -> Login {
        let password = Secret(password.to_owned());
        Login { customer: customer.map(str::to_owned), login: login.to_owned(), password }
    }

    #[test]
    fn a_login_is_remembered_for_a_minute() {
        let (proofs, directory) = (Proofs::default(), directory());
        let proof = proofs.digest(IP, &login(None, "anna", "secret"));
        assert_eq!(proofs.recall(&directory, proof, Duration::ZERO), None);
        proofs.remember(&directory, proof, UserId(1), Duration::ZERO);
        assert_eq!(proofs.recall(&directory, proof, LIFETIME / 2), Some(UserId(1)));
        assert_eq!(proofs.recall(&directory, proof, LIFETIME), None);
    }

    #[test]
    fn a_change_of_the_directory_forgets_every_login() {
        let (proofs, old, new) = (Proofs::default(), directory(), directory());
        let proof = proofs.digest(IP, &login(None, "anna", "secret"));
        proofs.remember(&old, proof, UserId(1), Duration::ZERO);
        assert_eq!(proofs.recall(&new, proof, Duration::ZERO), None);
        proofs.remember(&new, proof, UserId(2), Duration::ZERO);
        assert_eq!(proofs.recall(&new, proof, Duration::ZERO), Some(UserId(2)));
    }

    #[test]
    fn logins_that_differ_in_anything_are_different() {
        let proofs = Proofs::default();
        let proof = proofs.digest(IP, &login(Some("acme"), "anna", "secret"));
        for other in [
            login(Some("acme"), "anna", "Secret"),
            login(Some("acme"), "annas", "ecret"),
            login(Some("acmea"), "nna", "secret"),
            login(Some(""), "anna", "secret"),
            login(None, "anna", "secret"),
        ] {
            assert!(proofs.digest(IP, &other) != proof);
        }
        let elsewhere = IpAddr::V4(Ipv4Addr::BROADCAST);
        assert!(proofs.digest(elsewhere, &login(Some("acme"), "anna", "secret")) != proof);
        assert!(Proofs::default().digest(IP, &login(Some("acme"), "anna", "secret")) != proof);
    }

    #[test]
    fn a_full_memory_takes_no_more_until_some_are_forgotten() {
        let (proofs, directory) = (Proofs::default(), directory());
        let proof = |number: usize| proofs.digest(IP, &login(None, &number.to_string(), ""));
        (0..=ROOM).for_each(|number| proofs.remember(&directory, proof(number), UserId(1), Duration::ZERO));
        assert_eq!(proofs.recall(&directory, proof(ROOM), Duration::ZERO), None);
        proofs.remember(&directory, proof(ROOM), UserId(1), LIFETIME);
        assert_eq!(proofs.recall(&directory, proof(ROOM), LIFETIME), Some(UserId(1)));
    }
}
