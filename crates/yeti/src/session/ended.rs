//! Sessions that their users have ended: their tokens count no more, though they are in force by what they say.

use std::collections::{HashSet, VecDeque};

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// Ended sessions that are remembered; the oldest make room. A token is in force for minutes.
const ROOM: usize = 10_000;

type Fingerprint = [u8; 32];

/// Sessions that their users have ended.
#[derive(Default)]
pub struct Ended(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    tokens: HashSet<Fingerprint>,
    order: VecDeque<Fingerprint>,
}

impl Ended {
    /// From now on, this token counts no more.
    pub fn end(&self, token: &str) {
        let (token, mut kept) = (fingerprint(token), self.0.lock());
        if !kept.tokens.insert(token) {
            return;
        }
        kept.order.push_back(token);
        if kept.order.len() > ROOM
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.tokens.remove(&oldest);
        }
    }

    /// Somebody has logged in and got this token: within a second, a login gives the same one again.
    pub fn begin(&self, token: &str) {
        let (token, mut kept) = (fingerprint(token), self.0.lock());
        if kept.tokens.remove(&token) {
            kept.order.retain(|known| *known != token);
        }
    }

    /// Whether a token counts no more.
    pub fn contains(&self, token: &str) -> bool {
        let kept = self.0.lock();
        !kept.tokens.is_empty() && kept.tokens.contains(&fingerprint(token))
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered() {
        let ended = Ended::default();
        for number in 0..=ROOM {
            ended.end(&number.to_string());
        }
        ended.end(&ROOM.to_string());
        assert!(!ended.contains("0") && ended.contains("1") && ended.contains(&ROOM.to_string()));
        ended.begin("1");
        assert!(!ended.contains("1") && ended.contains("2"));
    }
}
