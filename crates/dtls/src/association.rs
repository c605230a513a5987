//! One handshake with a party, and the keys that come of it.

use std::{fmt, time::Instant};

pub use srtp::Suite;

use crate::{
    Fingerprint, Identity,
    fragments::{Assembly, fragments},
    handshake::{Client, Keys, Party, Server, Session, kind},
    record::{Record, content, records},
};

/// Encrypted records that are kept until they can be read: their datagram may come before the one before it.
const MOST_EARLY: usize = 2;
/// Bytes of the longest of them.
const LONGEST_EARLY: usize = 128;
/// An alert after which nothing comes (RFC 5246 section 7.2).
const FATAL: u8 = 2;

/// Who begins (RFC 5763 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// We do.
    Active,
    /// The party does.
    Passive,
}

impl Role {
    /// That of the other side.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Active => Self::Passive,
            Self::Passive => Self::Active,
        }
    }
}

/// Why there will be no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Whoever is there has another certificate than the party's description says.
    #[error("the certificate is not the one of the session description")]
    OtherCertificate,
    /// The party shows no certificate: it has none of the kinds that are asked for.
    #[error("the party shows no certificate")]
    NoCertificate,
    /// There is no way to protect media that both sides know.
    #[error("no media protection in common")]
    NoProfile,
    /// There is no cipher, group or signature that both sides know.
    #[error("no cipher in common")]
    NoCipher,
    /// The party speaks DTLS 1.0 alone.
    #[error("the party does not speak DTLS 1.2")]
    Version,
    /// A message cannot be read.
    #[error("a message is malformed")]
    Malformed,
    /// A message is not the one that comes next.
    #[error("a message of kind {kind} comes too soon")]
    Unexpected {
        /// Which (RFC 5246 section 7.4).
        kind: u8,
    },
    /// Whoever is there does not have the key of the certificate, or signs in a way that is not known.
    #[error("the signature (scheme {scheme:#06x}) is not one of the certificate's key")]
    Signature {
        /// How it is signed (RFC 8446 section 4.2.3).
        scheme: u16,
    },
    /// Both sides have not seen the same.
    #[error("somebody has changed what was said")]
    Finished,
    /// The party has given up.
    #[error("the party has given up: alert {description}")]
    Refused {
        /// Why (RFC 5246 section 7.2).
        description: u8,
    },
    /// Nobody answers.
    #[error("the party does not answer")]
    TimedOut,
    /// A key of the party is none, or none can be made.
    #[error("a key cannot be used")]
    Cipher,
}

/// A handshake. What has come of it stays, while it answers what the party repeats.
pub struct Association {
    role: Role,
    party: Option<Party>,
    session: Session,
    assembly: Assembly,
    /// Encrypted records that cannot be read yet.
    early: Vec<([u8; 8], Vec<u8>)>,
    is_done: bool,
}

/// Whether a packet is DTLS, as what may share a port is told apart (RFC 7983).
pub fn is_dtls(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| (20..64).contains(first))
}

impl Association {
    /// One with the party that has a certificate with one of these fingerprints.
    pub fn new(identity: &Identity, role: Role, theirs: Vec<Fingerprint>) -> Self {
        Self {
            role,
            party: None,
            session: Session::new(identity, role, theirs),
            assembly: Assembly::default(),
            early: Vec::new(),
            is_done: false,
        }
    }

    /// Takes a datagram of the party. `send` is given what is to be sent back. The keys are given once.
    pub fn receive(
        &mut self,
        datagram: &[u8],
        now: Instant,
        send: impl FnMut(&[u8]),
    ) -> Result<Option<Keys>, Failure> {
        self.begin()?;
        let mut is_repeated = false;
        for record in records(datagram) {
            is_repeated |= self.take(&record)?;
        }
        if is_repeated {
            self.session.flight.repeat(now);
        }
        self.go_on(now, send)
    }

