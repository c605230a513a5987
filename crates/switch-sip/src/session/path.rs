//! Which way the media of a call's legs goes.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use call::{LegId, event::EndCause};
use rsipstack::sip::StatusCode;

use super::{Input, Mailbox, Session, leg::Leg};
use crate::{
    cause::Failure,
    media::{MediaError, MediaLeg, MediaRelay},
    message::fields::Body,
};

/// Which way the media of a call's legs goes.
pub(super) enum MediaPath {
    /// From end to end.
    Direct,
    /// Through the relay. A leg takes ports when the first description for it or of it is passed.
    Anchored { relay: Arc<MediaRelay>, legs: HashMap<LegId, MediaLeg>, mailbox: Mailbox },
}

impl MediaPath {
    pub(super) fn new(relay: Option<Arc<MediaRelay>>, mailbox: Mailbox) -> Self {
        relay.map_or(Self::Direct, |relay| Self::Anchored { relay, legs: HashMap::new(), mailbox })
    }

    /// Notes where the party of `from` receives, as a body that came from the host `source` says.
    pub(super) fn describe(&mut self, from: LegId, body: &Body, source: IpAddr) -> Result<(), MediaError> {
        match self.leg(from).filter(|_| body.is_sdp()) {
            Some(leg) => leg?.describe(&body.bytes, source),
            None => Ok(()),
        }
    }

    /// Notes it too, and gives what the party of `to` is sent for that body.
    pub(super) fn pass(
        &mut self,
        (from, to): (LegId, LegId),
        body: Body,
        source: IpAddr,
    ) -> Result<Body, MediaError> {
        let (Some(from), Some(to)) = (self.leg(from), self.leg(to)) else { return Ok(body) };
        if !body.is_sdp() {
            return Ok(body);
        }
        Ok(Body { bytes: from?.pass(&to?, &body.bytes, source)?, ..body })
    }

    /// Lets the parties of two legs hear each other, and nobody else.
    pub(super) fn connect(&self, one: LegId, other: LegId) {
        if let (Some(one), Some(other)) = (self.known(one), self.known(other)) {
            one.connect(other);
        }
    }

    /// Gives the leg's ports back.
    pub(super) fn remove(&mut self, leg: LegId) {
        if let Self::Anchored { legs, .. } = self {
            legs.remove(&leg);
        }
    }

    /// Takes over the legs of another call.
    pub(super) fn absorb(&mut self, other: Self) {
        if let (Self::Anchored { legs, .. }, Self::Anchored { legs: others, .. }) = (self, other) {
            legs.extend(others);
        }
    }

    /// The media of a leg, whose ports are taken now if they were not before; `None` without a relay.
    fn leg(&mut self, id: LegId) -> Option<Result<MediaLeg, MediaError>> {
        let Self::Anchored { relay, legs, mailbox } = self else { return None };
        if let Some(leg) = legs.get(&id) {
            return Some(Ok(leg.clone()));
        }
        let opened = relay.open();
        if let Ok(leg) = &opened {
            let mailbox = mailbox.clone();
            leg.on_key(move |key| mailbox.post(Input::Key { leg: id, key }));
            legs.insert(id, leg.clone());
        }
        Some(opened)
    }

    /// The media of a leg that has some.
    pub(super) fn known(&self, id: LegId) -> Option<&MediaLeg> {
        match self {
            Self::Direct => None,
            Self::Anchored { legs, .. } => legs.get(&id),
        }
    }
}

impl Session {
    /// What the party of `to` is sent for a body of `from`.
    pub(super) fn pass(&mut self, from: LegId, to: LegId, body: Body) -> Result<Body, Failure> {
        let source = self.note(from, &body)?;
        self.media.pass((from, to), body, source).map_err(|error| failure(&error))
    }

    /// Notes what the body of `from` says of its media.
    pub(super) fn describe(&mut self, from: LegId, body: &Body) -> Result<(), Failure> {
        let source = self.note(from, body)?;
        self.media.describe(from, body, source).map_err(|error| failure(&error))
    }

    /// A body as the party of leg `id` is sent it now.
    pub(super) fn describe_to(&mut self, id: LegId, body: Body) -> Body {
        match self.leg_mut(id).and_then(Leg::dialog_mut) {
            Some(dialog) => dialog.describe(body),
            None => body,
        }
    }

    /// Keeps a description of the leg's party, and says which host its SIP comes from.
    fn note(&mut self, id: LegId, body: &Body) -> Result<IpAddr, Failure> {
        let leg = self.leg_mut(id);
        let host = leg.and_then(|leg| {
            if body.is_sdp() {
                body.clone_into(&mut leg.description);
            }
            Some(leg.dialog()?.flow.peer.ip())
        });
        host.ok_or_else(|| Failure::ours(StatusCode::ServerInternalError, EndCause::Failed))
    }
}

/// How a call fails whose media cannot be passed.
fn failure(error: &MediaError) -> Failure {
    match error {
        MediaError::Description(_) => Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected),
        MediaError::PortsUsedUp => Failure::ours(StatusCode::ServiceUnavailable, EndCause::Limit),
        MediaError::NoPorts { .. } | MediaError::System { .. } | MediaError::NoVoice | MediaError::NoKeys => {
            Failure::ours(StatusCode::ServerInternalError, EndCause::Failed)
        }
    }
}
