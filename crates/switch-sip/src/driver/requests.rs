//! Requests: those that come, as the machine sees them, and those that it sends.

use std::sync::Arc;

use b2bua::{
    Diversion, Input, Invite, LegInput, OutgoingInvite,
    message::{
        self, Body, ClientTx, Fork, Notify, Offer, Prack, Reasons, Replaces, ServerTx, SessionTimer, Shown,
    },
    world::Callee,
};
use call::{
    CallEvent, CallId, EventKind, LegId,
    event::LegOffer,
    party::{SipFacts, Transport},
};
use rsipstack::{
    sip::{
        Header, Method, Request, SipMessage, StatusCode,
        headers::{self, AlertInfo, CallInfo, Event as EventHeader, RAck, ReferredBy, SubscriptionState},
    },
    transaction::transaction::Transaction,
};

use super::{
    Engine, Event,
    line::{self, Cancel, Client, Line, Server},
    reading,
};
use crate::{
    dialog::{Beginning, Dialog, NextHop},
    dialogs,
    dispatch::{self, answer},
    inbound::Caller,
    message::{
        NameAddr, build,
        extension::{self, RELIABLE, REPLACES, TIMER},
        fields::{self, first},
        name_addr::quote,
        session_timer, uri,
    },
    random::leg_id,
    stack::Followup,
    task::launch,
    transport::Flow,
};

/// The media type of what a NOTIFY says of a referral.
const SIPFRAG: &str = "message/sipfrag;version=2.0";
/// How long, in seconds, a referral may be told of.
const EXPIRES: u32 = 180;

impl Engine {
    /// An INVITE that begins a leg.
    pub(super) fn on_invite(&mut self, (transaction, caller, flow): (Transaction, Caller, Flow)) {
        let invite = &transaction.original;
        let Some(dialog) = Dialog::from_invite(invite, flow.clone(), caller.next_hop) else {
            return answer(&self.world.core, transaction, StatusCode::BadRequest, |_| {});
        };
        let at = self.world.core.clock.now();
        let (leg, call) = (leg_id(at), CallId::new(at, rand::random()));
        let told = self.invite_told(&transaction, &caller, (call, leg), (&dialog, &flow));
        self.add_line(leg, dialog, true);
        let is_phone = caller.endpoint.device().is_some();
        self.lines.entry(leg).and_modify(|line| line.is_phone = is_phone);
        let server = self.hold(leg, told.transaction, transaction);
        if let (Some(line), Server::Invite { request, wire, .. }) = (self.lines.get_mut(&leg), &server) {
            let trying = build::response(request, StatusCode::Trying, "");
            // The transaction is gone only if its peer's connection is: nobody to answer.
            let _ = wire.send(rsipstack::transaction::transaction::TransactionEvent::Respond(trying));
            line.servers.insert(told.transaction, server);
        }
        self.handle(Input::Invite(Box::new(told)));
    }

    fn invite_told(
        &mut self,
        transaction: &Transaction,
        caller: &Caller,
        (call, leg): (CallId, LegId),
        (dialog, flow): (&Dialog, &Flow),
    ) -> Invite {
        let invite = &transaction.original;
        let from = fields::from(invite);
        let number =
            from.and_then(|from| uri::parse(from.uri)).map(|from| uri::user(&from)).unwrap_or_default();
        let number = call::Number::from(number);
        let received_name: Option<Arc<str>> =
            fields::from(invite).and_then(|from| from.display()).map(Arc::from);
        let identity = &caller.identity;
        let is_device = caller.endpoint.device().is_some();
        Invite {
            call,
            leg,
            transaction: ServerTx(self.next()),
            caller: b2bua::Caller {
                owner: caller.owner,
                endpoint: caller.endpoint.clone(),
                via: super::surroundings::via(caller.via),
                inside: identity.inside.clone().unwrap_or_else(|| number.clone()),
                outside: identity.outside.clone().unwrap_or_else(|| number.clone()),
                name: if is_device { identity.name.clone().or(received_name) } else { received_name },
                is_private: false,
                dialed: caller.dialed.clone(),
                requested: uri::requested_user(&invite.uri).into(),
                number,
            },
            replaces: first!(invite, Replaces).map_or(Replaces::No, |replaces| self.find_replaced(replaces)),
            body: reading::body(fields::Body::of_request(invite)),
            reliability: reading::reliability(invite),
            timer: reading::timer(invite),
            takes_update: reading::takes_update(invite),
            hops: fields::max_forwards(invite),
            diversion: fields::diversion(invite),
            facts: incoming_facts(invite, dialog, flow),
        }
    }

