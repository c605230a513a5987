//! Lists of numbers that calls of accounts may go to, or may not.

use std::{fmt, sync::Arc};

use call::{AccountId, CustomerId, Number};

/// The id of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberlistId(pub u32);

/// The id of an item of a list, unique over all lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberlistItemId(pub i64);

/// A list of numbers. Its items are not part of the directory file: the customer keeps them.
#[derive(Clone, PartialEq)]
pub struct Numberlist {
    /// Its id, unique; given in the file.
    pub id: NumberlistId,
    /// Its name.
    pub name: Arc<str>,
    /// Whose it is.
    pub customer: CustomerId,
    /// The accounts whose calls to the outside it is asked about; empty = all of the customer.
    pub accounts: Vec<AccountId>,
    /// How its items are compared with a number.
    pub mode: NumberlistMode,
    /// What becomes of a call whose number is in no item, or in one that does not say.
    pub default_action: NumberlistAction,
}

/// How items are compared with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberlistMode {
    /// The item is the number.
    Strict,
    /// The item is what the number begins with; the longest counts.
    Prefix,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberlistAction {
    /// It is refused.
    Reject,
    /// It goes on.
    Accept,
}

/// An item of a list.
#[derive(Clone, PartialEq)]
pub struct NumberlistItem {
    /// Its id.
    pub id: NumberlistItemId,
    /// The list that it is in.
    pub list: NumberlistId,
    /// The number, or what numbers begin with; unique in the list, with and without `+`.
    pub key: Number,
    /// What becomes of a call to it; `None` = what the list says.
    pub action: Option<NumberlistAction>,
}

impl fmt::Display for NumberlistId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
