//! Authentication (RFC 3261 section 22): of devices to us, by digest (RFC 7616, RFC 8760) or by a bearer of a browser
//! (RFC 8898), and of us to trunks.

mod challenge;
mod login;
mod nonce;

use std::{net::IpAddr, sync::Arc, time::Duration};

use directory::{Bearers, Snapshot, model::Device};
use guard::{Door, Doors, Offence};
pub(crate) use login::{Access, Login};
use nonce::{Age, Nonces};
use rsipstack::sip::{
    Header, Method, Request,
    headers::{ProxyAuthenticate, WwwAuthenticate},
};
use sip::digest::{Challenge, Credentials};
use subtle::ConstantTimeEq;

use crate::{
    DigestAlgorithm, SipConfig,
    message::{fields, uri},
    transport::Flow,
};

/// Checks digests and bearers, and hands out challenges.
pub(crate) struct Authenticator {
    algorithms: Vec<DigestAlgorithm>,
    nonces: Nonces,
    bearers: Arc<Bearers>,
    guard: Arc<Doors>,
}

/// Which headers carry challenge and credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Realm {
    /// 401, `WWW-Authenticate`, `Authorization`: for a REGISTER.
    Registrar,
    /// 407, `Proxy-Authenticate`, `Proxy-Authorization`: for anything else.
    Proxy,
}

/// What a request proves.
pub(crate) enum Proof<'a> {
    /// It comes from this device.
    Device(&'a Device),
    /// Nothing: it is to be challenged. `stale` says that only the nonce was too old.
    Nothing { stale: bool },
}

/// A response is computed for unknown users too, with this instead of a HA1, so that they take as long.
const NOBODY: &str = "00000000000000000000000000000000";

impl Authenticator {
    pub(crate) fn new(config: &SipConfig) -> Self {
        Self {
            algorithms: config.digests.clone(),
            nonces: Nonces::new(config.nonce_lifetime),
            bearers: config.bearers.clone(),
            guard: config.guard.clone(),
        }
    }

    /// What `request`, which came by `flow`, proves at the monotonic time `now`. The guard hears of it, and so does
    /// the connection.
    pub(crate) fn check<'a>(
        &self,
        request: &Request,
        realm: Realm,
        directory: &'a Snapshot,
        flow: &Flow,
        now: Duration,
    ) -> Proof<'a> {
        let source = flow.peer.ip();
        if let Some(bearer) = bearer(request, realm) {
            return self.check_bearer(bearer, directory, flow, now);
        }
        let Some(credentials) = self.credentials(request, realm, directory.realm()) else {
            self.asked(request, directory, source, now);
            return Proof::Nothing { stale: false };
        };
        let (proof, is_guess) = self.prove(&credentials, request, directory, flow, now);
        let user = Some(credentials.username);
        match &proof {
            Proof::Device(_) => {
                flow.prove();
                self.guard.succeeded(source, credentials.username, now);
            }
            Proof::Nothing { .. } if is_guess => {
                self.guard.failed(Door::Sip, source, user, Offence::WrongSecret, now);
            }
            Proof::Nothing { .. } => {}
        }
        proof
    }

    /// A bearer that has expired looks like a wrong one. It names no user that could be found by guessing.
    fn check_bearer<'a>(
        &self,
        bearer: &str,
        directory: &'a Snapshot,
        flow: &Flow,
        now: Duration,
    ) -> Proof<'a> {
        let source = flow.peer.ip();
        let device = self.bearers.device(bearer, directory, now);
        match device.filter(|device| device.ways.allow(source, flow.transport)) {
            Some(device) => {
                flow.prove();
                self.guard.succeeded(source, &device.sip_user, now);
                Proof::Device(device)
            }
            None => {
                self.guard.failed(Door::Sip, source, None, Offence::WrongSecret, now);
                Proof::Nothing { stale: false }
            }
        }
    }

    /// What credentials prove, and whether they are a wrong guess.
    fn prove<'a>(
        &self,
        credentials: &Credentials<'_>,
        request: &Request,
        directory: &'a Snapshot,
        flow: &Flow,
        now: Duration,
    ) -> (Proof<'a>, bool) {
        let source = flow.peer.ip();
        let nothing = Proof::Nothing { stale: false };
        let age = self.nonces.age(credentials.nonce, source, now);
        if age == Age::Foreign {
            return (nothing, false);
        }
        let device = directory.device_by_sip_user(credentials.username);
        let ha1 = device.map_or(NOBODY, |device| ha1(device, credentials.algorithm));
        let expected = credentials.expected(ha1, &request.method.to_string());
        let is_right = bool::from(expected.as_bytes().ct_eq(credentials.response.as_bytes()));
        // A secret where it does not count is as good as a wrong one, or whoever guesses would learn that it is right.
        let is_allowed = |device: &&Device| is_right && device.ways.allow(source, flow.transport);
        match device.filter(is_allowed) {
            Some(_) if age == Age::Stale => (Proof::Nothing { stale: true }, false),
            Some(device) if self.nonces.spend(credentials.nonce, credentials.count, now) => {
                (Proof::Device(device), false)
            }
            Some(_) => (nothing, false),
            None => (nothing, true),
        }
    }

    /// Somebody without credentials is about to be asked for them, or asks what we are. Every phone is and does; who
    /// asks as users that nobody is looks for some.
    pub(crate) fn asked(&self, request: &Request, directory: &Snapshot, source: IpAddr, now: Duration) {
        let user = claimed_user(request);
        if user.as_deref().is_none_or(|user| directory.device_by_sip_user(user).is_none()) {
            self.guard.failed(Door::Sip, source, user.as_deref(), Offence::Unproved, now);
        }
    }

    fn credentials<'r>(&self, request: &'r Request, realm: Realm, name: &str) -> Option<Credentials<'r>> {
        let ours = |credentials: &Credentials<'_>| {
            credentials.realm == name
                && self.algorithms.contains(&credentials.algorithm)
                && is_for(credentials, request)
        };
        authorizations(request, realm).filter_map(Credentials::parse).find(ours)
    }

    /// A challenge for each algorithm that is configured.
    pub(crate) fn challenges(
        &self,
        realm: Realm,
        name: &str,
        source: IpAddr,
        now: Duration,
        stale: bool,
    ) -> Vec<Header> {
        let nonce = self.nonces.issue(source, now);
        let challenge = |algorithm: &DigestAlgorithm| Challenge::of_ours(name, &nonce, *algorithm, stale);
        self.algorithms.iter().map(|algorithm| realm.header(challenge(algorithm))).collect()
    }
}