    /// Begins if that is for us to do, and repeats what was not answered in time.
    pub fn go_on(&mut self, now: Instant, send: impl FnMut(&[u8])) -> Result<Option<Keys>, Failure> {
        self.begin()?;
        self.session.flight.go_on(now)?;
        self.session.flight.send(now, send);
        let keys = self.session.keys.take();
        self.is_done |= keys.is_some();
        Ok(keys)
    }

    /// Whether it has come to keys.
    pub const fn is_done(&self) -> bool {
        self.is_done
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if self.party.is_none() {
            self.party = Some(match self.role {
                Role::Active => Party::Client(Client::new(&mut self.session)?),
                Role::Passive => Party::Server(Server::Hello),
            });
        }
        Ok(())
    }

    /// Takes a record; says whether the party repeats itself. What is not authentic is dropped (RFC 6347 section
    /// 4.1.2.7).
    fn take(&mut self, record: &Record<'_>) -> Result<bool, Failure> {
        let opened = match (record.epoch, &self.session.opening) {
            (0, _) => return self.take_payload(record.content, record.payload, false),
            (1, Some(key)) => key.open(record),
            (1, None) => {
                self.keep(record);
                None
            }
            _ => None,
        };
        opened.map_or(Ok(false), |opened| self.take_payload(record.content, &opened, true))
    }

    fn keep(&mut self, record: &Record<'_>) {
        let is_short = record.payload.len() <= LONGEST_EARLY;
        if record.content == content::HANDSHAKE && is_short && self.early.len() < MOST_EARLY {
            self.early.push((record.number, record.payload.to_vec()));
        }
    }

    fn take_payload(&mut self, content: u8, payload: &[u8], is_encrypted: bool) -> Result<bool, Failure> {
        match (content, payload) {
            (content::HANDSHAKE, _) => self.take_fragments(payload, is_encrypted),
            // Who has keys already has them whatever somebody says.
            (content::ALERT, &[FATAL, description]) if self.is_begun() && !self.is_done => {
                Err(Failure::Refused { description })
            }
            _ => Ok(false),
        }
    }

    fn take_fragments(&mut self, payload: &[u8], is_encrypted: bool) -> Result<bool, Failure> {
        let mut is_repeated = false;
        for fragment in fragments(payload) {
            if self.may_come(fragment.kind, is_encrypted) {
                is_repeated |= self.assembly.is_old(fragment.number);
                self.assembly.add(&fragment);
            }
        }
        self.take_messages()?;
        Ok(is_repeated)
    }

    /// Whether a message may come at all: the last of each side is encrypted, and no other. Who has not begun has no
    /// more to say.
    fn may_come(&self, kind: u8, is_encrypted: bool) -> bool {
        let is_begun = self.is_begun() || kind == kind::CLIENT_HELLO;
        is_begun && (kind == kind::FINISHED) == is_encrypted
    }

    fn is_begun(&self) -> bool {
        !matches!(self.party, None | Some(Party::Server(Server::Hello)))
    }

    fn take_messages(&mut self) -> Result<(), Failure> {
        while !self.is_over()
            && let Some(message) = self.assembly.take()
        {
            let party = self.party.replace(Party::Failed);
            self.party = Some(match party {
                Some(Party::Client(client)) => Party::Client(client.take(&message, &mut self.session)?),
                Some(Party::Server(server)) => Party::Server(server.take(&message, &mut self.session)?),
                Some(Party::Failed) | None => return Err(Failure::Unexpected { kind: message.kind }),
            });
            self.take_early()?;
        }
        Ok(())
    }

    /// Takes what has come too early, once it can be read.
    fn take_early(&mut self) -> Result<(), Failure> {
        if self.session.opening.is_some() {
            for (number, payload) in std::mem::take(&mut self.early) {
                let record = Record { content: content::HANDSHAKE, epoch: 1, number, payload: &payload };
                self.take(&record)?;
            }
        }
        Ok(())
    }

    /// Whether all that is to be said was said.
    fn is_over(&self) -> bool {
        self.is_done || self.session.keys.is_some()
    }
}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Association").field("role", &self.role).field("is_done", &self.is_done).finish()
    }
}
