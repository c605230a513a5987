//! Invoices.

use schemars::JsonSchema;
use serde::Serialize;

/// An invoice.
#[derive(Serialize, JsonSchema)]
pub struct InvoiceWire {
    /// Its id.
    pub id: String,
    /// The account's number.
    pub account: u32,
    /// What the operator calls it.
    pub reference: String,
    /// What began at or after this is in it (RFC 3339).
    pub from: String,
    /// What began before this.
    pub until: String,
    /// What it comes to, in the account's currency.
    pub amount: String,
    /// How many calls and parts of calls were sent.
    pub calls: u64,
    /// How many destinations it lists.
    pub lines: usize,
    /// When it was made.
    pub created_at: String,
}
