//! How well RTP arrives (RFC 3550 sections 6.4 and 8, appendix A), without a clock, a socket, or memory that strangers
//! could make grow.
//!
//! A [`Session`] is what the switch and one party send each other in one stream. It counts what comes
//! ([`Reception`]) and what is sent ([`Transmission`]), takes the party's reports, and writes ours. The text of packets
//! is read and written by `rtcp-types`.
//!
//! Times are since any instant that stays the same: the NTP timestamps of our reports count from it, as RFC 3550
//! section 4 allows, so that they tell nothing of the machine's clock.

mod packets;
mod reception;
mod session;
#[cfg(test)]
mod tests;
mod transmission;

use std::time::Duration;

pub use packets::feedback;
pub use reception::{Arrival, Reception};
pub use session::{Heard, LEAST_INTERVAL, Now, Session};
pub use transmission::Transmission;

/// How well one direction has arrived so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets that should have come, as their sequence numbers tell.
    pub expected: u32,
    /// Packets of those that have not come; never more than those.
    pub lost: u32,
    /// The mean of the interarrival jitter.
    pub jitter: Duration,
}

/// How well both directions have arrived so far, and how far the party is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// What the party sends; `None` while nothing has come.
    pub received: Option<Tally>,
    /// What it is sent, as it reports; `None` while it reports nothing.
    pub sent: Option<Tally>,
    /// The mean of the time to the party and back; `None` while it answers no report of ours.
    pub round_trip: Option<Duration>,
}

/// A mean of durations.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    micros: u64,
    count: u32,
}

impl Mean {
    fn add(&mut self, micros: u64) {
        self.micros = self.micros.saturating_add(micros);
        self.count = self.count.saturating_add(1);
    }

    fn get(self) -> Option<Duration> {
        (self.count > 0).then(|| Duration::from_micros(self.micros / u64::from(self.count)))
    }
}

/// The middle 32 bits of an NTP timestamp: seconds in the upper half.
fn middle(ntp: u64) -> u32 {
    u32::try_from((ntp >> 16) & 0xffff_ffff).expect("32 bits")
}

/// The NTP timestamp of a time.
fn ntp(now: Duration) -> u64 {
    let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
    (now.as_secs() << 32) | fraction
}
