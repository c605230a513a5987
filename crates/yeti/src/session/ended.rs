//! Sessions that their users have ended: their tokens count no more, though they are in force by what they say.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use call::Timestamp;
use keyvalue::Table;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// Ended sessions that are remembered; the oldest make room. A token is in force for minutes.
const ROOM: usize = 10_000;
/// How long one is remembered whose token is in force for ever.
const LONG: Duration = Duration::from_secs(400 * 86_400);

/// SHA-256, in hex.
type Fingerprint = Arc<str>;

/// Sessions that their users have ended. They are kept on disk, so that no restart revives one.
#[derive(Debug)]
pub struct Ended {
    table: Arc<dyn Table>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Until when each is remembered.
    tokens: HashMap<Fingerprint, Timestamp>,
    order: VecDeque<Fingerprint>,
}

impl Ended {
    /// What is kept in a table and is in force at an instant.
    pub fn open(table: Arc<dyn Table>, now: Timestamp) -> Self {
        let mut entries = table.load(now);
        entries.sort_by_key(|entry| entry.until);
        let mut kept = Kept::default();
        for entry in entries {
            let token = Fingerprint::from(entry.key);
            kept.order.push_back(token.clone());
            kept.tokens.insert(token, entry.until);
        }
        Self { table, kept: Mutex::new(kept) }
    }

    /// From now on, this token counts no more: for its lifetime, so that it never does again. On disk when this
    /// returns, unless that cannot be written.
    pub async fn end(&self, token: &str, now: Timestamp, lifetime: Option<Duration>) {
        self.remember(fingerprint(token), now + lifetime.unwrap_or(LONG));
        self.table.durable().await;
    }

    fn remember(&self, token: Fingerprint, until: Timestamp) {
        let mut kept = self.kept.lock();
        if kept.tokens.insert(token.clone(), until).is_none() {
            kept.order.push_back(token.clone());
        }
        self.table.put(&token, Vec::new(), until);
        if kept.order.len() > ROOM
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.tokens.remove(&oldest);
            self.table.remove(&oldest);
        }
    }

    /// Somebody has logged in and got this token: within a second, a login gives the same one again.
    pub fn begin(&self, token: &str) {
        let (token, mut kept) = (fingerprint(token), self.kept.lock());
        if kept.tokens.remove(&token).is_some() {
            kept.order.retain(|known| *known != token);
            self.table.remove(&token);
        }
    }

    /// Whether a token counts no more.
    pub fn contains(&self, token: &str) -> bool {
        let kept = self.kept.lock();
        !kept.tokens.is_empty() && kept.tokens.contains_key(&fingerprint(token))
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    hex::encode(Sha256::digest(token)).into()
}

#[cfg(test)]
mod tests {
    use keyvalue::Memory;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const LIFETIME: Option<Duration> = Some(Duration::from_secs(600));

    #[tokio::test]
    async fn the_latest_are_remembered() {
        let ended = Ended::open(Arc::new(Memory::default()), NOW);
        for number in 0..=ROOM {
            ended.end(&number.to_string(), NOW, LIFETIME).await;
        }
        ended.end(&ROOM.to_string(), NOW, LIFETIME).await;
        assert!(!ended.contains("0") && ended.contains("1") && ended.contains(&ROOM.to_string()));
        ended.begin("1");
        assert!(!ended.contains("1") && ended.contains("2"));
    }

    #[tokio::test]
    async fn no_restart_revives_a_session_whose_token_would_be_in_force() {
        let table: Arc<dyn Table> = Arc::new(Memory::default());
        let ended = Ended::open(table.clone(), NOW);
        ended.end("a", NOW, LIFETIME).await;
        ended.end("b", NOW, LIFETIME).await;
        ended.begin("b");
        let again = Ended::open(table.clone(), NOW + Duration::from_secs(599));
        assert_eq!(["a", "b"].map(|token| again.contains(token)), [true, false]);
        assert!(!Ended::open(table, NOW + Duration::from_secs(600)).contains("a"));
    }
}
