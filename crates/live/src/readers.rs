//! Who reads events: so many at a time, and of one client fewer.

use std::{collections::HashMap, sync::Arc};

use call::AccountId;
use directory::Access;
use parking_lot::Mutex;

/// How many may read events at a time.
#[derive(Clone, Copy, Debug)]
pub struct ReaderLimits {
    /// All together.
    pub in_all: usize,
    /// Those that may see the same accounts.
    pub of_one: usize,
}

/// There are as many readers as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyReaders {
    /// All together.
    #[error("as many programs read events as the server allows ({0})")]
    InAll(usize),
    /// Of the same client.
    #[error("as many programs of this account read events as are allowed ({0})")]
    OfOne(usize),
}

impl Default for ReaderLimits {
    /// 2,000 and 50.
    fn default() -> Self {
        Self { in_all: 2_000, of_one: 50 }
    }
}

/// The places of readers.
pub(crate) struct Readers {
    limits: ReaderLimits,
    taken: Mutex<HashMap<Vec<AccountId>, usize>>,
}

/// The place of one; given back when dropped.
pub(crate) struct Place {
    readers: Arc<Readers>,
    of: Vec<AccountId>,
}

impl Readers {
    pub(crate) fn new(limits: ReaderLimits) -> Arc<Self> {
        Arc::new(Self { limits, taken: Mutex::default() })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.taken.lock().values().sum()
    }

    pub(crate) fn enter(self: &Arc<Self>, access: &Access) -> Result<Place, TooManyReaders> {
        let of = access.accounts().to_vec();
        let mut taken = self.taken.lock();
        if taken.values().sum::<usize>() >= self.limits.in_all {
            return Err(TooManyReaders::InAll(self.limits.in_all));
        }
        let own = taken.entry(of.clone()).or_default();
        if *own >= self.limits.of_one {
            return Err(TooManyReaders::OfOne(self.limits.of_one));
        }
        *own += 1;
        Ok(Place { readers: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.readers.taken.lock();
        if let Some(own) = taken.get_mut(&self.of) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.of);
            }
        }
    }
}
