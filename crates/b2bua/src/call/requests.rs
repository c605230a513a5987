//! What happens on a leg, by the phase that it is in.

use call::{EventKind, LegId, encryption::MediaEncryption, event::Digit};

use super::{Call, sound::STOPPED};
use crate::{
    Context,
    input::LegInput,
    leg::{
        Confirmed, Leg, Phase as LegPhase,
        negotiation::{Aim, Negotiation, Ours, Passing, Relay},
    },
    message::{Body, ClientTx, Fork, Reasons, Request, Response, ServerTx},
};

/// Early dialogs of one INVITE that are told apart.
pub(super) const MOST_FORKS: usize = 16;

/// Requests that wait until a party has acknowledged our answer.
const MOST_WAITING: usize = 16;

impl Call {
    /// Something has happened on a leg.
    pub(crate) fn on_leg(&mut self, id: LegId, event: LegInput, cx: &mut Context<'_>) {
        let Some(leg) = self.leg(id) else { return self.on_prompted(id, event, cx) };
        let is_ended = leg.is_ended();
        match event {
            LegInput::Request(tx, request) if is_ended => self.on_closing_request(id, tx, request, cx),
            LegInput::Request(tx, request) => {
                self.note_alive(id, cx);
                self.on_request(id, tx, request, cx);
            }
            LegInput::EarlyBye(tx, fork, reasons) => self.on_early_bye(id, tx, (fork, reasons), cx),
            LegInput::Response(tx, response) => self.on_response(id, tx, response, cx),
            LegInput::ConnectionLost(tx) => self.on_connection_lost(id, tx, cx),
            LegInput::Cancelled(tx, reasons) => self.on_cancelled(id, tx, reasons, cx),
            LegInput::Acknowledged(tx, _) if is_ended => self.on_closing_ack(id, tx, cx),
            LegInput::Acknowledged(tx, body) => {
                self.on_first_ack(id, tx, &body, cx);
                self.on_reinvite_ack(id, tx, &body, cx);
            }
            LegInput::NeverAcknowledged(tx) if is_ended => self.on_closing_ack(id, tx, cx),
            LegInput::NeverAcknowledged(tx) => self.on_never_acknowledged(id, tx, cx),
            LegInput::LoggedIn => self.on_logged_in(cx),
            LegInput::Secured(encryption) => self.on_secured(id, encryption, cx),
            LegInput::Key(key) => self.on_key(id, key, cx),
            LegInput::PlaybackBegun(number) => self.on_playback_begun(id, number, cx),
            LegInput::PlaybackOver(number) => self.on_playback_over(id, number, STOPPED, cx),
            LegInput::PlaybackFailed(number, why) => self.on_playback_over(id, number, why, cx),
            LegInput::RecordingBegun(number) => self.on_recording_begun(id, number, cx),
            LegInput::RecordingFailed(number) => self.on_recording_failed(id, number, cx),
        }
    }

    /// A request inside the dialog of a leg.
    fn on_request(&mut self, id: LegId, tx: ServerTx, request: Request, cx: &mut Context<'_>) {
        match request {
            Request::Invite(offer) => self.on_reinvite(id, tx, offer, cx),
            Request::Update(offer) => self.on_update(id, tx, offer, cx),
            Request::Prack(prack) => self.on_prack(id, tx, &prack, cx),
            Request::Bye(reasons) => self.on_bye_request(id, tx, reasons, cx),
            Request::Refer(refer) => self.on_refer(id, tx, refer, cx),
            Request::Info(body) => self.on_info(id, tx, body, cx),
            Request::Message(body) => self.relay(id, tx, Request::Message(body), cx),
            Request::Options => cx.respond(id, tx, Response::of(200)),
            Request::Notify(_) | Request::Other => cx.respond(id, tx, Response::of(405)),
        }
    }

    /// A BYE of a caller before the answer has the effect of a CANCEL (RFC 3261 section 15). One of a called
    /// party has overtaken its answer.
    fn on_bye_request(&mut self, id: LegId, tx: ServerTx, reasons: Reasons, cx: &mut Context<'_>) {
        cx.respond(id, tx, Response::of(200));
        let Some(leg) = self.leg_mut(id) else { return };
        match &mut leg.phase {
            LegPhase::Up(_) => self.on_bye(id, reasons, cx),
            LegPhase::Calling(_) => self.on_cancel(id, reasons, cx),
            LegPhase::Called(called) => called.hung_up.push((Fork::default(), reasons)),
            LegPhase::Closing(_) => {}
        }
    }

