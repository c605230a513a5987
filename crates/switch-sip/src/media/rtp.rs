//! The fixed header of an RTP packet (RFC 3550 section 5.1).

use std::ops::Range;

/// Bytes of a header without CSRC list and extension.
pub(super) const HEADER: usize = 12;
/// Timestamp units in a second, of every codec that telephony began with (RFC 3551).
pub(super) const RATE: u32 = 8_000;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) is_marked: bool,
    pub(super) payload_type: u8,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
}

impl Header {
    /// Reads a header; `None` for anything that is not RTP of version 2.
    pub(super) fn read(packet: &[u8]) -> Option<Self> {
        let head = packet.first_chunk::<HEADER>()?;
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        (head[0] >> 6 == 2).then(|| Self {
            is_marked: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: word(4),
            ssrc: word(8),
        })
    }

    /// Writes all of it but version, padding, extension and CSRC count, which stay as they are.
    pub(super) fn write(&self, packet: &mut [u8]) {
        let Some(head) = packet.first_chunk_mut::<HEADER>() else { return };
        head[1] = u8::from(self.is_marked) << 7 | self.payload_type;
        head[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        head[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        head[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }

    /// A packet with this header and a payload.
    pub(super) fn with(&self, payload: &[u8]) -> Vec<u8> {
        let mut packet = Vec::with_capacity(HEADER + payload.len());
        packet.resize(HEADER, 0);
        packet[0] = 0x80;
        self.write(&mut packet);
        packet.extend_from_slice(payload);
        packet
    }
}

/// Where the payload lies in a packet, past CSRC list and extension, without padding.
pub(super) fn payload(packet: &[u8]) -> Option<Range<usize>> {
    let first = *packet.first()?;
    let mut start = HEADER + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        let length = packet.get(start + 2..start + 4)?;
        start += 4 + usize::from(u16::from_be_bytes([length[0], length[1]])) * 4;
    }
    let padding = if first & 0x20 != 0 { usize::from(*packet.last()?) } else { 0 };
    let end = packet.len().checked_sub(padding)?;
    (start <= end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Header =
        Header { is_marked: true, payload_type: 101, sequence: 65_535, timestamp: 7, ssrc: 0xfeed };

    #[test]
    fn a_header_is_read_as_it_was_written() {
        let packet = HEAD.with(&[1, 2, 3]);
        assert_eq!(Header::read(&packet), Some(HEAD));
        assert_eq!(&packet[payload(&packet).unwrap()], [1, 2, 3]);
    }

    #[test]
    fn csrc_list_extension_and_padding_are_no_payload() {
        let mut packet = HEAD.with(&[]);
        packet[0] = 0x80 | 0x20 | 0x10 | 1;
        packet.extend([9; 4]);
        packet.extend([0xbe, 0xde, 0, 1, 9, 9, 9, 9]);
        packet.extend([5, 6, 0, 2]);
        assert_eq!(&packet[payload(&packet).unwrap()], [5, 6]);
    }

    #[test]
    fn what_is_too_short_or_lies_about_its_length_is_not_read() {
        assert_eq!(Header::read(&[0x80; 11]), None);
        assert_eq!(Header::read(&[0x40; 12]), None);
        assert_eq!(payload(&[0x8f; 12]), None);
        assert_eq!(payload(&[0x90; 13]), None);
        assert_eq!(payload(&[0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200]), None);
    }
}
