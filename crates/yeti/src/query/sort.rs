//! `sort=a,-b`.

use std::cmp::Reverse;

use super::{Query, filter::underscored, viewer::Viewer};
use crate::{
    errors::Refusal,
    resource::{Resource, attribute::Attribute, value::Value},
};

/// One criterion of an order.
pub struct Criterion<T: 'static> {
    /// The attribute.
    pub attribute: &'static Attribute<T>,
    /// Greatest first.
    pub descending: bool,
}

/// What a resource is ordered by. Those of one criterion are in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Least first.
    Ascending(Value),
    /// Greatest first.
    Descending(Reverse<Value>),
}

/// The order that a request asks for, else the resource's own. Ties are for the id to break.
pub fn read<T: Resource>(query: &Query, viewer: &Viewer) -> Result<Vec<Criterion<T>>, Refusal> {
    let criteria = |names: &str| -> Result<Vec<_>, _> {
        names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| Criterion::read(name, viewer))
            .collect()
    };
    let asked = criteria(query.value("sort").unwrap_or_default())?;
    if asked.is_empty() { criteria(T::DEFAULT_SORT) } else { Ok(asked) }
}

impl<T: Resource> Criterion<T> {
    fn read(name: &str, viewer: &Viewer) -> Result<Self, Refusal> {
        let (descending, name) = match name.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let name = underscored(name);
        let known = std::iter::once(T::ID).chain(T::ATTRIBUTES.iter().filter(|known| known.is_sortable));
        let mut seen = known.filter(|attribute| !viewer.hides(T::KIND, attribute.name));
        let found = seen.find(|attribute| underscored(attribute.name) == name);
        found.map(|attribute| Self { attribute, descending }).ok_or_else(|| {
            let detail = format!("{name} is not a valid sort criteria for {}", T::KIND);
            Refusal::invalid(114, "Invalid sort criteria", detail)
        })
    }

    /// What a resource is ordered by.
    pub fn key(&self, of: &T) -> Key {
        let value = self.attribute.value(of);
        if self.descending { Key::Descending(Reverse(value)) } else { Key::Ascending(value) }
    }
}
