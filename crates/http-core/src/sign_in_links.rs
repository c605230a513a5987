//! Links that sign a user in once, without a password: for whoever starts a server and wants to look at it.

use std::time::Duration;

use call::UserId;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// Links that are good at a time; of more, the oldest is good no more.
const ROOM: usize = 16;

/// The links that nobody has used yet. What is kept of one is its digest.
#[derive(Debug, Default)]
pub struct SignInLinks {
    held: Mutex<Vec<Link>>,
}

#[derive(Debug)]
struct Link {
    ticket: [u8; 32],
    user: UserId,
    /// When it is good no more, monotonic.
    until: Duration,
}

impl SignInLinks {
    /// What a new link for a user says, which is good once and until then (monotonic).
    pub fn issue(&self, user: UserId, until: Duration) -> String {
        let said = hex::encode(rand::random::<[u8; 16]>());
        let mut held = self.held.lock();
        if held.len() >= ROOM {
            held.remove(0);
        }
        held.push(Link { ticket: Sha256::digest(&said).into(), user, until });
        said
    }

    /// How many are good at a monotonic time.
    pub fn count(&self, now: Duration) -> usize {
        self.held.lock().iter().filter(|link| now < link.until).count()
    }

    /// Whom a link signs in, which is good no more after that. `now` is monotonic.
    pub fn redeem(&self, said: &str, now: Duration) -> Option<UserId> {
        let ticket: [u8; 32] = Sha256::digest(said).into();
        let mut held = self.held.lock();
        let at = held.iter().position(|link| link.ticket == ticket)?;
        let link = held.remove(at);
        (now < link.until).then_some(link.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    #[test]
    fn a_link_is_good_once_and_not_for_ever() {
        let links = SignInLinks::default();
        let (one, other) = (links.issue(UserId(1), NOW), links.issue(UserId(2), NOW));
        let before = NOW - Duration::from_secs(1);
        assert_eq!(links.redeem("something", before), None);
        assert_eq!((links.count(before), links.count(NOW)), (2, 0));
        assert_eq!(links.redeem(&one, before), Some(UserId(1)));
        assert_eq!(links.redeem(&one, before), None);
        assert_eq!(links.redeem(&other, NOW), None, "it is too late");
    }

    #[test]
    fn of_more_links_than_there_is_room_for_the_oldest_is_good_no_more() {
        let links = SignInLinks::default();
        let all: Vec<_> = (0..=ROOM).map(|_| links.issue(UserId(1), NOW)).collect();
        assert_eq!(links.redeem(&all[0], Duration::ZERO), None);
        assert!(all[1..].iter().all(|link| links.redeem(link, Duration::ZERO).is_some()));
    }
}
