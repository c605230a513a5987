//! Where the call goes, and the parties that are rung for it.

use std::sync::Arc;

use call::{
    DeviceId, EventKind, Number, TrunkId,
    event::{LegDirection, LegOffer, LegRoute, Side},
    party::{Endpoint, Owner, SipFacts, Transport},
};
use directory::{
    Snapshot,
    model::{Trunk, TrunkIdentity},
    routing::{TrunkHop, Unroutable},
};
use rsipstack::sip::{Header, Method, Request, Uri, headers::ReferredBy};

use super::{
    Input, Session,
    feature::Lead,
    hunt::Quest,
    identity::Shown,
    leg::{Leg, Line, Party},
};
use crate::{
    core::{Core, device_endpoint, trunk_endpoint},
    dialog::{Beginning, Dialog, Haunts, NextHop},
    features::Feature,
    identity,
    message::{
        extension::{self, RELIABLE, REPLACES, TIMER},
        fields::Body,
        uri,
    },
    outgoing::Outgoing,
    random::leg_id,
    registrar::Binding,
    transport::Flow,
};

/// Someone to ring: one contact of a phone, or a trunk.
pub(super) struct Called {
    pub(super) endpoint: Endpoint,
    pub(super) owner: Owner,
    pub(super) number: Number,
    pub(super) target: Uri,
    /// The way to a phone behind proxies (RFC 3327).
    pub(super) routes: Vec<String>,
    pub(super) flow: Flow,
    pub(super) next_hop: NextHop,
    pub(super) user_agent: Option<Arc<str>>,
}

impl Session {
    /// Dials what the caller dialed, with the caller's session description.
    pub(super) fn route_onward(&mut self, offer: Body) {
        let directory = self.core.directory.snapshot();
        match self.lead_of_caller(&directory) {
            Ok(Lead::Feature(Feature::Park)) => self.let_caller_wait(&offer),
            Ok(Lead::Feature(Feature::EndWork)) => self.end_work(&offer),
            // Another was faster: the call that it leads into does not take the caller.
            Ok(Lead::Feature(Feature::Slot(_) | Feature::PickUp(_))) => {
                self.find_no_route(&directory, Unroutable::Unknown);
            }
            Ok(Lead::Call(destination)) => {
                self.hunt_for(&directory, Quest::of_caller(self.caller, offer), destination);
            }
            Err(why) => self.find_no_route(&directory, why),
        }
    }

    pub(super) fn find_no_route(&mut self, directory: &Snapshot, why: Unroutable) {
        self.tell_routed(directory, None, None);
        self.give_up_caller(&why.into());
    }

    pub(super) fn tell_routed(&self, directory: &Snapshot, to: Option<Owner>, screen_pop: Option<Arc<str>>) {
        let caller = self.shown(to.is_some_and(|to| to.account == self.setting.origination.account));
        let (owners, at) = ((self.setting.origination, to), self.clock.started_at());
        let instead = self.hunt.as_ref().and_then(|hunt| hunt.instead.as_ref());
        let routed =
            directory.routed(owners, at, &caller, instead.unwrap_or(&self.setting.dialed), screen_pop);
        self.tell(EventKind::CallRouted(Arc::new(routed)));
    }

    /// Who has sent the call to a party that is rung now, and what that costs; `None` for what the call itself
    /// was routed to, and for phones of who has sent it.
    pub(super) fn route_of(
        &self,
        owner: Owner,
        endpoint: &Endpoint,
        shown: &Number,
    ) -> Option<Arc<LegRoute>> {
        let hunt = self.hunt.as_ref()?;
        let sent = hunt.sent.as_ref()?;
        if endpoint.device().is_some() && owner.account == sent.by.account {
            return None;
        }
        let (owners, at) = ((sent.by, Some(owner)), self.clock.now());
        let directory = self.core.directory.snapshot();
        let routed = directory.routed(owners, at, shown, &sent.to, hunt.screen_pop.clone());
        Some(Arc::new(LegRoute {
            sent_by: sent.by,
            sender: sent.sender,
            hunt: hunt.routing,
            attempt: hunt.attempts,
            routed: Arc::new(routed),
        }))
    }

    /// Every contact of some phones that can be rung.
    pub(super) fn contacts(
        &self,
        directory: &Snapshot,
        owner: Owner,
        number: &Number,
        devices: &[DeviceId],
    ) -> Vec<Called> {
        let now = self.core.clock.monotonic();
        let devices = devices.iter().filter_map(|id| directory.device(*id));
        let contacts = devices.flat_map(|device| {
            let endpoint = device_endpoint(directory, device);
            let live = self.core.bindings.live(device.id, now).into_iter();
            live.map(move |binding| Called::contact(binding, endpoint.clone(), owner, number.clone()))
        });
        contacts.collect()
    }

