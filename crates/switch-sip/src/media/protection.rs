//! How packets of one end are protected: by nothing, or by keys that its party and the switch have agreed on.

use srtp::{MasterKey, Receiver, Sender, is_control};

use super::{counts::Fate, end::Buffer};

/// The keys of a stream, one for each direction. They show nothing of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What the switch sends with.
    pub ours: MasterKey,
    /// What the party sends with.
    pub theirs: MasterKey,
}

/// How packets are protected.
#[derive(Default)]
pub(super) enum Protection {
    #[default]
    Plain,
    Keyed(Box<Keyed>),
}

pub(super) struct Keyed {
    keys: Keys,
    sender: Sender,
    receiver: Receiver,
}

/// Which of the two ports of a stream this is. Both have the same keys, so their RTCP packets, which may come by
/// either, are numbered apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Rtp,
    Rtcp,
}

impl Protection {
    /// Takes keys, or none. The same as before go on as they are.
    pub(super) fn set(&mut self, keys: Option<&Keys>, port: Port) {
        match (keys, &*self) {
            (Some(keys), Self::Keyed(keyed)) if keyed.keys == *keys => {}
            (Some(keys), _) => *self = Self::Keyed(Box::new(Keyed::new(keys, port))),
            (None, _) => *self = Self::Plain,
        }
    }

    /// Makes a packet of the party plain; gives its new length.
    pub(super) fn open(&mut self, packet: &mut [u8]) -> Result<usize, Fate> {
        match self {
            Self::Plain => Ok(packet.len()),
            Self::Keyed(keyed) if is_control(packet) => {
                keyed.receiver.unprotect_control(packet).map_err(fate)
            }
            Self::Keyed(keyed) => keyed.receiver.unprotect(packet).map_err(fate),
        }
    }

    /// Whether a packet for the party is RTCP that came by the port of RTP, as that is told apart where it must be.
    pub(super) fn is_report(&self, packet: &[u8]) -> bool {
        matches!(self, Self::Keyed(_)) && is_control(packet)
    }

    /// Protects a plain packet for the party; gives its new length.
    pub(super) fn seal(&mut self, buffer: &mut Buffer, length: usize) -> Result<usize, Fate> {
        match self {
            Self::Plain => Ok(length),
            Self::Keyed(keyed) => keyed.seal(&mut buffer[..], length),
        }
    }

    /// The same for a packet of the switch itself.
    pub(super) fn seal_own(&mut self, mut packet: Vec<u8>) -> Result<Vec<u8>, Fate> {
        if let Self::Keyed(keyed) = self {
            let length = packet.len();
            packet.resize(length + srtp::OVERHEAD, 0);
            let length = keyed.seal(&mut packet, length)?;
            packet.truncate(length);
        }
        Ok(packet)
    }
}

impl Keyed {
    fn new(keys: &Keys, port: Port) -> Self {
        let first_control = match port {
            Port::Rtp => 0,
            Port::Rtcp => 1 << 30,
        };
        let (sender, receiver) = (Sender::new(&keys.ours, first_control), Receiver::new(&keys.theirs));
        Self { keys: keys.clone(), sender, receiver }
    }

    fn seal(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Fate> {
        match is_control(&buffer[..length]) {
            true => self.sender.protect_control(buffer, length).map_err(fate),
            false => self.sender.protect(buffer, length).map_err(fate),
        }
    }
}

/// What becomes of a packet that is not protected, or that cannot be.
fn fate(why: srtp::Error) -> Fate {
    match why {
        srtp::Error::Malformed | srtp::Error::Forged | srtp::Error::Replayed => Fate::Forged,
        srtp::Error::TooManyStreams | srtp::Error::UsedUp => Fate::Unsendable,
    }
}
