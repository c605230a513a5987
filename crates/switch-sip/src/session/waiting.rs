//! Parties that wait with nobody to talk to: what their offers are answered with, and what they hear.

use call::LegId;
use rsipstack::{
    sip::{Method, StatusCode},
    transaction::transaction::Transaction,
};

use super::{Session, description, hunt::Purpose, leg::Leg, path::MediaPath, sound::Source};
use crate::message::{build, fields::Body};

impl Session {
    /// The switch's own answer to the offer of a party that waits: the switch takes its media, where it goes
    /// through the switch, and sends what it is to hear; else nobody sends anything. `None` if nothing is
    /// offered.
    pub(super) fn waiting_answer(&mut self, id: LegId, offer: &Body) -> Option<Body> {
        let bytes = description::waiting_answer(&offer.bytes).filter(|_| offer.is_sdp())?;
        self.describe(id, offer).ok()?;
        if matches!(self.media, MediaPath::Direct) {
            return Some(Body { bytes, ..offer.clone() });
        }
        let mirrored = self.pass(id, id, offer.clone()).ok()?;
        let direction = description::answering_direction(&offer.bytes);
        Some(Body { bytes: description::directed(&mirrored.bytes, direction), ..mirrored })
    }

    /// Answers the offer of a party that waits.
    pub(super) fn answer_waiting(&mut self, id: LegId, transaction: Transaction) {
        let is_invite = transaction.original.method == Method::Invite;
        let body = self.waiting_answer(id, &Body::of_request(&transaction.original));
        let Some(body) = body else { return self.answer(transaction, StatusCode::NotAcceptableHere) };
        let lifetime = self.live_as_asked(id, &transaction.original);
        let pending = self.hold_pending(id, transaction);
        let body = self.describe_to(id, body);
        let Some(leg) = self.leg(id) else { return };
        let Some(dialog) = leg.dialog() else { return };
        pending.respond(StatusCode::OK, &leg.tag(), |response| {
            build::make_dialog(response, &pending.request, dialog.flow.contact());
            response.headers.extend(lifetime);
            build::set_body(&mut response.headers, &mut response.body, body);
        });
        if is_invite && self.leg(id).is_some_and(|leg| leg.parked.is_some()) {
            self.entertain(id, Source::Music);
        }
    }

    /// Lets a party that is answered hear ringing while others are rung for it.
    pub(super) fn let_hear_ringing(&mut self) {
        let Some(hunt) = self.hunt.as_ref().filter(|hunt| hunt.purpose != Purpose::Retrieval) else { return };
        if let Some(partner) = hunt.partner.filter(|id| self.leg(*id).is_some_and(Leg::is_answered)) {
            self.entertain(partner, Source::Ringback);
        }
    }
}
