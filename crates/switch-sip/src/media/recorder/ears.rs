//! What the packets of a recording sound like.

use codec::{Codec, Decoder, Rate};

use super::{super::rtp::Header, Channel};

/// Decoders of both channels of a recording, which begin with its first packets.
#[derive(Default)]
pub(super) struct Ears {
    channels: [Option<Ear>; 2],
    samples: Vec<i16>,
}

struct Ear {
    codec: Codec,
    decoder: Decoder,
}

impl Ears {
    /// A packet's samples at 8 kHz, and its header with the time at which they begin by that clock.
    pub(super) fn hear(
        &mut self,
        channel: Channel,
        header: Header,
        codec: Codec,
        payload: &[u8],
    ) -> (Header, &[i16]) {
        let ear = &mut self.channels[channel as usize];
        let new = || Ear { codec, decoder: Decoder::new(codec, Rate::Narrow) };
        let ear = match ear {
            Some(ear) if ear.codec == codec => ear,
            other => other.insert(new()),
        };
        self.samples.clear();
        ear.decoder.decode(payload, &mut self.samples);
        let timestamp = header.timestamp / (codec.clock() / Rate::Narrow.hertz());
        (Header { timestamp, ..header }, &self.samples)
    }
}
