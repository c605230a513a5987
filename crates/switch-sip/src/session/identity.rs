//! Who is shown to a party: as the caller of an INVITE, and as whom it is connected with once that has changed
//! (RFC 3325 section 9.1, RFC 4916). Number and name are always those of the same party.

use std::sync::Arc;

use call::{AccountId, LegId, Number, party::Endpoint};
use directory::model::TrunkIdentity;
use rsipstack::sip::{Header, headers::PAssertedIdentity};
use sip::{identity::ANONYMOUS, param::quote};

use super::{
    Session,
    hunt::Purpose,
    leg::{Leg, Party},
};
use crate::{
    identity::{Identity, told},
    message::uri,
    session::leg::Line,
};

/// Who is shown.
pub(super) struct Shown {
    pub(super) number: Number,
    name: Option<Arc<str>>,
    /// What `Privacy` asks for, if it is not to be seen.
    hidden: Option<Arc<str>>,
}

impl Shown {
    /// As a name-addr at `host`, without parameters.
    pub(super) fn at(&self, host: &str) -> String {
        if self.hidden.is_some() {
            return ANONYMOUS.to_owned();
        }
        self.really_at(host)
    }

    /// The same for those who may know it.
    fn really_at(&self, host: &str) -> String {
        let address = uri::sip(self.number.as_str(), host);
        match &self.name {
            Some(name) => format!("{} <{address}>", quote(name)),
            None => format!("<{address}>"),
        }
    }

    /// The headers that tell it to a trunk that is trusted so.
    pub(super) fn asserted(&self, trust: TrunkIdentity, host: &str) -> Vec<Header> {
        told(&self.really_at(host), self.hidden.as_deref(), trust)
    }
}

impl Session {
    /// Who a party of `viewer` is shown that is rung: whom it will talk to, or for the first party of a call that
    /// the API places, the number that will be dialed.
    pub(super) fn shown_to(&self, purpose: Purpose, partner: Option<LegId>, viewer: AccountId) -> Shown {
        match (purpose, partner.and_then(|id| self.leg(id))) {
            (Purpose::First, _) => Shown { number: self.setting.dialed.clone(), name: None, hidden: None },
            (Purpose::Transfer | Purpose::Retrieval, Some(partner)) => self.shown_of(partner, viewer),
            (Purpose::Called, _) | (Purpose::Transfer | Purpose::Retrieval, None) => {
                self.shown_caller(viewer)
            }
        }
    }

    fn shown_caller(&self, viewer: AccountId) -> Shown {
        let number = self.shown(viewer == self.setting.origination.account);
        Shown { number, name: self.setting.caller_name.clone(), hidden: self.setting.identity.hidden.clone() }
    }

    /// The party of a leg: as the directory knows a phone, as it came or was called any other.
    fn shown_of(&self, leg: &Leg, viewer: AccountId) -> Shown {
        if Some(leg.id) == self.caller {
            return self.shown_caller(viewer);
        }
        let Party { owner, endpoint, number, name } = &leg.party;
        let directory = self.core.directory.snapshot();
        let device = endpoint.device().and_then(|id| directory.device(id));
        let known = device.map(|device| Identity::of_device(&directory, device)).unwrap_or_default();
        let own = if owner.account == viewer { known.inside } else { known.outside };
        Shown {
            number: own.unwrap_or_else(|| number.clone()),
            name: known.name.or_else(|| name.clone()),
            hidden: None,
        }
    }

    /// Says in a request to the phone of leg `id` that it is connected with leg `with` now. Trunks are told nothing
    /// that they have not asked for.
    pub(super) fn connected(&mut self, id: LegId, with: LegId) -> Option<Header> {
        let Endpoint::Device { .. } = self.leg(id)?.party.endpoint else { return None };
        let shown = self.shown_of(self.leg(with)?, self.leg(id)?.party.owner.account);
        let dialog = self.leg_mut(id)?.dialog_mut()?;
        let address = shown.at(dialog.flow.host());
        dialog.rename(&address);
        Some(Header::PAssertedIdentity(PAssertedIdentity::new(address)))
    }

    /// The same in the answer to the phone's INVITE, if it has reached another phone than it has called.
    pub(super) fn connected_otherwise(&mut self, id: LegId, with: LegId) -> Option<Header> {
        let (leg, other) = (self.leg(id)?, self.leg(with)?);
        let Line::Incoming(invite) = &leg.line else { return None };
        let are_phones = [leg, other].iter().all(|leg| leg.party.endpoint.device().is_some());
        let dialed = uri::requested_user(&invite.request.uri);
        let is_other =
            are_phones && *dialed != *self.shown_of(other, leg.party.owner.account).number.as_str();
        if is_other { self.connected(id, with) } else { None }
    }
}
