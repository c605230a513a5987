//! The beginning of a call that an INVITE brings.

use std::sync::Arc;

use call::{
    CallId, EventKind, LegId, Number,
    event::{CallStarted, LegDirection, LegOffer, Origin, Side},
    party::SipFacts,
};
use directory::routing::Via;
use rsipstack::{
    sip::{Request, StatusCode},
    transaction::transaction::Transaction,
};
use sip::name_addr::split_list;
use switch::CallClock;

use super::{
    Input, Mailbox, Session, Setting,
    leg::{Leg, Line, Party},
    routing::haunts,
};
use crate::{
    core::Core,
    dialog::Dialog,
    dispatch::answer,
    identity,
    inbound::Caller,
    message::{
        NameAddr, build,
        fields::{self, Body},
        uri,
    },
    random::leg_id,
    stack::Pending,
    transport::Flow,
};

/// Begins the call of an INVITE from `caller`.
pub(crate) fn begin(core: &Arc<Core>, transaction: Transaction, caller: Caller, flow: Flow) {
    if Dialog::from_invite(&transaction.original, flow.clone(), caller.next_hop).is_none() {
        return answer(core, transaction, StatusCode::BadRequest, |_| {});
    }
    let clock = CallClock::start(core.clock.clone());
    let id = CallId::new(clock.started_at(), rand::random());
    let (mailbox, inbox) = Mailbox::new();
    if !core.calls.add(id, mailbox.clone(), core.config.max_calls) {
        core.refused.count_full();
        return answer(core, transaction, StatusCode::ServiceUnavailable, |response| {
            response.headers.push(build::retry_after(core.config.retry_after));
        });
    }
    let setting = setting(core, &transaction.original, &caller);
    let mut session = Session::new(core.clone(), (id, clock), mailbox, setting);
    session.accept(transaction, &caller, &flow);
    core.stack.tasks.spawn(session.run(inbox));
}

fn setting(core: &Core, invite: &Request, caller: &Caller) -> Setting {
    let from = fields::from(invite);
    let received_name = from.and_then(|from| from.display()).map(Arc::from);
    Setting {
        origination: caller.owner,
        via: caller.via,
        dialed: caller.dialed.clone(),
        caller: received(caller, from),
        caller_name: match caller.via {
            Via::Device => caller.identity.name.clone().or(received_name),
            Via::Trunk(_) => caller.identity.name.clone().or(received_name),
        },
        identity: caller.identity.clone(),
        max_forwards: fields::max_forwards(invite) - 1,
        diversion: diversion(core, invite, caller),
        history: caller.history.clone(),
    }
}

/// The caller's number as it was received: what From says, or what a trunk that is believed asserts (RFC 3325).
fn received(caller: &Caller, from: Option<NameAddr<'_>>) -> Number {
    let asserted = caller.identity.inside.clone().filter(|_| matches!(caller.via, Via::Trunk(_)));
    asserted.unwrap_or_else(|| number_of(from))
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

impl Session {
    fn accept(&mut self, transaction: Transaction, caller: &Caller, flow: &Flow) {
        let body = Body::of_request(&transaction.original);
        self.tell(EventKind::CallStarted(Arc::new(CallStarted {
            origination: caller.owner,
            origin: Origin::Invite,
            caller: self.setting.caller.clone(),
            caller_name: self.setting.caller_name.clone(),
            dialed: self.setting.dialed.clone(),
        })));
        self.caller = self.take_in(transaction, caller, flow, Side::Origination);
        match self.admit_caller() {
            Ok(()) => self.route_onward(body),
            Err(failure) => self.give_up_caller(&failure),
        }
    }

    /// Takes an INVITE into the call: a leg comes into being. `None` if it cannot begin a dialog.
    pub(super) fn take_in(
        &mut self,
        transaction: Transaction,
        caller: &Caller,
        flow: &Flow,
        side: Side,
    ) -> Option<LegId> {
        let Some(dialog) = Dialog::from_invite(&transaction.original, flow.clone(), caller.next_hop) else {
            answer(&self.core, transaction, StatusCode::BadRequest, |_| {});
            return None;
        };
        let dialog = dialog.with_haunts(haunts(&self.core, &caller.endpoint, flow));
        let id = leg_id(self.clock.now());
        let offer = incoming_offer(&transaction.original, caller, &dialog, flow, side);
        let mailbox = self.mailbox.clone();
        let cseq = fields::cseq(&transaction.original).map_or(0, |(number, _)| number);
        let pending = Pending::hold(&self.core.stack, transaction, move |followup| {
            mailbox.post(Input::Followup { leg: id, cseq, followup });
        });
        pending.respond(StatusCode::Trying, "", |_| {});
        let number = offer.from.clone();
        let name = fields::from(&*pending.request).and_then(|from| from.display()).map(Arc::from);
        let party = Party { owner: caller.owner, endpoint: caller.endpoint.clone(), number, name };
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offer) });
        let entry = self.core.dialogs.add(dialog.tag, dialog.call_id.clone(), id, self.mailbox.clone());
        self.legs.push(Leg::new(id, party, Line::Incoming(pending), (dialog, entry)));
        Some(id)
    }

    /// The number that the caller shows on legs of `inside` or outside phones.
    pub(super) fn shown(&self, is_inside: bool) -> Number {
        let identity = &self.setting.identity;
        let number = if is_inside { &identity.inside } else { &identity.outside };
        number.clone().unwrap_or_else(|| self.setting.caller.clone())
    }

    /// The calling party's leg, if it is not over.
    pub(super) fn caller_leg(&self) -> Option<LegId> {
        self.caller.filter(|id| self.leg(*id).is_some_and(|leg| !leg.is_ended()))
    }
}

/// What is known of the leg that an INVITE begins.
fn incoming_offer(invite: &Request, caller: &Caller, dialog: &Dialog, flow: &Flow, side: Side) -> LegOffer {
    let host = |value: Option<NameAddr<'_>>| -> Arc<str> {
        value.and_then(|value| uri::parse(value.uri)).map(|uri| uri::host(&uri)).unwrap_or_default().into()
    };
    LegOffer {
        side,
        direction: LegDirection::Incoming,
        owner: caller.owner,
        endpoint: caller.endpoint.clone(),
        from: calling(invite, caller),
        to: uri::requested_user(&invite.uri).into(),
        sip: Some(SipFacts {
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
        }),
        route: None,
    }
}

/// The number that calls: a phone's own, whatever its From says; of a trunk the one that From shows.
fn calling(invite: &Request, caller: &Caller) -> Number {
    let own = caller.identity.inside.clone().filter(|_| matches!(caller.via, Via::Device));
    own.unwrap_or_else(|| number_of(fields::from(invite)))
}

/// The number that From shows.
fn number_of(from: Option<NameAddr<'_>>) -> Number {
    from.and_then(|from| uri::parse(from.uri)).map(|from| uri::user(&from)).unwrap_or_default().into()
}