    fn find_replaced(&self, replaces: &str) -> Replaces {
        let named = dialogs::Replaces::parse(replaces);
        let entry = named.and_then(|named| self.world.core.dialogs.of_replaces(&named));
        entry.map_or(Replaces::Unknown, |entry| Replaces::Leg(entry.leg))
    }

    fn add_line(&mut self, leg: LegId, dialog: Dialog, is_established: bool) {
        let mailbox = self.mailbox.clone();
        let entry = self.world.core.dialogs.add(dialog.tag, dialog.call_id.clone(), leg, mailbox);
        self.world.hosts.insert(leg, dialog.flow.peer.ip());
        self.lines.insert(leg, Line::new(dialog, entry, is_established));
    }

    /// Takes over the transaction of an INVITE.
    fn hold(&self, leg: LegId, number: ServerTx, transaction: Transaction) -> Server {
        let (request, wire) = (Arc::new(transaction.original.clone()), transaction.tu_sender.clone());
        let cseq = fields::cseq(&*request).map_or(0, |(number, _)| number);
        let events = self.world.events.clone();
        let tell = move |followup| {
            // The driver ends with the switch only.
            let _ = events.send(Event::Followup { leg, transaction: number, followup });
        };
        let confirmed = tokio_util::sync::CancellationToken::new();
        self.world.core.stack.tasks.spawn(crate::stack::follow(transaction, confirmed, tell));
        Server::Invite { request, cseq, wire }
    }

    pub(super) fn on_followup(&mut self, leg: LegId, transaction: ServerTx, followup: Followup) {
        let event = match followup {
            Followup::Cancelled(reason) => {
                let reasons = Reasons(reason.map(|reason| reason.text().clone()));
                LegInput::Cancelled(transaction, reasons)
            }
            Followup::Acknowledged(body) => LegInput::Acknowledged(transaction, reading::body(body)),
            Followup::Lost => LegInput::NeverAcknowledged(transaction),
            // The machine repeats reliable responses itself.
            Followup::Deaf => return,
        };
        self.handle(Input::Leg { leg, event });
    }

    /// A request inside a dialog.
    pub(super) fn on_request(&mut self, leg: LegId, transaction: Transaction) {
        let request = &transaction.original;
        let flow = dispatch::flow_of(&self.world.core, &transaction);
        let number = ServerTx(self.next());
        let line = self.lines.get_mut(&leg).filter(|line| line.dialog.is_with(request));
        let Some(line) = line else {
            return answer(&self.world.core, transaction, StatusCode::CallTransactionDoesNotExist, |_| {});
        };
        let cseq = fields::cseq(request).map_or(0, |(number, _)| number);
        let is_early = !line.is_established;
        if !is_early && !line.dialog.accept(cseq) {
            return answer(&self.world.core, transaction, StatusCode::ServerInternalError, |_| {});
        }
        if matches!(request.method, Method::Invite | Method::Update) && !is_early {
            line.dialog.retarget(fields::contact(request));
            flow.into_iter().for_each(|flow| line.dialog.follow(flow));
            self.world.hosts.insert(leg, line.dialog.flow.peer.ip());
        }
        let event = match self.read(leg, number, is_early, request) {
            Ok(event) => event,
            Err(status) => return answer(&self.world.core, transaction, status, |_| {}),
        };
        let server = match transaction.original.method {
            Method::Invite => self.hold(leg, number, transaction),
            _ => Server::Other(Box::new(transaction)),
        };
        if let Some(line) = self.lines.get_mut(&leg) {
            line.servers.insert(number, server);
        }
        self.handle(Input::Leg { leg, event });
    }

