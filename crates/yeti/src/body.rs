//! Bodies: JSON, and the JSON:API document that asks for a new resource (contract yeti.md, 1.3, 3, 6.1).

use axum::{
    extract::{FromRequest, Request},
    http::StatusCode,
};
use bytes::Bytes;
use http_core::body::JsonFault;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    convert,
    errors::{Refusal, param_not_allowed},
    resource::{Relationship, Resource, Shape, attribute::Kind},
};
use crate::state::Yeti;

/// A JSON text.
pub struct JsonBody(pub Value);

impl FromRequest<Yeti> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, yeti: &Yeti) -> Result<Self, Self::Rejection> {
        let bytes =
            Bytes::from_request(request, yeti).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large(yeti.app.config.body_limit),
                _ => Refusal::bad_request("The request body could not be read."),
            })?;
        let parsed = serde_json::from_slice(&bytes);
        parsed
            .map(Self)
            .map_err(|error| Refusal::bad_request(format!("The body is not JSON: {}", JsonFault::of(&error))))
    }
}

/// What a client wants a new resource to be.
pub struct NewResource {
    /// The attributes, in the order in which they were sent.
    pub attributes: Map<String, Value>,
    /// Each relationship of the type, and what it shall lead to.
    links: Vec<(&'static str, Option<String>)>,
}

impl NewResource {
    /// Reads the document of a new resource: the shape is right, the values are not looked at.
    pub fn read<T: Resource>(body: &Value) -> Result<Self, Refusal> {
        let data = data(body)?;
        check_type(data, T::KIND)?;
        let attributes = object(data, "attributes", "Attributes must be a hash.")?;
        let relationships = object(data, "relationships", "Relationships must be a hash.")?;
        let names: Vec<_> = T::RELATIONSHIPS.iter().map(|relationship| relationship.name).collect();
        let not_allowed = unknown(data, &["type", "attributes", "relationships"])
            .chain(unknown(&attributes, T::CREATABLE))
            .chain(unknown(&relationships, &names));
        if let Some(refusal) = Refusal::all(not_allowed.map(|name| param_not_allowed(name)).collect()) {
            return Err(refusal);
        }
        let links = T::RELATIONSHIPS.iter().map(|Relationship { name, kind, .. }| {
            linkage(relationships.get(*name), kind).map(|id| (*name, id))
        });
        Ok(Self { links: links.collect::<Result<_, _>>()?, attributes })
    }

    /// The id of what a relationship shall lead to; `None` if it is absent or `null`.
    pub fn linked(&self, relationship: &str) -> Option<Uuid> {
        self.linked_text(relationship).and_then(convert::uuid)
    }

    /// The same, of a resource whose ids are no UUIDs.
    pub fn linked_text(&self, relationship: &str) -> Option<&str> {
        self.links.iter().find(|(name, _)| *name == relationship).and_then(|(_, id)| id.as_deref())
    }
}

/// What a client wants of a resource that is there.
pub struct ChangedResource;

impl ChangedResource {
    /// The attributes that shall be others, of those that can be: the document of the resource of this id.
    pub fn read<T: Resource>(
        body: &Value,
        id: &str,
        changeable: &[&str],
    ) -> Result<Map<String, Value>, Refusal> {
        let data = data(body)?;
        check_type(data, T::KIND)?;
        check_id(data, id)?;
        let attributes = object(data, "attributes", "Attributes must be a hash.")?;
        let not_allowed =
            unknown(data, &["type", "id", "attributes"]).chain(unknown(&attributes, changeable));
        match Refusal::all(not_allowed.map(|name| param_not_allowed(name)).collect()) {
            Some(refusal) => Err(refusal),
            None => Ok(attributes),
        }
    }
}

fn check_id(data: &Map<String, Value>, id: &str) -> Result<(), Refusal> {
    match data.get("id").map(convert::shown) {
        None => {
            Err(Refusal::invalid(109, "A key is required", "The resource object does not contain a key."))
        }
        Some(sent) if sent == id => Ok(()),
        Some(sent) => {
            let detail = format!("The URL does not support the key {sent}");
            Err(Refusal::invalid(110, "Key is not included in URL", detail))
        }
    }
}

fn data(body: &Value) -> Result<&Map<String, Value>, Refusal> {
    let body = body.as_object().ok_or_else(|| Refusal::bad_request("Request must be a hash"))?;
    match body.get("data") {
        None | Some(Value::Null) => Err(missing("data")),
        Some(Value::Object(data)) if data.is_empty() => Err(missing("data")),
        Some(Value::Object(data)) => Ok(data),
        Some(_) => Err(invalid_data("Data must be a hash.")),
    }
}

fn check_type(data: &Map<String, Value>, kind: &str) -> Result<(), Refusal> {
    match data.get("type") {
        None | Some(Value::Null) => Err(missing("type")),
        Some(Value::String(text)) if text == kind => Ok(()),
        Some(other) => {
            let detail = format!("{} is not a valid resource.", convert::shown(other));
            Err(Refusal::invalid(101, "Invalid resource", detail))
        }
    }
}

/// A member that is an object; empty if it is absent or `null`.
fn object(data: &Map<String, Value>, name: &str, message: &str) -> Result<Map<String, Value>, Refusal> {
    match data.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(invalid_data(message)),
    }
}

fn unknown<'a>(members: &'a Map<String, Value>, known: &'a [&str]) -> impl Iterator<Item = &'a String> {
    members.keys().filter(move |name| !known.contains(&name.as_str()))
}

/// The resource that a relationship points at, if it does.
fn linkage(relationship: Option<&Value>, wanted: &str) -> Result<Option<String>, Refusal> {
    let data = match relationship {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(members)) => members.get("data").unwrap_or(&Value::Null),
        Some(_) => return Err(invalid_links()),
    };
    let Value::Object(link) = data else {
        return if data.is_null() { Ok(None) } else { Err(invalid_links()) };
    };
    let (Some(kind), Some(id), 2) = (link.get("type"), link.get("id"), link.len()) else {
        return Err(invalid_links());
    };
    if kind != wanted {
        let detail = format!("{} is not a valid type for this operation.", convert::shown(kind));
        return Err(Refusal::invalid(116, "Type Mismatch", detail));
    }
    let text = convert::shown(id);
    let is_id = match Shape::named(wanted).map(|shape| shape.id_kind) {
        Some(Kind::Integer) => text.parse::<i64>().is_ok(),
        _ => id.as_str().and_then(convert::uuid).is_some(),
    };
    if is_id { Ok(Some(text)) } else { Err(Refusal::invalid_id(&text)) }
}

fn missing(name: &str) -> Refusal {
    let detail = format!("The required parameter, {name}, is missing.");
    Refusal::invalid(106, "Missing Parameter", detail)
}

fn invalid_data(message: &str) -> Refusal {
    Refusal::invalid(122, "Invalid data format", message)
}

fn invalid_links() -> Refusal {
    Refusal::invalid(115, "Invalid Links Object", "Data is not a valid Links Object.")
}
