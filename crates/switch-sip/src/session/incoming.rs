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
use switch::CallClock;

use super::{
    Input, Mailbox, Session, Setting,
    leg::{Leg, Line, Party},
};
use crate::{
    core::Core,
    dialog::Dialog,
    dispatch::answer,
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
    let Some(dialog) = Dialog::from_invite(&transaction.original, flow.clone(), caller.next_hop) else {
        return answer(core, transaction, StatusCode::BadRequest, |_| {});
    };
    let clock = CallClock::start(core.clock.clone());
    let id = CallId::new(clock.started_at(), rand::random());
    let (mailbox, inbox) = Mailbox::new();
    if !core.calls.add(id, mailbox.clone(), core.config.max_calls) {
        return answer(core, transaction, StatusCode::ServiceUnavailable, |response| {
            response.headers.push(build::retry_after(core.config.retry_after));
        });
    }
    let setting = setting(&transaction.original, &caller);
    let mut session = Session::new(core.clone(), (id, clock), mailbox, setting);
    session.accept(transaction, &caller, dialog, &flow);
    core.stack.tasks.spawn(session.run(inbox));
}

fn setting(invite: &Request, caller: &Caller) -> Setting {
    let from = fields::from(invite);
    let from_uri = from.and_then(|from| uri::parse(from.uri));
    let received_name = from.and_then(|from| from.display()).map(Arc::from);
    Setting {
        origination: caller.owner,
        via: caller.via,
        dialed: uri::user(&invite.uri).into(),
        caller: from_uri.map(|from| uri::user(&from)).unwrap_or_default().into(),
        caller_name: match caller.via {
            Via::Device => caller.identity.name.clone().or(received_name),
            Via::Trunk(_) => received_name,
        },
        identity: caller.identity.clone(),
        max_forwards: fields::max_forwards(invite) - 1,
    }
}

impl Session {
    fn accept(&mut self, transaction: Transaction, caller: &Caller, dialog: Dialog, flow: &Flow) {
        let id = leg_id(self.clock.started_at());
        let offer = self.caller_offer(&transaction.original, caller, &dialog, flow);
        let body = Body::of_request(&transaction.original);
        let mailbox = self.mailbox.clone();
        let cseq = fields::cseq(&transaction.original).map_or(0, |(number, _)| number);
        let pending = Pending::hold(&self.core.stack, transaction, move |followup| {
            mailbox.post(Input::Followup { leg: id, cseq, followup });
        });
        pending.respond(StatusCode::Trying, "", |_| {});
        self.tell(EventKind::CallStarted(Arc::new(CallStarted {
            origination: caller.owner,
            origin: Origin::Invite,
            caller: self.setting.caller.clone(),
            caller_name: self.setting.caller_name.clone(),
            dialed: self.setting.dialed.clone(),
        })));
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offer) });
        let entry = self.core.dialogs.add(dialog.tag, dialog.call_id.clone(), id, self.mailbox.clone());
        let party =
            Party { owner: caller.owner, endpoint: caller.endpoint.clone(), number: self.shown(true) };
        self.legs.push(Leg::new(id, party, Line::Incoming(pending), (dialog, entry)));
        self.caller = Some(id);
        match self.admit_caller() {
            Ok(()) => self.route_onward(body),
            Err(failure) => self.give_up_caller(&failure),
        }
    }

    fn caller_offer(&self, invite: &Request, caller: &Caller, dialog: &Dialog, flow: &Flow) -> LegOffer {
        let host = |value: Option<NameAddr<'_>>| -> Arc<str> {
            value
                .and_then(|value| uri::parse(value.uri))
                .map(|uri| uri::host(&uri))
                .unwrap_or_default()
                .into()
        };
        LegOffer {
            side: Side::Origination,
            direction: LegDirection::Incoming,
            owner: caller.owner,
            endpoint: caller.endpoint.clone(),
            from: self.setting.caller.clone(),
            to: self.setting.dialed.clone(),
            sip: Some(SipFacts {
                sip_call_id: dialog.call_id.clone(),
                local_tag: dialog.tag.to_string().into(),
                address: flow.peer,
                transport: flow.transport,
                user_agent: fields::user_agent(invite),
                from_domain: host(fields::from(invite)),
                to_domain: host(fields::to(invite)),
                ruri_domain: uri::host(&invite.uri).into(),
                diversion: fields::diversion(invite),
            }),
        }
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
