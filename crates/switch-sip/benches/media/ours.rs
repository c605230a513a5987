//! Calls over the relay of this crate.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use dtls::{Fingerprint, Identity, Keys, Role, Suite};
use rand::random;
use srtp::MasterKey;
use switch_sip::media::{Handshake, HandshakePeer, MediaConfig, MediaLeg, MediaRelay, Security};

use super::{
    Relay, Result,
    phone::{Phone, Way},
    usage::Usage,
};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The relay, and the legs that are up.
pub struct Ours {
    relay: Arc<MediaRelay>,
    legs: Vec<MediaLeg>,
    identity: Identity,
}

impl Ours {
    pub fn new() -> Result<Self> {
        let config = MediaConfig { address: LOCAL, advertised: LOCAL, ports: 10_000..=29_999 };
        Ok(Self { relay: MediaRelay::new(config)?, legs: Vec::new(), identity: Identity::new()? })
    }

    /// Protects the leg of a phone in this way.
    fn protect(&self, leg: &MediaLeg, phone: &mut Phone, way: Way) -> Result<()> {
        match way {
            Way::Plain => {}
            Way::Sdes => {
                let [ours, theirs] = [key()?, key()?];
                leg.protect(vec![Some(Security::Keys(Keys { ours, theirs }))]);
                phone.secure(&Keys { ours: theirs, theirs: ours });
            }
            Way::Dtls => {
                let fingerprints = vec![self.identity.fingerprint().clone()];
                let with = Some(HandshakePeer { role: Role::Passive, fingerprints });
                leg.protect(vec![Some(Security::Handshake(Handshake { with, ice: None, is_muxed: true }))]);
                let relay = Fingerprint::parse(self.relay.fingerprint()).ok_or("no fingerprint")?;
                phone.shake(&self.identity, Role::Active, vec![relay])?;
            }
        }
        Ok(())
    }
}

impl Relay for Ours {
    fn connect(&mut self, ways: [Way; 2]) -> Result<[Phone; 2]> {
        let legs = [self.relay.open()?, self.relay.open()?];
        let mut phones = [Phone::new()?, Phone::new()?];
        legs[0].connect(&legs[1]);
        phones[1].meet(pass(&legs[0], &legs[1], &phones[0])?);
        phones[0].meet(pass(&legs[1], &legs[0], &phones[1])?);
        for ((leg, phone), way) in legs.iter().zip(&mut phones).zip(ways) {
            self.protect(leg, phone, way)?;
        }
        self.legs.extend(legs);
        Ok(phones)
    }

    fn usage(&self) -> Result<Usage> {
        Usage::of_threads("media-relay")
    }
}

fn key() -> Result<MasterKey> {
    let suite = Suite::AesCm128HmacSha1_80;
    MasterKey::new(suite, &random::<[u8; 30]>()).ok_or_else(|| "the key has another length".into())
}

/// Tells a leg where a phone is; where the other one is to send.
fn pass(from: &MediaLeg, to: &MediaLeg, phone: &Phone) -> Result<SocketAddr> {
    let sdp = format!("v=0\r\nc=IN IP4 {LOCAL}\r\nm=audio {} RTP/AVP 0\r\n", phone.port()?);
    let passed = String::from_utf8(from.pass(to, sdp.as_bytes(), LOCAL)?)?;
    let port = passed.lines().find_map(|line| line.strip_prefix("m=audio ")?.split(' ').next());
    Ok(SocketAddr::new(LOCAL, port.ok_or("no audio")?.parse()?))
}
