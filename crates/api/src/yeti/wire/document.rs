//! JSON:API documents: resource objects, lists, relationships (contract yeti.md, 1.2 and 4).

use serde::Serialize;
use serde_json::{Map, Value};

/// A document with one resource.
#[derive(Debug, Serialize)]
pub struct DocumentWire<A> {
    /// The resource.
    pub data: ResourceWire<A>,
    /// Resources that it refers to, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<ResourceWire<Map<String, Value>>>,
}

/// A document with a page of resources.
#[derive(Debug, Serialize)]
pub struct ListWire<A> {
    /// The resources.
    pub data: Vec<ResourceWire<A>>,
    /// Resources that they refer to, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub included: Vec<ResourceWire<Map<String, Value>>>,
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
#[derive(Debug, Serialize)]
pub struct ResourceWire<A> {
    /// Its id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it is.
    pub links: SelfLinkWire,
    /// What it holds.
    #[serde(skip_serializing_if = "AttributesWire::is_empty")]
    pub attributes: AttributesWire<A>,
    /// What it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationships: Option<RelationshipsWire>,
}

/// A link to the resource itself.
#[derive(Debug, Serialize)]
pub struct SelfLinkWire {
    /// Its URL.
    #[serde(rename = "self")]
    pub itself: String,
}

/// A resource's attributes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum AttributesWire<A> {
    /// All of them.
    All(A),
    /// Those that `fields` names, in the usual order.
    Chosen(Map<String, Value>),
}

impl<A> AttributesWire<A> {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Chosen(attributes) if attributes.is_empty())
    }
}

/// A resource's relationships.
#[derive(Debug, Serialize)]
pub struct RelationshipsWire {
    /// The account that it belongs to.
    pub account: ToOneWire,
}

/// A relationship to one resource.
#[derive(Debug, Serialize)]
pub struct ToOneWire {
    /// Where it is.
    pub links: RelationshipLinksWire,
    /// The resource, if it is included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<LinkageWire>,
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
    pub data: LinkageWire,
    /// Where it is.
    pub links: RelationshipLinksWire,
}
