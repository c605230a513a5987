//! How a called phone is to ring, and what it may show besides: Alert-Info and Call-Info (RFC 3261 sections 20.4
//! and 20.9), and Answer-Mode (RFC 5373).
//!
//! The phones of one account trust each other: what a caller says goes on to the phones that it has dialed.
//! Nobody else may have a phone fetch what a header names, or let somebody listen where it stands.

use super::{Call, Phase};
use crate::{
    Context,
    leg::Party,
    message::{Alerting, Origin},
};

impl Call {
    /// What somebody is told who is rung now.
    pub(super) fn alerting_for(&self, party: &Party, cx: &Context<'_>) -> Alerting {
        if party.endpoint.device().is_none() {
            return Alerting::default();
        }
        let origin = cx.settings.rings_by_origin.then(|| self.origin_for(party));
        match self.is_dialed_inside(party) {
            true => Alerting { origin, ..self.setting.alerting.clone() },
            false => Alerting { origin, ..Alerting::default() },
        }
    }

    /// Where whoever the party will talk to is, as it is told (RFC 7462 section 6.1).
    fn origin_for(&self, party: &Party) -> Origin {
        let partner = self.hunt().and_then(|hunt| hunt.partner).and_then(|id| self.leg(id));
        let (endpoint, owner) = match partner {
            Some(partner) => (&partner.party.endpoint, partner.party.owner),
            None => (&self.setting.caller.endpoint, self.setting.caller.owner),
        };
        let is_inside = endpoint.device().is_some() && owner.account == party.owner.account;
        if is_inside { Origin::Internal } else { Origin::External }
    }

    /// Whether the party is of the caller's own account, and rung since the caller itself has dialed it.
    fn is_dialed_inside(&self, party: &Party) -> bool {
        let Phase::Hunting(hunt) = &self.phase else { return false };
        let caller = &self.setting.caller;
        caller.endpoint.device().is_some()
            && caller.owner.account == party.owner.account
            && hunt.partner == self.caller
            && !hunt.redirections.has_any()
    }
}
