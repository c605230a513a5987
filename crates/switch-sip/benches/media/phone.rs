//! A party: G.711 in packets of 20 ms, as they are or encrypted.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use dtls::{Association, Fingerprint, Identity, Keys, Role, is_dtls};
use srtp::{OVERHEAD, Receiver, Sender};

use super::Result;

/// A header, and 20 ms of G.711.
const PACKET: usize = 172;
/// Longer than any packet here, encrypted.
const LONGEST: usize = PACKET + OVERHEAD;
/// Longer than a handshake takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a party is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By nothing.
    Plain,
    /// By keys in the session description.
    Sdes,
    /// By keys of a handshake.
    Dtls,
}

/// A party.
pub struct Phone {
    socket: UdpSocket,
    relay: SocketAddr,
    keys: Option<(Sender, Receiver)>,
    sequence: u16,
}

impl Way {
    /// Those of both parties, such as `sdes-plain`.
    pub fn pair(name: &str) -> Result<[Self; 2]> {
        let (one, other) = name.split_once('-').ok_or_else(|| format!("--ways: found {name}"))?;
        Ok([Self::of(one)?, Self::of(other)?])
    }

    fn of(name: &str) -> Result<Self> {
        match name {
            "plain" => Ok(Self::Plain),
            "sdes" => Ok(Self::Sdes),
            "dtls" => Ok(Self::Dtls),
            _ => Err(format!("--ways: found {name}, accepted: plain, sdes, dtls").into()),
        }
    }
}

impl Phone {
    /// One that does not know yet where the relay is.
    pub fn new() -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        Ok(Self { relay: socket.local_addr()?, socket, keys: None, sequence: 0 })
    }

    /// Where it receives.
    pub fn port(&self) -> Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Notes where the relay is.
    pub fn meet(&mut self, relay: SocketAddr) {
        self.relay = relay;
    }

    /// Encrypts with these.
    pub fn secure(&mut self, keys: &Keys) {
        self.keys = Some((Sender::new(&keys.ours, 0), Receiver::new(&keys.theirs)));
    }

    /// Shakes hands with the relay.
    pub fn shake(&mut self, identity: &Identity, role: Role, theirs: Vec<Fingerprint>) -> Result<()> {
        self.socket.set_nonblocking(false)?;
        self.socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        let mut association = Association::new(identity, role, theirs);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(keys) = self.go_on(&mut association)? {
                self.secure(&keys);
                return Ok(self.socket.set_nonblocking(true)?);
            }
        }
        Err("a handshake does not end".into())
    }

    fn go_on(&self, association: &mut Association) -> Result<Option<Keys>> {
        let send = |packet: &[u8]| drop(self.socket.send_to(packet, self.relay));
        let keys = association.go_on(Instant::now(), send)?;
        let mut record = [0; 2_048];
        let length = self.socket.recv(&mut record).unwrap_or_default();
        Ok(match record.get(..length).filter(|record| is_dtls(record)) {
            Some(record) => keys.or(association.receive(record, Instant::now(), send)?),
            None => keys,
        })
    }

    /// Sends the next packet; whether the system takes it.
    pub fn say(&mut self) -> Result<bool> {
        let mut packet = [0; LONGEST];
        packet[0] = 0x80;
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&(u32::from(self.sequence) * 160).to_be_bytes());
        packet[8..12].copy_from_slice(&u32::from(self.port()?).to_be_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        let length = match &mut self.keys {
            Some((sender, _)) => sender.protect(&mut packet, PACKET)?,
            None => PACKET,
        };
        Ok(self.socket.send_to(&packet[..length], self.relay).is_ok())
    }

    /// Packets that have come and are as they were sent.
    pub fn hear(&mut self) -> u64 {
        let (mut packet, mut heard) = ([0; 2 * LONGEST], 0);
        while let Ok(length) = self.socket.recv(&mut packet) {
            let opened = match &mut self.keys {
                Some((_, receiver)) => receiver.unprotect(&mut packet[..length]).unwrap_or_default(),
                None => length,
            };
            heard += u64::from(opened == PACKET);
        }
        heard
    }
}
