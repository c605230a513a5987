//! How a called phone is to ring, and what it may show besides: Alert-Info and Call-Info (RFC 3261 sections 20.4
//! and 20.9), and Answer-Mode (RFC 5373).
//!
//! The phones of one account trust each other: what a caller says goes on to the phones that it has dialed.
//! Nobody else may have a phone fetch what a header names, or let somebody listen where it stands. What a caller
//! does not say, the operator's rules do; where none fits, a phone may be told where the call comes from.

use call::Number;

use super::{Call, Phase};
use crate::{
    Context,
    leg::Party,
    message::{Alerting, Origin, Shown},
    world::{Ring, RungFor},
};

impl Call {
    /// What somebody is told who is rung now, and sees `caller` calling.
    pub(super) fn alerting_for(&self, party: &Party, caller: &Shown, cx: &Context<'_>) -> Alerting {
        let Some(device) = party.endpoint.device() else { return Alerting::default() };
        let call = RungFor {
            origin: self.origin_for(party),
            caller: Some(&caller.number).filter(|_| caller.hidden.is_none()),
            dialed: self.dialed_for(),
            extension: &party.number,
        };
        let rule = cx.world.ring(device, call);
        let origin = Some(call.origin).filter(|_| rule.is_none() && cx.settings.rings_by_origin);
        let said = match self.is_dialed_inside(party) {
            true => self.setting.alerting.clone(),
            false => Alerting::default(),
        };
        let Ring { alert_info, call_info } = rule.unwrap_or_default();
        Alerting {
            origin,
            alert_info: said.alert_info.or(alert_info),
            call_info: said.call_info.or(call_info),
            ..said
        }
    }

    /// The number that has led to the party; none for the first party of a call that a program places.
    fn dialed_for(&self) -> Option<&Number> {
        let Phase::Placing { .. } = self.phase else {
            let sent = self.hunt().and_then(|hunt| hunt.sent.as_ref());
            return Some(sent.map_or(&self.setting.caller.dialed, |sent| &sent.to));
        };
        None
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
