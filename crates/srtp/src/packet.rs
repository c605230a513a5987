//! What must be read of a packet before it can be decrypted.

/// Bytes of an RTP header without CSRC list and extension.
const HEADER: usize = 12;
/// Bytes of an RTCP packet that are never encrypted (RFC 3711 section 3.4).
pub(crate) const CONTROL_HEADER: usize = 8;

/// Whether a packet on a port for both is RTCP (RFC 5761 section 4).
pub fn is_control(packet: &[u8]) -> bool {
    packet.get(1).is_some_and(|kind| matches!(kind, 192..=223))
}

/// What an RTP header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) length: usize,
    pub(crate) sequence: u16,
    pub(crate) ssrc: u32,
}

impl Header {
    /// `None` if it is no RTP of version 2 or is cut short.
    pub(crate) fn read(packet: &[u8]) -> Option<Self> {
        let head = packet.first_chunk::<HEADER>()?;
        let extended = HEADER + usize::from(head[0] & 0x0f) * 4;
        let length = match head[0] & 0x10 {
            0 => extended,
            _ => {
                let words = packet.get(extended + 2..extended + 4)?;
                extended + 4 + usize::from(u16::from_be_bytes([words[0], words[1]])) * 4
            }
        };
        let is_sound = head[0] >> 6 == 2 && length <= packet.len();
        is_sound.then(|| Self {
            length,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        })
    }
}

/// Who sends an RTCP packet.
pub(crate) fn control_ssrc(packet: &[u8]) -> Option<u32> {
    let head = packet.first_chunk::<CONTROL_HEADER>()?;
    (head[0] >> 6 == 2).then(|| u32::from_be_bytes([head[4], head[5], head[6], head[7]]))
}
