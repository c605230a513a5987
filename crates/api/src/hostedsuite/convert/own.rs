//! What of a record is a customer's own. People, trunks and what they did inside belong to whose they are:
//! the other side of the call learns neither their names nor where they handed it to.

use call::{
    CallRecord, CustomerId,
    record::{Interaction, InteractionKind, TransferredTo},
};

/// A record in the eyes of a customer.
pub struct Own<'a> {
    /// The record.
    pub record: &'a CallRecord,
    /// The customer.
    pub customer: Option<CustomerId>,
}

impl<'a> Own<'a> {
    /// Whether a name is that of one of the customer's own. A name that no leg has is, if the whole call is.
    pub fn has(&self, name: &str) -> bool {
        let mut owners =
            self.record.legs.iter().filter(|leg| leg.endpoint.name() == name).map(|leg| leg.owner).peekable();
        match owners.peek() {
            Some(_) => owners.any(|owner| Some(owner.customer) == self.customer),
            None => self.is_whole(),
        }
    }

    /// Whether the customer's own did it.
    pub fn did(&self, interaction: &Interaction) -> bool {
        interaction.by.as_deref().map_or_else(|| self.is_whole(), |by| self.has(by))
    }

    /// Whom one of the customer's own handed the call to last.
    pub fn transferred_to(&self) -> Option<&'a TransferredTo> {
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