    /// Sends an INVITE to someone, one of so many who are rung at once: a leg comes into being.
    pub(super) fn ring(&mut self, called: Called, count: usize) {
        let Some(hunt) = &self.hunt else { return };
        let (side, partner, purpose, offer) = (hunt.side, hunt.partner, hunt.purpose, hunt.offer.clone());
        let id = leg_id(self.clock.now());
        let offer = match partner.map_or(Ok(offer.clone()), |partner| self.pass(partner, id, offer)) {
            Ok(offer) => offer,
            Err(failure) => return self.count_failure(failure),
        };
        let shown = self.shown_to(purpose, partner, called.owner.account);
        let mut dialog = Dialog::begin(Beginning {
            from: shown.at(called.flow.host()),
            to: format!("<{}>", uri::sip(called.number.as_str(), &uri::host(&called.target))),
            target: called.target.clone(),
            routes: called.routes.clone(),
            flow: called.flow.clone(),
            next_hop: called.next_hop,
        })
        .with_haunts(haunts(&self.core, &called.endpoint, &called.flow));
        let mut invite = dialog.request(Method::Invite, self.setting.max_forwards, offer);
        self.complete_invite(&mut invite);
        if called.endpoint.device().is_some() {
            invite.headers.extend(self.wish_to_answer(purpose, count, called.flow.host()));
        }
        let route = self.route_of(called.owner, &called.endpoint, &shown.number);
        if let Endpoint::Trunk { id: trunk, .. } = called.endpoint {
            self.say_who_calls(&mut invite, trunk, &shown, &called);
        }
        let offered = called_offer(side, &called, (shown.number, self.diversion()), &dialog, &invite);
        let offered = LegOffer { route, ..offered };
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offered) });
        let entry = self.core.dialogs.add(dialog.tag, dialog.call_id.clone(), id, self.mailbox.clone());
        let mailbox = self.mailbox.clone();
        let outgoing = Outgoing::start(&self.core.stack, &dialog, invite, move |response| {
            mailbox.post(Input::Response { leg: id, response });
        });
        let Called { owner, endpoint, number, .. } = called;
        let party = Party { owner, endpoint, number, name: None };
        let mut leg = Leg::new(id, party, Line::Outgoing(outgoing), (dialog, entry));
        leg.offered = partner;
        leg.admission = self.hunt.as_ref().and_then(|hunt| hunt.admission.clone());
        self.legs.push(leg);
    }

    /// Says in an INVITE to someone who is rung what we can do, and who has sent it there.
    pub(super) fn complete_invite(&self, invite: &mut Request) {
        let known: &[&str] =
            if self.takes_reliable() { &[TIMER, REPLACES, RELIABLE] } else { &[TIMER, REPLACES] };
        invite.headers.push(extension::supported(known));
        self.limit(invite);
        invite.headers.extend(self.diversion_header().into_iter().collect());
        if let Some(referrer) = self.hunt.as_ref().and_then(|hunt| hunt.referrer.as_deref()) {
            invite.headers.push(Header::ReferredBy(ReferredBy::new(referrer)));
        }
    }

    /// Tells a trunk who calls, as far as it is trusted, and which way the call has come.
    fn say_who_calls(&self, invite: &mut Request, trunk: TrunkId, shown: &Shown, called: &Called) {
        let directory = self.core.directory.snapshot();
        let trust = directory.trunk(trunk).map(|trunk| trunk.identity).unwrap_or_default();
        let host = called.flow.host();
        invite.headers.extend(shown.asserted(trust, host));
        if trust == TrunkIdentity::None {
            return;
        }
        let (known, diverted) = (self.setting.history.as_deref(), self.diversion());
        let next = uri::sip(called.number.as_str(), host);
        let history = identity::history(known, diverted.as_deref(), (&next, host));
        invite.headers.extend(history.into_iter().collect());
    }
}

impl Called {
    fn contact(binding: Binding, endpoint: Endpoint, owner: Owner, number: Number) -> Self {
        Self {
            endpoint,
            owner,
            number,
            target: binding.target,
            routes: binding.path.to_vec(),
            flow: binding.flow,
            next_hop: NextHop::SameFlow,
            user_agent: binding.user_agent,
        }
    }

    pub(super) fn trunk(trunk: &Trunk, hop: &TrunkHop, flow: Flow) -> Option<Self> {
        let transport = match trunk.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
            Transport::Ws => ";transport=ws",
        };
        let address = uri::sip(hop.called.as_str(), &uri::host_port(&trunk.host, trunk.port));
        Some(Self {
            endpoint: trunk_endpoint(trunk),
            owner: hop.owner,
            number: hop.called.clone(),
            target: uri::parse(&format!("{address}{transport}"))?,
            routes: Vec::new(),
            flow,
            next_hop: NextHop::RouteSet,
            user_agent: None,
        })
    }
}

/// Where a phone is found again; a trunk is where the directory says.
pub(super) fn haunts(core: &Arc<Core>, endpoint: &Endpoint, flow: &Flow) -> Option<Haunts> {
    match endpoint {
        Endpoint::Device { id, .. } => Some(Haunts::of(core, *id, flow)),
        Endpoint::Trunk { .. } => None,
    }
}

fn called_offer(
    side: Side,
    called: &Called,
    (shown, diversion): (Number, Option<Arc<str>>),
    dialog: &Dialog,
    invite: &Request,
) -> LegOffer {
    let host: Arc<str> = uri::host(&called.target).into();
    LegOffer {
        side,
        direction: LegDirection::Outgoing,
        owner: called.owner,
        endpoint: called.endpoint.clone(),
        from: shown,
        to: called.number.clone(),
        sip: Some(SipFacts {
            sip_call_id: dialog.call_id.clone(),
            local_tag: dialog.tag.to_string().into(),
            address: called.flow.peer,
            transport: called.flow.transport,
            user_agent: called.user_agent.clone(),
            from_domain: called.flow.host().into(),
            to_domain: host.clone(),
            ruri_domain: host,
            diversion,
            identity: identity::said(invite),
        }),
        route: None,
    }
}
