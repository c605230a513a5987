//! Attended transfer: the party that a leg talks to is joined with one of another call, which becomes part
//! of this one (RFC 5589 section 7).

use std::sync::Arc;

use call::{
    AccountId, CallId, EventKind, LegId, Number,
    event::{TransferMode, TransferTarget},
};
use rsipstack::sip::StatusCode;
use switch::SwitchError;
use tokio::sync::oneshot;

use super::{
    Mailbox, Session,
    arrival::ToCall,
    handover::{Estate, Plea, Sought},
    hunt::{Hunt, Purpose},
    leg::{Leg, Progress},
    proposal::Aim,
    referral::Referral,
    transfer::{Consultation, Transfer},
};
use crate::{cause::sip_status, message::fields::Body};

/// An attended transfer whose other call was asked for.
pub(super) struct Asking {
    initiator: LegId,
    wish: Wish,
}

/// Who hears what comes of it.
pub(super) enum Wish {
    Command(oneshot::Sender<Result<(), SwitchError>>),
    /// With the number that is called if the other call is not one yet.
    Referral(Referral, Number),
    /// The other call's party comes by itself, for this.
    Visit(ToCall, AccountId),
}

/// Where the other leg is.
pub(super) struct Other {
    pub(super) leg: LegId,
    /// Whose it must be.
    pub(super) account: Option<AccountId>,
    pub(super) mailbox: Mailbox,
}

impl Session {
    /// Joins the party that leg `id` talks to with another call's.
    pub(super) fn transfer_to_leg(
        &mut self,
        id: LegId,
        (call_id, leg): (CallId, LegId),
        taken: oneshot::Sender<Result<(), SwitchError>>,
    ) {
        match self.find_other(id, call_id, leg) {
            Ok(other) => self.ask_for(other, Sought::Talking, id, Wish::Command(taken)),
            // Whoever has gone meanwhile does not need to hear it.
            Err(error) => drop(taken.send(Err(error))),
        }
    }

    fn find_other(&self, id: LegId, call_id: CallId, leg: LegId) -> Result<Other, SwitchError> {
        self.leg(id).filter(|leg| !leg.is_ended()).ok_or(SwitchError::NotFound)?;
        self.pair_at_rest(id)?;
        if call_id == self.id {
            self.leg(leg).filter(|leg| !leg.is_ended()).ok_or(SwitchError::NotFound)?;
            return Err(SwitchError::Conflict("both legs are of the same call"));
        }
        let mailbox = self.core.calls.get(call_id).ok_or(SwitchError::NotFound)?;
        Ok(Other { leg, account: None, mailbox })
    }

    /// Asks the other call to give itself up.
    pub(super) fn ask_for(&mut self, other: Other, sought: Sought, initiator: LegId, wish: Wish) {
        self.asking = Some(Asking { initiator, wish });
        let plea = Plea::new(other.leg, sought, other.account, self.mailbox.clone());
        other.mailbox.post(super::Input::Surrender(plea));
    }

    /// The other call has given itself up, or does not.
    pub(super) fn on_surrendered(&mut self, answer: Result<Box<Estate>, SwitchError>) {
        let Some(Asking { initiator, wish }) = self.asking.take() else { return };
        match (answer, wish) {
            (Ok(estate), Wish::Visit(to, account)) => self.welcome(initiator, *estate, (to, account)),
            (Ok(estate), wish) if self.is_talking(initiator) => {
                self.begin_attended(initiator, *estate, wish);
            }
            (Ok(estate), wish) => {
                estate.release();
                self.refuse_wish(initiator, wish, SwitchError::NotFound);
            }
            (Err(error), wish) => self.refuse_wish(initiator, wish, error),
        }
    }

    fn refuse_wish(&mut self, initiator: LegId, wish: Wish, error: SwitchError) {
        match wish {
            Wish::Command(taken) => drop(taken.send(Err(error))),
            // The party that was asked first still rings, say: then it is called again for the other.
            Wish::Referral(referral, number)
                if matches!(error, SwitchError::Conflict(_)) && self.is_talking(initiator) =>
            {
                self.refer_to_number(initiator, number, referral);
            }
            // It has gone.
            Wish::Visit(..) => {}
            Wish::Referral(referral, _) => {
                let status = sip_status(&StatusCode::CallTransactionDoesNotExist);
                self.notify_outcome(&referral, &status);
            }
        }
    }

