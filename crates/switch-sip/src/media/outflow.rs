//! The stream that a party receives. However often what it hears changes, it stays one stream: one SSRC,
//! sequence numbers and timestamps that go on (RFC 3550 section 5.1), and a marker where the new sound
//! begins (RFC 3551 section 4.1). While nothing has ever changed, packets pass as they are.

use std::time::Duration;

use super::rtp::{Header, RATE};

/// A packet this far behind the newest one is late; further behind, its source has begun anew.
const LATE: u16 = 100;
/// Timestamp units of a packet, where that cannot be told.
const PACKET: u32 = RATE / 50;

/// The stream that a party receives.
#[derive(Debug, Default)]
pub(super) struct Outflow {
    latest: Option<Latest>,
    source: Source,
}

/// The newest packet that was sent.
#[derive(Clone, Copy, Debug)]
struct Latest {
    header: Header,
    at: Duration,
}

/// Where packets come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Source {
    /// From the party that was heard first: they pass as they are.
    #[default]
    First,
    /// From somewhere else than before; nothing of it has come yet.
    Next,
    /// Its packets are numbered anew.
    Shifted(Shift),
    /// From the switch itself.
    Own,
}

/// From a source's numbers to those of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// The source's newest sequence number.
    newest: u16,
    /// How far behind that its packets may be and still belong to this stream.
    depth: u16,
}

impl Outflow {
    /// What comes next is from another source.
    pub(super) fn cut(&mut self) {
        if self.latest.is_some() {
            self.source = Source::Next;
        }
    }

    /// The timestamp that a packet of this time has, and how many units of that are in a second.
    pub(super) fn clock(&self, rate: impl Fn(u8) -> u32, now: Duration) -> (u32, u32) {
        self.latest.map_or((0, RATE), |latest| {
            let rate = rate(latest.header.payload_type);
            (latest.header.timestamp.wrapping_add(latest.units_until(now, rate)), rate)
        })
    }

    /// Whether what was heard has ever changed.
    pub(super) fn is_spliced(&self) -> bool {
        self.source != Source::First
    }

    /// Makes a packet of a source one of this stream; says whether it may be sent. `rate` knows how many
    /// timestamp units each payload type has in a second.
    pub(super) fn pass(&mut self, packet: &mut [u8], rate: impl Fn(u8) -> u32, now: Duration) -> bool {
        // What is not RTP keeps NAT bindings open, or is for the peers alone to know.
        let Some(header) = Header::read(packet) else { return true };
        let Some(passed) = self.shifted(header, &rate, now) else { return false };
        if passed != header {
            passed.write(packet);
        }
        self.note(passed, now);
        true
    }

    /// The header for the next packet of a sound of the switch itself, that lasts so many units of a clock of `rate`.
    pub(super) fn own(&mut self, payload_type: u8, units: u32, rate: u32, now: Duration) -> Header {
        let (latest, is_new) = (self.latest, self.source != Source::Own);
        self.source = Source::Own;
        let header = match latest {
            None => Header {
                is_marked: true,
                payload_type,
                sequence: rand::random(),
                timestamp: rand::random(),
                ssrc: rand::random(),
            },
            Some(latest) => Header {
                is_marked: is_new,
                payload_type,
                sequence: latest.header.sequence.wrapping_add(1),
                timestamp: match is_new {
                    true => latest.timestamp_at(now, rate),
                    false => latest.header.timestamp.wrapping_add(units),
                },
                ssrc: latest.header.ssrc,
            },
        };
        self.note(header, now);
        header
    }

    /// The header for the next packet of a key (RFC 4733 section 2.5.1.2): all of one key have the time at
    /// which it was pressed.
    pub(super) fn key(&mut self, payload_type: u8, is_first: bool, rate: u32, now: Duration) -> Header {
        match self.latest {
            Some(latest) if !is_first => {
                let sequence = latest.header.sequence.wrapping_add(1);
                let header = Header { is_marked: false, payload_type, sequence, ..latest.header };
                self.latest = Some(Latest { header, ..latest });
                header
            }
            _ => {
                self.cut();
                self.own(payload_type, 0, rate, now)
            }
        }
    }

