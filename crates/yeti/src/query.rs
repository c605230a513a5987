//! Query strings with brackets, as in `filter[status_eq]=Completed&page[number]=2` (contract yeti.md,
//! sections 4 and 5).

pub mod filter;
pub mod page;
pub mod selection;
pub mod sort;
pub mod viewer;
pub mod wanted;

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

/// The parameters of a request, decoded, in the order in which they were sent.
#[derive(Clone, Default)]
pub struct Query(Vec<Parameter>);

/// One parameter.
#[derive(Clone)]
pub struct Parameter {
    /// The name before the first bracket.
    pub name: String,
    /// What the brackets hold; a list is one empty key.
    pub keys: Vec<String>,
    /// The value.
    pub value: String,
}

impl Parameter {
    fn new(name: &str, value: String) -> Self {
        let (name, rest) = match name.split_once('[') {
            Some((before, rest)) if !before.is_empty() && rest.ends_with(']') => (before, Some(rest)),
            _ => (name, None),
        };
        let inner = rest.map(|rest| &rest[..rest.len() - 1]);
        let keys = inner.into_iter().flat_map(|inner| inner.split("][")).map(str::to_owned);
        Self { name: name.to_owned(), keys: keys.collect(), value }
    }

    /// The name as it was sent.
    pub fn full_name(&self) -> String {
        let brackets = self.keys.iter().map(|key| format!("[{key}]"));
        std::iter::once(self.name.clone()).chain(brackets).collect()
    }
}

impl Query {
    /// Reads the part of a URI behind the question mark. Text that is not UTF-8 is replaced.
    pub fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(name, value)| Parameter::new(&name, value.into_owned())).collect())
    }

    /// All parameters.
    pub fn parameters(&self) -> impl DoubleEndedIterator<Item = &Parameter> {
        self.0.iter()
    }

    /// The parameters `name` and `name[…]`.
    pub fn named<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Parameter> {
        self.0.iter().filter(move |parameter| parameter.name == name)
    }

    /// The last value of a parameter without brackets.
    pub fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let last = self.named(name).rfind(|parameter| parameter.keys.is_empty());
        last.map(|parameter| parameter.value.as_str())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}
