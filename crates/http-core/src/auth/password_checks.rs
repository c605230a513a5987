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
        Self::of_processors(std::thread::available_parallelism().map_or(1, Into::into))
    }
}

impl PasswordChecks {
    fn of_processors(count: usize) -> Self {
        Self { processors: Arc::new(Semaphore::new(count)), sources: Mutex::default() }
    }

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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn whoever_sends_hundreds_at_once_waits_for_itself() {
        let checks = PasswordChecks::of_processors(2);
        let first = checks.turn(STRANGER, false).now_or_never().expect("nobody else is there");
        let mut waiting: Vec<_> = (0..200).map(|_| Box::pin(checks.turn(STRANGER, false))).collect();
        assert!(waiting.iter_mut().all(|turn| turn.as_mut().now_or_never().is_none()));
        assert!(checks.turn(OTHER, false).now_or_never().is_some());
        assert!(checks.turn(STRANGER, true).now_or_never().is_some());
        drop(first);
        assert!(waiting[0].as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_source_at_rest_is_forgotten() {
        let checks = PasswordChecks::of_processors(2);
        drop(checks.turn(STRANGER, false).now_or_never());
        drop(checks.turn(OTHER, false).now_or_never());
        assert_eq!(checks.sources.lock().len(), 1);
    }
}
