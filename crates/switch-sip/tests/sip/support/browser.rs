//! The media of a browser: checks of connectivity, a handshake, and what is encrypted after it, all on one socket.

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    time::{Duration, Instant},
};

use dtls::{Association, Fingerprint, Identity, Role, is_dtls};
use ring::hmac;
use sip::sdp::{IceCredentials, Protection, Setup, protections};
use srtp::{OVERHEAD, Receiver, Sender};

/// Longer than anything takes that is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const FRAGMENT: &str = "browser";

/// A browser's sound.
pub struct Browser {
    pub socket: UdpSocket,
    identity: Identity,
    told: Option<Told>,
    keys: Option<(Sender, Receiver)>,
}

/// What the switch has said.
struct Told {
    address: SocketAddr,
    ice: IceCredentials,
    fingerprints: Vec<Fingerprint>,
    role: Role,
}

impl Browser {
    pub fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        Self { socket, identity: Identity::new().unwrap(), told: None, keys: None }
    }

    /// What it offers, or answers.
    pub fn sdp(&self, setup: &str) -> String {
        let fingerprint = self.identity.fingerprint();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS x\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
             a=candidate:1 1 udp 2113937151 b6e1.local 51000 typ host\r\na=ice-ufrag:{FRAGMENT}\r\n\
             a=ice-pwd:fkhlhsrtdfgdsjhngdkjgsaf\r\na=ice-options:trickle\r\na=fingerprint:{fingerprint}\r\n\
             a=setup:{setup}\r\na=mid:0\r\na=sendrecv\r\na=msid:x y\r\na=rtcp-mux\r\na=rtpmap:0 PCMU/8000\r\n\
             a=rtpmap:126 telephone-event/8000\r\n"
        )
    }

    /// Takes what the switch says of its end.
    pub fn take(&mut self, sdp: &str) -> Protection {
        let said = protections(sdp).remove(0);
        let handshake = &said.handshake;
        let candidate = sdp.lines().find_map(|line| line.strip_prefix("a=candidate:")).unwrap();
        let words: Vec<_> = candidate.split(' ').collect();
        assert_eq!((words[1], words[2], words[7]), ("1", "udp", "host"), "{candidate}");
        assert_eq!(words[5], said.port, "the candidate is the default one");
        self.told = Some(Told {
            address: format!("{}:{}", words[4], words[5]).parse().unwrap(),
            ice: handshake.ice.clone().unwrap(),
            fingerprints: handshake.fingerprints.iter().filter_map(|text| Fingerprint::parse(text)).collect(),
            role: if handshake.setup == Some(Setup::Active) { Role::Passive } else { Role::Active },
        });
        said
    }

    /// Where the switch receives.
    pub fn address(&self) -> SocketAddr {
        self.told().address
    }

    /// Which certificate the switch says that it has.
    pub fn fingerprints(&self) -> Vec<Fingerprint> {
        self.told().fingerprints.clone()
    }

    fn told(&self) -> &Told {
        self.told.as_ref().expect("the switch has said something")
    }

    /// A check that names this path.
    pub fn check(&self) -> Vec<u8> {
        let IceCredentials { fragment, password } = &self.told().ice;
        check(&format!("{fragment}:{FRAGMENT}"), password)
    }

    /// Sends a check from a socket and waits for what comes back.
    pub fn checks_from(&self, socket: &UdpSocket) -> Option<Vec<u8>> {
        socket.send_to(&self.check(), self.address()).unwrap();
        receive(socket, PATIENCE)
    }

    /// Checks the way, shakes hands, and has keys.
    pub fn connect(&mut self) {
        let answer = self.checks_from(&self.socket).expect("the check is answered");
        assert_eq!(answer[..2], [1, 1], "a success");
        self.shake();
    }

    /// Shakes hands; the way is known.
    pub fn shake(&mut self) {
        let Told { address, fingerprints, role, .. } = self.told();
        let (address, fingerprints, role) = (*address, fingerprints.clone(), *role);
        let mut association = Association::new(&self.identity, role, fingerprints);
        let until = Instant::now() + PATIENCE;
        let keys = loop {
            assert!(Instant::now() < until, "the handshake does not end");
            let send = |packet: &[u8]| {
                self.socket.send_to(packet, address).unwrap();
            };
            let mut keys = association.go_on(Instant::now(), send).unwrap();
            if let Some(record) = receive(&self.socket, Duration::from_millis(20)).filter(|it| is_dtls(it)) {
                keys = keys.or(association.receive(&record, Instant::now(), send).unwrap());
            }
            if let Some(keys) = keys {
                break keys;
            }
        };
        self.keys = Some((Sender::new(&keys.ours, 0), Receiver::new(&keys.theirs)));
    }

    /// Sends a packet, encrypted: RTCP too.
    pub fn say(&mut self, packet: &[u8]) {
        let mut buffer = packet.to_vec();
        buffer.resize(packet.len() + OVERHEAD, 0);
        let (sender, _) = self.keys.as_mut().expect("there are keys");
        let length = match srtp::is_control(packet) {
            true => sender.protect_control(&mut buffer, packet.len()).unwrap(),
            false => sender.protect(&mut buffer, packet.len()).unwrap(),
        };
        self.socket.send_to(&buffer[..length], self.address()).unwrap();
    }

    /// The next packet of media, made plain.
    pub fn hear(&mut self) -> Vec<u8> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let packet = receive(&self.socket, PATIENCE).expect("something is to be heard");
            if packet[0] >= 0x80 {
                return self.open(packet).expect("what is heard is encrypted for this party");
            }
        }
        panic!("nothing is heard");
    }

    pub fn open(&mut self, mut packet: Vec<u8>) -> Option<Vec<u8>> {
        let (_, receiver) = self.keys.as_mut().expect("there are keys");
        let length = match srtp::is_control(&packet) {
            true => receiver.unprotect_control(&mut packet).ok()?,
            false => receiver.unprotect(&mut packet).ok()?,
        };
        packet.truncate(length);
        Some(packet)
    }
}

/// What comes at a socket within a while.
pub fn receive(socket: &UdpSocket, patience: Duration) -> Option<Vec<u8>> {
    let mut packet = [0; 2_048];
    socket.set_read_timeout(Some(patience)).unwrap();
    match socket.recv(&mut packet) {
        Ok(length) => Some(packet[..length].to_vec()),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
            None
        }
    }
}

/// A connectivity check (RFC 8445 section 7.2.4) that names its path.
pub fn check(username: &str, password: &str) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    message.extend(rand::random::<[u8; 12]>());
    push(&mut message, 0x0006, username.as_bytes());
    push(&mut message, 0x0024, &0x6e00_1eff_u32.to_be_bytes());
    push(&mut message, 0x802a, &7_u64.to_be_bytes());
    push(&mut message, 0x0025, &[]);
    push(&mut message, 0x0008, &[0; 20]);
    let body = message.len() - 24;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let tag = hmac::sign(&key, &message[..body]);
    message[body + 4..].copy_from_slice(tag.as_ref());
    push(&mut message, 0x8028, &[0; 4]);
    let body = message.len() - 8;
    let crc = crc32fast::hash(&message[..body]) ^ 0x5354_554e;
    message[body + 4..].copy_from_slice(&crc.to_be_bytes());
    message
}

/// Adds an attribute, and says the length with it.
fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    let length = u16::try_from(message.len() - 20).unwrap();
    message[2..4].copy_from_slice(&length.to_be_bytes());
}