    /// A BYE that has overtaken its 2xx: it ends the call once that is there.
    fn on_early_bye(&mut self, id: LegId, tx: ServerTx, bye: (Fork, Reasons), cx: &mut Context<'_>) {
        cx.respond(id, tx, Response::of(200));
        match self.leg_mut(id).map(|leg| &mut leg.phase) {
            Some(LegPhase::Called(called)) if called.hung_up.len() < MOST_FORKS => called.hung_up.push(bye),
            Some(LegPhase::Up(_)) => self.on_bye(id, bye.1, cx),
            Some(LegPhase::Called(_) | LegPhase::Calling(_) | LegPhase::Closing(_)) | None => {}
        }
    }

    /// The CANCEL of a re-INVITE changes nothing: that is passed on already and takes its course.
    fn on_cancelled(&mut self, id: LegId, tx: ServerTx, reasons: Reasons, cx: &mut Context<'_>) {
        if self.leg(id).and_then(Leg::calling).is_some_and(|calling| calling.invite == tx) {
            self.on_cancel(id, reasons, cx);
        }
    }

    fn on_never_acknowledged(&mut self, id: LegId, tx: ServerTx, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let is_first = matches!(&up.confirmed, Confirmed::AwaitingAck { invite, .. } if *invite == tx);
        if is_first {
            up.confirmed = Confirmed::Yes;
        }
        if is_first || matches!(&up.negotiation, Negotiation::AwaitingAck { request, .. } if *request == tx) {
            self.on_breakdown(id, cx);
        }
    }

    /// A response to a request of ours.
    fn on_response(&mut self, id: LegId, tx: ClientTx, response: Response, cx: &mut Context<'_>) {
        let Some(leg) = self.leg(id) else { return };
        if matches!(leg.negotiation(), Some(Negotiation::Ours(ours)) if ours.request == tx) {
            return self.on_offer_response(id, response, cx);
        }
        match &leg.phase {
            LegPhase::Called(_) => self.on_called_response(id, tx, response, cx),
            LegPhase::Closing(_) => self.on_closing_response(id, tx, &response, cx),
            LegPhase::Up(_) if !response.is_provisional() => {
                self.on_keep_alive(id, tx, &response, cx);
                self.on_key_sent(id, tx, cx);
                self.on_relayed(id, tx, response, cx);
            }
            LegPhase::Up(_) | LegPhase::Calling(_) => {}
        }
    }

    /// A request of ours is lost with its connection: whoever has had it passed on may try again, else it is as if
    /// nobody had answered.
    fn on_connection_lost(&mut self, id: LegId, tx: ClientTx, cx: &mut Context<'_>) {
        let is_passed_on = self.leg(id).and_then(Leg::up).is_some_and(|up| match &up.negotiation {
            Negotiation::Ours(Ours { request, aim: Aim::PassOn { .. }, .. }) if *request == tx => true,
            _ => up.relays.iter().any(|relay| relay.sent == tx),
        });
        self.on_response(id, tx, Response::of(if is_passed_on { 500 } else { 408 }), cx);
    }

    /// Passes a request that negotiates nothing on to the other side, which answers it.
    pub(super) fn relay(&mut self, from: LegId, tx: ServerTx, request: Request, cx: &mut Context<'_>) {
        let peer = self.peer_of(from).filter(|peer| self.leg(*peer).is_some_and(Leg::is_up));
        let Some(peer) = peer else { return cx.respond(from, tx, Response::of(491)) };
        self.pass_request(peer, Passing { request, asker: Some((from, tx)) }, cx);
    }

    /// Sends a request to a party, once that has acknowledged our answer.
    fn pass_request(&mut self, to: LegId, passing: Passing, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(to).and_then(Leg::up_mut) else { return };
        match &up.confirmed {
            Confirmed::AwaitingAck { .. } if up.waiting.len() < MOST_WAITING => up.waiting.push(passing),
            Confirmed::AwaitingAck { .. } => self.put_back(passing, 491, cx),
            Confirmed::OwesAck { .. } | Confirmed::Yes => self.send_passed(to, passing, cx),
        }
    }