    fn begin_attended(&mut self, initiator: LegId, estate: Estate, wish: Wish) {
        let (absorbed, asked) = (estate.session.id, estate.leg);
        let Some(transferred) = self.peer_of(initiator) else { return estate.release() };
        self.absorb(estate);
        if let (Wish::Referral(referral, number), true) = (&wish, self.hunt.is_some()) {
            let parts = (initiator, transferred, asked);
            return self.begin_semi_attended(parts, referral.clone(), (number.clone(), absorbed));
        }
        let referral = match wish {
            Wish::Command(taken) => {
                // Whoever has gone meanwhile does not need to hear it.
                let _ = taken.send(Ok(()));
                None
            }
            Wish::Referral(referral, _) => Some(referral),
            Wish::Visit(..) => None,
        };
        let Some((recipient, leaver)) = self.recipient_of(initiator, asked) else { return };
        let number = self.leg(recipient).map_or_else(|| Number::from(""), |leg| leg.party.number.clone());
        let name = self.leg(recipient).and_then(|leg| leg.name());
        let target = Arc::new(TransferTarget { number, name });
        self.tell(EventKind::TransferStarted { initiator, target, mode: TransferMode::Attended });
        self.tell(EventKind::CallMerged { absorbed });
        let consultation = Some(Consultation { leaver });
        let recipient_of = Some(recipient);
        self.transfer =
            Some(Transfer { initiator, transferred, recipient: recipient_of, referral, consultation });
        self.introduce(transferred, recipient);
    }

    /// Whether the party of a leg has called others with an offer, which ring.
    pub(super) fn is_calling(&self, id: LegId) -> bool {
        let is_plain = |hunt: &Hunt| hunt.purpose == Purpose::Called && !hunt.offer.is_empty();
        self.caller == Some(id)
            && self.leg(id).is_some_and(|leg| leg.is_pending() && !leg.is_called())
            && self.hunt.as_ref().is_some_and(is_plain)
            && self.transfer.is_none()
            && self.asking.is_none()
    }

    /// The initiator hands its party on while those ring whom it has called for that: they ring on for the party
    /// (RFC 5589 section 7.6).
    fn begin_semi_attended(
        &mut self,
        (initiator, transferred, leaver): (LegId, LegId, LegId),
        referral: Referral,
        (number, absorbed): (Number, CallId),
    ) {
        let directory = self.core.directory.snapshot();
        let account = self.leg(initiator).map(|leg| leg.party.owner.account);
        let extension = account.and_then(|account| directory.extension(account, &number));
        let name = extension.and_then(|extension| extension.name.clone());
        let target = Arc::new(TransferTarget { number, name });
        self.tell(EventKind::TransferStarted { initiator, target, mode: TransferMode::Attended });
        self.tell(EventKind::CallMerged { absorbed });
        let (consultation, referral) = (Some(Consultation { leaver }), Some(referral));
        self.transfer = Some(Transfer { initiator, transferred, recipient: None, referral, consultation });
        let offer = self.talking_description(transferred);
        if let Some(hunt) = &mut self.hunt {
            hunt.hand_to(Purpose::Transfer, transferred, offer);
        }
        self.let_hear_ringing();
        if self.legs.iter().any(|leg| leg.progress == Progress::Ringing) {
            self.tell_referrer(&StatusCode::Ringing);
        }
    }

    /// The party that was to be handed on has gone while others ring: they ring for who has called them.
    pub(super) fn ring_for_initiator(&mut self, leaver: LegId) {
        let offer = self.talking_description(leaver);
        self.caller = Some(leaver);
        if let Some(hunt) = &mut self.hunt {
            hunt.hand_to(Purpose::Called, leaver, offer);
        }
    }

    /// Whether a called leg knows the description of `partner`.
    pub(super) fn has_been_offered(&self, id: LegId, partner: LegId) -> bool {
        self.leg(id).is_some_and(|leg| leg.offered == Some(partner))
    }

    /// The recipient has answered whoever has called it for the transferred party.
    pub(super) fn introduce_recipient(&mut self, transferred: LegId, recipient: LegId, answer: &Body) {
        self.acknowledge(recipient, Body::default());
        if let Some(transfer) = &mut self.transfer {
            transfer.recipient = Some(recipient);
        }
        match self.describe(recipient, answer) {
            Ok(()) => self.introduce(transferred, recipient),
            Err(_) => self.on_breakdown(recipient),
        }
    }

    /// Who takes the party over, and whose leg is no longer needed then: the asked leg is the initiator's own
    /// second one, or the recipient's.
    fn recipient_of(&self, initiator: LegId, asked: LegId) -> Option<(LegId, LegId)> {
        let peer = self.peer_of(asked)?;
        let endpoint = |leg: &Leg| leg.party.endpoint.clone();
        let is_own = self.leg(initiator).map(endpoint) == self.leg(asked).map(endpoint);
        Some(if is_own { (peer, asked) } else { (asked, peer) })
    }

    /// Lets two parties that talk to others exchange their session descriptions, and joins them.
    pub(super) fn introduce(&mut self, one: LegId, other: LegId) {
        let description = self.talking_description(one);
        match self.pass(one, other, description) {
            Ok(body) => self.propose(other, body, Aim::Introduce { to: one }),
            Err(failure) => self.on_join_declined(one, &failure),
        }
    }
}
