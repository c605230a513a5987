//! Requests of ours inside a dialog, and what headers say of parties, timers and reasons.

use b2bua::message::{self, Body, ClientTx, Notify, Offer, Prack, Reasons, SessionTimer, Shown};
use bytes::Bytes;
use call::LegId;
use rsipstack::sip::{
    Header, Method, Request, Response,
    headers::{self, Event as EventHeader, PAssertedIdentity, RAck, SubscriptionState},
};
use sip::identity::ANONYMOUS;

use super::{Engine, Event, keys::Role, line::Client, reading};
use crate::{
    dialog::Dialog,
    message::{
        extension::{self, TIMER},
        fields::{self, MAX_FORWARDS},
        name_addr::quote,
        session_timer, uri,
    },
};

/// The media type of what a NOTIFY says of a referral.
const SIPFRAG: &str = "message/sipfrag;version=2.0";
/// How long, in seconds, a referral may be told of.
const EXPIRES: u32 = 180;

impl Engine {
    pub(super) fn acknowledge(&mut self, leg: LegId, transaction: ClientTx, body: Body) {
        let body = self.give_body(leg, Role::Answer, body);
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(cseq) = line.answered.remove(&transaction) else { return };
        let body = line.dialog.describe(reading::wire(body));
        let ack = Bytes::from(line.dialog.ack(cseq, body).to_bytes());
        line.entry.mark_answered(cseq);
        line.dialog.flow.send(ack.clone());
        line.ack = Some((cseq, ack));
    }

    pub(super) fn prack(&mut self, leg: LegId, transaction: ClientTx, mut prack: Prack) {
        let is_answer = self.lines.get(&leg).is_some_and(|line| line.keying.awaits_offer);
        prack.body = self.give_body(leg, Role::after_offer(is_answer), prack.body);
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(early) = line.early.get(&prack.fork).cloned() else { return };
        let named = format!("{} {} INVITE", prack.rseq, line.dialog.invite_cseq());
        let (flow, mut request) = line.dialog.early_request(&early, Method::PRack, reading::wire(prack.body));
        request.headers.push(Header::RAck(RAck::new(named)));
        self.world.core.stack.ask(flow, request, self.heard(leg, transaction));
    }

    /// An UPDATE in an early dialog of ours.
    fn early_update(&mut self, leg: LegId, transaction: ClientTx, offer: Offer) {
        let body = reading::wire(self.give_body(leg, Role::Offer, offer.body));
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let Some(early) = line.early.get(&offer.fork).cloned() else { return };
        let (flow, update) = line.dialog.early_request(&early, Method::Update, body);
        line.clients.insert(transaction, Client::Other { is_invite: false });
        self.world.core.stack.ask(flow, update, self.heard(leg, transaction));
    }

    /// Sends a request inside a dialog.
    pub(super) fn request(&mut self, leg: LegId, transaction: ClientTx, request: message::Request) {
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let request = match request {
            message::Request::Update(offer) if !line.is_established => {
                return self.early_update(leg, transaction, offer);
            }
            message::Request::Update(offer) => message::Request::Update(self.keyed(leg, offer)),
            message::Request::Invite(offer) => {
                let offer = self.keyed(leg, offer);
                let Some(line) = self.lines.get_mut(&leg) else { return };
                line.keying.awaits_offer = offer.body.is_empty();
                message::Request::Invite(offer)
            }
            request => request,
        };
        let Some(line) = self.lines.get_mut(&leg) else { return };
        let is_farewell = matches!(request, message::Request::Bye(_));
        let dialog = &mut line.dialog;
        let wire = match request {
            message::Request::Invite(offer) => offered(dialog, Method::Invite, offer),
            message::Request::Update(offer) => offered(dialog, Method::Update, offer),
            message::Request::Bye(reasons) => {
                let mut bye = dialog.request(Method::Bye, MAX_FORWARDS, fields::Body::default());
                bye.headers.extend(reason_header(&reasons).into_iter().collect());
                bye
            }
            message::Request::Notify(notify) => notified(dialog, &notify),
            message::Request::Info(body) => dialog.request(Method::Info, MAX_FORWARDS, reading::wire(body)),
            message::Request::Message(body) => {
                dialog.request(Method::Message, MAX_FORWARDS, reading::wire(body))
            }
            message::Request::Options => {
                dialog.request(Method::Options, MAX_FORWARDS, fields::Body::default())
            }
            message::Request::Prack(_) | message::Request::Refer(_) | message::Request::Other => return,
        };
        let is_invite = wire.method == Method::Invite;
        line.clients.insert(transaction, Client::Other { is_invite });
        let flow = dialog.flow.clone();
        let (stack, heard) = (&self.world.core.stack, self.heard(leg, transaction));
        match is_farewell {
            true => stack.part(flow, wire, heard),
            false => stack.ask(flow, wire, heard),
        }
    }

    fn keyed(&mut self, leg: LegId, offer: Offer) -> Offer {
        Offer { body: self.give_body(leg, Role::Offer, offer.body), ..offer }
    }

    /// Lets what the response to a request is become an event.
    fn heard(&self, leg: LegId, transaction: ClientTx) -> impl FnOnce(Option<Response>) + Send + 'static {
        let events = self.world.events.clone();
        move |response| {
            // The driver ends with the switch only.
            let _ = events.send(Event::Exchanged { leg, transaction, response: response.map(Box::new) });
        }
    }
}

/// Who somebody is, as a name-addr at `host`: nobody, if that one is hidden.
pub(super) fn shown(who: &Shown, host: &str) -> String {
    if who.hidden.is_some() {
        return ANONYMOUS.to_owned();
    }
    really_shown(who, host)
}

/// The same for those who may know it.
pub(super) fn really_shown(who: &Shown, host: &str) -> String {
    let address = uri::sip(who.number.as_str(), host);
    match &who.name {
        Some(name) => format!("{} <{address}>", quote(name)),
        None => format!("<{address}>"),
    }
}

fn offered(dialog: &mut Dialog, method: Method, offer: Offer) -> Request {
    let hops = if offer.hops == 0 { MAX_FORWARDS } else { offer.hops };
    let asserted = offer.connected.as_ref().map(|connected| asserted(connected, dialog));
    let mut request = dialog.request(method, hops, reading::wire(offer.body));
    if offer.timer.is_known {
        request.headers.push(extension::supported(&[TIMER]));
    }
    request.headers.extend(timer_headers(&offer.timer, false));
    request.headers.extend(asserted.into_iter().collect());
    request
}

/// Tells a phone whom it is connected with (RFC 3325, RFC 4916): by From too, if it takes that.
pub(super) fn asserted(connected: &Shown, dialog: &mut Dialog) -> Header {
    let address = shown(connected, dialog.flow.host());
    dialog.rename(&address);
    Header::PAssertedIdentity(PAssertedIdentity::new(address))
}

fn notified(dialog: &mut Dialog, notify: &Notify) -> Request {
    let bytes = format!("SIP/2.0 {} {}\r\n", notify.status.code, notify.status.reason).into_bytes();
    let body = fields::Body { kind: Some(SIPFRAG.into()), bytes };
    let mut request = dialog.request(Method::Notify, MAX_FORWARDS, body);
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