    fn send_passed(&mut self, to: LegId, Passing { request, asker }: Passing, cx: &mut Context<'_>) {
        let is_info = matches!(request, Request::Info(_));
        let sent = cx.request(to, request);
        if let (Some(up), Some((from, request))) = (self.leg_mut(to).and_then(Leg::up_mut), asker) {
            up.relays.push(Relay { sent, from, request, is_info });
        }
    }

    /// The party has acknowledged our answer: it is sent what waits for that.
    pub(super) fn send_waiting(&mut self, id: LegId, cx: &mut Context<'_>) {
        let up = self.leg_mut(id).and_then(Leg::up_mut);
        let waiting = up.map(|up| std::mem::take(&mut up.waiting)).unwrap_or_default();
        waiting.into_iter().for_each(|passing| self.send_passed(id, passing, cx));
    }

    /// Answers what a leg that is over still waits for, and what waits for it.
    pub(super) fn drop_waiting(&mut self, gone: LegId, cx: &mut Context<'_>) {
        let mut dropped = Vec::new();
        for leg in &mut self.legs {
            let is_gone = leg.id == gone;
            let Some(up) = leg.up_mut() else { continue };
            let is_its_own = |passing: &Passing| passing.asker.is_some_and(|(from, _)| from == gone);
            dropped.extend(up.waiting.extract_if(.., |passing| is_gone || is_its_own(passing)));
        }
        for passing in dropped {
            let code = if passing.asker.is_some_and(|(from, _)| from == gone) { 487 } else { 491 };
            self.put_back(passing, code, cx);
        }
    }

    /// What waits will not be sent.
    pub(super) fn put_back(&self, passing: Passing, code: u16, cx: &mut Context<'_>) {
        if let Some((from, request)) = passing.asker {
            cx.respond(from, request, Response::of(code));
        }
    }

    /// The other side has answered that. If it does not know the dialog any more, or is not there, its leg
    /// is over (RFC 3261 section 12.2.1.2).
    fn on_relayed(&mut self, id: LegId, tx: ClientTx, response: Response, cx: &mut Context<'_>) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let Some(at) = up.relays.iter().position(|relay| relay.sent == tx) else { return };
        let Relay { from, request, is_info, .. } = up.relays.swap_remove(at);
        let is_gone = is_lost(&response) && !is_info;
        let told = Response { body: response.body.clone(), ..told(&response, is_gone) };
        cx.respond(from, request, told);
        if is_gone {
            self.on_breakdown(id, cx);
        }
    }

    fn on_secured(&mut self, id: LegId, encryption: Option<MediaEncryption>, cx: &mut Context<'_>) {
        if self.leg(id).is_some_and(|leg| !leg.is_ended()) {
            self.tell(EventKind::LegSecured { leg: id, encryption }, cx);
        }
    }

    fn on_key(&mut self, id: LegId, key: char, cx: &mut Context<'_>) {
        if self.leg(id).is_some_and(|leg| !leg.is_ended()) {
            self.tell(EventKind::DigitReceived { leg: id, digit: Digit(key) }, cx);
        }
    }

    /// An INFO goes on to the other side, and is answered by that. A key is taken here: told of, and sent on
    /// by an INFO of ours, so that whoever acts on it does not keep its sender waiting.
    fn on_info(&mut self, id: LegId, tx: ServerTx, body: Body, cx: &mut Context<'_>) {
        let Some(key) = crate::leg::keys::key_of(&body) else {
            return self.relay(id, tx, Request::Info(body), cx);
        };
        cx.respond(id, tx, Response::of(200));
        self.on_key(id, key, cx);
        if let Some(peer) = self.talking_peer(id) {
            self.pass_request(peer, Passing { request: Request::Info(body), asker: None }, cx);
        }
    }
}

/// Whether a response says that the peer does not know the dialog any more, or is not there.
pub(super) fn is_lost(response: &Response) -> bool {
    matches!(response.status.code, 408 | 481)
}

/// What a party is told of the other side's response to what was passed on.
pub(super) fn told(response: &Response, is_gone: bool) -> Response {
    let reasons = response.reasons.clone();
    match response.status.code {
        401 | 407 => Response::of(488),
        _ if is_gone => Response::of(480),
        _ => Response { reasons, ..Response::new(response.status.clone()) },
    }
}
