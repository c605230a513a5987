//! The payload formats of a stream: what its `m=` line lists and its `a=rtpmap` lines explain.

use std::str;

/// One format that a party takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Its number in RTP headers.
    pub payload_type: u8,
    /// What stands in them.
    pub codec: Codec,
    /// Timestamp units in a second.
    pub rate: u32,
}

/// Formats that the switch itself can speak or understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 μ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722, whose clock is said to be 8,000 (RFC 3551 section 4.5.2).
    G722,
    /// Opus (RFC 7587).
    Opus,
    /// Keys (RFC 4733).
    TelephoneEvent,
    /// Anything else: it can only be passed on.
    Other,
}

impl Codec {
    /// The codec of an `a=rtpmap`, `<name>/<rate>[/<channels>]` in small letters.
    pub(super) fn named(encoding: &str) -> Self {
        match encoding.strip_suffix("/1").unwrap_or(encoding) {
            "pcmu/8000" => Self::Pcmu,
            "pcma/8000" => Self::Pcma,
            "g722/8000" => Self::G722,
            "opus/48000/2" => Self::Opus,
            keys if keys.starts_with("telephone-event/") => Self::TelephoneEvent,
            _ => Self::Other,
        }
    }
}

impl Format {
    /// What a number means that no `a=rtpmap` explains (RFC 3551 section 6).
    pub(super) fn fixed(payload_type: u8) -> Self {
        let codec = match payload_type {
            0 => Codec::Pcmu,
            8 => Codec::Pcma,
            9 => Codec::G722,
            _ => Codec::Other,
        };
        let rate = match payload_type {
            6 => 16_000,
            10 | 11 => 44_100,
            14 | 25 | 26 | 28 | 31..=34 => 90_000,
            16 => 11_025,
            17 => 22_050,
            _ => 8_000,
        };
        Self { payload_type, codec, rate }
    }

    /// What the value of an `a=rtpmap` says: `<number> <name>/<rate>[/<channels>]`.
    pub(super) fn mapped(value: &[u8]) -> Option<Self> {
        let (number, encoding) = str::from_utf8(value).ok()?.trim().split_once(' ')?;
        let rate = encoding.trim().split('/').nth(1)?.parse().ok()?;
        let codec = Codec::named(&encoding.trim().to_ascii_lowercase());
        let payload_type = number.parse().ok().filter(|number| *number < 128)?;
        (rate > 0).then_some(Self { payload_type, codec, rate })
    }
}

/// The numbers that an `m=` line of RTP lists.
pub(super) fn listed(formats: &str) -> Vec<Format> {
    let numbers = formats.split(' ').filter_map(|number| number.parse::<u8>().ok());
    numbers.filter(|number| *number < 128).map(Format::fixed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_what_its_rtpmap_says() {
        let format = |payload_type, codec, rate| Some(Format { payload_type, codec, rate });
        assert_eq!(Format::mapped(b"96 opus/48000/2"), format(96, Codec::Opus, 48_000));
        assert_eq!(Format::mapped(b"96 opus/48000"), format(96, Codec::Other, 48_000));
        assert_eq!(Format::mapped(b"98 G722/8000/1"), format(98, Codec::G722, 8_000));
        assert_eq!(Format::mapped(b"101 telephone-event/8000"), format(101, Codec::TelephoneEvent, 8_000));
        assert_eq!(Format::mapped(b"97 PCMA/8000/1"), format(97, Codec::Pcma, 8_000));
        assert_eq!(Format::mapped(b"0 pcmu/16000"), format(0, Codec::Other, 16_000));
        for wrong in
            [&b"96"[..], b"x opus/48000", b"200 opus/48000", b"96 opus", b"96 opus/0", b"\xff \xff/1"]
        {
            assert_eq!(Format::mapped(wrong), None);
        }
    }

    #[test]
    fn numbers_without_an_rtpmap_have_their_fixed_meaning() {
        let codecs: Vec<_> = listed("0 8 9 18 x 300 128").iter().map(|format| format.codec).collect();
        assert_eq!(codecs, [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Other]);
    }
}
