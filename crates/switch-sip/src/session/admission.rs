//! Whether accounts and trunks have room for the call, and for how long.
//!
//! How a refusal is told, by what the field does. Too many calls in a second: 503 with Retry-After, since
//! whoever sends them shall slow down (RFC 3261 section 21.5.4). A called account that has all the calls it
//! may have: 486, which its callers hear as the busy tone that it is; a trunk that brings such a call does
//! not try another way, which would end at the same account. A trunk without room: 503, as if it had said so
//! itself (RFC 3398 section 7.2.4.1 has it for "no circuit available"), so that the next one is tried. A caller
//! whose own account is full: 503 to a trunk, which has other ways; 480 to a phone, since phones take
//! a 503 of their only server for its failure, and 486 would say that the called party is busy.

use std::time::Duration;

use call::{
    TrunkId,
    event::{EndCause, Releaser},
    party::Owner,
};
use directory::{Snapshot, routing::Via};
use rsipstack::sip::StatusCode;
use tokio::time::Instant;

use super::{Session, ending::Ending, hunt::Purpose, leg::Leg};
use crate::{
    cause::{Failure, sip_status},
    limits::{self, Admission, Full},
};

/// When a caller that was refused may try again: rates have room again within a second, and counts with the
/// next call that ends.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Session {
    /// Takes up room on the caller's side, for the whole call.
    pub(super) fn admit_caller(&mut self) -> Result<(), Failure> {
        let directory = self.core.directory.snapshot();
        let via = self.setting.via;
        let claims = limits::calling(&directory, self.setting.origination.account, via);
        let admission = self.booking.admit(&claims, self.core.clock.monotonic());
        let admission = admission.map_err(|full| match (full, via) {
            (Full::Calls, Via::Device) => limit(StatusCode::TemporarilyUnavailable),
            (Full::Calls, Via::Trunk(_)) | (Full::Rate, _) => limit(StatusCode::ServiceUnavailable),
        })?;
        self.booking.keep(admission);
        Ok(())
    }

    /// Takes up room for the parties that are to be rung now, and on the side of those who have sent the call
    /// on to them. A calling party that is rung on the API's behalf is of the account that places the call,
    /// and counted there.
    pub(super) fn admit_called(
        &mut self,
        directory: &Snapshot,
        owner: Owner,
        trunk: Option<TrunkId>,
    ) -> Result<(), Failure> {
        let Some(hunt) = &mut self.hunt else { return Ok(()) };
        hunt.admission = None;
        if hunt.purpose == Purpose::First && owner.account == self.setting.origination.account {
            return Ok(());
        }
        let senders = hunt.senders.iter().filter(|sender| **sender != owner.account);
        let sent_on = senders.flat_map(|sender| limits::calling(directory, *sender, Via::Device));
        let claims: Vec<_> = limits::called(directory, owner, trunk).into_iter().chain(sent_on).collect();
        let admission = self.booking.admit(&claims, self.core.clock.monotonic());
        hunt.admission = Some(admission.map_err(|full| match full {
            Full::Calls if trunk.is_none() => limit(StatusCode::BusyHere),
            _ => limit(StatusCode::ServiceUnavailable),
        })?);
        Ok(())
    }

    /// Has the caller's refusal say when to try again.
    pub(super) fn say_when_to_retry(&mut self) {
        if let Some(leg) = self.caller_leg().and_then(|id| self.leg_mut(id)) {
            leg.retry_after = Some(RETRY_AFTER);
        }
    }

    /// When the call will have lasted as long as it may.
    pub(super) fn length_ends(&self) -> Option<Instant> {
        let legs = self.legs.iter().filter_map(|leg: &Leg| leg.admission.as_ref());
        let longest = legs.filter_map(Admission::max_length).chain(self.booking.max_length()).min();
        Some(self.answered? + longest?)
    }

    pub(super) fn end_for_length(&mut self) {
        let status = sip_status(&StatusCode::TemporarilyUnavailable);
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Limit, status));
    }
}

fn limit(status: StatusCode) -> Failure {
    Failure::ours(status, EndCause::Limit)
}
