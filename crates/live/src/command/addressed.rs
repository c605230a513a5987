//! Finding what a command is for, and whether the client may command it.

use std::{borrow::Cow, sync::Arc};

use call::{AccountId, Call, CallId, Leg, LegId, party::Endpoint, state::LegState};
use directory::Access;

use crate::{CommandError, Live};

/// A leg, as a client names it.
#[derive(Clone, Copy, Debug)]
pub struct LegAddress<'a> {
    /// What the client may see.
    pub access: &'a Access,
    /// The account that it acts for.
    pub account: AccountId,
    /// The call.
    pub call_id: CallId,
    /// The leg.
    pub leg_id: LegId,
}

impl LegAddress<'_> {
    /// Whether the client may command this leg: one of its accounts' own, or one to the network.
    fn may_command(&self, leg: &Leg) -> bool {
        let is_network = matches!(leg.offer.endpoint, Endpoint::Trunk { .. });
        is_network || self.access.allows(leg.offer.owner.account)
    }
}

impl Live {
    /// A live call that `account` has a side or a part of, as it sees it, for a client that may act for `account`.
    pub(super) fn call_of(
        &self,
        access: &Access,
        account: AccountId,
        call_id: CallId,
    ) -> Result<Arc<Call>, CommandError> {
        if !access.allows(account) {
            return Err(CommandError::Forbidden);
        }
        let snapshot = self.snapshot();
        let call = snapshot.call(account, call_id).ok_or(CommandError::NotFound)?;
        match call.seen_by(account) {
            Some(Cow::Owned(part)) => Ok(Arc::new(part)),
            Some(Cow::Borrowed(_)) => Ok(call.clone()),
            None => Err(CommandError::NotFound),
        }
    }

    /// A leg that the client may command, and its call. A leg that has ended is a conflict.
    pub(super) fn live_leg(&self, at: LegAddress<'_>) -> Result<(Arc<Call>, Leg), CommandError> {
        let call = self.call_of(at.access, at.account, at.call_id)?;
        let leg = call.leg(at.leg_id).ok_or(CommandError::NotFound)?.clone();
        match leg.state() {
            _ if !at.may_command(&leg) => Err(CommandError::Forbidden),
            LegState::Ended => Err(CommandError::Conflict("the leg has ended")),
            _ => Ok((call, leg)),
        }
    }

    /// The same, for what only an answered leg can do.
    pub(super) fn answered_leg(&self, at: LegAddress<'_>) -> Result<(Arc<Call>, Leg), CommandError> {
        match self.live_leg(at)? {
            (_, leg) if leg.is_pending() => Err(CommandError::Conflict("the leg is not answered")),
            found => Ok(found),
        }
    }

    /// The same, for what hands a call over: that is done in the name of a leg of the client's own accounts,
    /// never in that of whoever is behind a trunk. One call is handed over once at a time.
    pub(super) fn handing_leg(&self, at: LegAddress<'_>) -> Result<(Arc<Call>, Leg), CommandError> {
        let (call, leg) = self.answered_leg(at)?;
        if !at.access.allows(leg.offer.owner.account) {
            return Err(CommandError::Conflict("only a phone of the account can hand the call over"));
        }
        if call.is_transferring() {
            return Err(CommandError::Conflict("the call is being transferred already"));
        }
        Ok((call, leg))
    }
}
