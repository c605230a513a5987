//! Sounds that the switch itself lets a party hear: in both laws of G.711, cut into packets of 20 ms.

mod tones;
mod wav;

pub use wav::WavError;

use codec::Law;

/// Samples in a packet.
pub(super) const FRAME: usize = 160;

/// A sound, ready to be sent.
pub struct Sound {
    mu: Vec<u8>,
    a: Vec<u8>,
}

impl Sound {
    /// The sound of a WAV file: 8 or 16 kHz, PCM of 16 bits or G.711, one channel or two.
    pub fn from_wav(file: &[u8]) -> Result<Self, WavError> {
        wav::read(file).map(|samples| Self::of(&samples))
    }

    /// Music to wait by, made to be repeated.
    pub fn music() -> Self {
        Self::of(&tones::music())
    }

    /// What a caller hears while the other side rings, made to be repeated.
    pub fn ringback() -> Self {
        Self::of(&tones::ringback())
    }

    /// What a party hears where nobody could be got, made to be repeated.
    pub fn busy() -> Self {
        Self::of(&tones::busy())
    }

    /// Nothing, made to be repeated.
    pub fn silence() -> Self {
        Self::of(&[0; FRAME])
    }

    /// The sound of samples at 8 kHz. A last packet that is not full is filled with silence.
    pub(super) fn of(samples: &[i16]) -> Self {
        let length = samples.len().next_multiple_of(FRAME);
        let encoded = |law: Law| {
            let filled = samples.iter().copied().chain(std::iter::repeat(0)).take(length);
            filled.map(|sample| law.encode(sample)).collect()
        };
        Self { mu: encoded(Law::Mu), a: encoded(Law::A) }
    }

    /// A packet's payload; `None` past the end.
    pub(super) fn frame(&self, law: Law, number: usize) -> Option<&[u8]> {
        let bytes = match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        };
        bytes.get(number * FRAME..(number + 1) * FRAME)
    }

    /// How many packets it has.
    pub(super) fn frames(&self) -> usize {
        self.mu.len() / FRAME
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({} packets)", self.frames())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_packet_is_filled_with_silence() {
        let sound = Sound::of(&[1_000; FRAME + 1]);
        assert_eq!(sound.frames(), 2);
        let last = sound.frame(Law::Mu, 1).unwrap();
        assert_eq!((last[0], last[1], last[FRAME - 1]), (0xce, 0xff, 0xff));
        assert_eq!(sound.frame(Law::A, 1).unwrap()[FRAME - 1], 0xd5);
        assert_eq!(sound.frame(Law::A, 2), None);
        assert_eq!(Sound::of(&[]).frames(), 0);
    }
}
