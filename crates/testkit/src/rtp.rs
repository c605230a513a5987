//! RTP whose every byte is known: what one end says, another can check packet by packet.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::UdpSocket,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};

/// Bytes of a packet's payload: 20 ms of G.711.
const PAYLOAD: usize = 160;
/// Bytes of the header (RFC 3550 section 5.1, no CSRC).
const HEADER: usize = 12;

/// A stream of packets, each stamped with its number and filled with bytes that follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpStream {
    /// The synchronization source.
    pub ssrc: u32,
}

impl RtpStream {
    /// The whole packet with this number, from 0.
    pub fn packet(self, number: u32) -> Vec<u8> {
        let mut packet = Vec::with_capacity(HEADER + PAYLOAD);
        let sequence = u16::try_from(number % 65_536).expect("below 65,536");
        packet.extend([0x80, 0]);
        packet.extend(sequence.to_be_bytes());
        packet.extend(number.wrapping_mul(160).to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend(number.to_be_bytes());
        let mut noise = (u64::from(self.ssrc) << 32 | u64::from(number)) | 1;
        while packet.len() < HEADER + PAYLOAD {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            packet.push(noise.to_le_bytes()[0]);
        }
        packet
    }

    /// The number of a packet of this stream that came unchanged.
    fn number_of(self, packet: &[u8]) -> Option<u32> {
        let number = u32::from_be_bytes(packet.get(HEADER..HEADER + 4)?.try_into().ok()?);
        (packet == self.packet(number)).then_some(number)
    }

    fn is_of(self, packet: &[u8]) -> bool {
        packet.get(8..12) == Some(&self.ssrc.to_be_bytes()[..])
    }
}

/// What an end has received.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Numbers of the packets that came unchanged, in the order in which they came.
    pub intact: Vec<u32>,
    /// Packets of the stream that were changed on the way.
    pub altered: usize,
    /// Packets of other streams.
    pub foreign: usize,
    /// Where they came from.
    pub sources: BTreeSet<SocketAddr>,
}

impl Heard {
    /// Whether all the packets from `first`, `count` of them, came once, in order and unchanged, and
    /// nothing else did.
    pub fn is_exactly(&self, first: u32, count: u32) -> bool {
        self.altered == 0 && self.foreign == 0 && self.intact.iter().copied().eq(first..first + count)
    }
}

/// A socket that sends and receives such streams.
#[derive(Debug)]
pub struct RtpEnd {
    socket: UdpSocket,
}

impl RtpEnd {
    /// An end on any free port.
    pub async fn bind(address: IpAddr) -> io::Result<Self> {
        Ok(Self { socket: UdpSocket::bind((address, 0)).await? })
    }

    /// Where it sends from and receives.
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound socket has an address")
    }

    /// Sends the packets from `first`, `count` of them, one each `pace`.
    pub async fn say(
        &self,
        stream: RtpStream,
        to: SocketAddr,
        first: u32,
        count: u32,
        pace: Duration,
    ) -> io::Result<()> {
        let mut ticks = interval(pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in first..first + count {
            ticks.tick().await;
            self.socket.send_to(&stream.packet(number), to).await?;
        }
        Ok(())
    }

    /// Sends one packet.
    pub async fn send(&self, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        self.socket.send_to(packet, to).await.map(drop)
    }

    /// Receives until `count` packets have come, or `patience` is over.
    pub async fn receive(&self, count: usize, patience: Duration) -> io::Result<Vec<Vec<u8>>> {
        let (mut packets, until) = (Vec::new(), Instant::now() + patience);
        let mut buffer = [0; 2_048];
        while packets.len() < count {
            let Ok(received) = timeout_at(until, self.socket.recv(&mut buffer)).await else { break };
            packets.push(buffer[..received?].to_vec());
        }
        Ok(packets)
    }

    /// Receives until `count` packets of the stream have come unchanged, or `patience` is over.
    pub async fn hear(&self, stream: RtpStream, count: usize, patience: Duration) -> io::Result<Heard> {
        let (mut heard, until) = (Heard::default(), Instant::now() + patience);
        let mut buffer = [0; 2_048];
        while heard.intact.len() < count {
            let Ok(received) = timeout_at(until, self.socket.recv_from(&mut buffer)).await else { break };
            let (length, source) = received?;
            heard.take(stream, &buffer[..length], source);
        }
        Ok(heard)
    }
}

impl Heard {
    fn take(&mut self, stream: RtpStream, packet: &[u8], source: SocketAddr) {
        self.sources.insert(source);
        match stream.number_of(packet) {
            Some(number) => self.intact.push(number),
            None if stream.is_of(packet) => self.altered += 1,
            None => self.foreign += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: RtpStream = RtpStream { ssrc: 7 };
    const PACE: Duration = Duration::from_millis(1);
    const PATIENCE: Duration = Duration::from_secs(5);

    async fn ends() -> (RtpEnd, RtpEnd) {
        let local = IpAddr::from([127, 0, 0, 1]);
        (RtpEnd::bind(local).await.unwrap(), RtpEnd::bind(local).await.unwrap())
    }

    #[tokio::test]
    async fn what_is_said_is_heard_packet_by_packet() {
        let (one, other) = ends().await;
        let (said, heard) = tokio::join!(
            one.say(STREAM, other.address(), 65_530, 20, PACE),
            other.hear(STREAM, 20, PATIENCE)
        );
        said.unwrap();
        let heard = heard.unwrap();
        assert!(heard.is_exactly(65_530, 20), "{heard:?}");
        assert_eq!(heard.sources, BTreeSet::from([one.address()]));
    }

    #[tokio::test]
    async fn changed_and_foreign_packets_are_noticed() {
        let (one, other) = ends().await;
        let mut changed = STREAM.packet(1);
        changed[100] ^= 1;
        for packet in [changed, RtpStream { ssrc: 8 }.packet(0), STREAM.packet(2)] {
            one.socket.send_to(&packet, other.address()).await.unwrap();
        }
        let heard = other.hear(STREAM, 1, PATIENCE).await.unwrap();
        assert_eq!((heard.altered, heard.foreign, &heard.intact[..]), (1, 1, &[2][..]));
        assert!(!heard.is_exactly(2, 1));
    }

    #[tokio::test]
    async fn listening_ends_when_patience_does() {
        let (one, _) = ends().await;
        let heard = one.hear(STREAM, 1, Duration::from_millis(10)).await.unwrap();
        assert_eq!(heard, Heard::default());
    }
}
