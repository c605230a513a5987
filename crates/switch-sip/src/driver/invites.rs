//! INVITEs of ours that begin a dialog: what they say, their credentials, and their CANCEL.

use std::sync::Arc;

use b2bua::{
    Diversion, LegInput, OutgoingInvite,
    message::{Alerting, ClientTx, Origin, Reasons},
    world::Callee,
};
use call::{
    AccountId, CallEvent, EventKind, LegId,
    event::LegOffer,
    party::{Endpoint, SipFacts, Transport},
};
use directory::model::{Trunk, TrunkIdentity};
use rsipstack::sip::{
    Header, Method, Request,
    headers::{self, AlertInfo, CallInfo, ReferredBy},
};

use super::{
    Engine, Event, Input,
    keys::{Party, Role},
    line::{self, Cancel, Client, Line},
    reading,
    sending::{really_shown, reason_header, shown, timer_headers},
};
use crate::{
    dialog::{Beginning, Dialog, Location, NextHop},
    identity,
    keying::Keying,
    message::{
        extension::{self, RELIABLE, REPLACES, TIMER},
        uri,
    },
    transport::Flow,
};

impl Engine {
    pub(super) fn add_line(&mut self, leg: LegId, dialog: Dialog, keying: Keying, is_established: bool) {
        let entry = self.world.core.dialogs.add(&dialog, leg);
        self.world.hosts.insert(leg, dialog.flow.peer.ip());
        self.lines.insert(leg, Line::new(dialog, keying, entry, is_established));
    }

    /// Where a phone is found again; a trunk is where the directory says.
    pub(super) fn location(&self, endpoint: &Endpoint, flow: &Flow) -> Option<Location> {
        Some(Location::of(&self.world.core, endpoint.device()?, flow))
    }

    /// Begins a leg, or calls it again in its dialog.
    pub(super) fn invite(
        &mut self,
        leg: LegId,
        transaction: ClientTx,
        callee: &Callee,
        invite: OutgoingInvite,
    ) {
        if !self.lines.contains_key(&leg) && !self.begin_dialog(leg, callee, &invite) {
            return self.fail_at_once(leg, transaction);
        }
        let body = self.give_body(leg, Role::Offer, invite.body.clone());
        let Some(line) = self.lines.get_mut(&leg) else { return };
        line.keying.awaits_offer = body.is_empty();
        let host = line.dialog.flow.host().to_owned();
        let diversion = invite.diversion.as_ref().map(|diversion| written(diversion, &host));
        let mut request = line.dialog.request(Method::Invite, invite.hops, reading::wire(body));
        complete(&mut request, &invite, diversion.as_deref(), &host);
        if let Callee::Trunk { trunk, .. } = callee {
            line.trunk = Some(*trunk);
            let directory = self.world.core.directory.snapshot();
            let trust = directory.trunk(*trunk).map(|trunk| trunk.identity).unwrap_or_default();
            request.headers.extend(said_to_trunk(trust, &invite, diversion.as_deref(), &host));
        }
        line.identity = identity::said(&request);
        line.diversion = diversion;
        self.send_invite(leg, transaction, request, false);
    }

    /// There is nobody to send it to any more. The machine hears of that as of any other response.
    fn fail_at_once(&self, leg: LegId, transaction: ClientTx) {
        // The driver ends with the switch only.
        let _ = self.world.events.send(Event::Exchanged { leg, transaction, response: None });
    }

