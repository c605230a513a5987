//! What calls cost: rate plans, and the accounts' terms.

use std::sync::Arc;

use call::{Timestamp, event::Side, rating::Rate};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::SpendingLimits;

/// The money of an account, all in one currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Billing {
    /// Its currency (ISO 4217).
    pub currency: Arc<str>,
    /// What it had before its first call.
    pub starting_balance: Decimal,
    /// The least that it is to have. Clients are told; calls are refused for it if the account is
    /// prepaid.
    pub min_balance: Decimal,
    /// The most that it is to have. Clients are told; no call is refused for it.
    pub max_balance: Decimal,
    /// The highest price per minute, without VAT, at which its calls are let through; `None` = any.
    pub max_rate: Option<Decimal>,
    /// Its balance may not fall below the least that it is to have.
    pub is_prepaid: bool,
    /// Bounds of what its calls cost.
    pub spending: SpendingLimits,
    /// Percent added to all that it pays.
    pub vat: Decimal,
    /// What its calls are marked with: rates with tags are for calls that have all of them.
    pub routing_tags: Vec<Arc<str>>,
    /// The plan that says what it pays for calls that it sends.
    pub origination_rateplan: Option<Uuid>,
    /// The plan that says what it is paid for calls that it takes.
    pub termination_rateplan: Option<Uuid>,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            currency: "USD".into(),
            starting_balance: Decimal::ZERO,
            min_balance: Decimal::ZERO,
            max_balance: Decimal::ZERO,
            max_rate: None,
            is_prepaid: false,
            spending: SpendingLimits::default(),
            vat: Decimal::ZERO,
            routing_tags: Vec::new(),
            origination_rateplan: None,
            termination_rateplan: None,
        }
    }
}

impl Billing {
    /// The plan of one side.
    pub fn rateplan(&self, side: Side) -> Option<Uuid> {
        match side {
            Side::Origination => self.origination_rateplan,
            Side::Termination => self.termination_rateplan,
        }
    }
}

/// Prices by prefix.
#[derive(Clone, Debug, PartialEq)]
pub struct RatePlan {
    /// Its id, unique; given in the file or made from the name.
    pub uuid: Uuid,
    /// Its name, unique.
    pub name: Arc<str>,
    /// Its rates, by prefix.
    pub rates: Vec<PlanRate>,
}

/// A price for numbers that begin with its prefix.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRate {
    /// Its id, unique; given in the file or made from the plan and what tells the rate from others of it.
    pub uuid: Uuid,
    /// The price. Its VAT is zero: the account's is added when a call is rated.
    pub price: Rate,
    /// Fewest digits of a number that it is for.
    pub number_min_length: u8,
    /// Most digits of a number that it is for.
    pub number_max_length: u8,
    /// Whether it counts at all.
    pub is_enabled: bool,
    /// Whether calls that it is for are refused.
    pub rejects_calls: bool,
    /// The first instant of its validity; `None` = since ever.
    pub valid_from: Option<Timestamp>,
    /// The first instant after its validity; `None` = for ever.
    pub valid_till: Option<Timestamp>,
    /// It is for calls that are marked with all of these.
    pub routing_tags: Vec<Arc<str>>,
}

impl PlanRate {
    /// Most digits of a number, if nothing is said.
    pub const MAX_LENGTH: u8 = 100;

    /// Whether it is for a number of `digits`, which begins with its prefix, at an instant, whatever its tags.
    pub fn holds(&self, digits: &str, at: Timestamp) -> bool {
        let lengths = usize::from(self.number_min_length)..=usize::from(self.number_max_length);
        let has_begun = self.valid_from.is_none_or(|from| from <= at);
        let is_over = self.valid_till.is_some_and(|till| till <= at);
        self.is_enabled && has_begun && !is_over && lengths.contains(&digits.len())
    }

    /// Whether it is for calls that are marked with `tags`.
    pub fn is_for(&self, tags: &[Arc<str>]) -> bool {
        self.routing_tags.iter().all(|tag| tags.contains(tag))
    }

    /// Which of two rates that are for the same call and have the same prefix goes first: the greater one.
    /// The one with more tags, else the one whose validity began later; ids decide in the end.
    pub(crate) fn rank(&self) -> impl Ord {
        (self.routing_tags.len(), self.valid_from, self.uuid)
    }
}