    fn read(
        &mut self,
        leg: LegId,
        number: ServerTx,
        is_early: bool,
        request: &Request,
    ) -> Result<LegInput, StatusCode> {
        let body = || reading::body(fields::Body::of_request(request));
        let fork = self.lines.get_mut(&leg).filter(|_| is_early).map_or(Fork::default(), |line| {
            line.fork(fields::from(request).and_then(|from| from.param("tag")).unwrap_or_default())
        });
        let read = match request.method {
            Method::Bye if is_early => {
                return Ok(LegInput::EarlyBye(number, fork, reading::reasons(request)));
            }
            Method::Bye => message::Request::Bye(reading::reasons(request)),
            Method::Invite => message::Request::Invite(reading::offer(request, fork)),
            Method::Update => message::Request::Update(reading::offer(request, fork)),
            Method::PRack => {
                let (rseq, cseq) = reading::rack(request).ok_or(StatusCode::CallTransactionDoesNotExist)?;
                let invite = self.lines.get(&leg).and_then(|line| line.invite_numbered(cseq));
                message::Request::Prack(Prack { rseq, invite, fork: Fork::default(), body: body() })
            }
            Method::Refer => {
                let find = |named: &str| {
                    dialogs::Replaces::parse(named)?;
                    Some(self.find_replaced(named))
                };
                message::Request::Refer(reading::refer(request, find).ok_or(StatusCode::BadRequest)?)
            }
            Method::Info => message::Request::Info(body()),
            Method::Message => message::Request::Message(body()),
            Method::Options => message::Request::Options,
            _ => message::Request::Other,
        };
        Ok(LegInput::Request(number, read))
    }

    /// Begins a leg, or calls it again in its dialog.
    pub(super) fn invite(
        &mut self,
        leg: LegId,
        transaction: ClientTx,
        callee: &Callee,
        invite: OutgoingInvite,
    ) {
        if !self.lines.contains_key(&leg) {
            let Some((dialog, user_agent)) = self.begin_dialog(callee, &invite) else {
                return self.fail_at_once(leg, transaction);
            };
            self.add_line(leg, dialog, false);
            if let Some(line) = self.lines.get_mut(&leg) {
                line.is_phone = matches!(callee, Callee::Phone { .. });
                line.user_agent = user_agent;
            }
        }
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let diversion =
            invite.diversion.as_ref().map(|diversion| written(diversion, line.dialog.flow.host()));
        line.diversion.clone_from(&diversion);
        let mut request =
            line.dialog.request(Method::Invite, invite.hops, reading::wire(invite.body.clone()));
        complete(&mut request, &invite, diversion, line.dialog.flow.host());
        self.send_invite(leg, transaction, request, false);
    }

    /// There is nobody to send it to any more. The machine hears of that as of any other response.
    fn fail_at_once(&self, leg: LegId, transaction: ClientTx) {
        // The driver ends with the switch only.
        let _ = self.world.events.send(Event::Exchanged { leg, transaction, response: None });
    }

