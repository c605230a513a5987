//! Parties that wait with nobody to talk to: what their offers are answered with, and what they hear.

use call::LegId;
use rsipstack::{
    sip::{Method, StatusCode},
    transaction::transaction::Transaction,
};

use super::{
    Session,
    description::{self, Direction},
    hunt::Purpose,
    leg::Leg,
    path::MediaPath,
    sound::Source,
};
use crate::{
    message::{build, fields::Body},
    sdp::{Codec, Description},
};

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
        Some(Body { bytes: description::answered_by_sender(&mirrored.bytes), ..mirrored })
    }

    /// Whether the switch could answer an offer itself: the media would go through it, in the clear and with a codec
    /// that it speaks, or nowhere. It has no keys for what is encrypted.
    pub(super) fn can_answer(&self, offer: &Body) -> bool {
        let Ok(description) = Description::parse(&offer.bytes) else { return false };
        let mut voices =
            description.media().iter().filter(|media| media.is_audio && media.receives_at.is_some());
        let Some(voice) = voices.next() else { return true };
        let is_spoken = voice.formats.iter().any(|format| matches!(format.codec, Codec::Pcmu | Codec::Pcma));
        !voice.is_secured && (is_spoken || matches!(self.media, MediaPath::Direct))
    }

    /// The switch's own offer to a party that waits and offers nothing in its re-INVITE: the ACK brings the
    /// answer.
    fn waiting_offer(&self, id: LegId) -> Option<Body> {
        let body = self.leg(id)?.dialog()?.description().clone();
        let direction = match self.media {
            MediaPath::Direct => Direction::Neither,
            MediaPath::Anchored { .. } => Direction::Send,
        };
        body.is_sdp().then(|| Body { bytes: description::directed(&body.bytes, direction), ..body })
    }

    /// Answers the re-INVITE or UPDATE of a party that waits.
    pub(super) fn answer_waiting(&mut self, id: LegId, transaction: Transaction) {
        let is_invite = transaction.original.method == Method::Invite;
        let body = match Body::of_request(&transaction.original) {
            offer if offer.is_empty() => self.waiting_offer(id),
            offer if self.can_answer(&offer) => self.waiting_answer(id, &offer),
            _ => None,
        };
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

    /// A party that waits has answered the switch's own offer.
    pub(super) fn note_waiting_answer(&mut self, id: LegId, answer: &Body) {
        if self.describe(id, answer).is_err() {
            self.on_breakdown(id);
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
