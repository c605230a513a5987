//! REFER: a party asks for a transfer, and is told how it goes (RFC 3515).

use std::sync::Arc;

use call::{LegId, Number, event::SipStatus};
use rsipstack::{
    sip::{
        Header, Method, Request, StatusCode,
        headers::{Event, SubscriptionState},
    },
    transaction::transaction::Transaction,
};
use switch::SwitchError;

use super::{
    Session,
    attended::{Other, Wish},
    feature::{Giver, Lead},
    handover::Sought,
};
use crate::{
    cause::{Failure, sip_status},
    dialogs::Replaces,
    dispatch::answer,
    features::Given,
    message::{
        NameAddr,
        fields::{self, Body, first},
        uri,
    },
};

/// The media type of what a NOTIFY says of a referral.
const SIPFRAG: &str = "message/sipfrag;version=2.0";

/// How long, in seconds, a referral may be told of.
const EXPIRES: u32 = 180;

/// A REFER that was accepted.
#[derive(Clone)]
pub(super) struct Referral {
    leg: LegId,
    /// The number of its REFER, for all but the first of a dialog.
    id: Option<u32>,
    /// Whether the party wants to hear of it (RFC 4488).
    is_told: bool,
    /// Who refers, as it says itself (RFC 3892).
    pub(super) referred_by: Option<Arc<str>>,
}

/// Where a REFER sends the other party.
struct ReferTo {
    number: Number,
    /// The dialog that the other party shall take the place in (RFC 3891).
    replaces: Option<Replaces>,
}

impl ReferTo {
    fn of(request: &Request) -> Option<Self> {
        let (uri, headers) = uri::split_headers(NameAddr::parse(first!(request, ReferTo)?)?.uri);
        let number = uri::user(&uri::parse(uri)?).as_str().into();
        let replaces = match uri::header(headers, "Replaces") {
            Some(replaces) => Some(Replaces::parse(&replaces)?),
            None => None,
        };
        Some(Self { number, replaces })
    }
}

impl Session {
    /// A party asks to send the one that it talks to elsewhere.
    pub(super) fn on_refer(&mut self, id: LegId, transaction: Transaction) {
        let request = &transaction.original;
        let is_trunk = self.leg(id).is_some_and(|leg| leg.party.endpoint.device().is_none());
        if is_trunk && !self.core.config.refer_from_trunks {
            return self.answer(transaction, StatusCode::Forbidden);
        }
        let Some(to) = ReferTo::of(request) else {
            return self.answer(transaction, StatusCode::BadRequest);
        };
        if self.pair_at_rest(id).is_err() {
            return self.answer(transaction, StatusCode::RequestPending);
        }
        let referral = self.referral(id, request);
        let is_told = referral.is_told;
        answer(&self.core, transaction, StatusCode::Accepted, |response| {
            if !is_told {
                response.headers.push(Header::Other("Refer-Sub".to_owned(), "false".to_owned()));
            }
        });
        self.notify(&referral, &sip_status(&StatusCode::Trying), &format!("active;expires={EXPIRES}"));
        self.refer(id, to, referral);
    }

    fn referral(&mut self, leg: LegId, request: &Request) -> Referral {
        let cseq = fields::cseq(request).map(|(number, _)| number);
        let is_first = self.leg_mut(leg).is_some_and(|leg| !std::mem::replace(&mut leg.has_referred, true));
        let wish = fields::other(request, "Refer-Sub");
        Referral {
            leg,
            id: cseq.filter(|_| !is_first),
            is_told: !wish.is_some_and(|wish| wish.trim().to_ascii_lowercase().starts_with("false")),
            referred_by: first!(request, ReferredBy).map(Arc::from),
        }
    }

    fn refer(&mut self, id: LegId, to: ReferTo, referral: Referral) {
        let Some(replaces) = to.replaces else { return self.refer_to_number(id, to.number, referral) };
        let account = self.leg(id).map(|leg| leg.party.owner.account);
        match self.core.dialogs.of_replaces(&replaces) {
            Some(entry) => {
                let other = Other { leg: entry.leg, account, mailbox: entry.mailbox.clone() };
                self.ask_for(other, Sought::Consulting, id, Wish::Referral(referral, to.number));
            }
            None => {
                let status = sip_status(&StatusCode::CallTransactionDoesNotExist);
                self.notify_outcome(&referral, &status);
            }
        }
    }

    /// Sends the party that leg `id` talks to on to a number.
    pub(super) fn refer_to_number(&mut self, id: LegId, number: Number, referral: Referral) {
        let Some(leg) = self.leg(id) else { return };
        let directory = self.core.directory.snapshot();
        let (owner, via, at) = (leg.party.owner, Self::via_of(leg), self.clock.now());
        let giver = Giver { owner, via, given: Given::Transferred, at };
        match Lead::of(&self.core, &directory, giver, &number) {
            Ok(Lead::Feature(feature)) => {
                if self.park(id, feature.slot(), Some(&referral)).is_err() {
                    self.notify_outcome(&referral, &sip_status(&StatusCode::BusyHere));
                }
            }
            Ok(Lead::Call(destination)) => {
                // Whether it can be done was asked before.
                let _: Result<(), SwitchError> = self.transfer_to(id, number, destination, Some(referral));
            }
            Err(why) => self.notify_outcome(&referral, &Failure::from(why).status),
        }
    }

    /// The target of the transfer rings.
    pub(super) fn tell_referrer(&mut self, status: &StatusCode) {
        if let Some(referral) = self.transfer.as_mut().and_then(|transfer| transfer.referral.take()) {
            self.notify(&referral, &sip_status(status), &format!("active;expires={EXPIRES}"));
            if let Some(transfer) = &mut self.transfer {
                transfer.referral = Some(referral);
            }
        }
    }

    /// The referral has come to its end.
    pub(super) fn notify_outcome(&mut self, referral: &Referral, status: &SipStatus) {
        self.notify(referral, status, "terminated;reason=noresource");
    }

    fn notify(&mut self, referral: &Referral, status: &SipStatus, state: &str) {
        let stack = self.core.stack.clone();
        let Some(leg) = self.leg_mut(referral.leg).filter(|leg| referral.is_told && !leg.is_ended()) else {
            return;
        };
        let Some(dialog) = leg.dialog_mut() else { return };
        let bytes = format!("SIP/2.0 {} {}\r\n", status.code, status.reason).into_bytes();
        let mut notify = dialog.request(Method::Notify, 70, Body { kind: Some(SIPFRAG.into()), bytes });
        let event = referral.id.map_or("refer".to_owned(), |id| format!("refer;id={id}"));
        notify.headers.push(Header::Event(Event::new(event)));
        notify.headers.push(Header::SubscriptionState(SubscriptionState::new(state)));
        stack.send(dialog.flow.clone(), notify);
    }
}