    fn send_invite(&mut self, leg: LegId, transaction: ClientTx, request: Request, was_logged_in: bool) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let stack = self.world.core.stack.clone();
        let flow = line.dialog.flow.clone();
        let kept = line::Invite { request: request.clone(), cancel: Cancel::NotYet, was_logged_in };
        line.clients.insert(transaction, Client::Invite(Box::new(kept)));
        let events = self.world.events.clone();
        let Some(mut wire) = stack.client(&flow, request) else { return };
        launch(&stack.tasks, async move {
            let tell = |response| {
                // The driver ends with the switch only.
                let _ = events.send(Event::InviteResponse { leg, transaction, response: Arc::new(response) });
            };
            // What cannot be sent is reported as a response by the transaction itself.
            if let Err(error) = wire.send().await {
                tracing::debug!(%error, "an INVITE could not be sent");
            }
            let original = wire.original.clone();
            let receive = async {
                while let Some(message) = wire.receive().await {
                    if let SipMessage::Response(response) = message {
                        tell(response);
                    }
                }
            };
            tokio::select! {
                biased;
                () = receive => return,
                () = flow.closed() => {}
            }
            tell(build::response(&original, StatusCode::ServiceUnavailable, ""));
        });
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
        let request = invite.request.clone();
        let Some(again) = line.dialog.invite_again(request, response) else { return false };
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
        self.world.core.stack.send(line.dialog.flow.clone(), cancel);
    }

    pub(super) fn acknowledge(&mut self, leg: LegId, transaction: ClientTx, body: Body) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(cseq) = line.answered.remove(&transaction) else { return };
        let body = line.dialog.describe(reading::wire(body));
        let ack = line.dialog.ack(cseq, body);
        line.entry.mark_answered(cseq);
        self.world.core.stack.send_alone(line.dialog.flow.clone(), ack.clone());
        line.ack = Some((cseq, ack));
    }

    pub(super) fn prack(&mut self, leg: LegId, transaction: ClientTx, prack: Prack) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(early) = line.early.get(&prack.fork).cloned() else { return };
        let named = format!("{} {} INVITE", prack.rseq, line.dialog.invite_cseq());
        let (flow, mut request) = line.dialog.early_request(&early, Method::PRack, reading::wire(prack.body));
        request.headers.push(Header::RAck(RAck::new(named)));
        self.exchange(leg, transaction, (flow, request));
    }

    /// An UPDATE in an early dialog of ours.
    fn early_update(&mut self, leg: LegId, transaction: ClientTx, offer: Offer) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(early) = line.early.get(&offer.fork).cloned() else { return };
        let body = reading::wire(offer.body);
        let (flow, update) = line.dialog.early_request(&early, Method::Update, body);
        line.clients.insert(transaction, Client::Other { is_invite: false });
        self.exchange(leg, transaction, (flow, update));
    }

    /// Sends a request inside a dialog.
    pub(super) fn request(&mut self, leg: LegId, transaction: ClientTx, request: message::Request) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let request = match request {
            message::Request::Update(offer) if !line.is_established => {
                return self.early_update(leg, transaction, offer);
            }
            request => request,
        };
        let is_farewell = matches!(request, message::Request::Bye(_));
        let dialog = &mut line.dialog;
        let wire = match request {
            message::Request::Invite(offer) => offered((dialog, line.is_phone), Method::Invite, offer),
            message::Request::Update(offer) => offered((dialog, line.is_phone), Method::Update, offer),
            message::Request::Bye(reasons) => {
                let mut bye = dialog.request(Method::Bye, 70, fields::Body::default());
                bye.headers.extend(reason_header(&reasons).into_iter().collect());
                bye
            }
            message::Request::Notify(notify) => notified(dialog, &notify),
            message::Request::Info(body) => dialog.request(Method::Info, 70, reading::wire(body)),
            message::Request::Message(body) => dialog.request(Method::Message, 70, reading::wire(body)),
            message::Request::Options => dialog.request(Method::Options, 70, fields::Body::default()),
            message::Request::Prack(_) | message::Request::Refer(_) | message::Request::Other => return,
        };
        let is_invite = wire.method == Method::Invite;
        line.clients.insert(transaction, Client::Other { is_invite });
        let flow = dialog.flow.clone();
        match is_farewell {
            true => self.exchange_at_end(leg, transaction, (flow, wire)),
            false => self.exchange(leg, transaction, (flow, wire)),
        }
    }

    fn exchange(&self, leg: LegId, transaction: ClientTx, (flow, request): (Flow, Request)) {
        let (stack, events) = (self.world.core.stack.clone(), self.world.events.clone());
        let exchange = stack.clone().exchange(flow, request);
        launch(&stack.tasks, async move {
            let response = exchange.await.map(Box::new);
            // The driver ends with the switch only.
            let _ = events.send(Event::Exchanged { leg, transaction, response });
        });
    }

    /// The same for a request that a stop of the switch waits for.
    fn exchange_at_end(&self, leg: LegId, transaction: ClientTx, (flow, request): (Flow, Request)) {
        let (stack, events) = (self.world.core.stack.clone(), self.world.events.clone());
        let exchange = stack.clone().exchange(flow, request);
        stack.launch_later(async move {
            let response = exchange.await.map(Box::new);
            // The driver ends with the switch only.
            let _ = events.send(Event::Exchanged { leg, transaction, response });
        });
    }

    fn begin_dialog(&self, callee: &Callee, invite: &OutgoingInvite) -> Option<(Dialog, Option<Arc<str>>)> {
        let (target, flow, routes, next_hop, user_agent) = match callee {
            Callee::Phone { device, binding } => {
                let binding = self.world.binding(*device, *binding)?;
                let routes = binding.path.to_vec();
                (binding.target, binding.flow, routes, NextHop::SameFlow, binding.user_agent)
            }
            Callee::Trunk { trunk, address } => {
                let directory = self.world.core.directory.snapshot();
                let trunk = directory.trunk(*trunk)?;
                let flow = self.world.flows.get(&(trunk.id, *address))?.clone();
                let flow = flow.with_access(self.world.core.trunks.login(trunk), &Arc::default());
                let transport = match trunk.transport {
                    Transport::Udp => "",
                    Transport::Tcp => ";transport=tcp",
                    Transport::Tls => ";transport=tls",
                    Transport::Ws => ";transport=ws",
                };
                let host = uri::host_port(&trunk.host, trunk.port);
                let address = uri::sip(invite.called.as_str(), &host);
                (uri::parse(&format!("{address}{transport}"))?, flow, Vec::new(), NextHop::RouteSet, None)
            }
        };
        let to = format!("<{}>", uri::sip(invite.called.as_str(), &uri::host(&target)));
        let from = shown(&invite.caller, flow.host());
        Some((Dialog::begin(Beginning { from, to, target, routes, flow, next_hop }), user_agent))
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
            identity: None,
        }
    }
}

