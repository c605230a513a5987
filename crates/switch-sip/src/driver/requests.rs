//! Requests of parties inside a dialog, as the machine sees them.

use b2bua::{
    Input, LegInput,
    message::{self, Fork, Offer, Prack, Reasons, ServerTx},
};
use call::LegId;
use rsipstack::sip::{HasHeaders, Method, Request, StatusCode};
use sip::identity::Side;

use super::{Engine, keys::Role, line::Server, reading};
use crate::{
    dialogs,
    dispatch::answer,
    identity::Identity,
    keying::Unmet,
    message::fields,
    refusal::Refusal,
    stack::{Attendant, Followup, Incoming},
};

impl Engine {
    /// Takes over the transaction of an INVITE.
    pub(super) fn take_over(&self, leg: LegId, number: ServerTx, incoming: Incoming) -> Server {
        let cseq = fields::cseq(&*incoming.request).map_or(0, |(number, _)| number);
        self.world.core.stack.attend(&incoming, Attendant { leg, transaction: number });
        Server::Invite { incoming, cseq }
    }

    pub(super) fn on_followup(&mut self, leg: LegId, transaction: ServerTx, followup: Followup) {
        let event = match followup {
            Followup::Cancelled(reason) => {
                let reasons = Reasons(reason.map(|reason| reason.text().clone()));
                LegInput::Cancelled(transaction, reasons)
            }
            Followup::Acknowledged(body) => {
                let answer = self.take_or_drop(leg, Role::Answer, reading::body(body));
                LegInput::Acknowledged(transaction, answer)
            }
            Followup::Lost => LegInput::NeverAcknowledged(transaction),
        };
        if !matches!(event, LegInput::Cancelled(..)) {
            self.close_invite(leg, transaction);
        }
        self.handle(Input::Leg { leg, event });
    }

    /// Nothing more is sent for an INVITE of a party. A PRACK may still name the one that began the leg.
    pub(super) fn close_invite(&mut self, leg: LegId, transaction: ServerTx) {
        if let Some(line) = self.lines.get_mut(&leg).filter(|line| line.first != Some(transaction)) {
            line.servers.remove(&transaction);
        }
    }

    /// A request inside a dialog.
    pub(super) fn on_request(&mut self, leg: LegId, incoming: Incoming) {
        let request = &*incoming.request;
        let number = ServerTx(self.next());
        let line = self.lines.get_mut(&leg).filter(|line| line.dialog.is_with(request));
        let Some(line) = line else {
            return answer(&self.world.core, incoming, StatusCode::CallTransactionDoesNotExist, |_| {});
        };
        let cseq = fields::cseq(request).map_or(0, |(number, _)| number);
        let is_early = !line.is_established;
        if !is_early && !line.dialog.accept(cseq) {
            return answer(&self.world.core, incoming, StatusCode::ServerInternalError, |_| {});
        }
        if matches!(request.method, Method::Invite | Method::Update) && !is_early {
            line.dialog.retarget(fields::contact(request));
            line.dialog.follow(incoming.flow.clone());
            self.world.hosts.insert(leg, line.dialog.flow.peer.ip());
        }
        let event = match self.read(leg, number, is_early, request) {
            Ok(event) => event,
            Err(refusal) => return refusal.send(&self.world.core, incoming),
        };
        let server = match request.method {
            Method::Invite => self.take_over(leg, number, incoming),
            _ => Server::Other(incoming),
        };
        if let Some(line) = self.lines.get_mut(&leg) {
            line.servers.insert(number, server);
        }
        self.handle(Input::Leg { leg, event });
    }

    fn offer(&mut self, leg: LegId, request: &Request, fork: Fork) -> Result<Offer, Unmet> {
        let speaker = self.speaker(leg, request).map(|speaker| speaker.hidden_by(request));
        let read = reading::offer(request, fork);
        let body = self.take_body(leg, Role::Offer, read.body)?;
        Ok(Offer { body, connected: speaker.and_then(Identity::shown), ..read })
    }

    /// Whom a trunk speaks for, as it says where it is trusted.
    pub(super) fn speaker(&self, leg: LegId, message: &impl HasHeaders) -> Option<Identity> {
        let line = self.lines.get(&leg)?;
        let trunk = line.trunk?;
        let side = if line.first.is_some() { Side::Calling } else { Side::Called };
        Some(Identity::of_trunk(self.world.core.directory.snapshot().trunk(trunk)?, message, side))
    }

    fn read(
        &mut self,
        leg: LegId,
        number: ServerTx,
        is_early: bool,
        request: &Request,
    ) -> Result<LegInput, Refusal> {
        let body = || reading::body(fields::Body::of_request(request));
        let fork = self.lines.get_mut(&leg).filter(|_| is_early).map_or(Fork::default(), |line| {
            line.fork(fields::from(request).and_then(|from| from.param("tag")).unwrap_or_default())
        });
        let read = match request.method {
            Method::Bye if is_early => {
                return Ok(LegInput::EarlyBye(number, fork, reading::reasons(request)));
            }
            Method::Bye => message::Request::Bye(reading::reasons(request)),
            Method::Invite => message::Request::Invite(self.offer(leg, request, fork)?),
            Method::Update => message::Request::Update(self.offer(leg, request, fork)?),
            Method::PRack => {
                let (rseq, cseq) = reading::rack(request).ok_or(StatusCode::CallTransactionDoesNotExist)?;
                let invite = self.lines.get(&leg).and_then(|line| line.invite_numbered(cseq));
                let body = self.take_body(leg, self.role_of_prack(leg, invite), body())?;
                message::Request::Prack(Prack { rseq, invite, fork: Fork::default(), body })
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
}
