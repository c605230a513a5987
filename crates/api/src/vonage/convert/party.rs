//! Which legs of a call a client means by a party.

use ::call::{
    Call, DeviceId, Leg, Number,
    event::{LegDirection, Side},
};
use directory::Snapshot;

use super::{View, dial};
use crate::vonage::{
    errors::Failure,
    wire::{Contact, ContactType},
};

/// A party of a call, as a client names it.
pub enum Party {
    /// Whoever is on one of these phones.
    Phones(Vec<DeviceId>),
    /// Whoever has this number, or was called or shown by it.
    Number(Number),
}

impl Party {
    /// Whom the member `name` of a body means, as far as the directory knows.
    pub fn read(view: View, directory: &Snapshot, name: &str, contact: &Contact) -> Result<Self, Failure> {
        let destination = &contact.destination;
        match contact.kind {
            ContactType::Device => {
                let device = dial::device(view, directory, destination);
                device.map(|device| Self::Phones(vec![device.id])).ok_or_else(|| dial::unknown(name, contact))
            }
            ContactType::Extension => {
                let extension = dial::extension(view, directory, destination);
                let phones = extension.map(|extension| Self::Phones(extension.devices.clone()));
                phones.ok_or_else(|| dial::unknown(name, contact))
            }
            ContactType::Pstn | ContactType::FeatureCode => {
                Ok(Self::Number(Number::from(destination.as_str()).without_separators()))
            }
        }
    }

    /// The first leg of a call that is this party's and is so.
    pub fn leg<'a>(&self, call: &'a Call, is_so: impl Fn(&Leg) -> bool) -> Option<&'a Leg> {
        call.legs().iter().find(|leg| is_so(leg) && self.is_on(call, leg))
    }

    fn is_on(&self, call: &Call, leg: &Leg) -> bool {
        match self {
            Self::Phones(devices) => leg.offer.endpoint.device().is_some_and(|id| devices.contains(&id)),
            Self::Number(number) => numbers(call, leg).any(|known| is_same(known, number)),
        }
    }
}

/// What the party of a leg is called by: on the leg, and on the call as a whole.
fn numbers<'a>(call: &'a Call, leg: &'a Leg) -> impl Iterator<Item = &'a Number> {
    let of_leg = match leg.offer.direction {
        LegDirection::Incoming => &leg.offer.from,
        LegDirection::Outgoing => &leg.offer.to,
    };
    let of_call = match leg.offer.side {
        Side::Origination => &call.started().caller,
        Side::Termination => &call.started().dialed,
    };
    [of_leg, of_call].into_iter()
}

fn is_same(a: &Number, b: &Number) -> bool {
    a.without_separators().without_plus() == b.without_plus()
}
