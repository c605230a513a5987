//! Dialogs of legs that are over, until they are closed on both sides (RFC 3261 section 15, RFC 5407).

use std::time::Duration;

use call::{LegId, event::SipStatus};

use super::{Call, ending::Notice};
use crate::{
    Context,
    leg::{
        Calling, Confirmed, Leg, Phase as LegPhase, Up,
        closing::{Closing, Stage},
        negotiation::{Method, Negotiation, Ours},
    },
    message::{Body, ClientTx, Reasons, Request, Response, ServerTx},
    output::Output,
};

impl Call {
    /// Begins to close the dialog of a leg.
    pub(super) fn close(
        &mut self,
        id: LegId,
        notice: Notice,
        (status, reasons): (&SipStatus, Reasons),
        retry_after: Option<Duration>,
        cx: &mut Context<'_>,
    ) {
        let timing = cx.timing();
        let Some(leg) = self.leg_mut(id) else { return };
        let gone = LegPhase::Closing(Closing::new(Stage::Gone, timing));
        let stage = match (std::mem::replace(&mut leg.phase, gone), notice) {
            (LegPhase::Calling(Calling { invite, mut responses, .. }), _) => {
                let refusal = Response { reasons, retry_after, ..Response::new(status.clone()) };
                responses.send(refusal.clone(), false, timing);
                cx.respond(id, invite, refusal);
                if responses.is_unheard() { Stage::Refused { invite, responses } } else { Stage::Gone }
            }
            (LegPhase::Called(called), Notice::Tell) => {
                let invite = called.invite;
                cx.push(Output::Cancel { leg: id, transaction: invite, reasons: reasons.clone() });
                Stage::Cancelling { invite, reasons }
            }
            (LegPhase::Called(_), Notice::Known) => Stage::Gone,
            (LegPhase::Up(up), Notice::Tell) => hang_up(id, *up, (status, reasons), cx),
            (LegPhase::Up(up), Notice::Known) => conclude(id, *up, cx),
            (LegPhase::Closing(closing), _) => closing.stage,
        };
        if let Some(leg) = self.leg_mut(id) {
            leg.phase = LegPhase::Closing(Closing::new(stage, timing));
        }
    }

    /// What happens to a leg whose dialog is being closed.
    pub(super) fn on_closing_response(
        &mut self,
        id: LegId,
        tx: ClientTx,
        response: &Response,
        cx: &mut Context<'_>,
    ) {
        if response.is_provisional() {
            return;
        }
        let timing = cx.timing();
        let Some(Leg { phase: LegPhase::Closing(closing), .. }) = self.leg_mut(id) else { return };
        match &mut closing.stage {
            Stage::Cancelling { invite, reasons } if *invite == tx => {
                let reasons = std::mem::take(reasons);
                let stage = match response.is_success() {
                    // It has crossed the CANCEL (RFC 3261 section 9.1).
                    true => {
                        acknowledge(id, tx, cx);
                        Stage::Bye { bye: cx.request(id, Request::Bye(reasons)), reinvite: None }
                    }
                    false => Stage::Gone,
                };
                *closing = Closing::new(stage, timing);
            }
            Stage::AwaitingAnswer { reinvite, reasons } if *reinvite == tx => {
                let reasons = std::mem::take(reasons);
                if response.is_success() {
                    acknowledge(id, tx, cx);
                }
                let bye = cx.request(id, Request::Bye(reasons));
                *closing = Closing::new(Stage::Bye { bye, reinvite: None }, timing);
            }
            Stage::Bye { bye, reinvite } if *bye == tx => {
                closing.stage = reinvite.map_or(Stage::Gone, |reinvite| Stage::Concluding { reinvite });
            }
            Stage::Bye { reinvite, .. } if *reinvite == Some(tx) => {
                *reinvite = None;
                if response.is_success() {
                    acknowledge(id, tx, cx);
                }
            }
            Stage::Concluding { reinvite } if *reinvite == tx => {
                closing.stage = Stage::Gone;
                if response.is_success() {
                    acknowledge(id, tx, cx);
                }
            }
            Stage::AwaitingAck { .. }
            | Stage::AwaitingAnswer { .. }
            | Stage::Refused { .. }
            | Stage::Cancelling { .. }
            | Stage::Bye { .. }
            | Stage::Concluding { .. }
            | Stage::Gone => {}
        }
    }

    /// A request of a leg's party while its dialog is being closed.
    pub(super) fn on_closing_request(
        &mut self,
        id: LegId,
        tx: ServerTx,
        request: Request,
        cx: &mut Context<'_>,
    ) {
        let timing = cx.timing();
        let Some(Leg { phase: LegPhase::Closing(closing), .. }) = self.leg_mut(id) else { return };
        match (request, &mut closing.stage) {
            // Both have hung up (RFC 5407 section 3.2.1).
            (Request::Bye(_), Stage::AwaitingAck { .. }) => {
                closing.stage = Stage::Gone;
                cx.respond(id, tx, Response::of(200));
            }
            (Request::Bye(_), Stage::AwaitingAnswer { reinvite, .. }) => {
                closing.stage = Stage::Concluding { reinvite: *reinvite };
                cx.respond(id, tx, Response::of(200));
            }
            (Request::Bye(_), Stage::Refused { .. }) => cx.respond(id, tx, Response::of(481)),
            (Request::Bye(_), _) => cx.respond(id, tx, Response::of(200)),
            (
                Request::Prack(prack),
                Stage::AwaitingAck { invite, responses, .. } | Stage::Refused { invite, responses },
            ) => {
                let is_meant = prack.invite == Some(*invite);
                let is_heard = is_meant && responses.acknowledge(prack.rseq, timing).is_some();
                cx.respond(id, tx, Response::of(if is_heard { 200 } else { 481 }));
            }
            (_, _) => cx.respond(id, tx, Response::of(481)),
        }
    }

