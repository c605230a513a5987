//! Which numbers the calls of an account may go to, by the lists of its customer.

use std::collections::HashMap;

use call::{Number, party::Owner};

use crate::{
    model::{Numberlist, NumberlistAction, NumberlistId, NumberlistItem, NumberlistItemId, NumberlistMode},
    snapshot::Snapshot,
};

/// The items of all lists.
#[derive(Default)]
pub(crate) struct Items {
    /// By id.
    items: Vec<NumberlistItem>,
    /// By list, and key without `+`.
    actions: HashMap<NumberlistId, HashMap<Box<str>, Option<NumberlistAction>>>,
}

impl Items {
    /// `items` are in the order of their ids.
    pub(crate) fn new(items: Vec<NumberlistItem>) -> Self {
        let mut actions: HashMap<_, HashMap<_, _>> = HashMap::new();
        for item in &items {
            actions.entry(item.list).or_default().insert(item.key.without_plus().into(), item.action);
        }
        Self { items, actions }
    }

    fn action(&self, list: &Numberlist, number: &str) -> NumberlistAction {
        let found = self.actions.get(&list.id).and_then(|actions| match list.mode {
            NumberlistMode::Strict => actions.get(number),
            NumberlistMode::Prefix => {
                let ends = (1..=number.len()).rev().filter(|end| number.is_char_boundary(*end));
                ends.map(|end| &number[..end]).find_map(|prefix| actions.get(prefix))
            }
        });
        found.copied().flatten().unwrap_or(list.default_action)
    }
}

impl Snapshot {
    /// A list of numbers.
    pub fn numberlist(&self, id: NumberlistId) -> Option<&Numberlist> {
        self.entries().numberlists.iter().find(|list| list.id == id)
    }

    /// The items of all lists, by id.
    pub fn numberlist_items(&self) -> &[NumberlistItem] {
        &self.items.items
    }

    /// An item of a list.
    pub fn numberlist_item(&self, id: NumberlistItemId) -> Option<&NumberlistItem> {
        let items = self.numberlist_items();
        items.binary_search_by_key(&id, |item| item.id).ok().map(|at| &items[at])
    }

    /// Whether the lists that an account has let a call of it to the outside through. All must.
    pub(crate) fn lets_through(&self, origination: Owner, dialed: &Number) -> bool {
        let is_asked = |list: &&Numberlist| {
            list.customer == origination.customer
                && (list.accounts.is_empty() || list.accounts.contains(&origination.account))
        };
        let mut lists = self.entries().numberlists.iter().filter(is_asked);
        lists.all(|list| self.items.action(list, dialed.without_plus()) == NumberlistAction::Accept)
    }
}
