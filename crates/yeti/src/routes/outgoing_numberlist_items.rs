//! `/outgoing-numberlist-items`: the numbers in lists, which customers add, change and take away. What they do holds
//! for calls that begin afterwards.

mod change;

pub use change::{create, delete, update};

use call::Number;
use directory::model::{NumberlistId, NumberlistItem, NumberlistItemId};

use super::{
    outgoing_numberlists::{NumberlistView, action_id, visible},
    resource::Listed,
};
use crate::{
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Follow, Relationship, Resource, attribute::Attribute, value::Value},
};

/// An item, and the list that it is in.
pub struct ItemView {
    id: NumberlistItemId,
    key: Number,
    action: Option<i64>,
    list: NumberlistView,
    list_id: NumberlistId,
}

impl Resource for ItemView {
    const KIND: &'static str = "outgoing-numberlist-items";
    const ID: &'static Attribute<Self> = &Attribute::integer("id", |item: &Self| item.id.0.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::phone("key", |item| item.key.as_str().into()),
        Attribute::integer("action-id", |item| item.action.into()),
        Attribute::integer("numberlist-id", |item: &Self| item.list_id.0.into()).filter_only(),
        Attribute::text("batch-key", |_: &Self| Value::Null).filter_only().unfiltered(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "outgoing-numberlist",
        kind: NumberlistView::KIND,
        follow: Follow::ToOne(|item, _| Some(Box::new(item.list.clone()))),
    }];
    const CREATABLE: &'static [&'static str] = &["key", "batch-key", "action-id"];
    const DEFAULT_SORT: &'static str = "key";
}

impl Listed for ItemView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        let items = request.directory.numberlist_items().iter();
        Ok(wanted.of(items.filter_map(|item| Self::new(request, item)).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let id = id.parse().map(NumberlistItemId).map_err(|_| Refusal::invalid_id(id))?;
        Ok(request.directory.numberlist_item(id).and_then(|item| Self::new(request, item)))
    }
}

impl ItemView {
    /// `None` if the client may not see the list.
    fn new(request: &ApiRequest, item: &NumberlistItem) -> Option<Self> {
        let list = visible(request).find(|list| list.id == item.list)?;
        Some(Self {
            id: item.id,
            key: item.key.clone(),
            action: item.action.map(action_id),
            list: list.into(),
            list_id: item.list,
        })
    }
}