    fn shifted(&mut self, header: Header, rate: &impl Fn(u8) -> u32, now: Duration) -> Option<Header> {
        let (Some(latest), false) = (self.latest, self.source == Source::First) else { return Some(header) };
        if let Source::Shifted(shift) = &mut self.source {
            match shift.place_of(header) {
                Place::Within => return Some(shift.apply(header, latest.header.ssrc)),
                Place::Before => return None,
                Place::Elsewhere => {}
            }
        }
        let mut shift = Shift::new(header, latest, latest.timestamp_at(now, rate(header.payload_type)));
        let first = shift.apply(Header { is_marked: true, ..header }, latest.header.ssrc);
        self.source = Source::Shifted(shift);
        Some(first)
    }

    fn note(&mut self, header: Header, now: Duration) {
        let is_newer = |latest: Latest| {
            latest.header.ssrc != header.ssrc || ahead(header.sequence, latest.header.sequence) >= 0
        };
        if self.latest.is_none_or(is_newer) {
            self.latest = Some(Latest { header, at: now });
        }
    }
}

impl Latest {
    /// The timestamp of what is sent now, at least one packet later.
    fn timestamp_at(&self, now: Duration, rate: u32) -> u32 {
        self.header.timestamp.wrapping_add(self.units_until(now, rate).max(PACKET))
    }

    fn units_until(&self, now: Duration, rate: u32) -> u32 {
        let passed = now.saturating_sub(self.at).as_micros() * u128::from(rate) / 1_000_000;
        u32::try_from(passed % (1 << 32)).expect("below 2^32")
    }
}

/// Where a packet belongs.
enum Place {
    /// Into the stretch that is numbered so.
    Within,
    /// Before it: the party heard something else then.
    Before,
    /// Its source has begun anew, or is another one.
    Elsewhere,
}

impl Shift {
    fn new(first: Header, latest: Latest, timestamp: u32) -> Self {
        Self {
            ssrc: first.ssrc,
            sequence: latest.header.sequence.wrapping_add(1).wrapping_sub(first.sequence),
            timestamp: timestamp.wrapping_sub(first.timestamp),
            newest: first.sequence,
            depth: 0,
        }
    }

    fn place_of(&self, header: Header) -> Place {
        let behind = -ahead(header.sequence, self.newest);
        match behind {
            _ if header.ssrc != self.ssrc || behind > i32::from(LATE) => Place::Elsewhere,
            _ if behind > i32::from(self.depth) => Place::Before,
            _ => Place::Within,
        }
    }

    fn apply(&mut self, header: Header, ssrc: u32) -> Header {
        if let Ok(progress @ 1..) = u16::try_from(ahead(header.sequence, self.newest)) {
            self.newest = header.sequence;
            self.depth = self.depth.saturating_add(progress).min(LATE);
        }
        Header {
            sequence: header.sequence.wrapping_add(self.sequence),
            timestamp: header.timestamp.wrapping_add(self.timestamp),
            ssrc,
            ..header
        }
    }
}