    /// The party knows of the dialog now, or will never: BYE may go.
    pub(super) fn on_closing_ack(&mut self, id: LegId, tx: ServerTx, cx: &mut Context<'_>) {
        let timing = cx.timing();
        let Some(Leg { phase: LegPhase::Closing(closing), .. }) = self.leg_mut(id) else { return };
        if let Stage::AwaitingAck { invite, reasons, .. } = &mut closing.stage
            && *invite == tx
        {
            let reasons = std::mem::take(reasons);
            let bye = cx.request(id, Request::Bye(reasons));
            *closing = Closing::new(Stage::Bye { bye, reinvite: None }, timing);
        }
    }

    /// What was awaited has not come.
    pub(super) fn give_up_closing(&mut self, id: LegId, cx: &mut Context<'_>) {
        let timing = cx.timing();
        let Some(Leg { phase: LegPhase::Closing(closing), .. }) = self.leg_mut(id) else { return };
        let (reasons, reinvite) = match &mut closing.stage {
            Stage::AwaitingAck { reasons, .. } => (std::mem::take(reasons), None),
            Stage::AwaitingAnswer { reasons, reinvite } => (std::mem::take(reasons), Some(*reinvite)),
            Stage::Refused { .. }
            | Stage::Cancelling { .. }
            | Stage::Bye { .. }
            | Stage::Concluding { .. }
            | Stage::Gone => {
                closing.stage = Stage::Gone;
                return;
            }
        };
        let bye = cx.request(id, Request::Bye(reasons));
        *closing = Closing::new(Stage::Bye { bye, reinvite }, timing);
    }

    /// Forgets the legs whose dialogs are closed.
    pub(super) fn forget_closed(&mut self, cx: &mut Context<'_>) {
        let is_gone = |leg: &Leg| matches!(&leg.phase, LegPhase::Closing(closing) if closing.is_gone());
        for leg in self.legs.iter().filter(|leg| is_gone(leg)) {
            cx.push(Output::Forget { leg: leg.id });
        }
        self.legs.retain(|leg| !is_gone(leg));
    }
}

/// Parts from a party that does not know yet.
fn hang_up(id: LegId, up: Up, (status, reasons): (&SipStatus, Reasons), cx: &mut Context<'_>) -> Stage {
    match up.confirmed {
        // Our 2xx still waited for a PRACK: the INVITE is not answered on the wire.
        Confirmed::AwaitingAck { invite, responses, .. } if !responses.is_final() => {
            cx.respond(id, invite, Response { reasons, ..Response::new(status.clone()) });
            return Stage::Gone;
        }
        Confirmed::AwaitingAck { invite, responses, .. } => {
            return Stage::AwaitingAck { invite, responses, reasons };
        }
        Confirmed::OwesAck { invite } => acknowledge(id, invite, cx),
        Confirmed::Yes => {}
    }
    match open_reinvite(id, &up.negotiation, cx) {
        Some(reinvite) => Stage::AwaitingAnswer { reinvite, reasons },
        None => Stage::Bye { bye: cx.request(id, Request::Bye(reasons)), reinvite: None },
    }
}

/// Closes the dialog of a party that has hung up.
fn conclude(id: LegId, up: Up, cx: &mut Context<'_>) -> Stage {
    match up.confirmed {
        Confirmed::AwaitingAck { invite, responses, .. } if !responses.is_final() => {
            cx.respond(id, invite, Response::of(487));
        }
        Confirmed::OwesAck { invite } => acknowledge(id, invite, cx),
        Confirmed::AwaitingAck { .. } | Confirmed::Yes => {}
    }
    open_reinvite(id, &up.negotiation, cx).map_or(Stage::Gone, |reinvite| Stage::Concluding { reinvite })
}

/// A re-INVITE of ours that may still be answered; one that is answered is acknowledged now.
fn open_reinvite(id: LegId, negotiation: &Negotiation, cx: &mut Context<'_>) -> Option<ClientTx> {
    match negotiation {
        Negotiation::Ours(Ours { request, method: Method::Invite, .. }) => Some(*request),
        Negotiation::OwesAck { invite } => {
            acknowledge(id, *invite, cx);
            None
        }
        Negotiation::Ours(Ours { method: Method::Update, .. })
        | Negotiation::Theirs(_)
        | Negotiation::AwaitingAck { .. }
        | Negotiation::Idle => None,
    }
}

fn acknowledge(leg: LegId, transaction: ClientTx, cx: &mut Context<'_>) {
    cx.push(Output::Ack { leg, transaction, body: Body::Empty });
}
