//! Parties that send the call elsewhere: call forwarding by a phone (RFC 3261 section 8.1.3.4).

use call::{
    LegId, Number,
    event::{EndCause, Releaser},
    party::Owner,
};

use super::{
    Call,
    ending::{Ending, Notice},
    hunt::SentOn,
    routing::route,
};
use crate::{
    Context,
    leg::Leg,
    message::Response,
    output::{Diversion, Diverted},
    settings::Redirects,
    world::{Destination, Unroutable, Via},
};

/// How often a call may be sent on.
const MAX_REDIRECTIONS: usize = 5;

/// Where a call was sent by those who were rung for it.
#[derive(Debug, Default)]
pub(super) struct Redirections {
    numbers: Vec<Number>,
    /// Those who did so, the latest first.
    by: Vec<Diverted>,
}

impl Redirections {
    /// Whether the call was sent on at all.
    pub(super) fn has_any(&self) -> bool {
        !self.by.is_empty()
    }
}

impl Call {
    /// Follows a redirection, if that is allowed and leads anywhere; says whether it did. The one who
    /// redirects is treated as if it had called there itself.
    pub(super) fn redirect(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) -> bool {
        if !matches!(response.status.code, 300..=302) || !self.follows(id, cx) {
            return false;
        }
        let Some((number, destination)) = self.elsewhere(id, response, cx) else {
            return self.refuse_code(id, response, cx);
        };
        let Some(leg) = self.leg(id) else { return false };
        let rang = leg.called().is_some_and(|called| called.rang());
        let (by_whom, is_phone) = (self.rights(leg).0, !self.is_trunk(id));
        let diverted = Diverted { number: leg.party.number.clone(), rang };
        let (by, cause, status) = (Releaser::Party, EndCause::Transferred, response.status.clone());
        self.end_leg(id, Notice::Known, Ending { by, cause, status, reasons: response.reasons.clone() }, cx);
        let Some(hunt) = self.hunt_mut() else { return true };
        hunt.redirections.numbers.push(number.clone());
        hunt.redirections.by.insert(0, diverted);
        hunt.senders.push(by_whom.account);
        match &mut hunt.sent {
            // A routing of its own, that whoever redirects pays for.
            _ if is_phone => {
                hunt.sent = Some(SentOn { by: by_whom, sender: Some(id), to: number });
                self.count_routing();
            }
            Some(sent) => sent.to = number,
            None => hunt.instead = Some(number),
        }
        self.ring_destination(destination, cx);
        true
    }

    /// A phone sends the call to a feature code: nobody is there to be rung. Says whether it does.
    fn refuse_code(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) -> bool {
        let knows = |number: &Number| cx.settings.features.knows(number.as_str());
        let is_code = !self.is_trunk(id) && response.contacts.iter().any(knows);
        if is_code {
            let (by, cause, status) = (Releaser::Party, EndCause::NoRoute, response.status.clone());
            self.end_leg(
                id,
                Notice::Known,
                Ending { by, cause, status, reasons: response.reasons.clone() },
                cx,
            );
            self.count_failure(Unroutable::Unknown.into(), cx);
        }
        is_code
    }

    /// Whether redirections of a leg's party are followed.
    fn follows(&self, id: LegId, cx: &Context<'_>) -> bool {
        let has_hops = self.hunt().is_some_and(|hunt| hunt.is_trying_trunks());
        match cx.settings.redirects {
            Redirects::Refuse => false,
            Redirects::Phones => !self.is_trunk(id) && !has_hops,
            Redirects::Follow => self.is_trunk(id) || !has_hops,
        }
    }

    /// The first place among those that the response names where the call may go and has not been.
    fn elsewhere(&self, id: LegId, response: &Response, cx: &Context<'_>) -> Option<(Number, Destination)> {
        let (leg, hunt) = (self.leg(id)?, self.hunt()?);
        if hunt.redirections.numbers.len() >= MAX_REDIRECTIONS {
            return None;
        }
        let (owner, via) = self.rights(leg);
        let has_been = |number: &Number| {
            *number == leg.party.number
                || *number == self.setting.caller.dialed
                || hunt.redirections.numbers.contains(number)
        };
        response.contacts.iter().find_map(|number| {
            let is_new = !number.as_str().is_empty() && !has_been(number);
            let destination = is_new.then(|| route((owner, via), number, self.clock.at(cx.now), cx))?.ok()?;
            Some((number.clone(), destination))
        })
    }

    /// Whose calls count: a phone's own. What a trunk answers is a matter of who has called it.
    fn rights(&self, leg: &Leg) -> (Owner, Via) {
        let sent = self.hunt().and_then(|hunt| hunt.sent.as_ref());
        match (Via::of(&leg.party.endpoint), sent) {
            (via @ Via::Device(_), _) => (leg.party.owner, via),
            (Via::Trunk(_), Some(sent)) => {
                (sent.by, Via::Device(sent.sender.and_then(|sender| self.device_of(sender))))
            }
            (Via::Trunk(_), None) => (self.setting.caller.owner, self.setting.caller.via),
        }
    }

    /// What whoever is rung now is told of those who have sent the call on.
    pub(super) fn diversion(&self) -> Diversion {
        let here = self.hunt().map(|hunt| hunt.redirections.by.clone()).unwrap_or_default();
        let Diversion { by, received } = self.setting.diversion.clone();
        Diversion { by: [here, by].concat(), received }
    }
}
