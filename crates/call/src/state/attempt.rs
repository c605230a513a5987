//! Attempts to reach somebody: which legs were tried on whose behalf, and how long each of them counts.

use std::sync::Arc;

use super::{Call, Leg};
use crate::{
    event::{CallRouted, EndCause, Side},
    id::{CallId, LegId},
    party::Owner,
    time::Timestamp,
};

/// A trunk that was tried, or the phones that rang together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    /// What it was tried for.
    pub(crate) hunt: Hunt,
    /// Its place in the hunt, from 1 on.
    pub(crate) number: u32,
    /// Who has sent the call there, and pays for it.
    pub(crate) sent_by: Owner,
    /// The leg whose party has sent it there, if it is one of the call.
    pub(crate) sender: Option<LegId>,
    /// Whose trunk or phones they are.
    pub(crate) taken_by: Owner,
    /// The numbers and the rates.
    pub(crate) routed: Arc<CallRouted>,
    /// The legs. One for a trunk.
    pub(crate) legs: Vec<LegId>,
    /// Whether it left by a trunk.
    pub(crate) by_trunk: bool,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// When one of the legs answered.
    pub(crate) answered_at: Option<Timestamp>,
    /// When it was over. A phone that hands its call on does not end what was sent to its account.
    pub(crate) ended_at: Option<Timestamp>,
}

/// What somebody was sent to: attempts are made for it until one is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hunt {
    /// The call that it began in.
    pub(crate) call: CallId,
    /// Its number there; 0 for what that call itself was routed to.
    pub(crate) number: u32,
}

impl Hunt {
    /// Whether it is what a call itself was routed to.
    pub(crate) fn is_of_call(self) -> bool {
        self.number == 0
    }
}

impl Attempt {
    /// Those of a call, in the order in which they were made.
    pub(crate) fn all(call: &Call) -> Vec<Self> {
        let mut attempts: Vec<Self> = Vec::new();
        for leg in &call.legs {
            let Some(attempt) = Self::begun(call, leg, &attempts) else { continue };
            match attempts.iter_mut().find(|known| known.is_joined_by(&attempt)) {
                Some(known) => known.legs.push(leg.id),
                None => attempts.push(attempt),
            }
        }
        attempts.iter_mut().for_each(|attempt| attempt.follow(call));
        attempts
    }

    /// Whether it leaves an account, or by a trunk: what stays inside is nobody's affair but the account's.
    pub(crate) fn leaves(&self) -> bool {
        self.by_trunk || self.sent_by.account != self.taken_by.account
    }

    /// The attempt that the leg is one of, if it is one.
    fn begun(call: &Call, leg: &Leg, before: &[Self]) -> Option<Self> {
        match (&leg.offer.route, &leg.routed) {
            (Some(route), _) => {
                let hunt = Hunt { call: leg.call, number: route.hunt };
                let sent = (route.sent_by, route.sender, leg.offered_at);
                Some(Self::of(leg, hunt, route.attempt, sent, &route.routed))
            }
            (None, Some(routed)) => {
                let hunt = Hunt { call: leg.call, number: 0 };
                let number = before.iter().filter(|attempt| attempt.hunt == hunt).count() + 1;
                let begun = call.beginning_of(leg.call)?;
                let caller = call.legs.iter().find(|it| it.call == leg.call && it.is_calling());
                let started_at = if number == 1 { begun.started_at } else { leg.offered_at };
                let sent = (begun.started.origination, caller.map(|leg| leg.id), started_at);
                Some(Self::of(leg, hunt, u32::try_from(number).unwrap_or(u32::MAX), sent, routed))
            }
            (None, None) => None,
        }
    }

    fn of(
        leg: &Leg,
        hunt: Hunt,
        number: u32,
        (sent_by, sender, started_at): (Owner, Option<LegId>, Timestamp),
        routed: &Arc<CallRouted>,
    ) -> Self {
        Self {
            hunt,
            number,
            sent_by,
            sender,
            taken_by: leg.offer.owner,
            routed: routed.clone(),
            legs: vec![leg.id],
            by_trunk: leg.offer.endpoint.device().is_none(),
            started_at,
            answered_at: None,
            ended_at: None,
        }
    }

    /// Whether the phone of `other` rings together with those of this one.
    fn is_joined_by(&self, other: &Self) -> bool {
        let is_same = !self.by_trunk && !other.by_trunk && self.hunt == other.hunt;
        let is_of_call = self.hunt.is_of_call() && self.taken_by == other.taken_by;
        is_same && (is_of_call || self.number == other.number)
    }

    /// What has become of it.
    fn follow(&mut self, call: &Call) {
        let legs: Vec<_> = self.legs.iter().filter_map(|id| call.leg(*id)).collect();
        let over = call.is_over().then(|| call.timeline.until());
        let answering = legs.iter().filter(|leg| leg.has_answered()).min_by_key(|leg| leg.answered_at);
        self.answered_at = answering.and_then(|leg| leg.answered_at);
        let ended_at = match answering {
            Some(leg) if leg.has_handed_over() && !self.by_trunk => None,
            Some(leg) => leg.ended_at,
            None => legs
                .iter()
                .map(|leg| leg.ended_at)
                .max()
                .flatten()
                .filter(|_| legs.iter().all(|leg| leg.is_ended())),
        };
        let latest = ended_at.into_iter().chain(over).min();
        self.ended_at = latest.map(|at| at.max(self.answered_at.unwrap_or(self.started_at)));
    }
}

impl Leg {
    fn is_calling(&self) -> bool {
        self.offer.side == Side::Origination
    }

    fn has_handed_over(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.cause == EndCause::Transferred)
    }
}
