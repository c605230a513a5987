//! A phone's sound: a tone out, whatever comes in counted. G.711 µ-law, 20 ms packets.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{net::UdpSocket, task::JoinHandle, time::MissedTickBehavior};

const FRAME: Duration = Duration::from_millis(20);
const SAMPLES: u32 = 160;
const HEADER: usize = 12;
/// µ-law bytes of one period of a tone of 400 Hz at 8 kHz.
const PERIOD: [u8; 20] = [
    0xFF, 0xA9, 0x9A, 0x93, 0x90, 0x8F, 0x90, 0x93, 0x9A, 0xA9, 0xFF, 0x29, 0x1A, 0x13, 0x10, 0x0F, 0x10,
    0x13, 0x1A, 0x29,
];

/// One end of a conversation. Dropping it ends the sound.
pub struct Sound {
    socket: Arc<UdpSocket>,
    task: Option<JoinHandle<()>>,
    descriptions: u32,
}

/// Whether a phone listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It does.
    Both,
    /// It holds the other side.
    SendOnly,
}

impl Sound {
    /// Opens a socket for it.
    pub async fn open(address: IpAddr) -> Result<Self> {
        let socket = UdpSocket::bind((address, 0)).await.context("no UDP port for RTP")?;
        Ok(Self { socket: Arc::new(socket), task: None, descriptions: 0 })
    }

    /// The SDP that offers or accepts it.
    pub fn sdp(&mut self, direction: Direction) -> Result<Vec<u8>> {
        let local = self.socket.local_addr()?;
        let (ip, port) = (local.ip(), local.port());
        self.descriptions += 1;
        let version = self.descriptions;
        let direction = match direction {
            Direction::Both => "sendrecv",
            Direction::SendOnly => "sendonly",
        };
        let text = format!(
            "v=0\r\no=- 1 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n\
             a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\na={direction}\r\n"
        );
        Ok(text.into_bytes())
    }

    /// Sends the tone to where `sdp` asks for it, from now on.
    pub fn send_to(&mut self, sdp: &[u8]) {
        let Some(peer) = audio_address(sdp) else { return };
        let playing = tokio::spawn(play(self.socket.clone(), peer));
        if let Some(before) = self.task.replace(playing) {
            before.abort();
        }
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn play(socket: Arc<UdpSocket>, peer: SocketAddr) {
    let mut ticks = tokio::time::interval(FRAME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let ssrc: u32 = rand::random();
    let mut packet = Vec::with_capacity(HEADER + SAMPLES as usize);
    let mut sequence = 0_u16;
    loop {
        ticks.tick().await;
        packet.clear();
        packet.extend([0x80, 0x00]);
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * SAMPLES).to_be_bytes());
        packet.extend(ssrc.to_be_bytes());
        packet.extend(PERIOD.iter().cycle().take(SAMPLES as usize));
        // A peer that has gone away is no fault.
        let _ = socket.send_to(&packet, peer).await;
        sequence = sequence.wrapping_add(1);
    }
}

fn audio_address(sdp: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(sdp).ok()?;
    let value = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix));
    let ip: IpAddr = value("c=IN IP4 ").or_else(|| value("c=IN IP6 "))?.trim().parse().ok()?;
    let port = value("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_offer_names_the_socket() {
        let mut sound = Sound::open(IpAddr::from([127, 0, 0, 1])).await.unwrap();
        let address = audio_address(&sound.sdp(Direction::Both).unwrap());
        assert_eq!(address, Some(sound.socket.local_addr().unwrap()));
    }
}
