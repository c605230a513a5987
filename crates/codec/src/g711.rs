//! G.711: a sample of 16 bits as one byte, by μ-law or A-law.

/// A law of G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// μ-law, PCMU.
    Mu,
    /// A-law, PCMA.
    A,
}

/// What μ-law adds before it takes the logarithm.
const BIAS: i32 = 0x84;
/// The largest magnitude that μ-law takes.
const CLIP: i32 = 32_635;

impl Law {
    /// A sample as a byte.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => encode_mu(sample),
            Self::A => encode_a(sample),
        }
    }

    /// A byte as a sample.
    pub fn decode(self, byte: u8) -> i16 {
        match self {
            Self::Mu => decode_mu(byte),
            Self::A => decode_a(byte),
        }
    }
}

fn encode_mu(sample: i16) -> u8 {
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let segment = 24 - magnitude.leading_zeros();
    let mantissa = magnitude >> (segment + 3) & 0x0f;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !low_byte(sign | i32::try_from(segment << 4).expect("a segment is at most 7") | mantissa)
}

fn decode_mu(byte: u8) -> i16 {
    let bits = i32::from(!byte);
    let (segment, mantissa) = (bits >> 4 & 7, bits & 0x0f);
    let magnitude = (((mantissa << 3) + BIAS) << segment) - BIAS;
    signed(magnitude, bits & 0x80 != 0)
}

fn encode_a(sample: i16) -> u8 {
    // The inverted bits of a negative sample are its magnitude less one, so that zero is not there twice.
    let magnitude = i32::from(if sample < 0 { !sample } else { sample }) >> 4;
    let segment = 28 - (magnitude | 0x0f).leading_zeros();
    let mantissa = magnitude >> segment.saturating_sub(1) & 0x0f;
    let sign = if sample < 0 { 0 } else { 0x80 };
    low_byte(sign | i32::try_from(segment << 4).expect("a segment is at most 7") | mantissa) ^ 0x55
}

fn decode_a(byte: u8) -> i16 {
    let bits = i32::from(byte ^ 0x55);
    let (segment, mantissa) = (bits >> 4 & 7, bits & 0x0f);
    let magnitude = match segment {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (segment - 1),
    };
    signed(magnitude, bits & 0x80 == 0)
}

fn low_byte(bits: i32) -> u8 {
    u8::try_from(bits & 0xff).expect("masked")
}

fn signed(magnitude: i32, is_negative: bool) -> i16 {
    let sample = if is_negative { -magnitude } else { magnitude };
    i16::try_from(sample).expect("G.711 has 13 or 14 bits")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values_are_those_of_the_standard() {
        for (sample, mu, a) in
            [(0, 0xff, 0xd5), (32_767, 0x80, 0xaa), (-32_768, 0x00, 0x2a), (1_000, 0xce, 0xfa)]
        {
            assert_eq!((Law::Mu.encode(sample), Law::A.encode(sample)), (mu, a), "{sample}");
        }
        assert_eq!((Law::Mu.decode(0x80), Law::A.decode(0xaa)), (32_124, 32_256));
        assert_eq!((Law::Mu.decode(0xff), Law::A.decode(0xd5)), (0, 8));
    }

    #[test]
    fn every_byte_is_what_its_sample_encodes_to() {
        for (law, zeros) in [(Law::Mu, 1), (Law::A, 0)] {
            let differing = (0..=255).filter(|byte| law.encode(law.decode(*byte)) != *byte).count();
            assert_eq!(differing, zeros, "μ-law has a negative zero");
        }
    }

    proptest! {
        #[test]
        fn a_sample_comes_back_with_a_small_relative_error(sample: i16) {
            for law in [Law::Mu, Law::A] {
                let back = i32::from(law.decode(law.encode(sample)));
                let error = (back - i32::from(sample)).abs();
                let clipped = (i32::from(sample).abs() - 32_124).max(0);
                prop_assert!(error <= 16 + clipped + i32::from(sample).abs() / 28, "{law:?} {sample} {back}");
            }
        }
    }
}
