//! Payments.

use std::sync::Arc;

use call::{AccountId, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A payment that an operator recorded: it moves the balance of its account. It never changes; a mistake is made
/// good by another of the opposite amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Its id.
    pub uuid: Uuid,
    /// Whose balance it moves.
    pub account: AccountId,
    /// How much was paid, in the account's currency; negative if it was paid back.
    pub amount: Decimal,
    /// What the operator noted.
    pub notes: Option<Arc<str>>,
    /// When it was recorded.
    pub created_at: Timestamp,
}
