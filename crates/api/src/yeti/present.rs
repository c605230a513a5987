//! Puts documents together, as far as a request wants them.

use super::{
    links::Links,
    query::selection::{Included, Selection},
    resource::{known::Known, shown::Shown},
    wire::{
        attribute::AttributesWire,
        document::{
            DocumentWire, LinkageWire, RelationshipDocumentWire, RelationshipsWire, ResourceWire,
            SelfLinkWire, ToOneWire,
        },
    },
};

/// Makes resource objects and documents.
pub struct Presenter<'a> {
    /// Where resources are.
    pub links: &'a Links,
    /// How much of them is wanted.
    pub selection: &'a Selection,
    /// What their relationships lead to.
    pub known: &'a Known<'a>,
}

impl Presenter<'_> {
    /// The document of a resource, if there is one.
    pub fn document(&self, resource: Option<&dyn Shown>) -> DocumentWire {
        DocumentWire {
            data: resource.map(|resource| self.resource(resource)),
            included: self.included(resource),
        }
    }

    /// A resource.
    pub fn resource(&self, resource: &dyn Shown) -> ResourceWire {
        self.part(resource, &self.selection.included)
    }

    /// What is sent with resources: each once, in the order of their appearance.
    pub fn included<'a>(&self, resources: impl IntoIterator<Item = &'a dyn Shown>) -> Vec<ResourceWire> {
        let mut included = Vec::new();
        for resource in resources {
            self.include(resource, &self.selection.included, &mut included);
        }
        included
    }

    /// A relationship of a resource, as a document of its own.
    pub fn relationship(&self, resource: &dyn Shown, name: &str) -> RelationshipDocumentWire {
        RelationshipDocumentWire {
            data: self.linkage(resource, name),
            links: self.links.relationship(&self.place(resource), name),
        }
    }

    fn part(&self, resource: &dyn Shown, included: &Included) -> ResourceWire {
        let kind = resource.shape().kind;
        let names = resource.relationships().into_iter().filter(|name| self.selection.keeps(kind, name));
        let to_one = |name| ToOneWire {
            links: self.links.relationship(&self.place(resource), name),
            data: included.under(name).map(|_| self.linkage(resource, name)),
        };
        ResourceWire {
            id: resource.id(),
            kind,
            links: resource.link(self.links).map(|itself| SelfLinkWire { itself }),
            attributes: AttributesWire(resource.attributes(self.selection)),
            relationships: RelationshipsWire(names.map(|name| (name, to_one(name))).collect()),
        }
    }

    fn include(&self, resource: &dyn Shown, wanted: &Included, included: &mut Vec<ResourceWire>) {
        for (name, wanted) in wanted.iter() {
            let Some(related) = resource.follow(name, self.known) else { continue };
            let (kind, id) = (related.shape().kind, related.id());
            if !included.iter().any(|known| known.kind == kind && known.id == id) {
                included.push(self.part(&*related, wanted));
                self.include(&*related, wanted, included);
            }
        }
    }

    fn linkage(&self, resource: &dyn Shown, name: &str) -> Option<LinkageWire> {
        let related = resource.follow(name, self.known)?;
        Some(LinkageWire { kind: related.shape().kind, id: related.id() })
    }

    fn place(&self, resource: &dyn Shown) -> String {
        self.links.resource(resource.shape().kind, &resource.id())
    }
}
