//! What comes of a stream (RFC 3550 appendix A.1, A.3 and A.8).

use std::time::Duration;

use crate::{Mean, Tally, packets::Block};

/// A sequence number so far ahead is no gap: its source has begun anew.
const MOST_AHEAD: u16 = 3_000;
/// One so far behind is not late: its source has begun anew.
const MOST_BEHIND: u16 = 100;
/// Timestamps that are so far off do not tell of the network.
const MOST_OFF: i64 = 5_000_000;

/// A packet that has come.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its source.
    pub ssrc: u32,
    /// Its sequence number.
    pub sequence: u16,
    /// Its timestamp.
    pub timestamp: u32,
    /// Timestamp units in a second; 0 if its timestamp does not tell when it was sent (RFC 4733 section 2.2.2).
    pub rate: u32,
}

/// What has come of a party's stream so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reception {
    source: Option<Source>,
    /// Of sources before this one.
    settled: Tally,
    jitter: Mean,
}

/// The numbers of one source.
#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    /// The first sequence number and the highest one, both with their cycles above.
    first: u32,
    highest: u32,
    received: u32,
    /// What comes after a number that did not fit.
    odd: Option<u16>,
    latest: Option<Sent>,
    /// In 1/16 µs.
    jitter: u32,
    /// What was expected and received when it was last reported on.
    reported: (u32, u32),
}

/// When a packet was sent and when it came.
#[derive(Clone, Copy, Debug)]
struct Sent {
    timestamp: u32,
    rate: u32,
    at: Duration,
}

impl Reception {
    /// Takes in a packet.
    pub fn receive(&mut self, arrival: Arrival, now: Duration) {
        match &mut self.source {
            Some(source) if source.ssrc == arrival.ssrc => match source.place(arrival.sequence) {
                Place::Here => {
                    source.received = source.received.wrapping_add(1);
                    if let Some(off) = source.time(arrival, now) {
                        self.jitter.add(off);
                    }
                }
                Place::Odd => {}
                Place::Anew => self.begin(arrival, now),
            },
            _ => self.begin(arrival, now),
        }
    }

    /// How well all of it has arrived; `None` if nothing has come.
    pub fn tally(&self) -> Option<Tally> {
        self.source?;
        let Tally { expected, lost, .. } = self.total();
        Some(Tally { expected, lost, jitter: self.jitter.get().unwrap_or_default() })
    }

    /// A report on what has come since the report before; `None` if there is nothing to be reported on.
    pub(crate) fn report(&mut self) -> Option<Block> {
        let source = self.source.as_mut()?;
        let (expected, received) = (source.expected(), source.received);
        let since = (expected.wrapping_sub(source.reported.0), received.wrapping_sub(source.reported.1));
        source.reported = (expected, received);
        let lost = i64::from(expected) - i64::from(received);
        Some(Block {
            ssrc: source.ssrc,
            fraction_lost: fraction(since),
            lost: i32::try_from(lost.clamp(-0x80_0000, 0x7f_ffff)).expect("24 bits"),
            highest: source.highest,
            jitter: source.jitter_units(),
        })
    }

    fn begin(&mut self, arrival: Arrival, now: Duration) {
        self.settled = self.total();
        self.source = Some(Source::new(arrival, now));
    }

    fn total(&self) -> Tally {
        let mut total = self.settled;
        if let Some(source) = &self.source {
            let expected = source.expected();
            total.expected = total.expected.saturating_add(expected);
            total.lost = total.lost.saturating_add(expected.saturating_sub(source.received));
        }
        total
    }
}

/// Where a sequence number belongs.
enum Place {
    Here,
    /// Nowhere, unless the next one follows on it.
    Odd,
    /// Its source has begun anew.
    Anew,
}

impl Source {
    fn new(first: Arrival, now: Duration) -> Self {
        // One cycle, so that a number from before the first does not fall below zero.
        let number = 1 << 16 | u32::from(first.sequence);
        Self {
            ssrc: first.ssrc,
            first: number,
            highest: number,
            received: 1,
            odd: None,
            latest: Sent::new(first, now),
            jitter: 0,
            reported: (0, 0),
        }
    }

    fn place(&mut self, sequence: u16) -> Place {
        let ahead = sequence.wrapping_sub(low(self.highest));
        if ahead < MOST_AHEAD {
            self.highest = self.highest.wrapping_add(u32::from(ahead));
        } else if ahead < MOST_BEHIND.wrapping_neg() {
            let follows = self.odd == Some(sequence);
            self.odd = Some(sequence.wrapping_add(1));
            return if follows { Place::Anew } else { Place::Odd };
        }
        self.odd = None;
        Place::Here
    }

    fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.first).wrapping_add(1)
    }

    /// By how many µs a packet's way took longer or shorter than that of the one before.
    fn time(&mut self, arrival: Arrival, now: Duration) -> Option<u64> {
        let sent = Sent::new(arrival, now);
        let (before, after) = (std::mem::replace(&mut self.latest, sent)?, sent?);
        let off = after.off(before).filter(|off| *off < MOST_OFF.unsigned_abs())?;
        let step = u32::try_from(off).expect("below MOST_OFF");
        self.jitter = self.jitter.saturating_add(step).saturating_sub(self.jitter.saturating_add(8) >> 4);
        Some(off)
    }

    /// The interarrival jitter in timestamp units.
    fn jitter_units(&self) -> u32 {
        let rate = self.latest.map_or(0, |latest| latest.rate);
        let units = u64::from(self.jitter >> 4) * u64::from(rate) / 1_000_000;
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

impl Sent {
    fn new(arrival: Arrival, at: Duration) -> Option<Self> {
        let Arrival { timestamp, rate, .. } = arrival;
        (rate > 0).then_some(Self { timestamp, rate, at })
    }

    fn off(self, before: Self) -> Option<u64> {
        if self.rate != before.rate {
            return None;
        }
        let came = i64::try_from(self.at.saturating_sub(before.at).as_micros()).ok()?;
        let units = i64::from(self.timestamp.wrapping_sub(before.timestamp).cast_signed());
        Some((came - units * 1_000_000 / i64::from(self.rate)).unsigned_abs())
    }
}

/// The part that was lost, in 1/256.
fn fraction((expected, received): (u32, u32)) -> u8 {
    let lost = u64::from(expected.saturating_sub(received.min(expected)));
    match expected {
        0 => 0,
        _ => u8::try_from((lost << 8) / u64::from(expected)).unwrap_or(u8::MAX),
    }
}

fn low(number: u32) -> u16 {
    u16::try_from(number & 0xffff).expect("16 bits")
}