/// What a request says in the headers that carry credentials.
fn authorizations(request: &Request, realm: Realm) -> impl Iterator<Item = &str> {
    request.headers.iter().filter_map(move |header| match (header, realm) {
        (Header::Authorization(value), _) => Some(value.value()),
        (Header::ProxyAuthorization(value), Realm::Proxy) => Some(value.value()),
        _ => None,
    })
}

/// The bearer that a request carries (RFC 8898 section 2.1).
fn bearer(request: &Request, realm: Realm) -> Option<&str> {
    authorizations(request, realm).find_map(|value| {
        let (scheme, bearer) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then_some(bearer.trim())
    })
}

/// The user that a request is about, by its own account: that of its credentials, else of its From.
pub(crate) fn claimed_user(request: &Request) -> Option<String> {
    let credentials = request.headers.iter().find_map(|header| match header {
        Header::Authorization(value) => Credentials::parse(value.value()),
        Header::ProxyAuthorization(value) => Credentials::parse(value.value()),
        _ => None,
    });
    match credentials {
        Some(credentials) => Some(credentials.username.to_owned()),
        None => Some(uri::user(&uri::parse(fields::from(request)?.uri)?)),
    }
}

fn ha1(device: &Device, algorithm: DigestAlgorithm) -> &str {
    match algorithm {
        DigestAlgorithm::Md5 => &device.ha1_md5,
        DigestAlgorithm::Sha256 => &device.ha1_sha256,
    }
}

/// Whether credentials are for the request's URI: as it is, or at least to the same user. Phones differ in which
/// parameters of the URI they repeat.
fn is_for(credentials: &Credentials<'_>, request: &Request) -> bool {
    request.method == Method::Register
        || credentials.uri == request.uri.to_string()
        || sip::Uri::parse(credentials.uri)
            .is_some_and(|named| named.number() == uri::requested_user(&request.uri))
}

impl Realm {
    fn header(self, challenge: String) -> Header {
        match self {
            Self::Registrar => Header::WwwAuthenticate(WwwAuthenticate::new(challenge)),
            Self::Proxy => Header::ProxyAuthenticate(ProxyAuthenticate::new(challenge)),
        }
    }
}
