//! `include` and `fields`: how much of a resource is sent.

use super::{Parameter, Query, viewer::Viewer};
use crate::{errors::Refusal, resource::Shape};

/// How much of a resource is sent.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What is sent with it.
    pub included: Included,
    fields: Vec<(&'static str, Vec<String>)>,
    viewer: Viewer,
}

/// Relationships whose resources are sent too, each with those of the resource that it leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Included(Vec<(String, Included)>);

impl Selection {
    /// Reads both parameters of a request for resources of a type.
    pub fn read(query: &Query, shape: Shape, viewer: &Viewer) -> Result<Self, Refusal> {
        let mut included = Included::default();
        let paths = query.value("include").into_iter().flat_map(|paths| paths.split(','));
        for path in paths.map(str::trim).filter(|path| !path.is_empty()) {
            included.add(path, shape)?;
        }
        let fields = query.named("fields").map(|parameter| chosen_fields(parameter, viewer));
        let fields = fields.collect::<Result<_, _>>()?;
        Ok(Self { included, fields, viewer: viewer.clone() })
    }

    /// The fields of a type that are sent, if the request chooses.
    pub fn fields_of(&self, kind: &str) -> Option<&[String]> {
        let chosen = self.fields.iter().rfind(|(known, _)| *known == kind);
        chosen.map(|(_, names)| names.as_slice())
    }

    /// Whether the client may not see an attribute of a type.
    pub fn hides(&self, kind: &str, attribute: &str) -> bool {
        self.viewer.hides(kind, attribute)
    }

    /// Whether a relationship of a type is sent.
    pub fn keeps(&self, kind: &str, relationship: &str) -> bool {
        self.fields_of(kind).is_none_or(|names| names.iter().any(|name| name == relationship))
    }
}

impl Included {
    /// Whether nothing is included.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is included of the resource that a relationship leads to; `None` if it is not included itself.
    pub fn under(&self, relationship: &str) -> Option<&Self> {
        self.0.iter().find(|(name, _)| name == relationship).map(|(_, included)| included)
    }

    /// Each relationship, and what is included of the resource that it leads to.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.0.iter().map(|(name, included)| (name.as_str(), included))
    }

    /// Adds a path of relationships, as in `network.network-type`.
    fn add(&mut self, path: &str, shape: Shape) -> Result<(), Refusal> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let next = shape.relationship(name).and_then(Shape::named).ok_or_else(|| {
            let detail = format!("{name} is not a valid relationship of {}", shape.kind);
            Refusal::invalid(112, "Invalid field", detail)
        })?;
        let at = self.0.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.0.push((name.to_owned(), Self::default()));
            self.0.len() - 1
        });
        rest.map_or(Ok(()), |rest| self.0[at].1.add(rest, next))
    }
}

fn chosen_fields(parameter: &Parameter, viewer: &Viewer) -> Result<(&'static str, Vec<String>), Refusal> {
    let [kind] = parameter.keys.as_slice() else {
        return Err(Refusal::invalid(119, "Invalid field format", "Fields must specify a type."));
    };
    let shape = Shape::named(kind).ok_or_else(|| {
        Refusal::invalid(101, "Invalid resource", format!("{kind} is not a valid resource."))
    })?;
    let names: Vec<_> = parameter.value.split(',').map(|name| name.trim().to_owned()).collect();
    let is_unknown = |name: &&String| !shape.has_field(name) || viewer.hides(shape.kind, name);
    match names.iter().find(is_unknown) {
        None => Ok((shape.kind, names)),
        Some(unknown) => {
            let shown = if unknown.is_empty() { "nil" } else { unknown };
            let detail = format!("{shown} is not a valid field for {kind}.");
            Err(Refusal::invalid(104, "Invalid field", detail))
        }
    }
}
