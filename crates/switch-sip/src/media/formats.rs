//! What a party and the switch have agreed on for a stream.

use super::{g711::Law, rtp::RATE};
use crate::sdp::{Codec, Format, Media};

/// The formats of both descriptions of a stream.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// What the party takes.
    pub(super) own: Vec<Format>,
    /// What the party was told that it may send; `None` while it was told nothing.
    pub(super) told: Option<Vec<Format>>,
    /// The stream is encrypted from end to end: the switch can neither speak nor understand.
    pub(super) is_secured: bool,
}

impl Formats {
    /// Notes what the party's description says.
    pub(super) fn take(&mut self, media: &Media) {
        self.own.clone_from(&media.formats);
        self.is_secured = media.is_secured;
    }

    /// How the switch may speak to the party.
    pub(super) fn voice(&self) -> Option<(u8, Law)> {
        let mut agreed = self.own.iter().filter(|format| !self.is_secured && self.is_told(format.codec));
        agreed.find_map(|format| Some((format.payload_type, Law::of(format.codec)?)))
    }

    /// The payload type of keys that are sent to the party.
    pub(super) fn keys(&self) -> Option<u8> {
        let is_keys = |format: &&Format| format.codec == Codec::TelephoneEvent && format.rate == RATE;
        let keys = self.own.iter().find(is_keys);
        let keys = keys.filter(|format| !self.is_secured && self.is_told(format.codec))?;
        Some(keys.payload_type)
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
