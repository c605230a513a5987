//! Which legs of a call a client means by a party.

use ::call::{
    Call, CustomerId, DeviceId, Leg, Number,
    event::{LegDirection, Side},
    state::Foreign,
};
use directory::Snapshot;

use super::{View, dial};
use crate::{
    errors::Failure,
    wire::{Contact, ContactType},
};

/// A party of a call, as a client names it.
pub struct Party {
    customer: CustomerId,
    whom: Whom,
}

enum Whom {
    /// Whoever is on one of these phones.
    Phones(Vec<DeviceId>),
    /// Whoever has this number, or was called or shown by it.
    Number(Number),
}

impl Party {
    /// Whom the member `name` of a body means, as far as the directory knows.
    pub fn read(view: View, directory: &Snapshot, name: &str, contact: &Contact) -> Result<Self, Failure> {
        let destination = &contact.destination;
        let whom = match contact.kind {
            ContactType::Device => {
                let device = dial::device(view, directory, destination);
                device.map(|device| Whom::Phones(vec![device.id]))
            }
            ContactType::Extension => {
                let extension = dial::extension(view, directory, destination);
                extension.map(|extension| Whom::Phones(extension.devices.clone()))
            }
            ContactType::Pstn | ContactType::FeatureCode => {
                Some(Whom::Number(Number::from(destination.as_str()).without_separators()))
            }
        };
        let whom = whom.ok_or_else(|| dial::unknown(name, contact))?;
        Ok(Self { customer: view.customer, whom })
    }

    /// The first leg of a call that is this party's and is so.
    pub fn leg<'a>(&self, call: &'a Call, is_so: impl Fn(&Leg) -> bool) -> Option<&'a Leg> {
        call.legs().iter().find(|leg| is_so(leg) && self.is_on(call, leg))
    }

    fn is_on(&self, call: &Call, leg: &Leg) -> bool {
        match &self.whom {
            Whom::Phones(devices) => leg.offer.endpoint.device().is_some_and(|id| devices.contains(&id)),
            Whom::Number(number) => self.numbers(call, leg).any(|known| is_same(known, number)),
        }
    }

    /// What the party of a leg is called by: on the call as a whole, and, as far as the client may see that,
    /// on the leg.
    fn numbers<'a>(&self, call: &'a Call, leg: &'a Leg) -> impl Iterator<Item = &'a Number> {
        let of_leg = match leg.offer.direction {
            LegDirection::Incoming => &leg.offer.from,
            LegDirection::Outgoing => &leg.offer.to,
        };
        let of_call = match leg.offer.side {
            Side::Origination => call.caller(),
            Side::Termination => &call.started().dialed,
        };
        let is_hidden = Foreign::of_call(self.customer, call).hides(leg.offer.owner, leg.offer.side);
        [Some(of_call), Some(of_leg).filter(|_| !is_hidden)].into_iter().flatten()
    }
}

fn is_same(a: &Number, b: &Number) -> bool {
    a.without_separators().without_plus() == b.without_plus()
}
