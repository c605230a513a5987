//! What of a record is a customer's own. People, trunks and what they did inside belong to whose they are: the
//! other side of the call learns neither their names nor where they handed it to.

use super::{CallRecord, Interaction, InteractionKind, TransferredTo};
use crate::{
    id::{AccountId, CustomerId},
    number::Number,
};

/// A record in the eyes of the customer of one of its accounts.
#[derive(Clone, Copy)]
pub struct Own<'a> {
    record: &'a CallRecord,
    customer: Option<CustomerId>,
}

impl CallRecord {
    /// The record in the eyes of the customer of `account`. To an account that has no side of it, nothing is
    /// its own.
    pub fn own_of(&self, account: AccountId) -> Own<'_> {
        let mut sides = [Some(self.origination), self.termination].into_iter().flatten();
        let customer = sides.find(|owner| owner.account == account).map(|owner| owner.customer);
        Own { record: self, customer }
    }
}

impl<'a> Own<'a> {
    /// Whether a name is that of one of the customer's own. A name that no leg has is, if the whole call is.
    pub fn has(&self, name: &str) -> bool {
        let named = self.record.legs.iter().filter(|leg| leg.endpoint.name() == name);
        let mut owners = named.map(|leg| leg.owner).peekable();
        match owners.peek() {
            Some(_) => owners.any(|owner| Some(owner.customer) == self.customer),
            None => self.is_whole(),
        }
    }

    /// Whether the customer's own did it.
    pub fn did(&self, interaction: &Interaction) -> bool {
        interaction.by.as_deref().map_or_else(|| self.is_whole(), |by| self.has(by))
    }

    /// Who answered, if it is one of the customer's own.
    pub fn answered_by(&self) -> Option<&'a str> {
        self.record.answered_by.as_deref().filter(|name| self.has(name))
    }

    /// The number that one of the customer's own handed the call to last.
    pub fn transferred_to_number(&self) -> Option<&'a Number> {
        self.transferred_to().map(|target| &target.number)
    }

    /// Whom one of the customer's own handed the call to last, if that is one of them too.
    pub fn transferred_to_name(&self) -> Option<&'a str> {
        self.transferred_to()?.name.as_deref().filter(|name| self.has(name))
    }

    /// The text shown to whoever answered, if the called number is the customer's.
    pub fn screen_pop(&self) -> Option<&'a str> {
        let called = self.record.termination.map(|owner| owner.customer);
        self.record.screen_pop.as_deref().filter(|_| called.is_some() && called == self.customer)
    }

    fn transferred_to(&self) -> Option<&'a TransferredTo> {
        let is_attempt = |it: &&Interaction| it.kind == InteractionKind::TransferAttempted;
        let attempt = self.record.interactions.iter().rfind(is_attempt);
        let is_own = attempt.map_or_else(|| self.is_whole(), |attempt| self.did(attempt));
        self.record.transferred_to.as_ref().filter(|_| is_own)
    }

    /// Whether both sides of the call are the customer's.
    fn is_whole(&self) -> bool {
        let sides = [Some(self.record.origination), self.record.termination];
        sides.into_iter().flatten().all(|owner| Some(owner.customer) == self.customer)
    }
}
