//! `accounts` (contract yeti.md, 6.8). What the directory does not keep is `null`.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// Attributes of an account.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AccountWire {
    /// Its name.
    pub name: String,
    /// What it has.
    pub balance: Option<DecimalWire>,
    /// The least that it must have.
    pub min_balance: Option<DecimalWire>,
    /// The most that it can have.
    pub max_balance: Option<DecimalWire>,
    /// The highest price per minute that it calls at.
    pub destination_rate_limit: Option<DecimalWire>,
    /// How many calls it can send at once.
    pub origination_capacity: Option<u32>,
    /// How many calls it can take at once.
    pub termination_capacity: Option<u32>,
    /// How many calls it can have at once.
    pub total_capacity: Option<u32>,
    /// Its currency.
    pub currency: Option<String>,
}

/// A decimal number as text: trailing zeros trimmed, but at least one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalWire(pub Decimal);

impl Serialize for DecimalWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut number = self.0.normalize();
        if number.scale() == 0 {
            number.rescale(1);
        }
        serializer.collect_str(&number)
    }
}
