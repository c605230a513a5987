//! Legs in a record.

use std::{fmt, net::SocketAddr, sync::Arc};

use crate::{
    encryption::MediaEncryption,
    event::{EndCause, LegDirection, Side, SipStatus},
    id::LegId,
    number::Number,
    party::{CallerIdentity, Endpoint, Owner, Transport},
    quality::LegQuality,
    state::Leg,
    time::Timestamp,
};

/// What SIP said on a leg, and how it was heard.
#[derive(Clone, Default, PartialEq)]
pub struct LegFacts {
    /// The final status: toward the caller, or from the called party.
    pub status: Option<SipStatus>,
    /// The peer's address and port.
    pub address: Option<SocketAddr>,
    /// What carried SIP.
    pub transport: Option<Transport>,
    /// The peer's `User-Agent` or `Server`.
    pub user_agent: Option<Arc<str>>,
    /// The Call-ID header.
    pub sip_call_id: Option<Arc<str>>,
    /// Our tag.
    pub local_tag: Option<Arc<str>>,
    /// Host of the From URI.
    pub from_domain: Option<Arc<str>>,
    /// Host of the To URI.
    pub to_domain: Option<Arc<str>>,
    /// Host of the request URI.
    pub ruri_domain: Option<Arc<str>>,
    /// `Diversion` headers, comma-joined.
    pub diversion: Option<Arc<str>>,
    /// What the INVITE says of the caller besides From; absent if it says nothing.
    pub identity: Option<Arc<CallerIdentity>>,
    /// How well its sound arrived; `None` if there was none, or it went past the switch.
    pub quality: Option<Arc<LegQuality>>,
}

/// A leg, as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct LegRecord {
    /// Its id.
    pub leg_id: LegId,
    /// The account that it belonged to.
    pub owner: Owner,
    /// The calling or the called party's.
    pub side: Side,
    /// Who called whom.
    pub direction: LegDirection,
    /// The phone or trunk.
    pub endpoint: Endpoint,
    /// The number shown as calling.
    pub from: Number,
    /// The number called.
    pub to: Number,
    /// When it came into being.
    pub offered_at: Timestamp,
    /// When it rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why.
    pub cause: EndCause,
    /// The final SIP status.
    pub status: Option<SipStatus>,
    /// The `Reason` that was given with that (RFC 3326), as text.
    pub reason: Option<Arc<str>>,
    /// How its sound was encrypted at its end; `None` if it was not, or it went past the switch.
    pub encryption: Option<MediaEncryption>,
    /// How well its sound arrived; `None` if there was none, or it went past the switch.
    pub quality: Option<Arc<LegQuality>>,
}

impl LegFacts {
    pub(super) fn of(leg: &Leg) -> Self {
        let sip = leg.offer.sip.as_ref();
        Self {
            status: leg.end.as_ref().and_then(|end| end.sip.clone()),
            address: sip.map(|sip| sip.address),
            transport: sip.map(|sip| sip.transport),
            user_agent: leg.user_agent.clone(),
            sip_call_id: sip.map(|sip| sip.sip_call_id.clone()),
            local_tag: sip.map(|sip| sip.local_tag.clone()),
            from_domain: sip.map(|sip| sip.from_domain.clone()),
            to_domain: sip.map(|sip| sip.to_domain.clone()),
            ruri_domain: sip.map(|sip| sip.ruri_domain.clone()),
            diversion: sip.and_then(|sip| sip.diversion.clone()),
            identity: sip.and_then(|sip| sip.identity.clone()),
            quality: leg.end.as_ref().and_then(|end| end.quality.clone()),
        }
    }
}

impl LegRecord {
    pub(super) fn of(leg: &Leg) -> Option<Self> {
        let end = leg.end.as_ref()?;
        Some(Self {
            leg_id: leg.id,
            owner: leg.offer.owner,
            side: leg.offer.side,
            direction: leg.offer.direction,
            endpoint: leg.offer.endpoint.clone(),
            from: leg.offer.from.clone(),
            to: leg.offer.to.clone(),
            offered_at: leg.offered_at,
            ringing_at: leg.ringing_at,
            answered_at: leg.answered_at,
            ended_at: leg.ended_at?,
            cause: end.cause,
            status: end.sip.clone(),
            reason: end.reason.clone(),
            encryption: leg.encryption,
            quality: end.quality.clone(),
        })
    }
}

impl fmt::Debug for LegFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegFacts")
            .field("status", &self.status)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