    fn send_invite(&mut self, leg: LegId, transaction: ClientTx, request: Request, was_logged_in: bool) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let (flow, request) = (line.dialog.flow.clone(), Arc::new(request));
        let again = flow.access.is_some().then(|| request.clone());
        let kept = line::Invite { request: again, cancel: Cancel::NotYet, was_logged_in };
        line.clients.insert(transaction, Client::Invite(Box::new(kept)));
        self.world.core.stack.invite(&flow, request, (leg, transaction));
    }

    /// Sends our INVITE once more with credentials, if the response asks for some that we have.
    pub(super) fn log_in(
        &mut self,
        leg: LegId,
        transaction: ClientTx,
        response: &rsipstack::sip::Response,
    ) -> bool {
        if !matches!(response.status_code.code(), 401 | 407) {
            return false;
        }
        let Some(line) = self.lines.get_mut(&leg) else { return false };
        let Some(Client::Invite(invite)) = line.clients.get(&transaction) else { return false };
        if invite.was_logged_in || !matches!(invite.cancel, Cancel::NotYet | Cancel::Possible) {
            return false;
        }
        let Some(request) = invite.request.clone() else { return false };
        let Some(again) = line.dialog.invite_again((*request).clone(), response) else { return false };
        self.send_invite(leg, transaction, again, true);
        self.handle(Input::Leg { leg, event: LegInput::LoggedIn });
        true
    }

    pub(super) fn cancel(&mut self, leg: LegId, transaction: ClientTx, reasons: Reasons) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(Client::Invite(invite)) = line.clients.get_mut(&transaction) else { return };
        match invite.cancel {
            Cancel::NotYet => invite.cancel = Cancel::Waits(reasons),
            Cancel::Possible => {
                invite.cancel = Cancel::Sent;
                self.send_cancel(leg, &reasons);
            }
            Cancel::Waits(_) | Cancel::Sent => {}
        }
    }

    pub(super) fn send_cancel(&mut self, leg: LegId, reasons: &Reasons) {
        let Some(line) = self.lines.get(&leg) else { return };
        let mut cancel = line.dialog.cancel();
        cancel.headers.extend(reason_header(reasons).into_iter().collect());
        self.world.core.stack.part(line.dialog.flow.clone(), cancel, |_| {});
    }

    /// Begins a dialog with somebody who is rung; says whether it could.
    fn begin_dialog(&mut self, leg: LegId, callee: &Callee, invite: &OutgoingInvite) -> bool {
        let Some((beginning, user_agent, device)) = self.beginning(callee, invite) else { return false };
        let location = device.map(|device| Location::of(&self.world.core, device, &beginning.flow));
        let keying = self.keying(Party::called(callee), &beginning.flow);
        self.add_line(leg, Dialog::begin(beginning).with_location(location), keying, false);
        self.world.accounts.extend(self.account_of(callee).map(|account| (leg, account)));
        if let Some(line) = self.lines.get_mut(&leg) {
            line.user_agent = user_agent;
        }
        true
    }

    fn account_of(&self, callee: &Callee) -> Option<AccountId> {
        let directory = self.world.core.directory.snapshot();
        match callee {
            Callee::Phone { device, .. } => directory.device(*device).map(|device| device.account),
            Callee::Trunk { trunk, .. } => directory.trunk(*trunk).map(|trunk| trunk.account),
        }
    }

    fn beginning(
        &self,
        callee: &Callee,
        invite: &OutgoingInvite,
    ) -> Option<(Beginning, Option<Arc<str>>, Option<call::DeviceId>)> {
        let (target, flow, routes, next_hop, user_agent, device) = match callee {
            Callee::Phone { device, binding } => {
                let binding = self.world.binding(*device, *binding)?;
                let routes = binding.path.to_vec();
                let (target, flow) = (binding.target, binding.flow);
                (target, flow, routes, NextHop::SameFlow, binding.user_agent, Some(*device))
            }
            Callee::Trunk { trunk, address } => {
                let directory = self.world.core.directory.snapshot();
                let trunk = directory.trunk(*trunk)?;
                let flow = self.world.reached.clone().filter(|flow| flow.peer == *address)?;
                let flow = flow.with_access(self.world.core.trunks.login(trunk), &Arc::default());
                (target_of(trunk, invite)?, flow, Vec::new(), NextHop::RouteSet, None, None)
            }
        };
        let to = format!("<{}>", uri::sip(invite.called.as_str(), &uri::host(&target)));
        let from = shown(&invite.caller, flow.host());
        Some((Beginning { from, to, target, routes, flow, next_hop }, user_agent, device))
    }

    /// Tells what has happened; of an outgoing leg with the facts of its dialog.
    pub(super) fn tell(&self, mut event: CallEvent) {
        if let EventKind::LegOffered { leg, offer } = &mut event.kind
            && offer.sip.is_none()
            && let Some(line) = self.lines.get(leg)
        {
            let sip = Some(line.outgoing_facts());
            *offer = Arc::new(LegOffer { sip, ..(**offer).clone() });
        }
        self.world.core.events.send(event);
    }
}

