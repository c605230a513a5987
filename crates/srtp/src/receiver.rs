//! What is received, decrypted.

use crate::{
    Error, MOST_STREAMS, MasterKey,
    cipher::Pair,
    packet::{Header, control_ssrc},
    window::Window,
};

/// Decrypts what a party sends.
pub struct Receiver {
    ciphers: Pair,
    streams: Streams,
    control_streams: Streams,
}

/// The streams of which an authentic packet has come, the latest to begin last.
#[derive(Default)]
struct Streams(Vec<(u32, Window)>);

impl Receiver {
    /// One with a key of the party.
    pub fn new(key: &MasterKey) -> Self {
        Self { ciphers: Pair::new(key), streams: Streams::default(), control_streams: Streams::default() }
    }

    /// Decrypts an RTP packet; gives its new length. Only an authentic one changes what is known of its stream.
    pub fn unprotect(&mut self, packet: &mut [u8]) -> Result<usize, Error> {
        let header = Header::read(packet).ok_or(Error::Malformed)?;
        let window = self.streams.known(header.ssrc);
        let index = window.index(header.sequence);
        if !window.is_new(index) {
            return Err(Error::Replayed);
        }
        let length = self.ciphers.rtp.open(packet, header, index)?;
        self.streams.note(header.ssrc, index);
        Ok(length)
    }

    /// Decrypts an RTCP packet in the same way.
    pub fn unprotect_control(&mut self, packet: &mut [u8]) -> Result<usize, Error> {
        let ssrc = control_ssrc(packet).ok_or(Error::Malformed)?;
        let (index, _) = self.ciphers.rtcp.control_index(packet).ok_or(Error::Malformed)?;
        if !self.control_streams.known(ssrc).is_new(index.into()) {
            return Err(Error::Replayed);
        }
        let length = self.ciphers.rtcp.open_control(packet, ssrc)?;
        self.control_streams.note(ssrc, index.into());
        Ok(length)
    }
}

impl Streams {
    fn known(&self, ssrc: u32) -> Window {
        let known = self.0.iter().find(|(known, _)| *known == ssrc);
        known.map_or_else(Window::default, |(_, window)| *window)
    }

    fn note(&mut self, ssrc: u32, index: u64) {
        if let Some((_, window)) = self.0.iter_mut().find(|(known, _)| *known == ssrc) {
            return window.note(index);
        }
        if self.0.len() >= MOST_STREAMS {
            self.0.remove(0);
        }
        let mut window = Window::default();
        window.note(index);
        self.0.push((ssrc, window));
    }
}
