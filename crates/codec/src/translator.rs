//! A stream of RTP packets made one of another codec (a translator, RFC 3550 section 7).
//!
//! * Its SSRC stays; its packets are numbered anew, without gaps, as what is lost on the way here is not lost on the way
//!   on: it is concealed, up to [`CONCEALED`], and beyond that a pause.
//! * Its time goes by the clock of the codec that it is made, and on where the source's does: over a pause (silence
//!   suppressed, RFC 3551 section 4.1, or Opus' DTX) it leaps, and the packet after it is marked.
//! * Packets are as long as the receiver wants, however long they come.
//! * Keys (RFC 4733) keep their place in time; their clock may change too.
//! * A packet that comes after its successor is dropped: its place was filled.

use crate::{Codec, Decoder, Encoder, LONGEST, Rate};

/// Milliseconds of lost packets that are concealed at most.
pub const CONCEALED: u32 = 60;
/// A sequence number that goes on further, or back further, is that of a source that has begun anew.
const LEAP: i32 = 100;

/// A packet, without what its header says of its codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Whose stream it is of.
    pub ssrc: u32,
    /// Its number.
    pub sequence: u16,
    /// Its time, by the clock of its codec.
    pub timestamp: u32,
    /// Sound begins with it.
    pub is_marked: bool,
    /// What it carries.
    pub payload: &'a [u8],
}

/// What a stream is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// By which codec.
    pub codec: Codec,
    /// How long its packets shall be (`a=ptime`): brought to 10, 20, 40 or 60.
    pub milliseconds: usize,
}

/// Makes one stream another. It holds less than two packets of sound.
pub struct Translator {
    from: Codec,
    target: Target,
    rate: Rate,
    coding: Coding,
    source: Option<Source>,
    /// Samples that do not fill a packet yet.
    pending: Vec<i16>,
    /// Samples of a packet that is sent.
    frame: usize,
    payload: Vec<u8>,
    sent: Numbers,
}

struct Coding {
    decoder: Decoder,
    encoder: Encoder,
}

/// What has come latest.
#[derive(Clone, Copy)]
struct Source {
    ssrc: u32,
    sequence: u16,
    /// When what comes next begins, if nothing is lost.
    next: u32,
    /// A time, and what it is for the receiver.
    anchor: Anchor,
}

/// One instant by two clocks.
#[derive(Clone, Copy)]
struct Anchor {
    here: u32,
    there: u32,
}

/// The numbers of what is sent next.
struct Numbers {
    sequence: u16,
    timestamp: u32,
    is_marked: bool,
}

impl Translator {
    /// From a codec to a target.
    pub fn new(from: Codec, target: Target) -> Self {
        let target = Target { milliseconds: fitting(target.milliseconds), ..target };
        let rate = from.rate_for(target.codec);
        Self {
            from,
            target,
            rate,
            coding: Coding::new(from, target.codec, rate),
            source: None,
            pending: Vec::new(),
            frame: rate.samples(target.milliseconds),
            payload: Vec::new(),
            sent: Numbers { sequence: 0, timestamp: 0, is_marked: false },
        }
    }

    /// The codec of what comes.
    pub const fn from(&self) -> Codec {
        self.from
    }

    /// What goes.
    pub const fn target(&self) -> Target {
        self.target
    }

