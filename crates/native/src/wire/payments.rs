//! Payments.

use schemars::JsonSchema;
use serde::Serialize;

/// A payment.
#[derive(Serialize, JsonSchema)]
pub struct PaymentWire {
    /// Its id.
    pub id: String,
    /// The account's number.
    pub account: u32,
    /// How much, in the account's currency.
    pub amount: String,
    /// What was noted.
    pub notes: Option<String>,
    /// When it was recorded (RFC 3339).
    pub created_at: String,
}
