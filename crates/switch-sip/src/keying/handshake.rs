//! The handshake of a stream, as offers and answers agree on it (RFC 5763, RFC 8842), and on the way that it takes.

use std::sync::Arc;

use sip::sdp::{self, IceCredentials, Protection, Setup};

use super::{HandshakeForm, Unmet};
use crate::media::{Credentials, Fingerprint, Handshake, HandshakePeer, Ice, Role};

/// The name of the only stream that is offered with a handshake.
const MID: &str = "0";

/// What is ours in every handshake.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    /// Which certificate we have.
    pub(crate) fingerprint: Arc<str>,
    /// Credentials of chance.
    pub(crate) credentials: fn() -> Credentials,
}

/// How a stream is shaken hands for, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shaken {
    pub(super) profile: String,
    mid: Option<String>,
    is_bundled: bool,
    pub(super) handshake: Handshake,
}

impl Shaken {
    /// What an offer of the party leads to; `before` is what was agreed on last.
    pub(super) fn taken(stream: &Protection, before: Option<&Self>, own: &Own) -> Result<Self, Unmet> {
        let said = &stream.handshake;
        let fingerprints = fingerprints(said)?;
        let kept = before.and_then(|before| Some((before, before.handshake.with.as_ref()?)));
        let role = match (said.setup, kept) {
            (Some(Setup::Active), _) => Role::Passive,
            (Some(Setup::Passive), _) => Role::Active,
            (Some(Setup::HoldConn), _) => return Err(Unmet::NoHandshake),
            (Some(Setup::ActPass) | None, Some((_, with))) if with.fingerprints == fingerprints => with.role,
            (Some(Setup::ActPass) | None, _) => Role::Passive,
        };
        Ok(Self {
            profile: stream.profile.clone(),
            mid: said.mid.clone(),
            is_bundled: said.is_bundled,
            handshake: Handshake {
                with: Some(HandshakePeer { role, fingerprints }),
                ice: way(said, before, own)?,
                is_muxed: said.is_muxed,
            },
        })
    }

    /// What we offer first.
    pub(super) fn offered(form: HandshakeForm, own: &Own) -> Self {
        let (profile, is_browser) = match form {
            HandshakeForm::Browser => ("UDP/TLS/RTP/SAVPF", true),
            HandshakeForm::Phone => ("UDP/TLS/RTP/SAVP", false),
        };
        let ice = || Ice { ours: (own.credentials)(), theirs: None };
        Self {
            profile: profile.to_owned(),
            mid: is_browser.then(|| MID.to_owned()),
            is_bundled: is_browser,
            handshake: Handshake { with: None, ice: is_browser.then(ice), is_muxed: true },
        }
    }

    /// What the party's answer makes of our offer.
    pub(super) fn answered(&self, stream: &Protection) -> Result<Self, Unmet> {
        let said = &stream.handshake;
        let fingerprints = fingerprints(said)?;
        let role = match said.setup {
            Some(Setup::Passive) => Role::Active,
            Some(Setup::HoldConn) => return Err(Unmet::NoHandshake),
            Some(Setup::Active | Setup::ActPass) | None => Role::Passive,
        };
        let ice = self.handshake.ice.as_ref().zip(said.ice.as_ref());
        let ice =
            ice.map(|(ours, theirs)| Ice { theirs: Some(theirs.fragment.as_str().into()), ..ours.clone() });
        let handshake =
            Handshake { with: Some(HandshakePeer { role, fingerprints }), ice, is_muxed: said.is_muxed };
        handshake.may_be()?;
        Ok(Self { handshake, ..self.clone() })
    }

    /// What is said of it in a description of ours: in an answer who begins, in an offer that the party may say so.
    pub(super) fn said(&self, own: &Own, is_answer: bool) -> sdp::Handshake {
        let Handshake { with, ice, is_muxed } = &self.handshake;
        let setup = match with {
            Some(HandshakePeer { role: Role::Active, .. }) if is_answer => Setup::Active,
            Some(HandshakePeer { role: Role::Passive, .. }) if is_answer => Setup::Passive,
            _ => Setup::ActPass,
        };
        let credentials = ice.as_ref().map(|Ice { ours, .. }| IceCredentials {
            fragment: ours.fragment.to_string(),
            password: ours.password.to_string(),
        });
        sdp::Handshake {
            setup: Some(setup),
            fingerprints: vec![own.fingerprint.to_string()],
            ice: credentials,
            mid: self.mid.clone(),
            is_muxed: *is_muxed,
            is_bundled: self.is_bundled,
        }
    }
}

impl Handshake {
    /// One way has one port: with checks, RTCP must go with RTP.
    fn may_be(&self) -> Result<(), Unmet> {
        if self.ice.is_some() && !self.is_muxed { Err(Unmet::TwoPorts) } else { Ok(()) }
    }
}

/// The way of a stream that the party offers. Who begins anew with its checks gets new credentials (RFC 8445
/// section 2.4).
fn way(said: &sdp::Handshake, before: Option<&Shaken>, own: &Own) -> Result<Option<Ice>, Unmet> {
    let Some(IceCredentials { fragment, .. }) = &said.ice else { return Ok(None) };
    if !said.is_muxed {
        return Err(Unmet::TwoPorts);
    }
    let known = before.and_then(|before| before.handshake.ice.as_ref());
    let kept = known.filter(|ice| ice.theirs.as_deref() == Some(fragment));
    let ours = kept.map_or_else(|| (own.credentials)(), |ice| ice.ours.clone());
    Ok(Some(Ice { ours, theirs: Some(fragment.as_str().into()) }))
}

fn fingerprints(said: &sdp::Handshake) -> Result<Vec<Fingerprint>, Unmet> {
    let known: Vec<_> = said.fingerprints.iter().filter_map(|text| Fingerprint::parse(text)).collect();
    if known.is_empty() { Err(Unmet::NoFingerprint) } else { Ok(known) }
}

#[cfg(test)]
mod tests;
