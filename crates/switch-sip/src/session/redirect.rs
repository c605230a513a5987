//! Parties that send the call elsewhere: call forwarding by a phone (RFC 3261 section 8.1.3.4).

use std::sync::Arc;

use call::{
    LegId, Number,
    event::{EndCause, Releaser},
    party::{Endpoint, Owner},
};
use directory::{
    Snapshot,
    routing::{Destination, Unroutable, Via},
};
use rsipstack::sip::{Header, Response, headers::Diversion};

use super::{
    Session,
    ending::{Ending, Notice},
    feature::{Giver, Lead},
    hunt::SentOn,
    leg::{Leg, Progress},
};
use crate::{
    cause::Failure,
    config::Redirects,
    features::Given,
    message::{fields, uri},
};

/// How often a call may be sent on.
const MAX_REDIRECTIONS: usize = 5;

/// Where a call was sent by those who were rung for it.
#[derive(Default)]
pub(super) struct Redirections {
    numbers: Vec<Number>,
    /// The Diversion that whoever is rung now is shown, the latest first (RFC 5806).
    diversion: Option<Arc<str>>,
}

impl Session {
    /// Follows a redirection, if that is allowed and leads anywhere; says whether it did. The one who
    /// redirects is treated as if it had called there itself.
    pub(super) fn redirect(&mut self, id: LegId, response: &Response) -> bool {
        if !matches!(response.status_code.code(), 300..=302) || !self.follows(id) {
            return false;
        }
        let directory = self.core.directory.snapshot();
        let Some((number, destination)) = self.elsewhere(&directory, id, response) else {
            return self.refuse_code(id, response);
        };
        let Some(leg) = self.leg(id) else { return false };
        let rang = leg.progress == Progress::Ringing;
        let (by, is_phone) = (self.rights(leg).0, leg.party.endpoint.device().is_some());
        let diversion = diversion(leg, rang);
        let Failure { status, reason, .. } = Failure::of(response, rang);
        let ending = Ending::new(Releaser::Party, EndCause::Transferred, status).because(reason);
        self.end_leg(id, Notice::Known, ending);
        let known = self.diversion();
        let Some(hunt) = &mut self.hunt else { return true };
        hunt.redirections.numbers.push(number.clone());
        hunt.senders.push(by.account);
        match &mut hunt.sent {
            // A routing of its own, that whoever redirects pays for.
            _ if is_phone => {
                self.routings += 1;
                (hunt.routing, hunt.attempts) = (self.routings, 0);
                hunt.sent = Some(SentOn { by, sender: Some(id), to: number });
            }
            Some(sent) => sent.to = number,
            None => hunt.instead = Some(number),
        }
        hunt.redirections.diversion =
            Some(known.map_or(diversion.clone(), |known| format!("{diversion}, {known}")).into());
        self.ring_destination(&directory, destination);
        true
    }

    /// A phone sends the call to a feature code: nobody is there to be rung. Says whether it does.
    fn refuse_code(&mut self, id: LegId, response: &Response) -> bool {
        let codes = &self.core.config.features;
        let is_code =
            fields::redirect_targets(response).iter().any(|to| codes.read(&uri::user(to)).is_some());
        let is_phone = self.leg(id).is_some_and(|leg| leg.party.endpoint.device().is_some());
        if is_code && is_phone {
            let Failure { status, reason, .. } = Failure::of(response, true);
            let ending = Ending::new(Releaser::Party, EndCause::NoRoute, status).because(reason);
            self.end_leg(id, Notice::Known, ending);
            self.count_failure(Unroutable::Unknown.into());
        }
        is_code && is_phone
    }

    /// Whether redirections of a leg's party are followed.
    fn follows(&self, id: LegId) -> bool {
        let has_hops = self.is_trying_trunks();
        let is_trunk = |leg: &Leg| matches!(leg.party.endpoint, Endpoint::Trunk { .. });
        match (self.core.config.redirects, self.leg(id)) {
            (Redirects::Refuse, _) | (_, None) => false,
            (Redirects::Phones, Some(leg)) => !is_trunk(leg) && !has_hops,
            (Redirects::Follow, Some(leg)) => is_trunk(leg) || !has_hops,
        }
    }

    /// The first place among those that the response names where the call may go and has not been.
    fn elsewhere(
        &self,
        directory: &Snapshot,
        id: LegId,
        response: &Response,
    ) -> Option<(Number, Destination)> {
        let (leg, hunt) = (self.leg(id)?, self.hunt.as_ref()?);
        if hunt.redirections.numbers.len() >= MAX_REDIRECTIONS {
            return None;
        }
        let (owner, via) = self.rights(leg);
        let has_been = |number: &Number| {
            *number == leg.party.number
                || *number == self.setting.dialed
                || hunt.redirections.numbers.contains(number)
        };
        fields::redirect_targets(response).iter().find_map(|target| {
            let number = Number::from(uri::user(target));
            let is_new = !number.as_str().is_empty() && !has_been(&number);
            let giver = Giver { owner, via, given: Given::Redirected, at: self.clock.now() };
            let lead = is_new.then(|| Lead::of(&self.core, directory, giver, &number))?.ok()?;
            Some((number, lead.call().ok()?))
        })
    }

    /// Whose calls count: a phone's own. What a trunk answers is a matter of who has called it.
    fn rights(&self, leg: &Leg) -> (Owner, Via) {
        let sent = self.hunt.as_ref().and_then(|hunt| hunt.sent.as_ref());
        match (&leg.party.endpoint, sent) {
            (Endpoint::Device { .. }, _) => (leg.party.owner, Via::Device),
            (Endpoint::Trunk { .. }, Some(sent)) => (sent.by, Via::Device),
            (Endpoint::Trunk { .. }, None) => (self.setting.origination, self.setting.via),
        }
    }

    /// What whoever is rung now is told of diversions before.
    pub(super) fn diversion(&self) -> Option<Arc<str>> {
        let own = self.hunt.as_ref().and_then(|hunt| hunt.redirections.diversion.clone());
        own.or_else(|| self.setting.diversion.clone())
    }

    /// The same as headers.
    pub(super) fn diversion_header(&self) -> Option<Header> {
        self.diversion().map(|diversion| Header::Diversion(Diversion::new(&*diversion)))
    }
}

/// Who sends the call on, and why (RFC 5806 section 3).
fn diversion(leg: &Leg, rang: bool) -> String {
    let host = leg.dialog().map(|dialog| dialog.flow.host()).unwrap_or_default();
    let reason = if rang { "deflection" } else { "unconditional" };
    format!("<{}>;reason={reason}", uri::sip(leg.party.number.as_str(), host))
}
