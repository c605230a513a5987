//! Which resources of a list a client wants to see, and in which order.

use super::{
    Query,
    filter::{self, Filter},
    page::Page,
    sort::{self, Criterion, Key},
    viewer::Viewer,
};
use crate::{
    errors::Refusal,
    resource::{Resource, value::Value},
};

/// What a request for a list says of it.
pub struct Wanted<T: Resource> {
    /// All must be passed.
    pub filters: Vec<Filter<T>>,
    /// The first decides, the next where it does not, at last the id.
    pub order: Vec<Criterion<T>>,
    /// Which page.
    pub page: Page,
    /// Neither `filter` nor `sort` was given: a page of all, in the usual order.
    pub is_plain: bool,
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
    pub fn read(query: &Query, viewer: &Viewer) -> Result<Self, Refusal> {
        let order = sort::read(query, viewer)?;
        let filters = filter::read(query, viewer)?;
        let is_plain = filters.is_empty() && query.named("sort").next().is_none();
        Ok(Self { filters, order, page: Page::read(query)?, is_plain })
    }

    /// The page that is wanted of all that the client may see.
    pub fn of(&self, all: Vec<T>) -> Found<T> {
        let mut sieve = Sieve::new(self);
        sieve.take(all);
        sieve.found()
    }

    fn keys(&self, item: &T) -> Vec<Key> {
        self.order.iter().map(|criterion| criterion.key(item)).collect()
    }
}

/// Finds a page of what comes in parts, and holds no more of it than the wanted page and those before it.
pub struct Sieve<'a, T: Resource> {
    wanted: &'a Wanted<T>,
    kept: Vec<((Vec<Key>, Value), T)>,
    total: u64,
}

impl<'a, T: Resource> Sieve<'a, T> {
    /// For this page.
    pub fn new(wanted: &'a Wanted<T>) -> Self {
        Self { wanted, kept: Vec::new(), total: 0 }
    }

    /// Takes the next part.
    pub fn take(&mut self, part: Vec<T>) {
        let wanted = self.wanted;
        let passed = part.into_iter().filter(|item| wanted.filters.iter().all(|filter| filter.passes(item)));
        let before = self.kept.len();
        self.kept.extend(passed.map(|item| ((wanted.keys(&item), T::ID.value(&item)), item)));
        self.total += (self.kept.len() - before) as u64;
        self.kept.sort_by(|(one, _), (other, _)| one.cmp(other));
        let most = wanted.page.offset().saturating_add(wanted.page.size);
        self.kept.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }

    /// The page.
    pub fn found(self) -> Found<T> {
        let items = self.kept.into_iter().map(|(_, item)| item).collect();
        Found { items: self.wanted.page.of(items), total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::attribute::Attribute;

    #[derive(Debug, PartialEq)]
    struct Thing(i64);

    impl Resource for Thing {
        const KIND: &'static str = "things";
        const ID: &'static Attribute<Self> = &Attribute::integer("id", |thing: &Self| thing.0.into());
        const ATTRIBUTES: &'static [Attribute<Self>] =
            &[Attribute::integer("rest", |thing: &Self| (thing.0 % 3).into())];
    }

    #[test]
    fn a_page_is_the_same_in_whatever_parts_the_list_comes() {
        let read = |text: &str| Wanted::<Thing>::read(&Query::parse(text), &Viewer::default()).unwrap();
        let expected = [
            ("sort=-rest&page[size]=3", vec![2, 5, 8], 20),
            ("sort=-rest&page[size]=3&page[number]=3", vec![1, 4, 7], 20),
            ("filter[id_lt]=7&page[size]=5&page[number]=2", vec![5, 6], 7),
        ];
        for (query, ids, total) in expected {
            for part in [1, 2, 7, 20] {
                let wanted = read(&query.replace('[', "%5B").replace(']', "%5D"));
                let (mut sieve, mut rest) = (Sieve::new(&wanted), (0..20).map(Thing).peekable());
                while rest.peek().is_some() {
                    sieve.take(rest.by_ref().take(part).collect());
                }
                let found = sieve.found();
                let found = (found.items.iter().map(|thing| thing.0).collect::<Vec<_>>(), found.total);
                assert_eq!(found, (ids.clone(), total), "{query} in parts of {part}");
            }
        }
    }
}
