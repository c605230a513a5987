//! Descriptions on their way between a party and the machine, which sees none but plain ones: keys are taken out of
//! those that come, and put into those that go. What codecs they name is fitted between (`fitting.rs`).

use b2bua::{
    LegInput, Sdp,
    message::{Body, ServerTx},
    world::Callee,
};
use call::{
    DeviceId, LegId, TrunkId,
    party::{Endpoint, Transport},
};
use rsipstack::sip::Request;
use srtp::Suite;

use super::{
    Engine, Event,
    line::{Line, Server},
    world::SipWorld,
};
use crate::{
    keying::{Keying, Own, Terms, Unmet, fresh, fresh_credentials},
    message::fields,
    transport::Flow,
};

/// What a description is in the negotiation that it belongs to (RFC 3264).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Offer,
    Answer,
}

/// Who is at a leg's far end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Party {
    Device(DeviceId),
    Trunk(TrunkId),
}

impl Party {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        match endpoint {
            Endpoint::Device { id, .. } => Self::Device(*id),
            Endpoint::Trunk { id, .. } => Self::Trunk(*id),
        }
    }

    pub(super) fn called(callee: &Callee) -> Self {
        match callee {
            Callee::Phone { device, .. } => Self::Device(*device),
            Callee::Trunk { trunk, .. } => Self::Trunk(*trunk),
        }
    }
}

impl Role {
    /// What a description is that comes after another, or is the first.
    pub(super) fn after_offer(is_offered: bool) -> Self {
        if is_offered { Self::Answer } else { Self::Offer }
    }
}

impl Engine {
    /// How the media of a party are protected, that is reached by this flow.
    pub(super) fn keying(&self, party: Party, flow: &Flow) -> Keying {
        let core = &self.world.core;
        let directory = core.directory.snapshot();
        let own = match party {
            Party::Device(id) => directory.device(id).and_then(|device| device.encryption),
            Party::Trunk(id) => directory.trunk(id).and_then(|trunk| trunk.encryption),
        };
        let may_have_keys = flow.is_secure() || core.config.keys_in_the_clear;
        let encryption = own.unwrap_or(core.config.encryption);
        let terms = Terms::new(encryption, may_have_keys, is_browser(party, flow));
        Keying::new(core.relay.as_ref().map(|relay| {
            let own = Own { fingerprint: relay.fingerprint().clone(), credentials: fresh_credentials };
            (terms, own)
        }))
    }

    /// A handshake of a leg's media has come to keys.
    pub(super) fn on_secured(&mut self, leg: LegId, suite: Suite) {
        if let Some(line) = self.lines.get_mut(&leg) {
            line.keying.note_handshake(suite);
            line.settle(leg, &mut self.world);
        }
    }

    /// Takes a body of a leg's party, as the machine is to see it.
    pub(super) fn take_body(&mut self, leg: LegId, role: Role, body: Body) -> Result<Body, Unmet> {
        let Some(line) = self.lines.get_mut(&leg) else { return Ok(body) };
        let Some(sdp) = body.sdp() else { return Ok(body) };
        let plain = match role {
            Role::Offer => line.keying.take_offer(sdp.as_str(), fresh)?,
            Role::Answer => line.keying.take_answer(sdp.as_str())?,
        };
        if role == Role::Answer {
            line.settle(leg, &mut self.world);
        }
        let body = plain.map_or(body, |plain| Sdp::new(&plain).into());
        self.fit_taken(leg, role, &body)?;
        Ok(body)
    }

    /// The same of a body that cannot be refused any more: one that does not meet the terms describes nothing.
    pub(super) fn take_or_drop(&mut self, leg: LegId, role: Role, body: Body) -> Body {
        self.take_body(leg, role, body).unwrap_or_else(|unmet| {
            tracing::info!(%leg, %unmet, "a session description is not taken");
            Sdp::new("").into()
        })
    }

    /// A body for a leg's party, as that is to see it.
    pub(super) fn give_body(&mut self, leg: LegId, role: Role, body: Body) -> Body {
        let body = self.fit_given(leg, role, body);
        let Some(line) = self.lines.get_mut(&leg) else { return body };
        let Some(sdp) = body.sdp() else { return body };
        let keyed = match role {
            Role::Offer => line.keying.give_offer(sdp.as_str(), fresh),
            Role::Answer => line.keying.give_answer(sdp.as_str()),
        };
        match role {
            // Checks and handshakes may come before the answer does.
            Role::Offer => self.world.protect(leg, line.keying.security()),
            Role::Answer => line.settle(leg, &mut self.world),
        }
        keyed.map_or(body, |keyed| Sdp::new(&keyed).into())
    }

    /// What the body of our response to a request of a leg's party is.
    pub(super) fn role_of_response(&self, leg: LegId, transaction: ServerTx) -> Role {
        let server = self.lines.get(&leg).and_then(|line| line.servers.get(&transaction));
        Role::after_offer(match server {
            Some(Server::Invite { incoming, .. } | Server::Other(incoming)) => {
                has_description(&incoming.request)
            }
            None => true,
        })
    }

    /// What the body of a party's PRACK is: the INVITE of that party had an offer, or our response made one.
    pub(super) fn role_of_prack(&self, leg: LegId, invite: Option<ServerTx>) -> Role {
        match invite.map(|invite| self.role_of_response(leg, invite)) {
            Some(Role::Offer) => Role::Answer,
            Some(Role::Answer) | None => Role::Offer,
        }
    }
}

impl Line {
    /// Protects the media of its leg as was agreed on, and tells the machine if that is news.
    pub(super) fn settle(&mut self, leg: LegId, world: &mut SipWorld) {
        world.protect(leg, self.keying.security());
        let encryption = self.keying.encryption();
        if std::mem::replace(&mut self.encryption, encryption) != encryption {
            // The driver ends with the switch only.
            let _ = world.events.send(Event::Media { leg, event: LegInput::Secured(encryption) });
        }
    }
}

/// Whether a party takes nothing but handshakes, most likely: phones that speak SIP over WebSocket live in browsers.
fn is_browser(party: Party, flow: &Flow) -> bool {
    matches!((party, flow.transport), (Party::Device(_), Transport::Ws))
}

fn has_description(request: &Request) -> bool {
    fields::Body::of_request(request).is_sdp()
}