    /// Takes a packet of sound; `send` is given those that are complete now, a few at most.
    pub fn take(&mut self, packet: Packet<'_>, mut send: impl FnMut(Packet<'_>)) {
        let Some(missing) = self.follow(packet) else { return };
        if missing > 0 {
            self.fill(packet.ssrc, missing, &mut send);
        }
        self.anchor(packet.timestamp);
        let before = self.pending.len();
        self.coding.decoder.decode(packet.payload, &mut self.pending);
        let samples = self.pending.len() - before;
        if let Some(source) = &mut self.source {
            source.next = packet.timestamp.wrapping_add(units(samples, self.rate, self.from.clock()));
        }
        self.sent.is_marked |= packet.is_marked;
        self.send_full(packet.ssrc, &mut send);
    }

    /// Takes a packet of a key whose clock has `clock` units in a second, for a receiver for whom that has `there`: gives
    /// its number and its time, and what it carries.
    pub fn take_key(&mut self, packet: Packet<'_>, clock: u32, there: u32, send: impl FnOnce(Packet<'_>)) {
        let Some([code, flags, duration @ ..]) = packet.payload.first_chunk::<4>() else { return };
        let Some(_) = self.follow_key(packet) else { return };
        let duration = u32::from(u16::from_be_bytes(*duration));
        let duration = u16::try_from(scaled(duration, clock, there)).unwrap_or(u16::MAX).to_be_bytes();
        let timestamp = self.source.map_or(0, |source| source.anchor.of(packet.timestamp, self));
        let sequence = self.sent.next_sequence();
        let payload = &[*code, *flags, duration[0], duration[1]];
        send(Packet { ssrc: packet.ssrc, sequence, timestamp, is_marked: packet.is_marked, payload });
    }

    /// Notes a packet's number; gives how much time is missing before it, by the source's clock, or `None` if it comes
    /// too late.
    fn follow(&mut self, packet: Packet<'_>) -> Option<u32> {
        let steps = self.steps_to(packet);
        match (steps, &mut self.source) {
            (Some(..=0), _) => return None,
            (Some(_), Some(source)) => source.sequence = packet.sequence,
            (None, _) | (Some(_), None) => self.begin(packet),
        }
        let next = self.source.map_or(packet.timestamp, |source| source.next);
        // Time that goes back is none that is missing.
        Some(u32::try_from(packet.timestamp.wrapping_sub(next).cast_signed()).unwrap_or(0))
    }

    /// The same of a key, which takes no time of the sound.
    fn follow_key(&mut self, packet: Packet<'_>) -> Option<()> {
        match (self.steps_to(packet), &mut self.source) {
            (Some(..=0), _) => return None,
            (Some(_), Some(source)) => source.sequence = packet.sequence,
            (None, _) | (Some(_), None) => self.begin(packet),
        }
        Some(())
    }

    /// How far a packet's number is from the latest one; `None` if its source begins.
    fn steps_to(&self, packet: Packet<'_>) -> Option<i32> {
        let source = self.source.filter(|source| source.ssrc == packet.ssrc)?;
        let steps = i32::from(packet.sequence.wrapping_sub(source.sequence).cast_signed());
        (steps.abs() <= LEAP).then_some(steps)
    }

    /// A source begins, the first or another one.
    fn begin(&mut self, packet: Packet<'_>) {
        let is_first = self.source.is_none();
        if is_first {
            self.sent = Numbers { sequence: packet.sequence, timestamp: packet.timestamp, is_marked: false };
        } else {
            self.coding = Coding::new(self.from, self.target.codec, self.rate);
            self.pending.clear();
            self.sent.is_marked = true;
        }
        let anchor = Anchor { here: packet.timestamp, there: self.sent.timestamp };
        self.source =
            Some(Source { ssrc: packet.ssrc, sequence: packet.sequence, next: packet.timestamp, anchor });
    }

    /// Notes what the time of a packet, whose samples come next, is for the receiver.
    fn anchor(&mut self, here: u32) {
        let there = self.sent.timestamp.wrapping_add(self.there(self.pending.len()));
        if let Some(source) = &mut self.source {
            source.anchor = Anchor { here, there };
        }
    }

    /// Fills missing time: by what may have been there if it is short, and else by a pause.
    fn fill(&mut self, ssrc: u32, missing: u32, send: &mut impl FnMut(Packet<'_>)) {
        let milliseconds = scaled(missing, self.from.clock(), 1_000);
        if milliseconds <= CONCEALED {
            let lost = usize::try_from(milliseconds).unwrap_or(0);
            self.coding.decoder.conceal(lost, &mut self.pending);
            return self.send_full(ssrc, send);
        }
        let pause = scaled(missing, self.from.clock(), self.target.codec.clock());
        let filled = (self.frame - self.pending.len()) % self.frame;
        self.pending.resize(self.pending.len() + filled, 0);
        self.send_full(ssrc, send);
        self.sent.timestamp = self.sent.timestamp.wrapping_add(pause.saturating_sub(self.there(filled)));
        self.sent.is_marked = true;
    }

    /// What so many samples last for the receiver.
    fn there(&self, samples: usize) -> u32 {
        units(samples, self.rate, self.target.codec.clock())
    }

    fn send_full(&mut self, ssrc: u32, send: &mut impl FnMut(Packet<'_>)) {
        let step = self.there(self.frame);
        let mut done = 0;
        for samples in self.pending.chunks_exact(self.frame) {
            self.payload.clear();
            self.coding.encoder.encode(samples, &mut self.payload);
            done += samples.len();
            let timestamp = self.sent.timestamp;
            self.sent.timestamp = timestamp.wrapping_add(step);
            // What the encoder does not take is a pause.
            if self.payload.is_empty() {
                continue;
            }
            let is_marked = std::mem::take(&mut self.sent.is_marked);
            let sequence = self.sent.next_sequence();
            send(Packet { ssrc, sequence, timestamp, is_marked, payload: &self.payload });
        }
        self.pending.drain(..done);
    }
}

impl Coding {
    fn new(from: Codec, to: Codec, rate: Rate) -> Self {
        Self { decoder: Decoder::new(from, rate), encoder: Encoder::new(to, rate) }
    }
}

impl Anchor {
    /// What a time of the source is for the receiver.
    fn of(self, timestamp: u32, translator: &Translator) -> u32 {
        let (from, to) = (translator.from.clock(), translator.target.codec.clock());
        let since = timestamp.wrapping_sub(self.here).cast_signed();
        let there = scaled(since.unsigned_abs(), from, to);
        if since < 0 { self.there.wrapping_sub(there) } else { self.there.wrapping_add(there) }
    }
}

impl Numbers {
    fn next_sequence(&mut self) -> u16 {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        sequence
    }
}

/// The length of packets that comes closest to a wish: one that every codec here can have.
fn fitting(milliseconds: usize) -> usize {
    match milliseconds {
        1..20 => 10,
        0 | 20..40 => 20,
        40..60 => 40,
        60.. => 60,
    }
}

/// Units of one clock by another.
fn scaled(units: u32, from: u32, to: u32) -> u32 {
    let there = u64::from(units) * u64::from(to) / u64::from(from.max(1));
    u32::try_from(there % (1 << 32)).unwrap_or(0)
}

/// What so many samples last, by a clock.
fn units(samples: usize, rate: Rate, clock: u32) -> u32 {
    let samples = samples.min(rate.samples(LONGEST) * 4);
    scaled(u32::try_from(samples).unwrap_or(0), rate.hertz(), clock)
}
