//! Opus at the switch's rates, with one channel.

use rusty_opus::{Application, Error, OpusDecoder, OpusEncoder};

use crate::{LONGEST, Rate};

/// Bytes of the longest packet of one frame that is sent.
const MOST_BYTES: usize = 1_275;
/// How hard the encoder tries, of 10: beyond, voices gain little and cost twice.
const COMPLEXITY: i32 = 5;
/// What a sample of 1 is for the rest of us.
const SCALE: f32 = 32_768.0;

pub(crate) struct Decoder {
    state: Box<OpusDecoder>,
    rate: Rate,
    samples: Vec<f32>,
}

pub(crate) struct Encoder {
    state: Box<OpusEncoder>,
    samples: Vec<f32>,
}

impl Decoder {
    pub(crate) fn new(rate: Rate) -> Self {
        let state = OpusDecoder::new(hertz(rate), 1).expect("both rates are Opus' own");
        Self { state: Box::new(state), rate, samples: Vec::new() }
    }

    /// Adds the samples of a packet; nothing of what is none.
    pub(crate) fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        // Without a byte it would mean a loss.
        if !payload.is_empty() {
            self.add(payload, self.rate.samples(LONGEST), out);
        }
    }

    /// Adds what may have been in the place of lost packets, by as many samples.
    pub(crate) fn conceal(&mut self, samples: usize, out: &mut Vec<i16>) {
        // The decoder knows lengths of frames alone, and takes others for such.
        let whole = samples.next_multiple_of(self.rate.samples(10));
        let before = out.len();
        self.add(&[], whole, out);
        out.truncate(before + samples);
    }

    fn add(&mut self, payload: &[u8], most: usize, out: &mut Vec<i16>) {
        self.samples.resize(most, 0.0);
        let decoded = self.state.decode(payload, most, &mut self.samples).unwrap_or(0);
        out.extend(self.samples.iter().take(decoded).map(|sample| whole(*sample)));
    }
}

impl Encoder {
    pub(crate) fn new(rate: Rate) -> Self {
        let mut state =
            OpusEncoder::new(hertz(rate), 1, Application::Voip).expect("both rates are Opus' own");
        state.complexity = COMPLEXITY;
        state.bitrate_bps = match rate {
            Rate::Narrow => 24_000,
            Rate::Wide => 32_000,
        };
        Self { state: Box::new(state), samples: Vec::new() }
    }

    /// Adds the packet of samples; nothing if they are not as many as a packet may have.
    pub(crate) fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        self.samples.clear();
        self.samples.extend(samples.iter().map(|sample| f32::from(*sample) / SCALE));
        let before = out.len();
        out.resize(before + MOST_BYTES, 0);
        let encoded: Result<_, Error> = self.state.encode(&self.samples, samples.len(), &mut out[before..]);
        out.truncate(before + encoded.unwrap_or(0));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float becomes the nearest of the type's values")]
fn whole(sample: f32) -> i16 {
    (sample * SCALE).round() as i16
}

fn hertz(rate: Rate) -> i32 {
    match rate {
        Rate::Narrow => 8_000,
        Rate::Wide => 16_000,
    }
}
