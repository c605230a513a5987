//! `include` and `fields`: how much of a resource is sent.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Parameter, Query};
use crate::yeti::{errors::Refusal, resource::Resource, wire::document::AttributesWire};

/// How much of a resource is sent.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Whether its account is included.
    pub with_account: bool,
    fields: Vec<(&'static str, Vec<String>)>,
}

impl Selection {
    /// Reads both parameters of a request for `resource`.
    pub fn read(query: &Query, resource: &Resource) -> Result<Self, Refusal> {
        let included = query.value("include").into_iter().flat_map(|names| names.split(','));
        let included: Vec<_> = included.filter(|name| !name.is_empty()).collect();
        if let Some(unknown) = included.iter().find(|name| !resource.relationships.contains(name)) {
            let detail = format!("{unknown} is not a valid relationship of {}", resource.kind);
            return Err(Refusal::invalid(112, "Invalid field", detail));
        }
        let fields = query.named("fields").map(chosen_fields).collect::<Result<_, _>>()?;
        Ok(Self { with_account: included.contains(&"account"), fields })
    }

    /// Whether an attribute or relationship is sent.
    pub fn keeps(&self, resource: &Resource, name: &str) -> bool {
        let chosen = self.fields.iter().rfind(|(kind, _)| *kind == resource.kind);
        chosen.is_none_or(|(_, names)| names.iter().any(|chosen| chosen == name))
    }

    /// The attributes that are sent.
    pub fn attributes<A: Serialize>(&self, resource: &Resource, all: A) -> AttributesWire<A> {
        if resource.attributes.iter().all(|name| self.keeps(resource, name)) {
            AttributesWire::All(all)
        } else {
            AttributesWire::Chosen(self.chosen(resource, &all))
        }
    }

    /// The attributes that are sent, by name.
    pub fn chosen(&self, resource: &Resource, all: &impl Serialize) -> Map<String, Value> {
        match serde_json::to_value(all) {
            Ok(Value::Object(attributes)) => {
                attributes.into_iter().filter(|(name, _)| self.keeps(resource, name)).collect()
            }
            _ => Map::new(),
        }
    }
}

fn chosen_fields(parameter: &Parameter) -> Result<(&'static str, Vec<String>), Refusal> {
    let [kind] = parameter.keys.as_slice() else {
        return Err(Refusal::invalid(119, "Invalid field format", "Fields must specify a type."));
    };
    let resource = Resource::named(kind).ok_or_else(|| {
        Refusal::invalid(101, "Invalid resource", format!("{kind} is not a valid resource."))
    })?;
    let names: Vec<_> = parameter.value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !resource.has_field(name)) {
        None => Ok((resource.kind, names)),
        Some(unknown) => {
            let shown = if unknown.is_empty() { "nil" } else { unknown };
            let detail = format!("{shown} is not a valid field for {kind}.");
            Err(Refusal::invalid(104, "Invalid field", detail))
        }
    }
}
