//! How packets of one end are protected: by nothing, by keys that its party and the switch have told each other, or by
//! keys that a handshake of the media themselves gives.

use std::time::Instant;

pub use dtls::Keys;
use dtls::{Association, Failure, Identity, is_dtls};
use srtp::{Receiver, Sender, Suite, is_control};

use super::{counts::Fate, end::Buffer, security::Handshake};

/// Handshakes of one end that may fail: whoever disturbs one must not end it.
const MOST_FAILURES: u32 = 8;

/// How packets are protected.
#[derive(Default)]
pub(super) enum Protection {
    #[default]
    Plain,
    Keyed(Box<Keyed>),
    Shaken(Box<Shaken>),
    /// They go by the port of RTP (RFC 5761).
    WithRtp,
}

pub(super) struct Keyed {
    keys: Keys,
    sender: Sender,
    receiver: Receiver,
}

/// A handshake, and what has come of it.
pub(super) struct Shaken {
    terms: Handshake,
    identity: Identity,
    association: Option<Association>,
    keyed: Option<Keyed>,
    failures: u32,
}

/// What a step of a handshake has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shaking {
    /// It goes on.
    On,
    /// There are new keys.
    Done(Suite),
    /// There is nothing to be done any more.
    Over,
}

/// Which of the two ports of a stream this is. Both have the same keys, so their RTCP packets, which may come by
/// either, are numbered apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Rtp,
    Rtcp,
}

impl Protection {
    /// Takes keys. The same as before go on as they are.
    pub(super) fn set_keys(&mut self, keys: &Keys, port: Port) {
        match self {
            Self::Keyed(keyed) if keyed.keys == *keys => {}
            _ => *self = Self::Keyed(Box::new(Keyed::new(keys, port))),
        }
    }

    /// Takes terms of a handshake; says whether one begins. With the same party as before it goes on as it is.
    pub(super) fn set_handshake(&mut self, terms: &Handshake, identity: &Identity) -> bool {
        match self {
            Self::Shaken(shaken) if shaken.terms.with == terms.with => {
                shaken.terms.clone_from(terms);
                false
            }
            _ => {
                *self = Self::Shaken(Box::new(Shaken::new(terms, identity)));
                terms.with.is_some()
            }
        }
    }

    /// Whether RTCP comes and goes with RTP.
    pub(super) fn is_muxed(&self) -> bool {
        matches!(self, Self::Shaken(shaken) if shaken.terms.is_muxed)
    }

    /// The handshake, if a packet may be of it.
    pub(super) fn handshake(&mut self, packet: &[u8]) -> Option<&mut Shaken> {
        match self {
            Self::Shaken(shaken) if is_dtls(packet) => Some(shaken),
            _ => None,
        }
    }

    /// The handshake that goes on, if any does.
    pub(super) fn shaking(&mut self) -> Option<&mut Shaken> {
        match self {
            Self::Shaken(shaken) => Some(shaken),
            _ => None,
        }
    }

    /// Makes a packet of the party plain; gives its new length.
    pub(super) fn open(&mut self, packet: &mut [u8]) -> Result<usize, Fate> {
        match self {
            Self::Plain => Ok(packet.len()),
            Self::Keyed(keyed) => keyed.open(packet),
            Self::Shaken(shaken) => shaken.keyed.as_mut().ok_or(Fate::TooEarly)?.open(packet),
            Self::WithRtp => Err(Fate::FromStranger),
        }
    }

    /// Whether a packet for the party is RTCP that came by the port of RTP, as that is told apart where it must be.
    pub(super) fn is_report(&self, packet: &[u8]) -> bool {
        !matches!(self, Self::Plain) && is_control(packet)
    }

    /// Protects a plain packet for the party; gives its new length.
    pub(super) fn seal(&mut self, buffer: &mut Buffer, length: usize) -> Result<usize, Fate> {
        match self {
            Self::Plain => Ok(length),
            Self::Keyed(keyed) => keyed.seal(&mut buffer[..], length),
            Self::Shaken(shaken) => {
                shaken.keyed.as_mut().ok_or(Fate::Unwanted)?.seal(&mut buffer[..], length)
            }
            Self::WithRtp => Err(Fate::Unwanted),
        }
    }

    /// The same for a packet of the switch itself.
    pub(super) fn seal_own(&mut self, mut packet: Vec<u8>) -> Result<Vec<u8>, Fate> {
        let keyed = match self {
            Self::Plain => return Ok(packet),
            Self::Keyed(keyed) => keyed,
            Self::Shaken(shaken) => shaken.keyed.as_mut().ok_or(Fate::Unwanted)?,
            Self::WithRtp => return Err(Fate::Unwanted),
        };
        let length = packet.len();
        packet.resize(length + srtp::OVERHEAD, 0);
        let length = keyed.seal(&mut packet, length)?;
        packet.truncate(length);
        Ok(packet)
    }
}

impl Shaken {
    fn new(terms: &Handshake, identity: &Identity) -> Self {
        Self { terms: terms.clone(), identity: identity.clone(), association: None, keyed: None, failures: 0 }
    }

    /// Takes a record of the party. Until the party has said who it is, there is nobody to shake hands with.
    pub(super) fn take(&mut self, record: &[u8], now: Instant, send: impl FnMut(&[u8])) -> Shaking {
        let Some(association) = self.association() else { return Shaking::On };
        let outcome = association.receive(record, now, send);
        self.note(outcome)
    }

    /// Begins, or repeats what was not answered in time.
    pub(super) fn go_on(&mut self, now: Instant, send: impl FnMut(&[u8])) -> Shaking {
        if self.keyed.is_some() {
            return Shaking::Over;
        }
        let Some(association) = self.association() else { return Shaking::Over };
        let outcome = association.go_on(now, send);
        self.note(outcome)
    }

    fn association(&mut self) -> Option<&mut Association> {
        let with = self.terms.with.as_ref().filter(|_| self.failures < MOST_FAILURES)?;
        let begin = || Association::new(&self.identity, with.role, with.fingerprints.clone());
        Some(self.association.get_or_insert_with(begin))
    }

    fn note(&mut self, outcome: Result<Option<Keys>, Failure>) -> Shaking {
        match outcome {
            Ok(None) => Shaking::On,
            Ok(Some(keys)) => {
                let suite = keys.ours.suite();
                self.keyed = Some(Keyed::new(&keys, Port::Rtp));
                Shaking::Done(suite)
            }
            // What has led to keys stays as it is, whoever comes after.
            Err(_) if self.keyed.is_some() => Shaking::Over,
            Err(failure) => {
                self.failures += 1;
                self.association = None;
                let error: &dyn std::error::Error = &failure;
                tracing::info!(error, failures = self.failures, "a handshake of media has failed");
                Shaking::On
            }
        }
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

    fn open(&mut self, packet: &mut [u8]) -> Result<usize, Fate> {
        match is_control(packet) {
            true => self.receiver.unprotect_control(packet).map_err(fate),
            false => self.receiver.unprotect(packet).map_err(fate),
        }
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
