//! `POST`, `PATCH` and `DELETE` of items.

use std::sync::Arc;

use axum::http::StatusCode;
use call::Number;
use directory::{
    Directory, ItemError,
    model::{Numberlist, NumberlistAction, NumberlistItem},
};
use serde_json::{Map, Value};

use super::ItemView;
use crate::{
    answer::Answer,
    body::{ChangedResource, JsonBody, NewResource},
    convert,
    errors::{Refusal, invalid_attribute, invalid_relationship, invalid_whole},
    request::{ApiRequest, SentId},
    routes::{outgoing_numberlists::visible, resource::find},
    wire::error::ErrorWire,
};

/// Longest key, in characters.
const LONGEST: usize = 100;

type Item = (Number, Option<NumberlistAction>);

/// Adds an item, or one for each key of `batch-key`, and shows the first.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<ItemView>().await?;
    let wanted = NewResource::read::<ItemView>(&body)?;
    let list = list_of(&request, wanted.linked_text("outgoing-numberlist"));
    let (list, items) = match (list, read(&wanted.attributes)) {
        (Ok(list), Ok(items)) => (list.id, items),
        (list, items) => {
            let errors = list.err().into_iter().chain(items.err().into_iter().flatten());
            return Err(Refusal::all(errors.collect()).unwrap_or_else(Refusal::internal));
        }
    };
    let (directory, author) = (writable(&request)?, request.client.author.clone());
    let added = blocking(move || directory.by(author).add_numberlist_items(list, &items)).await?;
    let first = added.first().and_then(|item| ItemView::new(&request, item));
    Ok(presenter.created(&first.ok_or_else(Refusal::internal)?))
}

/// Makes an item another.
pub async fn update(request: ApiRequest, id: SentId, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<ItemView>().await?;
    let found = own(&request, &id).await?;
    let wanted = ChangedResource::read::<ItemView>(&body, &id.0, &["key", "action-id"])?;
    let key = wanted.get("key").map(|key| read_key("key", key)).transpose();
    let action = wanted.get("action-id").map(read_action).transpose();
    let (key, action) = match (key, action) {
        (Ok(key), Ok(action)) => (key.unwrap_or(found.key), action.unwrap_or(found.action)),
        (key, action) => {
            let errors = key.err().into_iter().chain(action.err());
            return Err(Refusal::all(errors.collect()).unwrap_or_else(Refusal::internal));
        }
    };
    let (directory, author) = (writable(&request)?, request.client.author.clone());
    let changed =
        blocking(move || directory.by(author).change_numberlist_item(found.id, &key, action)).await?;
    let changed = changed.and_then(|item| ItemView::new(&request, &item));
    Ok(presenter.one(Some(&changed.ok_or_else(|| Refusal::record_not_found(&id.0))?)))
}

/// Takes an item away.
pub async fn delete(request: ApiRequest, id: SentId) -> Result<StatusCode, Refusal> {
    let found = own(&request, &id).await?;
    let (directory, author) = (writable(&request)?, request.client.author.clone());
    match blocking(move || directory.by(author).remove_numberlist_item(found.id)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::record_not_found(&id.0)),
    }
}

/// The item of an id, in a list that the client may change.
async fn own(request: &ApiRequest, id: &SentId) -> Result<NumberlistItem, Refusal> {
    let item: ItemView = find(request, id).await?;
    let may = request.client.may_change(item.list_id);
    let found = request.directory.numberlist_item(item.id).filter(|_| may).cloned();
    found.ok_or_else(|| Refusal::record_not_found(&id.0))
}

fn list_of<'a>(request: &'a ApiRequest, id: Option<&str>) -> Result<&'a Numberlist, ErrorWire> {
    let id = id.ok_or_else(|| invalid_relationship("outgoing-numberlist", "must exist"))?;
    let list = visible(request).find(|list| list.id.to_string() == id);
    list.filter(|list| request.client.may_change(list.id)).ok_or_else(|| invalid_whole("Invalid numberlist"))
}

fn read(attributes: &Map<String, Value>) -> Result<Vec<Item>, Vec<ErrorWire>> {
    let keys = match (attributes.get("batch-key"), attributes.get("key")) {
        (Some(Value::String(keys)), None) => {
            keys.split(',').map(|key| read_key("batch-key", &Value::from(key))).collect()
        }
        (Some(_), None) => Err(invalid_attribute("batch-key", "is invalid")),
        (_, key) => read_key("key", key.unwrap_or(&Value::Null)).map(|key| vec![key]),
    };
    let action = read_action(attributes.get("action-id").unwrap_or(&Value::Null));
    match (keys, action) {
        (Ok(keys), Ok(action)) => Ok(keys.into_iter().map(|key: Number| (key, action)).collect()),
        (keys, action) => Err(keys.err().into_iter().chain(action.err()).collect()),
    }
}

/// A number, or what numbers begin with: a `+` or none, then digits, `*` and `#`.
fn read_key(attribute: &str, value: &Value) -> Result<Number, ErrorWire> {
    let text = match value {
        Value::Null => String::new(),
        value => convert::shown(value),
    };
    let key = Number::from(text.trim()).without_separators();
    let digits = key.without_plus();
    let is_number = digits.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '*' | '#'));
    match digits.chars().count() {
        0 => Err(invalid_attribute(attribute, "can't be blank")),
        1..=LONGEST if is_number => Ok(key),
        _ => Err(invalid_attribute(attribute, "is invalid")),
    }
}

fn read_action(value: &Value) -> Result<Option<NumberlistAction>, ErrorWire> {
    match value {
        Value::Null => Ok(None),
        value if value == 1 => Ok(Some(NumberlistAction::Reject)),
        value if value == 2 => Ok(Some(NumberlistAction::Accept)),
        _ => Err(invalid_attribute("action-id", "is not included in the list")),
    }
}

fn writable(request: &ApiRequest) -> Result<Arc<Directory>, Refusal> {
    request.app.config.directory.clone().ok_or_else(Refusal::internal)
}

async fn blocking<T: Send + 'static>(
    change: impl FnOnce() -> Result<T, ItemError> + Send + 'static,
) -> Result<T, Refusal> {
    let changed = tokio::task::spawn_blocking(change).await.map_err(|_| Refusal::internal())?;
    changed.map_err(Refusal::from)
}

impl From<ItemError> for Refusal {
    fn from(error: ItemError) -> Self {
        let errors = match &error {
            ItemError::Taken { .. } => vec![invalid_attribute("key", "has already been taken")],
            ItemError::Full { most } => {
                vec![invalid_whole(&format!("A numberlist has at most {most} items"))]
            }
            ItemError::Directory(failed) => {
                tracing::error!(error = failed as &dyn std::error::Error, "a list of numbers is not changed");
                Vec::new()
            }
        };
        Self::all(errors).unwrap_or_else(Self::internal)
    }
}
