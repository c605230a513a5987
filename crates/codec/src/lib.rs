//! Codecs of sound: G.711, G.722 and Opus, and a stream of RTP made one of another codec. Without a clock, a socket, or
//! memory that strangers could make grow.
//!
//! ```text
//!                    ┌────────────────────── Translator ──────────────────────┐
//!   RTP of a party ──► Decoder ── samples, 8 or 16 kHz ── packets cut ── Encoder ──► RTP to the other
//!                    └────────────────────────────────────────────────────────┘
//! ```
//!
//! Opus decodes to, and encodes from, the rate of whatever stands at the other side; so G.711 and G.722 alone are brought
//! from one rate to the other (`resample`).

mod decoder;
mod encoder;
mod fuzzing;
mod g711;
mod opus;
mod recoder;
mod resample;
mod translator;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use fuzzing::fuzz;
pub use g711::Law;
pub use recoder::Recoder;
pub use translator::{Packet, Target, Translator};

/// A codec of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// G.711 μ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kb/s.
    G722,
    /// Opus (RFC 6716), of which the switch sends one channel.
    Opus,
}

/// Samples in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rate {
    /// 8,000, as G.711 has.
    Narrow,
    /// 16,000, as G.722 has.
    Wide,
}

/// The longest packet that is taken, in milliseconds: as long as one of Opus can be (RFC 6716 section 2.1.4).
pub const LONGEST: usize = 120;

impl Codec {
    /// All of them, those first that cost least.
    pub const ALL: [Self; 4] = [Self::Pcma, Self::Pcmu, Self::G722, Self::Opus];

    /// Timestamp units in a second of RTP (RFC 3551 section 4.5.2 for G.722, RFC 7587 section 4.1 for Opus).
    pub const fn clock(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 8_000,
            Self::Opus => 48_000,
        }
    }

    /// The rate at which it is best decoded for one that is encoded as `to`.
    pub const fn rate_for(self, to: Self) -> Rate {
        match (self, to) {
            (_, Self::G722) | (Self::G722, Self::Opus) => Rate::Wide,
            _ => Rate::Narrow,
        }
    }

    /// Its law, if it is one of G.711.
    pub const fn law(self) -> Option<Law> {
        match self {
            Self::Pcmu => Some(Law::Mu),
            Self::Pcma => Some(Law::A),
            Self::G722 | Self::Opus => None,
        }
    }

    /// Its name in an `a=rtpmap`, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "pcmu",
            Self::Pcma => "pcma",
            Self::G722 => "g722",
            Self::Opus => "opus",
        }
    }
}

impl Rate {
    /// Samples in a second.
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Narrow => 8_000,
            Self::Wide => 16_000,
        }
    }

    /// Samples in so many milliseconds.
    pub const fn samples(self, milliseconds: usize) -> usize {
        match self {
            Self::Narrow => milliseconds * 8,
            Self::Wide => milliseconds * 16,
        }
    }
}
