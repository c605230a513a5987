//! What is made of the secret of both sides (RFC 5246 section 8.1, RFC 5764 section 4.2, RFC 7627).

use srtp::MasterKey;

use super::hello::Random;
use crate::{
    Role, Suite,
    cipher::{CipherSuite, RecordKey},
};

/// Bytes of the secret that all others are made of.
const MASTER: usize = 48;
/// Bytes by which both sides show that they have seen the same.
const FINISHED: usize = 12;

/// The keys of both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What we send with.
    pub ours: MasterKey,
    /// What the party sends with.
    pub theirs: MasterKey,
}

/// What both sides have agreed on in the clear.
pub(crate) struct Terms {
    pub(super) suite: &'static CipherSuite,
    pub(super) profile: Suite,
    pub(super) client: Random,
    pub(super) server: Random,
    /// The secret depends on all that was said (RFC 7627).
    pub(super) has_extended_secret: bool,
}

impl Terms {
    /// What the server signs with its half of a secret.
    pub(super) fn signed(&self, params: &[u8]) -> Vec<u8> {
        [&self.client[..], &self.server, params].concat()
    }
}

/// The terms, and the secret that only both sides know.
pub(crate) struct Secrets {
    terms: Terms,
    master: Vec<u8>,
}

impl Secrets {
    /// `transcript` is what was said up to the half of the client.
    pub(super) fn new(terms: Terms, premaster: &[u8], transcript: &[u8]) -> Self {
        let master = match terms.has_extended_secret {
            true => {
                let seed = terms.suite.digest(transcript);
                terms.suite.derive(premaster, "extended master secret", seed.as_ref(), MASTER)
            }
            false => {
                let seed = [terms.client, terms.server].concat();
                terms.suite.derive(premaster, "master secret", &seed, MASTER)
            }
        };
        Self { terms, master }
    }

    /// What the client and the server encrypt records with.
    pub(super) fn record_keys(&self) -> [RecordKey; 2] {
        self.terms.suite.keys(&self.master, &[self.terms.server, self.terms.client].concat())
    }

    /// What the client or the server ends with.
    pub(super) fn finished(&self, label: &str, transcript: &[u8]) -> Vec<u8> {
        let seed = self.terms.suite.digest(transcript);
        self.terms.suite.derive(&self.master, label, seed.as_ref(), FINISHED)
    }

    /// The keys for media: those of both sides, then the salts of both.
    pub(super) fn media_keys(&self, role: Role) -> Keys {
        let suite = self.terms.profile;
        let seed = [self.terms.client, self.terms.server].concat();
        let length = 2 * suite.length();
        let material = self.terms.suite.derive(&self.master, "EXTRACTOR-dtls_srtp", &seed, length);
        let (keys, salts) = material.split_at(2 * suite.key_length());
        let [client, server] = [0, 1].map(|side| {
            let key = &keys[side * suite.key_length()..][..suite.key_length()];
            let salt = &salts[side * suite.salt_length()..][..suite.salt_length()];
            MasterKey::new(suite, &[key, salt].concat()).expect("it has that length")
        });
        match role {
            Role::Active => Keys { ours: client, theirs: server },
            Role::Passive => Keys { ours: server, theirs: client },
        }
    }
}
