//! What a party and the switch have agreed on for a stream.

use super::{g711::Law, rtp::RATE};
use crate::sdp::{Codec, Format};

/// The formats of both descriptions of a stream.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// What the party takes.
    pub(super) own: Vec<Format>,
    /// What the party was told that it may send; `None` while it was told nothing.
    pub(super) told: Option<Vec<Format>>,
}

impl Formats {
    /// How the switch may speak to the party.
    pub(super) fn voice(&self) -> Option<(u8, Law)> {
        let mut agreed = self.own.iter().filter(|format| self.is_told(format.codec));
        agreed.find_map(|format| Some((format.payload_type, Law::of(format.codec)?)))
    }

    /// The payload type of keys that are sent to the party.
    pub(super) fn keys(&self) -> Option<u8> {
        let is_keys = |format: &&Format| format.codec == Codec::TelephoneEvent && format.rate == RATE;
        let keys = self.own.iter().find(is_keys).filter(|format| self.is_told(format.codec))?;
        Some(keys.payload_type)
    }

    /// What a payload type means in packets of the party.
    pub(super) fn of(&self, payload_type: u8) -> Option<Format> {
        let told = self.told.iter().flatten();
        told.chain(&self.own).find(|format| format.payload_type == payload_type).copied()
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
