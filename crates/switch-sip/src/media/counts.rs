//! How many packets were relayed, and how many were not, and why.

use std::sync::atomic::{AtomicU64, Ordering};

use super::MediaError;

/// Packets since the relay's start, RTP and RTCP together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaCounts {
    /// Passed on.
    pub relayed: u64,
    /// Of ICE, of handshakes and of RTCP, for the switch itself.
    pub answered: u64,
    /// Dropped: from an address that is not the party's.
    pub from_strangers: u64,
    /// Dropped: the party has sent no session description yet.
    pub too_early: u64,
    /// Dropped: the other party does not want media now, or has not said where.
    pub unwanted: u64,
    /// Dropped: the system did not take it, or its key is used up.
    pub unsendable: u64,
    /// Dropped: not made with the keys that were agreed on, changed on its way, or sent once more (RFC 3711).
    pub forged: u64,
}

impl MediaCounts {
    /// Each kind by its name.
    pub(crate) fn parts(self) -> [(&'static str, u64); 7] {
        let Self { relayed, answered, from_strangers, too_early, unwanted, unsendable, forged } = self;
        [
            ("relayed", relayed),
            ("answered", answered),
            ("from_stranger", from_strangers),
            ("too_early", too_early),
            ("unwanted", unwanted),
            ("unsendable", unsendable),
            ("forged", forged),
        ]
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Relayed,
    Answered,
    FromStranger,
    TooEarly,
    Unwanted,
    Unsendable,
    Forged,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    relayed: AtomicU64,
    answered: AtomicU64,
    from_strangers: AtomicU64,
    too_early: AtomicU64,
    unwanted: AtomicU64,
    unsendable: AtomicU64,
    forged: AtomicU64,
    /// Legs for which there were no ports.
    no_ports: AtomicU64,
    /// Legs of accounts that had as many ports as they may.
    shares_used_up: AtomicU64,
    /// Legs for which there were no files.
    no_files: AtomicU64,
}

impl Counters {
    /// A leg got no ports.
    pub(super) fn refuse(&self, why: &MediaError) {
        let counter = match why {
            MediaError::PortsUsedUp => &self.no_ports,
            MediaError::AccountHasItsShare { .. } => &self.shares_used_up,
            MediaError::FilesUsedUp => &self.no_files,
            _ => return,
        };
        let before = counter.fetch_add(1, Ordering::Relaxed);
        // The metrics tell each; the log need not.
        if before.is_power_of_two() || before == 0 {
            tracing::error!(
                error = why as &dyn std::error::Error,
                refused = before + 1,
                "a call gets no media"
            );
        }
    }

    pub(super) fn refused(&self) -> [(&'static str, u64); 3] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("media_ports", count(&self.no_ports)),
            ("media_ports_of_account", count(&self.shares_used_up)),
            ("open_files", count(&self.no_files)),
        ]
    }

    pub(super) fn count(&self, fate: Fate) {
        let counter = match fate {
            Fate::Relayed => &self.relayed,
            Fate::Answered => &self.answered,
            Fate::FromStranger => &self.from_strangers,
            Fate::TooEarly => &self.too_early,
            Fate::Unwanted => &self.unwanted,
            Fate::Unsendable => &self.unsendable,
            Fate::Forged => &self.forged,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> MediaCounts {
        MediaCounts {
            relayed: self.relayed.load(Ordering::Relaxed),
            answered: self.answered.load(Ordering::Relaxed),
            from_strangers: self.from_strangers.load(Ordering::Relaxed),
            too_early: self.too_early.load(Ordering::Relaxed),
            unwanted: self.unwanted.load(Ordering::Relaxed),
            unsendable: self.unsendable.load(Ordering::Relaxed),
            forged: self.forged.load(Ordering::Relaxed),
        }
    }
}
