//! Which way the call's media goes.

use std::{net::IpAddr, sync::Arc};

use call::event::{EndCause, Side};
use rsipstack::sip::StatusCode;

use crate::{
    cause::Failure,
    media::{MediaError, MediaRelay, MediaSession, MediaSide},
    message::fields::Body,
};

/// Which way the call's media goes.
pub(super) enum MediaPath {
    /// From end to end.
    Direct,
    /// Through the relay, which takes ports for it when the first description is passed.
    Anchored { relay: Arc<MediaRelay>, session: Option<MediaSession> },
}

impl MediaPath {
    pub(super) fn new(relay: Option<Arc<MediaRelay>>) -> Self {
        relay.map_or(Self::Direct, |relay| Self::Anchored { relay, session: None })
    }

    /// What the other side is sent for a body from the party on `side`, whose SIP comes from `source`.
    pub(super) fn pass(&mut self, side: Side, body: Body, source: IpAddr) -> Result<Body, MediaError> {
        let Self::Anchored { relay, session } = self else { return Ok(body) };
        if !body.is_sdp() {
            return Ok(body);
        }
        let session = match session {
            Some(session) => session,
            none => none.insert(relay.open()?),
        };
        let side = match side {
            Side::Origination => MediaSide::Caller,
            Side::Termination => MediaSide::Callee,
        };
        Ok(Body { bytes: session.pass(side, &body.bytes, source)?, ..body })
    }
}

/// How a call fails whose media cannot be passed.
pub(super) fn failure(error: &MediaError) -> Failure {
    match error {
        MediaError::Description(_) => Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected),
        MediaError::PortsUsedUp => Failure::ours(StatusCode::ServiceUnavailable, EndCause::Limit),
        MediaError::NoPorts { .. } | MediaError::System { .. } => {
            Failure::ours(StatusCode::ServerInternalError, EndCause::Failed)
        }
    }
}