fn incoming_facts(invite: &Request, dialog: &Dialog, flow: &Flow) -> SipFacts {
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
        identity: crate::identity::said(invite),
    }
}

/// Who calls, as From says it.
fn shown(caller: &Shown, host: &str) -> String {
    let address = uri::sip(caller.number.as_str(), host);
    match &caller.name {
        Some(name) => format!("{} <{address}>", quote(name)),
        None => format!("<{address}>"),
    }
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
fn complete(request: &mut Request, invite: &OutgoingInvite, diversion: Option<Arc<str>>, host: &str) {
    let known: &[&str] =
        if invite.takes_reliable { &[TIMER, REPLACES, RELIABLE] } else { &[TIMER, REPLACES] };
    request.headers.push(extension::supported(known));
    request.headers.extend(timer_headers(&invite.timer, false));
    if let Some(diversion) = diversion {
        request.headers.push(Header::Diversion(headers::Diversion::new(&*diversion)));
    }
    if let Some(referrer) = &invite.referred_by {
        request.headers.push(Header::ReferredBy(ReferredBy::new(&**referrer)));
    }
    if invite.answers_itself {
        request.headers.push(Header::CallInfo(CallInfo::new(format!("<sip:{host}>;answer-after=0"))));
        let alert = "<http://127.0.0.1>;info=alert-autoanswer;delay=0";
        request.headers.push(Header::AlertInfo(AlertInfo::new(alert)));
        request.headers.push(Header::Other("Answer-Mode".to_owned(), "Auto".to_owned()));
    }
}

fn offered((dialog, is_phone): (&mut Dialog, bool), method: Method, offer: Offer) -> Request {
    let hops = if offer.hops == 0 { 70 } else { offer.hops };
    let connected = offer.connected.as_ref().filter(|_| is_phone);
    let asserted = connected.and_then(|connected| asserted(connected, dialog.flow.host()));
    let mut request = dialog.request(method, hops, reading::wire(offer.body));
    if offer.timer.is_known {
        request.headers.push(extension::supported(&[TIMER]));
    }
    request.headers.extend(timer_headers(&offer.timer, false));
    request.headers.extend(asserted.into_iter().collect());
    request
}

/// Who a party talks to, unless that is not to be told.
pub(super) fn asserted(connected: &Shown, host: &str) -> Option<Header> {
    let value = || shown(connected, host);
    (!connected.is_private).then(|| Header::Other("P-Asserted-Identity".to_owned(), value()))
}

fn notified(dialog: &mut Dialog, notify: &Notify) -> Request {
    let bytes = format!("SIP/2.0 {} {}\r\n", notify.status.code, notify.status.reason).into_bytes();
    let body = fields::Body { kind: Some(SIPFRAG.into()), bytes };
    let mut request = dialog.request(Method::Notify, 70, body);
    let event = notify.id.map_or("refer".to_owned(), |id| format!("refer;id={id}"));
    let state = match notify.is_final {
        true => "terminated;reason=noresource".to_owned(),
        false => format!("active;expires={EXPIRES}"),
    };
    request.headers.push(Header::Event(EventHeader::new(event)));
    request.headers.push(Header::SubscriptionState(SubscriptionState::new(state)));
    request
}

pub(super) fn reason_header(reasons: &Reasons) -> Option<Header> {
    reasons.0.as_ref().map(|text| Header::Reason(headers::Reason::new(&**text)))
}

/// What a message says of session timers; a response that agrees requires the extension.
pub(super) fn timer_headers(timer: &SessionTimer, is_answer: bool) -> Vec<Header> {
    let mut written = Vec::new();
    if let Some(message::Expires { interval, refresher }) = timer.expires {
        if is_answer {
            written.push(extension::required(TIMER));
        }
        written.push(match refresher {
            Some(refresher) => {
                let refresher = match refresher {
                    message::Refresher::Client => session_timer::Refresher::Client,
                    message::Refresher::Server => session_timer::Refresher::Server,
                };
                session_timer::Terms { interval, refresher }.header()
            }
            None => session_timer::wish(interval),
        });
    }
    written.extend(timer.shortest.map(session_timer::shortest_header));
    written
}
