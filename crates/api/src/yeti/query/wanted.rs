//! Which resources of a list a client wants to see, and in which order.

use jiff::tz::TimeZone;

use super::{
    Query,
    filter::{self, Filter},
    page::Page,
    sort::{self, Criterion, Key},
};
use crate::yeti::{errors::Refusal, resource::Resource};

/// What a request for a list says of it.
pub struct Wanted<T: Resource> {
    /// All must be passed.
    pub filters: Vec<Filter<T>>,
    /// The first decides, the next where it does not, at last the id.
    pub order: Vec<Criterion<T>>,
    /// Which page.
    pub page: Page,
}

/// A page of a list.
pub struct Found<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

impl<T: Resource> Wanted<T> {
    /// Reads `filter`, `sort` and `page`.
    pub fn read(query: &Query, zone: &TimeZone) -> Result<Self, Refusal> {
        let order = sort::read(query)?;
        Ok(Self { filters: filter::read(query, zone)?, order, page: Page::read(query)? })
    }

    /// The page that is wanted of all that the client may see.
    pub fn of(&self, mut all: Vec<T>) -> Found<T> {
        all.retain(|item| self.filters.iter().all(|filter| filter.passes(item)));
        all.sort_by_cached_key(|item| (self.keys(item), T::ID.value(item)));
        Found { total: all.len() as u64, items: self.page.of(all) }
    }

    fn keys(&self, item: &T) -> Vec<Key> {
        self.order.iter().map(|criterion| criterion.key(item)).collect()
    }
}
