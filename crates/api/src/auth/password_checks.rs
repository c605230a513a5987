//! Turns of password checks. A check takes a processor for tens of milliseconds, so that there are only as many
//! at a time as there are processors, and only one of each source: whoever sends hundreds at once waits for
//! itself, not others for it.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use guard::Source;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Who waits for its turn.
pub struct PasswordChecks {
    processors: Arc<Semaphore>,
    /// Those of which a check goes on or waits.
    sources: Mutex<HashMap<Source, Arc<Semaphore>>>,
}

/// A turn. Over when dropped.
pub struct Turn {
    _processor: OwnedSemaphorePermit,
    _source: Option<OwnedSemaphorePermit>,
}

impl Default for PasswordChecks {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, Into::into);
        Self { processors: Arc::new(Semaphore::new(processors)), sources: Mutex::default() }
    }
}

impl PasswordChecks {
    /// Waits for a turn. A user who is `known` at the source does not wait for strangers there.
    pub async fn turn(&self, ip: IpAddr, known: bool) -> Turn {
        let source = if known { None } else { Some(take(self.of(ip.into())).await) };
        Turn { _processor: take(self.processors.clone()).await, _source: source }
    }

    fn of(&self, source: Source) -> Arc<Semaphore> {
        let mut sources = self.sources.lock();
        // Nobody else has one that is at rest.
        sources.retain(|_, turns| Arc::strong_count(turns) > 1);
        sources.entry(source).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
    }
}

async fn take(turns: Arc<Semaphore>) -> OwnedSemaphorePermit {
    turns.acquire_owned().await.expect("the semaphore is never closed")
}
