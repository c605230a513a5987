//! Which legs of a call are another customer's affair. What a tenant's phones are called by inside, and where
//! the tenant sends calls on to, stays there.

use super::Call;
use crate::{event::Side, id::CustomerId, party::Owner, record::CallRecord};

/// The sides of a call that phones of another customer are or were on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    customer: CustomerId,
    origination: bool,
    termination: bool,
}

impl Foreign {
    /// Those of a live call, in the eyes of a customer.
    pub fn of_call(customer: CustomerId, call: &Call) -> Self {
        let phones = call.legs().iter().filter(|leg| leg.offer.endpoint.device().is_some());
        Self::of(customer, phones.map(|leg| (leg.offer.owner, leg.offer.side)))
    }

    /// Those of a call that is over.
    pub fn of_record(customer: CustomerId, record: &CallRecord) -> Self {
        let phones = record.legs.iter().filter(|leg| leg.endpoint.device().is_some());
        Self::of(customer, phones.map(|leg| (leg.owner, leg.side)))
    }

    fn of(customer: CustomerId, phones: impl Iterator<Item = (Owner, Side)>) -> Self {
        let none = Self { customer, origination: false, termination: false };
        phones.filter(|(owner, _)| owner.customer != customer).fold(none, |found, (_, side)| match side {
            Side::Origination => Self { origination: true, ..found },
            Side::Termination => Self { termination: true, ..found },
        })
    }

    /// Whether the numbers of a leg on this side are not for the customer's eyes. The network's own legs,
    /// on a side without phones of another customer, are open to all.
    pub fn hides(self, owner: Owner, side: Side) -> bool {
        let is_theirs = match side {
            Side::Origination => self.origination,
            Side::Termination => self.termination,
        };
        is_theirs && owner.customer != self.customer
    }
}
