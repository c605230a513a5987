//! What a client sent under the names that a report knows.

use call::filter::{Bound, TextOperator};

use crate::{
    errors::report::ParameterError,
    query::{self, Query},
};

/// The parameters `P` that a client sent, in the order of their first appearance.
pub(super) struct Sent<'a, P>(Vec<Entry<'a, P>>);

struct Entry<'a, P> {
    name: &'a str,
    parameter: P,
    value: Value<'a>,
}

enum Value<'a> {
    One(&'a str),
    List,
    Object,
}

impl<'a> Value<'a> {
    fn of(parameter: &'a query::Parameter) -> Self {
        match parameter.keys.as_slice() {
            [] => Self::One(&parameter.value),
            [key] if key.is_empty() => Self::List,
            _ => Self::Object,
        }
    }
}

impl<'a, P: Copy> Sent<'a, P> {
    /// Those of which `named` knows the name; others are ignored. A name that is sent twice has its first
    /// place and its last value.
    pub(super) fn of(query: &'a Query, named: impl Fn(&str) -> Option<P>) -> Self {
        let mut sent: Vec<Entry<'a, P>> = Vec::new();
        for sent_one in query.parameters() {
            let (name, value) = (sent_one.name.as_str(), Value::of(sent_one));
            match sent.iter_mut().find(|entry| entry.name == name) {
                Some(entry) => entry.value = value,
                None => sent.extend(named(name).map(|parameter| Entry { name, parameter, value })),
            }
        }
        Self(sent)
    }

    /// The error that tells all `names` that are absent, in their order; none if none is.
    pub(super) fn require(&self, names: &[&'static str]) -> Result<(), ParameterError> {
        let is_absent = |name: &&'static str| self.0.iter().all(|entry| entry.name != *name);
        let missing: Vec<_> = names.iter().copied().filter(is_absent).collect();
        if missing.is_empty() { Ok(()) } else { Err(ParameterError::Missing(missing)) }
    }

    /// Hands each to `take`. The first that is wrong is the error: a list, an object, or a value of which
    /// `take` makes nothing.
    pub(super) fn read(&self, mut take: impl FnMut(P, &'a str) -> Option<()>) -> Result<(), ParameterError> {
        for Entry { name, parameter, value } in &self.0 {
            let taken = match value {
                Value::One(text) => take(*parameter, text),
                Value::List => return Err(ParameterError::Array((*name).to_owned())),
                Value::Object => None,
            };
            taken.ok_or_else(|| ParameterError::Invalid((*name).to_owned()))?;
        }
        Ok(())
    }
}

/// How a text is tested, by the end of the parameter's name.
pub(super) fn text_operator(operator: &str) -> Option<TextOperator> {
    match operator {
        "eq" => Some(TextOperator::Is),
        "starts-with" => Some(TextOperator::StartsWith),
        "ends-with" => Some(TextOperator::EndsWith),
        "contains" => Some(TextOperator::Contains),
        _ => None,
    }
}

/// How a quantity is tested, by the end of the parameter's name.
pub(super) fn bound<T>(operator: &str) -> Option<fn(T) -> Bound<T>> {
    match operator {
        "eq" => Some(Bound::Is),
        "gt" => Some(Bound::Above),
        "lt" => Some(Bound::Below),
        _ => None,
    }
}