impl Line {
    fn outgoing_facts(&self) -> SipFacts {
        let Dialog { flow, call_id, tag, .. } = &self.dialog;
        let host: Arc<str> = uri::host(self.dialog.target()).into();
        SipFacts {
            sip_call_id: call_id.clone(),
            local_tag: tag.to_string().into(),
            address: flow.peer,
            transport: flow.transport,
            user_agent: self.user_agent.clone(),
            from_domain: flow.host().into(),
            to_domain: host.clone(),
            ruri_domain: host,
            diversion: self.diversion.clone(),
            identity: self.identity.clone(),
        }
    }
}

/// The Request-URI of an INVITE to a trunk.
fn target_of(trunk: &Trunk, invite: &OutgoingInvite) -> Option<rsipstack::sip::Uri> {
    let transport = match trunk.transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls => ";transport=tls",
        Transport::Ws => ";transport=ws",
    };
    let address = uri::sip(invite.called.as_str(), &uri::host_port(&trunk.host, trunk.port));
    uri::parse(&format!("{address}{transport}"))
}

/// What a trunk is told of who calls, as far as it is trusted, and of the way that the call has come.
fn said_to_trunk(
    trust: TrunkIdentity,
    invite: &OutgoingInvite,
    diversion: Option<&str>,
    host: &str,
) -> Vec<Header> {
    let caller = &invite.caller;
    let mut said = identity::told(&really_shown(caller, host), caller.hidden.as_deref(), trust);
    if trust != TrunkIdentity::None {
        let next = uri::sip(invite.called.as_str(), host);
        said.extend(identity::history(invite.history.as_deref(), diversion, (&next, host)));
    }
    said
}

/// Diversion as headers have it (RFC 5806 section 3).
fn written(diversion: &Diversion, host: &str) -> Arc<str> {
    let here = diversion.by.iter().map(|by| {
        let reason = if by.rang { "deflection" } else { "unconditional" };
        format!("<{}>;reason={reason}", uri::sip(by.number.as_str(), host))
    });
    here.chain(diversion.received.iter().map(|received| received.to_string()))
        .collect::<Vec<_>>()
        .join(", ")
        .into()
}

/// Says in an INVITE what we can do, and who has sent it there.
fn complete(request: &mut Request, invite: &OutgoingInvite, diversion: Option<&str>, host: &str) {
    let known: &[&str] =
        if invite.takes_reliable { &[TIMER, REPLACES, RELIABLE] } else { &[TIMER, REPLACES] };
    request.headers.push(extension::supported(known));
    request.headers.extend(timer_headers(&invite.timer, false));
    if let Some(diversion) = diversion {
        request.headers.push(Header::Diversion(headers::Diversion::new(diversion)));
    }
    if let Some(referrer) = &invite.referred_by {
        request.headers.push(Header::ReferredBy(ReferredBy::new(&**referrer)));
    }
    // Phones look at the first Alert-Info alone.
    match invite.answers_itself {
        true => request.headers.extend(answer_by_itself(host)),
        false => request.headers.extend(alerting_headers(&invite.alerting)),
    }
}

/// How the phone is to ring, and what it may show besides.
fn alerting_headers(alerting: &Alerting) -> Vec<Header> {
    let origin = alerting.origin.map(|origin| match origin {
        Origin::Internal => "<urn:alert:source:internal>",
        Origin::External => "<urn:alert:source:external>",
    });
    let alerts = alerting.alert_info.as_deref().into_iter().chain(origin);
    let alerts = alerts.map(|value| Header::AlertInfo(AlertInfo::new(value)));
    let infos = alerting.call_info.as_deref().map(|value| Header::CallInfo(CallInfo::new(value)));
    let mode = alerting.answer_mode.as_deref();
    let modes = mode.map(|mode| Header::Other("Answer-Mode".to_owned(), mode.to_owned()));
    alerts.chain(infos).chain(modes).collect()
}

/// The headers by which phones of different makers are asked to answer at once.
fn answer_by_itself(host: &str) -> Vec<Header> {
    vec![
        Header::CallInfo(CallInfo::new(format!("<sip:{host}>;answer-after=0"))),
        Header::AlertInfo(AlertInfo::new("<http://127.0.0.1>;info=alert-autoanswer;delay=0")),
        Header::Other("Answer-Mode".to_owned(), "Auto".to_owned()),
    ]
}
