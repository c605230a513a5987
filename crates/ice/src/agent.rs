//! Where a party is, as its checks say.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::{
    Credentials,
    stun::{Request, role_conflict, success},
};

/// How long a party that sends no check may still be sent to (RFC 7675 section 5.1).
pub const CONSENT: Duration = Duration::from_secs(30);

/// The server's side of one stream. Times are since any one moment.
#[derive(Debug)]
pub struct Agent {
    ours: Credentials,
    /// The party's user fragment, once it has said it.
    theirs: Option<Arc<str>>,
    path: Option<Path>,
}

/// Where packets come from and go to.
#[derive(Clone, Copy, Debug)]
struct Path {
    address: SocketAddr,
    is_nominated: bool,
    checked_at: Duration,
}

/// A check of the party's.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    /// What is to be sent back to where it came from.
    pub response: Vec<u8>,
    /// Whether the party is somewhere else than before.
    pub has_moved: bool,
}

/// Why a packet is no check of the party's. Nothing is sent back for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dropped {
    /// It is no Binding request with a user name, an HMAC and a fingerprint.
    #[error("the packet is no connectivity check")]
    Malformed,
    /// It is for somebody else, or its sender does not know the password.
    #[error("the check is of somebody else")]
    Stranger,
}

impl Agent {
    /// One with these credentials, whose party is unknown yet.
    pub fn new(ours: Credentials) -> Self {
        Self { ours, theirs: None, path: None }
    }

    /// Takes what both sides have told each other. Where the party is stays known: it says so by new checks.
    pub fn set(&mut self, ours: &Credentials, theirs: Option<&Arc<str>>) {
        self.ours.clone_from(ours);
        self.theirs = theirs.cloned();
    }

    /// Takes a packet that came from `from`. The path that the party names is the one that is used; until it names one,
    /// the first that works is.
    pub fn receive(&mut self, packet: &[u8], from: SocketAddr, now: Duration) -> Result<Checked, Dropped> {
        let request = Request::read(packet)?;
        if !self.is_meant(request.username) || !request.is_signed_with(&self.ours.password) {
            return Err(Dropped::Stranger);
        }
        if request.is_controlled {
            return Ok(Checked { response: role_conflict(&request, &self.ours.password), has_moved: false });
        }
        let response = success(&request, from, &self.ours.password);
        Ok(Checked { response, has_moved: self.note(from, request.nominates, now) })
    }

    /// Where the party is to be sent to; `None` if that is not known, or not any more.
    pub fn target(&self, now: Duration) -> Option<SocketAddr> {
        let consents = |path: &Path| now < path.checked_at + CONSENT;
        self.path.filter(consents).map(|path| path.address)
    }

    /// Whether packets from there are the party's.
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.path.is_some_and(|path| path.address == address)
    }

    /// Whether a user name is ours and the party's (RFC 8445 section 7.2.2).
    fn is_meant(&self, username: &str) -> bool {
        let Some((ours, theirs)) = username.split_once(':') else { return false };
        *ours == *self.ours.fragment && self.theirs.as_ref().is_none_or(|known| **known == *theirs)
    }

    /// Notes a path that works; says whether it is another one than before.
    fn note(&mut self, address: SocketAddr, nominates: bool, now: Duration) -> bool {
        match &mut self.path {
            Some(path) if path.address == address => {
                path.checked_at = now;
                path.is_nominated |= nominates;
                false
            }
            Some(path) if !nominates && (path.is_nominated || now < path.checked_at + CONSENT) => false,
            _ => {
                self.path = Some(Path { address, is_nominated: nominates, checked_at: now });
                true
            }
        }
    }
}
