//! JSON:API documents: resource objects, lists, relationships (contract yeti.md, 1.2 and 4).

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::attribute::AttributesWire;

/// A document with one resource.
#[derive(Serialize)]
pub struct DocumentWire {
    /// The resource; `None` where a relationship leads nowhere.
    pub data: Option<ResourceWire>,
    /// Resources that it refers to, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<ResourceWire>,
}

/// A document with a page of resources.
#[derive(Serialize)]
pub struct ListWire {
    /// The resources.
    pub data: Vec<ResourceWire>,
    /// Resources that they refer to, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<ResourceWire>,
    /// About the list.
    pub meta: MetaWire,
    /// Other pages of it.
    pub links: PageLinksWire,
}

/// About a list.
#[derive(Debug, Serialize)]
pub struct MetaWire {
    /// How many resources there are on all pages.
    #[serde(rename = "total-count")]
    pub total_count: u64,
}

/// Other pages of a list.
#[derive(Debug, Serialize)]
pub struct PageLinksWire {
    /// The first.
    pub first: String,
    /// The one before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// The one after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The last.
    pub last: String,
}

/// A resource object.
#[derive(Serialize)]
pub struct ResourceWire {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<SelfLinkWire>,
    /// What it holds.
    #[serde(skip_serializing_if = "AttributesWire::is_empty")]
    pub attributes: AttributesWire,
    /// What it refers to.
    #[serde(skip_serializing_if = "RelationshipsWire::is_empty")]
    pub relationships: RelationshipsWire,
}

/// A link to the resource itself.
#[derive(Debug, Serialize)]
pub struct SelfLinkWire {
    /// Its URL.
    #[serde(rename = "self")]
    pub itself: String,
}

/// A resource's relationships by name, in order.
pub struct RelationshipsWire(pub Vec<(&'static str, RelationshipWire)>);

/// A relationship.
#[derive(Debug, Serialize)]
pub struct RelationshipWire {
    /// Where it is.
    pub links: RelationshipLinksWire,
    /// What it leads to; only if that is included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<LinkageDataWire>,
}

/// What a relationship leads to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum LinkageDataWire {
    /// At most one resource, `null` if there is none.
    ToOne(Option<LinkageWire>),
    /// Any number of them.
    ToMany(Vec<LinkageWire>),
}

/// Links of a relationship.
#[derive(Clone, Debug, Serialize)]
pub struct RelationshipLinksWire {
    /// The relationship's own URL.
    #[serde(rename = "self")]
    pub itself: String,
    /// The URL of what it refers to.
    pub related: String,
}

/// A resource's type and id.
#[derive(Debug, Serialize)]
pub struct LinkageWire {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

/// A relationship as a document of its own.
#[derive(Debug, Serialize)]
pub struct RelationshipDocumentWire {
    /// What it refers to.
    pub data: LinkageDataWire,
    /// Where it is.
    pub links: RelationshipLinksWire,
}

impl RelationshipsWire {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for RelationshipsWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.0.len()))?;
        for (name, relationship) in &self.0 {
            members.serialize_entry(name, relationship)?;
        }
        members.end()
    }
}
