//! `sort=a,-b`.

use super::Query;
use crate::yeti::errors::Refusal;

/// One criterion of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The attribute, with underscores.
    pub field: String,
    /// Greatest first.
    pub descending: bool,
}

/// The order that a request asks for; empty if it does not.
///
/// `sortable` are the names (with underscores) that the resource `kind` can be ordered by.
pub fn read(query: &Query, kind: &str, sortable: &[&str]) -> Result<Vec<Criterion>, Refusal> {
    let names = query.value("sort").into_iter().flat_map(|names| names.split(','));
    names.map(str::trim).filter(|name| !name.is_empty()).map(|name| criterion(name, kind, sortable)).collect()
}

fn criterion(name: &str, kind: &str, sortable: &[&str]) -> Result<Criterion, Refusal> {
    let (descending, name) = match name.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, name),
    };
    let field = super::filter::underscored(name);
    if sortable.contains(&field.as_str()) {
        return Ok(Criterion { field, descending });
    }
    let detail = format!("{field} is not a valid sort criteria for {kind}");
    Err(Refusal::invalid(114, "Invalid sort criteria", detail))
}
