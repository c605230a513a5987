//! What a party and the switch have agreed on for a stream.

use codec::Target;

use super::rtp::RATE;
use crate::sdp::{Codec, Format, Media};

/// Milliseconds of a packet where its receiver does not say.
const PACKET_MS: u8 = 20;

/// The formats of both descriptions of a stream.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// What the party takes.
    pub(super) own: Vec<Format>,
    /// What the party was told that it may send; `None` while it was told nothing.
    pub(super) told: Option<Vec<Format>>,
    /// The stream is encrypted from end to end: the switch can neither speak nor understand.
    pub(super) is_secured: bool,
    /// How long packets are that the party wants.
    packet_ms: Option<u8>,
}

/// The codec of a format, if the switch can speak it.
pub(super) fn voice(format: Format) -> Option<codec::Codec> {
    match format.codec {
        Codec::Pcmu => Some(codec::Codec::Pcmu),
        Codec::Pcma => Some(codec::Codec::Pcma),
        Codec::G722 => Some(codec::Codec::G722),
        Codec::Opus => Some(codec::Codec::Opus),
        Codec::TelephoneEvent | Codec::Other => None,
    }
}

impl Formats {
    /// Notes what the party's description says.
    pub(super) fn take(&mut self, media: &Media) {
        self.own.clone_from(&media.formats);
        self.is_secured = media.is_secured;
        self.packet_ms = media.packet_ms;
    }

    /// How the switch may speak to the party.
    pub(super) fn voice(&self) -> Option<(u8, codec::Codec)> {
        let mut agreed = self.own.iter().filter(|format| !self.is_secured && self.is_told(format.codec));
        agreed.find_map(|format| Some((format.payload_type, voice(*format)?)))
    }

    /// What a stream is made for the party: by which codec, in what packets.
    pub(super) fn target(&self) -> Option<(u8, Target)> {
        let (payload_type, codec) = self.voice()?;
        Some((payload_type, Target { codec, milliseconds: self.packet_ms.unwrap_or(PACKET_MS).into() }))
    }

    /// Keys that are sent to the party: those of the oldest clock, if it takes several.
    pub(super) fn keys(&self) -> Option<Format> {
        let keys = || self.own.iter().filter(|format| format.codec == Codec::TelephoneEvent);
        let keys = keys().find(|format| format.rate == RATE).or_else(|| keys().next());
        keys.filter(|format| !self.is_secured && self.is_told(format.codec)).copied()
    }

    /// What the party may send: of what it was told, that which it has.
    pub(super) fn sent(&self) -> Vec<Format> {
        let told = self.told.as_ref().unwrap_or(&self.own).iter().filter(|_| !self.is_secured);
        told.filter(|format| self.own.iter().any(|own| own.codec == format.codec)).copied().collect()
    }

    /// Whether the party takes a codec.
    pub(super) fn takes(&self, codec: Codec) -> bool {
        self.own.iter().any(|format| format.codec == codec)
    }

    /// What a payload type means in packets of the party, as far as they can be read.
    pub(super) fn of(&self, payload_type: u8) -> Option<Format> {
        let told = self.told.iter().flatten();
        let mut known = told.chain(&self.own).filter(|_| !self.is_secured);
        known.find(|format| format.payload_type == payload_type).copied()
    }

    /// Timestamp units in a second of packets to the party.
    pub(super) fn rate(&self, payload_type: u8) -> u32 {
        let format = self.own.iter().find(|format| format.payload_type == payload_type);
        format.map_or(RATE, |format| format.rate)
    }

    fn is_told(&self, codec: Codec) -> bool {
        self.told.as_ref().is_none_or(|told| told.iter().any(|format| format.codec == codec))
    }
}
