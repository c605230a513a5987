//! What a party is sent, and what it reports of that.

use std::time::Duration;

use crate::{Mean, Tally, packets::Verdict};

/// A round trip that takes longer is none: the report does not speak of ours.
const LONGEST: u32 = 30 << 16;

/// What a party has been sent so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transmission {
    ssrc: Option<u32>,
    packets: u32,
    octets: u32,
    /// What it has reported of this source.
    judged: Option<Tally>,
    /// Of sources before this one.
    settled: Option<Tally>,
    jitter: Mean,
    round_trip: Mean,
    /// The times of our latest reports, as the party refers to them.
    reported_at: [Option<u32>; 2],
}

impl Transmission {
    /// Counts a packet that is sent, with so many octets of payload.
    pub fn send(&mut self, ssrc: u32, octets: usize) {
        if self.ssrc != Some(ssrc) {
            self.settled = self.total();
            (self.ssrc, self.judged) = (Some(ssrc), None);
            (self.packets, self.octets) = (0, 0);
        }
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(u32::MAX));
    }

    /// The source, its packets and their octets; `None` if nothing was sent.
    pub(crate) fn sent(&self) -> Option<(u32, u32, u32)> {
        Some((self.ssrc?, self.packets, self.octets))
    }

    /// Notes that a report of ours was sent.
    pub(crate) fn reported(&mut self, at: u32) {
        self.reported_at = [Some(at), self.reported_at[0]];
    }

    /// Takes what the party says of what it is sent. `rate` is how many timestamp units a second has.
    pub(crate) fn judge(&mut self, verdict: Verdict, rate: u32, now: u32) {
        if self.ssrc != Some(verdict.ssrc) {
            return;
        }
        let expected = self.packets;
        let lost = u32::try_from(verdict.lost).unwrap_or(0).min(expected);
        self.judged = Some(Tally { expected, lost, jitter: Duration::ZERO });
        self.jitter.add(u64::from(verdict.jitter) * 1_000_000 / u64::from(rate.max(1)));
        let trip = now.wrapping_sub(verdict.last_report).wrapping_sub(verdict.delay);
        if self.reported_at.contains(&Some(verdict.last_report)) && trip < LONGEST {
            self.round_trip.add((u64::from(trip) * 1_000_000) >> 16);
        }
    }

    /// How well all of it has arrived; `None` if the party has reported nothing.
    pub fn tally(&self) -> Option<Tally> {
        Some(Tally { jitter: self.jitter.get().unwrap_or_default(), ..self.total()? })
    }

    /// The mean of the time to the party and back.
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip.get()
    }

    fn total(&self) -> Option<Tally> {
        let parts = [self.settled, self.judged];
        parts.into_iter().flatten().reduce(|one, other| Tally {
            expected: one.expected.saturating_add(other.expected),
            lost: one.lost.saturating_add(other.lost),
            jitter: Duration::ZERO,
        })
    }
}
