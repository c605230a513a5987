//! How many streams are made of one codec another, which has a bound: each costs what a hundred others do.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use codec::Codec;

/// Streams that one core may make others, unless the operator says otherwise: a fifth of it, for the dearest pair.
pub(crate) const STREAMS_OF_A_CORE: usize = 64;
const CODECS: usize = Codec::ALL.len();

/// Streams that are made others, by what and what of.
#[derive(Debug)]
pub(super) struct Transcoders {
    most: AtomicUsize,
    now: AtomicUsize,
    pairs: [[Pair; CODECS]; CODECS],
    refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Pair {
    now: AtomicUsize,
    ever: AtomicU64,
}

/// A stream that may be made another, until this is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    from: Codec,
    to: Codec,
    transcoders: Arc<Transcoders>,
}

/// Streams that are made others, of one codec and by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcoded {
    /// What comes.
    pub from: Codec,
    /// What goes.
    pub to: Codec,
    /// Streams now.
    pub now: usize,
    /// Streams since the start.
    pub ever: u64,
}

impl Transcoders {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let (now, refused) = Default::default();
        Arc::new(Self { most: most.into(), now, pairs: Default::default(), refused })
    }

    /// Says how many streams there may be at once.
    pub(super) fn set_most(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Whether there may be any.
    pub(super) fn are_allowed(&self) -> bool {
        self.most.load(Ordering::Relaxed) > 0
    }

    /// Whether there is room for both directions of a call.
    pub(super) fn have_room(&self) -> bool {
        self.now.load(Ordering::Relaxed) + 2 <= self.most.load(Ordering::Relaxed)
    }

    /// Room for a stream, if there is any.
    pub(super) fn take(self: &Arc<Self>, from: Codec, to: Codec) -> Option<Permit> {
        if self.now.fetch_add(1, Ordering::Relaxed) >= self.most.load(Ordering::Relaxed) {
            self.now.fetch_sub(1, Ordering::Relaxed);
            self.refuse();
            return None;
        }
        let pair = self.pair(from, to);
        pair.now.fetch_add(1, Ordering::Relaxed);
        pair.ever.fetch_add(1, Ordering::Relaxed);
        Some(Permit { from, to, transcoders: self.clone() })
    }

    /// Somebody needs a stream made another, for which there is no room.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// The pairs that there have ever been.
    pub(super) fn read(&self) -> Vec<Transcoded> {
        let pairs = Codec::ALL.into_iter().flat_map(|from| Codec::ALL.map(|to| (from, to)));
        let counts = pairs.map(|(from, to)| {
            let Pair { now, ever } = self.pair(from, to);
            Transcoded { from, to, now: now.load(Ordering::Relaxed), ever: ever.load(Ordering::Relaxed) }
        });
        counts.filter(|pair| pair.ever > 0).collect()
    }

    fn pair(&self, from: Codec, to: Codec) -> &Pair {
        &self.pairs[from as usize][to as usize]
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.transcoders.now.fetch_sub(1, Ordering::Relaxed);
        self.transcoders.pair(self.from, self.to).now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_and_whoever_ends_makes_room() {
        let transcoders = Transcoders::new(2);
        let first = transcoders.take(Codec::Opus, Codec::Pcma);
        assert!(!transcoders.have_room());
        let second = transcoders.take(Codec::Pcma, Codec::Opus);
        assert!(second.is_some() && transcoders.take(Codec::G722, Codec::Opus).is_none());
        drop(first);
        let read: Vec<_> = transcoders.read().iter().map(|pair| (pair.from, pair.now, pair.ever)).collect();
        assert_eq!(read, [(Codec::Pcma, 1, 1), (Codec::Opus, 0, 1)]);
        assert_eq!(transcoders.refused(), 1);
        assert!(transcoders.take(Codec::G722, Codec::Opus).is_some());
    }
}
