//! From samples to payloads.

use audio_codec::{Encoder as _, g722::G722Encoder};

use crate::{Codec, Law, Rate, opus};

/// From samples of a rate to a codec's payloads.
pub struct Encoder {
    kind: Kind,
}

enum Kind {
    G711(Law),
    G722(Box<G722Encoder>),
    Opus(opus::Encoder),
}

impl Encoder {
    /// An encoder of samples of a rate, which only Opus can choose: it is 8 kHz for G.711, 16 kHz for G.722.
    pub fn new(codec: Codec, rate: Rate) -> Self {
        let kind = match codec {
            Codec::Pcmu => Kind::G711(Law::Mu),
            Codec::Pcma => Kind::G711(Law::A),
            Codec::G722 => Kind::G722(Box::default()),
            Codec::Opus => Kind::Opus(opus::Encoder::new(rate)),
        };
        Self { kind }
    }

    /// Adds a packet's payload to `out`: of 10, 20, 40 or 60 ms for Opus, an even number of samples for G.722. Nothing is
    /// added of others.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        match &mut self.kind {
            Kind::G711(law) => out.extend(samples.iter().map(|sample| law.encode(*sample))),
            Kind::G722(encoder) => {
                let before = out.len();
                out.resize(before + samples.len() / 2, 0);
                let encoded = encoder.encode_into(samples, &mut out[before..]).unwrap_or(0);
                out.truncate(before + encoded);
            }
            Kind::Opus(encoder) => encoder.encode(samples, out),
        }
    }
}
