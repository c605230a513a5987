//! What is sent, encrypted.

use crate::{
    Error, MOST_STREAMS, MasterKey, OVERHEAD,
    cipher::Pair,
    packet::{CONTROL_HEADER, Header, control_ssrc},
    window::Window,
};

/// RTCP packets under one key (RFC 3711 section 9.2).
const MOST_CONTROL: u32 = 1 << 31;
/// RTP packets of one stream under one key.
const MOST_PACKETS: u64 = 1 << 48;

/// Encrypts what is sent to a party.
pub struct Sender {
    ciphers: Pair,
    streams: Vec<(u32, Window)>,
    next_control: u32,
}

impl Sender {
    /// One with a key of ours, whose RTCP packets are numbered from `first_control`: several with the same key must
    /// not use the same numbers.
    pub fn new(key: &MasterKey, first_control: u32) -> Self {
        Self { ciphers: Pair::new(key), streams: Vec::new(), next_control: first_control }
    }

    /// Encrypts the RTP packet in the first `length` bytes of a buffer; gives its new length. A sequence number is
    /// used once: what repeats one is refused, as its keystream would be known.
    pub fn protect(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Error> {
        let header = Header::read(with_room(buffer, length)?).ok_or(Error::Malformed)?;
        let window = self.stream(header.ssrc)?;
        let index = window.index(header.sequence);
        if index >= MOST_PACKETS {
            return Err(Error::UsedUp);
        }
        if !window.is_new(index) {
            return Err(Error::Replayed);
        }
        window.note(index);
        self.ciphers.rtp.seal(buffer, length, header, index).ok_or(Error::Malformed)
    }

    /// Encrypts an RTCP packet in the same way.
    pub fn protect_control(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Error> {
        let ssrc = control_ssrc(with_room(buffer, length)?).ok_or(Error::Malformed)?;
        debug_assert!(length >= CONTROL_HEADER);
        if self.next_control >= MOST_CONTROL {
            return Err(Error::UsedUp);
        }
        let index = self.next_control;
        self.next_control += 1;
        self.ciphers.rtcp.seal_control(buffer, length, ssrc, index).ok_or(Error::Malformed)
    }

    fn stream(&mut self, ssrc: u32) -> Result<&mut Window, Error> {
        let at = match self.streams.iter().position(|(known, _)| *known == ssrc) {
            Some(at) => at,
            // To forget one would be to use its keystream again.
            None if self.streams.len() >= MOST_STREAMS => return Err(Error::TooManyStreams),
            None => {
                self.streams.push((ssrc, Window::default()));
                self.streams.len() - 1
            }
        };
        Ok(&mut self.streams[at].1)
    }
}

fn with_room(buffer: &[u8], length: usize) -> Result<&[u8], Error> {
    let has_room = buffer.len() >= length.saturating_add(OVERHEAD);
    buffer.get(..length).filter(|_| has_room).ok_or(Error::Malformed)
}
