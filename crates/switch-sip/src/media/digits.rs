//! Keys as RTP events (RFC 4733): told from the packets of a party, and sent to one.

use std::collections::VecDeque;

use super::rtp::RATE;

/// What stands in an event's payload for each key, by its place here.
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// Timestamp units between two packets of an event.
const STEP: u16 = 160;
/// Packets while a key is held down: 100 ms. The last of them is the first that says "end".
const HELD: u8 = 5;
/// The packets that say "end" follow each other this often.
const ENDS: u8 = 3;
/// Packets' time from key to key: what is left of it after the key is let go is 60 ms.
const CYCLE: u8 = HELD + 3;
/// Power of the tone in -dBm0, as it is told.
const VOLUME: u8 = 10;

/// Tells the keys that a party presses.
#[derive(Debug, Default)]
pub(super) struct KeyReader {
    latest: Option<Event>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    ssrc: u32,
    timestamp: u32,
    code: u8,
    duration: u16,
    is_over: bool,
}

impl KeyReader {
    /// The key that a packet newly tells of; each is told once, however many packets it has.
    pub(super) fn read(&mut self, ssrc: u32, timestamp: u32, payload: &[u8]) -> Option<char> {
        let [code, flags, duration @ ..] = payload.first_chunk::<4>()?;
        let event = Event {
            ssrc,
            timestamp,
            code: *code,
            duration: u16::from_be_bytes(*duration),
            is_over: flags & 0x80 != 0,
        };
        let is_new = self.latest.is_none_or(|latest| event.is_after(latest));
        let is_current = self.latest.is_none_or(|latest| event.is_of(latest) || is_new);
        let is_another = is_new && !self.latest.is_some_and(|latest| event.continues(latest));
        if is_current {
            let was_over = !is_new && self.latest.is_some_and(|latest| latest.is_over);
            self.latest = Some(Event { is_over: event.is_over || was_over, ..event });
        }
        is_another.then(|| KEYS.get(usize::from(*code)).map(|key| char::from(*key))).flatten()
    }
}

impl Event {
    fn is_of(self, latest: Self) -> bool {
        self.ssrc == latest.ssrc && self.timestamp == latest.timestamp
    }

    fn is_after(self, latest: Self) -> bool {
        self.ssrc != latest.ssrc || self.timestamp.wrapping_sub(latest.timestamp).cast_signed() > 0
    }

    /// A key that is held down for more than eight seconds comes in parts that follow each other (RFC 4733
    /// section 2.5.1.3).
    fn continues(self, latest: Self) -> bool {
        let end = latest.timestamp.wrapping_add(latest.duration.into());
        self.ssrc == latest.ssrc && self.code == latest.code && !latest.is_over && self.timestamp == end
    }
}

/// An event's payload for whom the clock has another rate than 8,000.
pub(super) fn at_rate([code, flags, high, low]: [u8; 4], rate: u32) -> [u8; 4] {
    let duration = u32::from(u16::from_be_bytes([high, low])) * (rate / RATE).max(1);
    let [high, low] = u16::try_from(duration).unwrap_or(u16::MAX).to_be_bytes();
    [code, flags, high, low]
}

/// Keys that a party is sent.
#[derive(Debug, Default)]
pub(super) struct KeySender {
    codes: VecDeque<u8>,
    /// Packets' times since the first key was pressed.
    step: u8,
}

/// What is to be sent in the time of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyStep {
    /// A packet of a key.
    Packet { is_first: bool, payload: [u8; 4] },
    /// Nothing: between two keys.
    Pause,
    /// All keys are sent.
    Done,
}

impl KeySender {
    /// Adds keys; others than those of a keypad are left out.
    pub(super) fn add(&mut self, keys: &str) {
        let code = |key: u8| KEYS.iter().position(|known| *known == key);
        self.codes.extend(keys.bytes().filter_map(code).filter_map(|code| u8::try_from(code).ok()));
    }

