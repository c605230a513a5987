//! Tones in RTP: said in PCMU or PCMA, and found again in what an end has received.

use std::f64::consts::TAU;

/// Samples in a second.
const RATE: f64 = 8_000.0;
/// Samples in a packet.
const PACKET: u32 = 160;

/// A stream of RTP packets with a tone in them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneStream {
    /// The synchronization source.
    pub ssrc: u32,
    /// The tone's frequency.
    pub hertz: f64,
}

impl ToneStream {
    /// The whole packet with this number, from 0, in PCMU.
    pub fn packet(self, number: u32) -> Vec<u8> {
        let mut packet = vec![0x80, 0];
        packet.extend(u16::try_from(number % 65_536).expect("below 65,536").to_be_bytes());
        packet.extend(number.wrapping_mul(PACKET).to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        let samples = (0..PACKET).map(|sample| number.wrapping_mul(PACKET).wrapping_add(sample));
        packet.extend(samples.map(|sample| {
            #[expect(clippy::cast_possible_truncation, reason = "below 8,000")]
            let value = (8_000.0 * (TAU * self.hertz * f64::from(sample) / RATE).sin()) as i16;
            mu_law(value)
        }));
        packet
    }
}

/// The samples of RTP packets without CSRC list and extension, PCMU (0) or PCMA (8), in the order given.
/// Other payload types are left out.
pub fn samples(packets: &[Vec<u8>]) -> Vec<i16> {
    let decoded = |packet: &Vec<u8>| -> Vec<i16> {
        match packet[1] & 0x7f {
            0 => packet[12..].iter().map(|byte| from_mu_law(*byte)).collect(),
            8 => packet[12..].iter().map(|byte| from_a_law(*byte)).collect(),
            _ => Vec::new(),
        }
    };
    packets.iter().flat_map(decoded).collect()
}

/// How loud a tone is in some samples: its amplitude (Goertzel).
pub fn amplitude(samples: &[i16], hertz: f64) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (number, sample) in (0_u32..).zip(samples) {
        let angle = TAU * hertz * f64::from(number) / RATE;
        real += f64::from(*sample) * angle.cos();
        imaginary += f64::from(*sample) * angle.sin();
    }
    let count = f64::from(u32::try_from(samples.len()).expect("few"));
    2.0 * f64::hypot(real, imaginary) / count
}

/// A sample in μ-law, by search among all 256 values: slow, and plainly right.
fn mu_law(sample: i16) -> u8 {
    let error = |byte: &u8| (i32::from(from_mu_law(*byte)) - i32::from(sample)).abs();
    (0..=255).min_by_key(error).expect("there are 256")
}

fn from_mu_law(byte: u8) -> i16 {
    let (exponent, mantissa) = (!byte >> 4 & 7, i16::from(!byte & 15));
    let magnitude = ((2 * mantissa + 33) << exponent) - 33;
    4 * if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

fn from_a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (exponent, mantissa) = (byte >> 4 & 7, i16::from(byte & 15));
    let magnitude = match exponent {
        0 => 2 * mantissa + 1,
        _ => (2 * mantissa + 33) << (exponent - 1),
    };
    8 * if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_and_others_are_not() {
        let packets: Vec<_> = (0..50).map(|n| ToneStream { ssrc: 1, hertz: 700.0 }.packet(n)).collect();
        let heard = samples(&packets);
        assert_eq!(heard.len(), 8_000);
        assert!((amplitude(&heard, 700.0) - 8_000.0).abs() < 100.0);
        assert!(amplitude(&heard, 1_100.0) < 50.0);
        assert!(amplitude(&[], 700.0) < 1.0);
    }

    #[test]
    fn both_laws_are_read() {
        let mut packet = vec![0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0xd5];
        assert_eq!(samples(&[packet.clone()]), [32_256, 8]);
        packet[1] = 0;
        packet[12..].copy_from_slice(&[0x80, 0xff]);
        assert_eq!(samples(&[packet.clone()]), [32_124, 0]);
        packet[1] = 101;
        assert!(samples(&[packet]).is_empty());
    }
}
