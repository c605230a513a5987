//! `/outgoing-numberlists`: the lists of numbers that calls of the client's accounts are screened by.

use std::sync::Arc;

use directory::model::{Numberlist, NumberlistAction, NumberlistId, NumberlistMode};

use super::resource::Listed;
use crate::{
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute},
};

/// A list.
#[derive(Clone)]
pub struct NumberlistView {
    id: NumberlistId,
    name: Arc<str>,
    default_action: NumberlistAction,
    mode: NumberlistMode,
}

impl Resource for NumberlistView {
    const KIND: &'static str = "outgoing-numberlists";
    const ID: &'static Attribute<Self> = &Attribute::integer("id", |list: &Self| list.id.0.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("name", |list| list.name.as_ref().into()),
        Attribute::integer("default-action-id", |list| action_id(list.default_action).into()),
        Attribute::integer("mode-id", |list| mode_id(list.mode).into()),
    ];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for NumberlistView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(visible(request).map(Self::from).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let id: i64 = id.parse().map_err(|_| Refusal::invalid_id(id))?;
        Ok(visible(request).find(|list| i64::from(list.id.0) == id).map(Self::from))
    }
}

/// The customer's lists that screen calls of one of the client's accounts.
pub fn visible(request: &ApiRequest) -> impl Iterator<Item = &Numberlist> {
    let access = request.access();
    let lists = request.directory.entries().numberlists.iter();
    let is_own = |list: &&Numberlist| list.customer == access.customer();
    lists.filter(is_own).filter(|list| {
        list.accounts.is_empty() || list.accounts.iter().any(|account| access.allows(*account))
    })
}

/// The number that the dialect gives an action.
pub fn action_id(action: NumberlistAction) -> i64 {
    match action {
        NumberlistAction::Reject => 1,
        NumberlistAction::Accept => 2,
    }
}

fn mode_id(mode: NumberlistMode) -> i64 {
    match mode {
        NumberlistMode::Strict => 1,
        NumberlistMode::Prefix => 2,
    }
}

impl From<&Numberlist> for NumberlistView {
    fn from(list: &Numberlist) -> Self {
        Self { id: list.id, name: list.name.clone(), default_action: list.default_action, mode: list.mode }
    }
}
