//! An INVITE that begins a leg, as the machine sees it: who calls, what that one is believed, and how the call
//! has come.

use std::sync::Arc;

use b2bua::{
    Input, Invite,
    message::{Body, Replaces, ServerTx},
};
use call::{CallId, LegId, Number, party::SipFacts};
use directory::routing::Via;
use rsipstack::sip::{Request, StatusCode};
use sip::name_addr::split_list;

use super::{
    Engine,
    keys::{Party, Role},
    reading, world,
};
use crate::{
    core::Core,
    dialog::Dialog,
    dialogs,
    dispatch::answer,
    identity,
    inbound::Caller,
    message::{
        NameAddr, build,
        fields::{self, first},
        uri,
    },
    random::leg_id,
    refusal::Refusal,
    stack::Incoming,
    transport::Flow,
};

impl Engine {
    /// An INVITE that begins a leg.
    pub(super) fn on_invite(&mut self, (incoming, caller, flow): (Incoming, Caller, Flow)) {
        let invite = &*incoming.request;
        let Some(dialog) = Dialog::from_invite(invite, flow.clone(), caller.next_hop) else {
            return answer(&self.world.core, incoming, StatusCode::BadRequest, |_| {});
        };
        let dialog = dialog.with_location(self.location(&caller.endpoint, &flow));
        let at = self.world.core.clock.now();
        let (leg, call, number) = (leg_id(at), CallId::new(at, rand::random()), ServerTx(self.next()));
        let trunk = match caller.via {
            Via::Trunk(id) => Some(id),
            Via::Device(_) => None,
        };
        let mut told = self.invite_told(invite, number, &caller, (call, leg), (&dialog, &flow));
        let keying = self.keying(Party::of(&caller.endpoint), &flow);
        self.add_line(leg, dialog, keying, true);
        self.world.accounts.insert(leg, caller.owner.account);
        let taken = match told.body {
            Body::Empty => Ok(Body::Empty),
            body => self.take_body(leg, Role::Offer, body),
        };
        match taken {
            Ok(body) => told.body = body,
            Err(unmet) => {
                self.forget(leg);
                return Refusal::from(unmet).send(&self.world.core, incoming);
            }
        }
        let trying = build::response(invite, StatusCode::Trying, "");
        self.world.core.stack.answer(&incoming, &trying);
        let server = self.take_over(leg, number, incoming);
        if let Some(line) = self.lines.get_mut(&leg) {
            line.first = Some(number);
            line.trunk = trunk;
            line.servers.insert(number, server);
        }
        self.handle(Input::Invite(Box::new(told)));
    }

    fn invite_told(
        &self,
        invite: &Request,
        transaction: ServerTx,
        caller: &Caller,
        (call, leg): (CallId, LegId),
        (dialog, flow): (&Dialog, &Flow),
    ) -> Invite {
        Invite {
            call,
            leg,
            transaction,
            caller: told(caller, invite),
            replaces: first!(invite, Replaces).map_or(Replaces::No, |replaces| self.find_replaced(replaces)),
            body: reading::body(fields::Body::of_request(invite)),
            reliability: reading::reliability(invite),
            timer: reading::timer(invite),
            takes_update: reading::takes_update(invite),
            hops: fields::max_forwards(invite),
            diversion: diversion(&self.world.core, invite, caller),
            history: caller.history.clone(),
            alerting: reading::alerting(invite),
            facts: facts(invite, dialog, flow),
        }
    }

    pub(super) fn find_replaced(&self, replaces: &str) -> Replaces {
        let Some(named) = dialogs::Replaces::parse(replaces) else { return Replaces::Unknown };
        match self.world.core.dialogs.of_replaces(&named) {
            Some(leg) if named.is_early_only => Replaces::RingingLeg(leg),
            Some(leg) => Replaces::Leg(leg),
            None => Replaces::Unknown,
        }
    }
}

fn told(caller: &Caller, invite: &Request) -> b2bua::Caller {
    let (identity, from) = (&caller.identity, fields::from(invite));
    let shown = number_of(from);
    // What a trunk that is believed asserts is the number that was received (RFC 3325).
    let asserted = identity.inside.clone().filter(|_| matches!(caller.via, Via::Trunk(_)));
    // The number that calls is a phone's own, whatever its From says.
    let own = identity.inside.clone().filter(|_| matches!(caller.via, Via::Device(_)));
    let number = asserted.unwrap_or_else(|| shown.clone());
    b2bua::Caller {
        owner: caller.owner,
        endpoint: caller.endpoint.clone(),
        via: world::via(caller.via),
        calling: own.unwrap_or(shown),
        inside: identity.inside.clone().unwrap_or_else(|| number.clone()),
        outside: identity.outside.clone().unwrap_or_else(|| number.clone()),
        number,
        name: identity.name.clone().or_else(|| from.and_then(|from| from.display()).map(Arc::from)),
        hidden: identity.hidden.clone(),
        dialed: caller.dialed.clone(),
        requested: uri::requested_user(&invite.uri).into(),
    }
}

/// How the call has come, as its sender says. A phone is believed where that is about numbers of its own account.
fn diversion(core: &Core, invite: &Request, caller: &Caller) -> Option<Arc<str>> {
    let said = fields::diversion(invite)?;
    if caller.endpoint.device().is_none() {
        return Some(said);
    }
    let (directory, account) = (core.directory.snapshot(), caller.owner.account);
    let is_own = |value: &&str| {
        let number = number_of(NameAddr::parse(value));
        directory.extension(account, &number).is_some()
            || directory.number(&number).is_some_and(|number| number.account == account)
    };
    let own: Vec<_> = split_list(&said).filter(is_own).collect();
    (!own.is_empty()).then(|| own.join(", ").into())
}

/// The number that a name-addr shows.
fn number_of(address: Option<NameAddr<'_>>) -> Number {
    let uri = address.and_then(|address| uri::parse(address.uri));
    uri.map(|uri| uri::user(&uri)).unwrap_or_default().into()
}

fn facts(invite: &Request, dialog: &Dialog, flow: &Flow) -> SipFacts {
    let host = |value: Option<NameAddr<'_>>| -> Arc<str> {
        value.and_then(|value| uri::parse(value.uri)).map(|uri| uri::host(&uri)).unwrap_or_default().into()
    };
    SipFacts {
        sip_call_id: dialog.call_id.clone(),
        local_tag: dialog.tag.to_string().into(),
        address: flow.peer,
        transport: flow.transport,
        user_agent: fields::user_agent(invite),
        from_domain: host(fields::from(invite)),
        to_domain: host(fields::to(invite)),
        ruri_domain: uri::host(&invite.uri).into(),
        diversion: fields::diversion(invite).or_else(|| fields::history(invite)),
        identity: identity::said(invite),
    }
}