/// How far `one` is ahead of `other`, the short way around.
fn ahead(one: u16, other: u16) -> i32 {
    i32::from(one.wrapping_sub(other).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: Duration = Duration::from_secs(100);

    fn packet(ssrc: u32, sequence: u16, timestamp: u32) -> Vec<u8> {
        Header { is_marked: false, payload_type: 0, sequence, timestamp, ssrc }.with(&[1, 2])
    }

    fn pass(flow: &mut Outflow, packet: &[u8], after_ms: u64) -> Option<Header> {
        let mut packet = packet.to_vec();
        let is_sent = flow.pass(&mut packet, |_| RATE, BEGIN + Duration::from_millis(after_ms));
        is_sent.then(|| Header::read(&packet).unwrap())
    }

    fn numbers(header: Option<Header>) -> Option<(u32, u16, u32, bool)> {
        header.map(|header| (header.ssrc, header.sequence, header.timestamp, header.is_marked))
    }

    #[test]
    fn packets_pass_as_they_are_while_the_party_has_heard_one_source() {
        let mut flow = Outflow::default();
        flow.cut();
        for (ssrc, sequence) in [(1, 5), (1, 6), (2, 9), (1, 3)] {
            let came = packet(ssrc, sequence, 160);
            assert_eq!(pass(&mut flow, &came, 0), Header::read(&came));
        }
        let mut keep_alive = b"\0\0".to_vec();
        assert!(flow.pass(&mut keep_alive, |_| RATE, BEGIN));
    }

    #[test]
    fn another_source_goes_on_with_the_stream_and_is_marked_once() {
        let mut flow = Outflow::default();
        pass(&mut flow, &packet(1, 65_535, 1_000), 0);
        flow.cut();
        let next = [(500, 90_000, 100), (501, 90_160, 120), (503, 90_480, 160), (502, 90_320, 161)]
            .map(|(sequence, timestamp, at)| numbers(pass(&mut flow, &packet(2, sequence, timestamp), at)));
        let expected = [(0, 1_800, true), (1, 1_960, false), (3, 2_280, false), (2, 2_120, false)];
        assert_eq!(next, expected.map(|(sequence, at, marked)| Some((1, sequence, at, marked))));
    }

    #[test]
    fn packets_from_before_the_change_are_dropped() {
        let mut flow = Outflow::default();
        pass(&mut flow, &packet(1, 10, 0), 0);
        flow.cut();
        pass(&mut flow, &packet(2, 500, 0), 20);
        assert_eq!(pass(&mut flow, &packet(2, 499, 0), 21), None);
    }

    #[test]
    fn a_source_that_begins_anew_still_goes_on_with_the_stream() {
        let mut flow = Outflow::default();
        pass(&mut flow, &packet(1, 10, 0), 0);
        flow.cut();
        pass(&mut flow, &packet(2, 500, 7), 20);
        for restarted in [packet(2, 100, 7_000), packet(3, 40_000, 9)] {
            let before = flow.latest.unwrap().header;
            let next = pass(&mut flow, &restarted, 40).unwrap();
            assert_eq!((next.ssrc, next.sequence), (1, before.sequence + 1));
            assert!(next.timestamp > before.timestamp);
        }
    }

    #[test]
    fn a_long_talk_after_a_change_stays_in_step() {
        let mut flow = Outflow::default();
        pass(&mut flow, &packet(1, 0, 0), 0);
        flow.cut();
        for number in 0..200_000_u32 {
            let sequence = u16::try_from(number % 65_536).unwrap();
            let next = pass(&mut flow, &packet(2, sequence, number * 160), u64::from(number) * 20).unwrap();
            assert_eq!(next.sequence, sequence.wrapping_add(1));
        }
    }

    #[test]
    fn a_sound_of_the_switch_goes_on_with_a_stream_or_begins_one() {
        let mut flow = Outflow::default();
        pass(&mut flow, &packet(1, 10, 1_000), 0);
        flow.cut();
        let own = [100, 120].map(|at| flow.own(8, 160, RATE, BEGIN + Duration::from_millis(at)));
        assert_eq!(own.map(|header| (header.ssrc, header.sequence)), [(1, 11), (1, 12)]);
        assert_eq!(own.map(|header| (header.timestamp, header.is_marked)), [(1_800, true), (1_960, false)]);
        flow.cut();
        let back = pass(&mut flow, &packet(1, 30, 4_200), 140);
        assert_eq!(numbers(back), Some((1, 13, 2_120, true)));

        let key = [140, 160, 180].map(|at| flow.key(101, at == 140, RATE, BEGIN + Duration::from_millis(at)));
        assert_eq!(key.map(|header| (header.sequence, header.timestamp)), [14, 15, 16].map(|n| (n, 2_280)));
        flow.cut();
        let after = pass(&mut flow, &packet(1, 40, 5_800), 240);
        assert_eq!(numbers(after), Some((1, 17, 3_080, true)));

        let mut fresh = Outflow::default();
        let first = fresh.own(8, 160, RATE, BEGIN);
        let second = fresh.own(8, 160, RATE, BEGIN);
        assert!(first.is_marked && !second.is_marked);
        assert_eq!(second.timestamp, first.timestamp.wrapping_add(160));
    }
}
