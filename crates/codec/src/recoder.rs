//! Payloads of one codec as those of another, packet by packet.

use crate::{Codec, Decoder, Encoder};

/// From payloads of one codec to those of another, for packets of which none is lost: what the switch itself says.
pub struct Recoder {
    decoder: Decoder,
    encoder: Encoder,
    samples: Vec<i16>,
}

impl Recoder {
    /// From one codec to another.
    pub fn new(from: Codec, to: Codec) -> Self {
        let rate = from.rate_for(to);
        Self { decoder: Decoder::new(from, rate), encoder: Encoder::new(to, rate), samples: Vec::new() }
    }

    /// Adds to `out` the payload with the same sound, for as long.
    pub fn recode(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        self.samples.clear();
        self.decoder.decode(payload, &mut self.samples);
        self.encoder.encode(&self.samples, out);
    }
}
