//! What a client and a server do alike.

use ring::rand::{SecureRandom, SystemRandom};

use super::{
    hello::Random,
    kind,
    secrets::{Keys, Secrets},
};
use crate::{
    Failure, Fingerprint, Identity, Role,
    cipher::RecordKey,
    flight::Flight,
    fragments::Message,
    record::content,
    wire::{self, Reader},
};

/// What a handshake has come to.
pub(crate) struct Session {
    identity: Identity,
    role: Role,
    theirs: Vec<Fingerprint>,
    /// All that both sides have said.
    transcript: Vec<u8>,
    /// The number of our next message.
    next: u16,
    pub(crate) flight: Flight,
    /// What records of the party are opened with, as soon as it may encrypt.
    pub(crate) opening: Option<RecordKey>,
    /// The keys for media, until they are taken.
    pub(crate) keys: Option<Keys>,
}

impl Session {
    pub(crate) fn new(identity: &Identity, role: Role, theirs: Vec<Fingerprint>) -> Self {
        Self {
            identity: identity.clone(),
            role,
            theirs,
            transcript: Vec::new(),
            next: 0,
            flight: Flight::default(),
            opening: None,
            keys: None,
        }
    }

    pub(super) fn random() -> Result<Random, Failure> {
        let mut random = [0; 32];
        SystemRandom::new().fill(&mut random).map_err(|_| Failure::Cipher)?;
        Ok(random)
    }

    /// Remembers what the party has said.
    pub(super) fn hear(&mut self, message: &Message) {
        self.transcript.extend_from_slice(&message.bytes());
    }

    /// Adds a message to our flight.
    pub(super) fn say(&mut self, kind: u8, body: Vec<u8>) {
        let bytes = Message { kind, number: self.next, body }.bytes();
        self.next += 1;
        self.transcript.extend_from_slice(&bytes);
        self.flight.push(content::HANDSHAKE, bytes);
    }

    /// Forgets all that was said: a server that wants a cookie has forgotten it too.
    pub(super) fn forget(&mut self) {
        self.transcript.clear();
    }

    pub(super) fn say_certificate(&mut self) {
        let certificate = wire::vector(3, &self.identity.certificate);
        self.say(kind::CERTIFICATE, wire::vector(3, &certificate));
    }

    /// Takes the certificate of the party, if its fingerprint is known. Who vouches for it is not asked.
    pub(super) fn take_certificate(&mut self, message: &Message) -> Result<Vec<u8>, Failure> {
        let chain = Reader::new(&message.body).vector(3).ok_or(Failure::Malformed)?;
        if chain.is_empty() {
            return Err(Failure::NoCertificate);
        }
        let certificate = Reader::new(chain).vector(3).ok_or(Failure::Malformed)?;
        if !self.theirs.iter().any(|theirs| theirs.fits(certificate)) {
            return Err(Failure::OtherCertificate);
        }
        self.hear(message);
        Ok(certificate.to_vec())
    }

    pub(super) fn sign(&self, said: &[u8]) -> Result<Vec<u8>, Failure> {
        self.identity.sign(said).map_err(|_| Failure::Cipher)
    }

    pub(super) fn transcript(&self) -> &[u8] {
        &self.transcript
    }

    /// From here on both may encrypt.
    pub(super) fn set_record_keys(&mut self, secrets: &Secrets) {
        let [client, server] = secrets.record_keys();
        let (ours, theirs) = match self.role {
            Role::Active => (client, server),
            Role::Passive => (server, client),
        };
        self.flight.set_key(ours);
        self.opening = Some(theirs);
    }

    /// Encrypts, and shows that all was seen as it was said.
    pub(super) fn say_finished(&mut self, secrets: &Secrets) {
        self.flight.push(content::CHANGE_CIPHER_SPEC, vec![1]);
        self.flight.encrypt();
        let finished = secrets.finished(label(self.role), &self.transcript);
        self.say(kind::FINISHED, finished);
    }

    /// Whether the party has seen all as it was said.
    pub(super) fn take_finished(&mut self, message: &Message, secrets: &Secrets) -> Result<(), Failure> {
        let theirs = secrets.finished(label(self.role.other()), &self.transcript);
        let differs =
            message.body.iter().zip(&theirs).fold(0, |differs, (one, other)| differs | (one ^ other));
        if differs != 0 || message.body.len() != theirs.len() {
            return Err(Failure::Finished);
        }
        self.hear(message);
        Ok(())
    }

    /// It has come to keys.
    pub(super) fn finish(&mut self, secrets: &Secrets) {
        self.keys = Some(secrets.media_keys(self.role));
        self.transcript = Vec::new();
    }
}

const fn label(role: Role) -> &'static str {
    match role {
        Role::Active => "client finished",
        Role::Passive => "server finished",
    }
}