    pub(super) fn is_idle(&self) -> bool {
        self.codes.is_empty()
    }

    /// Goes on by the time of a packet.
    pub(super) fn step(&mut self) -> KeyStep {
        let Some(code) = self.codes.front().copied() else { return KeyStep::Done };
        let step = self.step;
        self.step += 1;
        if self.step == CYCLE {
            self.step = 0;
            self.codes.pop_front();
        }
        if step >= HELD - 1 + ENDS {
            return KeyStep::Pause;
        }
        let is_over = step >= HELD - 1;
        let duration = STEP * u16::from((step + 1).min(HELD));
        let [high, low] = duration.to_be_bytes();
        let flags = if is_over { 0x80 | VOLUME } else { VOLUME };
        KeyStep::Packet { is_first: step == 0, payload: [code, flags, high, low] }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The packets of some keys, each with the time at which its key was pressed.
    fn packets(keys: &str) -> Vec<(u32, [u8; 4])> {
        let (mut sender, mut packets, mut now, mut pressed) = (KeySender::default(), vec![], 5, 5);
        sender.add(keys);
        loop {
            match sender.step() {
                KeyStep::Packet { is_first, payload } => {
                    if is_first {
                        pressed = now;
                    }
                    packets.push((pressed, payload));
                }
                KeyStep::Pause => {}
                KeyStep::Done => return packets,
            }
            now += u32::from(STEP);
        }
    }

    fn read(packets: &[(u32, [u8; 4])]) -> String {
        let mut reader = KeyReader::default();
        packets.iter().filter_map(|(at, payload)| reader.read(7, *at, payload)).collect()
    }

    #[test]
    fn a_key_grows_for_100_ms_and_says_three_times_that_it_is_over() {
        let payloads: Vec<_> = packets("#").into_iter().map(|(_, payload)| payload).collect();
        let told: Vec<_> = payloads
            .iter()
            .map(|payload| (payload[0], payload[1] >> 7, u16::from_be_bytes([payload[2], payload[3]])))
            .collect();
        assert_eq!(
            told,
            [160, 320, 480, 640, 800, 800, 800].map(|length| (11, u8::from(length == 800), length))
        );
    }

    #[test]
    fn between_two_keys_are_at_least_50_ms() {
        let packets = packets("11");
        let second = packets.iter().find(|(at, _)| *at != 5).unwrap().0;
        assert!(second - 5 - 800 >= 400);
    }

    #[test]
    fn a_long_key_in_parts_is_one_and_late_packets_of_the_one_before_are_none() {
        let parts = [(0, [5, 10, 0xff, 0xff]), (0xffff, [5, 10, 0, 160]), (0xffff, [5, 0x8a, 1, 64])];
        assert_eq!(read(&parts), "5");
        assert_eq!(read(&[(800, [1, 0x8a, 3, 32]), (2_000, [2, 10, 0, 160]), (800, [1, 0x8a, 3, 32])]), "12");
        assert_eq!(read(&[(0, [16, 10, 0, 160])]), "", "a hook flash is no key");
    }

    proptest! {
        #[test]
        fn each_key_is_told_once_whatever_is_lost(keys in "[0-9*#A-D]{1,12}", kept in proptest::collection::vec(0..7_usize, 12)) {
            // One packet of each key gets through, or one and the last.
            let all = packets(&keys);
            let some: Vec<_> = all
                .chunks(7)
                .zip(kept)
                .flat_map(|(key, kept)| [key[kept], key[6]])
                .collect();
            prop_assert_eq!(read(&all), keys.clone());
            prop_assert_eq!(read(&some), keys);
        }

        #[test]
        fn no_payload_makes_the_reader_panic(payloads: Vec<(u32, u32, Vec<u8>)>) {
            let mut reader = KeyReader::default();
            for (ssrc, at, payload) in payloads {
                let _ = reader.read(ssrc, at, &payload);
            }
        }
    }
}
