//! Puts documents together, as far as a request wants them.

use super::{
    answer::Answer,
    links::Links,
    query::{
        Query,
        selection::{Included, Selection},
        wanted::{Found, Wanted},
    },
    resource::{Related, Resource, known::Known, shown::Shown},
    wire::{
        attribute::AttributesWire,
        document::{
            DocumentWire, LinkageDataWire, LinkageWire, ListWire, MetaWire, RelationshipDocumentWire,
            RelationshipWire, RelationshipsWire, ResourceWire, SelfLinkWire,
        },
    },
};

/// Shows resources to a client.
pub struct Presenter {
    /// Where resources are.
    pub links: Links,
    /// How much of them is wanted.
    pub selection: Selection,
    /// What their relationships lead to; not needed if nothing is to be included.
    pub known: Option<Known>,
}

impl Presenter {
    /// The answer with one resource, or none.
    pub fn one(&self, resource: Option<&dyn Shown>) -> Answer {
        Answer::ok(&self.document(resource))
    }

    /// The answer with a new resource.
    pub fn created(&self, resource: &dyn Shown) -> Answer {
        let location = resource.link(&self.links).unwrap_or_default();
        Answer::created(&location, &self.document(Some(resource)))
    }

    /// The answer with a page of a list.
    pub fn list<T: Resource>(&self, wanted: &Wanted<T>, found: &Found<T>, query: &Query) -> Answer {
        self.list_at(&self.links.list(T::KIND), (wanted, found), query)
    }

    /// The answer with a page of a list that has another URL.
    pub fn list_at<T: Resource>(
        &self,
        url: &str,
        (wanted, found): (&Wanted<T>, &Found<T>),
        query: &Query,
    ) -> Answer {
        Answer::ok(&ListWire {
            data: found.items.iter().map(|item| self.resource(item)).collect(),
            included: self.included(found.items.iter().map(|item| item as &dyn Shown)),
            meta: MetaWire { total_count: found.total },
            links: wanted.page.links(url, query, found.total),
        })
    }

    /// The answer with a relationship of a resource.
    pub fn relationship(&self, resource: &dyn Shown, name: &str) -> Answer {
        Answer::ok(&RelationshipDocumentWire {
            data: self.linkage(resource, name),
            links: self.links.relationship(&self.place(resource), name),
        })
    }

    /// The document of a resource, if there is one.
    pub fn document(&self, resource: Option<&dyn Shown>) -> DocumentWire {
        DocumentWire {
            data: resource.map(|resource| self.resource(resource)),
            included: self.included(resource),
        }
    }

    fn resource(&self, resource: &dyn Shown) -> ResourceWire {
        self.part(resource, &self.selection.included)
    }

    /// What is sent with resources: each once, in the order of their appearance.
    fn included<'a>(&self, resources: impl IntoIterator<Item = &'a dyn Shown>) -> Vec<ResourceWire> {
        let mut included = Vec::new();
        for resource in resources {
            self.include(resource, &self.selection.included, &mut included);
        }
        included
    }

    fn part(&self, resource: &dyn Shown, included: &Included) -> ResourceWire {
        let kind = resource.shape().kind;
        let names = resource.relationships().into_iter().filter(|name| self.selection.keeps(kind, name));
        let relationship = |name| RelationshipWire {
            links: self.links.relationship(&self.place(resource), name),
            data: included.under(name).map(|_| self.linkage(resource, name)),
        };
        ResourceWire {
            id: resource.id(),
            kind,
            links: resource.link(&self.links).map(|itself| SelfLinkWire { itself }),
            attributes: AttributesWire(resource.attributes(&self.selection)),
            relationships: RelationshipsWire(names.map(|name| (name, relationship(name))).collect()),
        }
    }

    fn include(&self, resource: &dyn Shown, wanted: &Included, included: &mut Vec<ResourceWire>) {
        for (name, wanted) in wanted.iter() {
            let Some(related) = self.follow(resource, name) else { continue };
            for related in related.iter() {
                let (kind, id) = (related.shape().kind, related.id());
                if !included.iter().any(|known| known.kind == kind && known.id == id) {
                    included.push(self.part(related, wanted));
                    self.include(related, wanted, included);
                }
            }
        }
    }

    fn linkage(&self, resource: &dyn Shown, name: &str) -> LinkageDataWire {
        let link = |related: &dyn Shown| LinkageWire { kind: related.shape().kind, id: related.id() };
        match self.follow(resource, name) {
            None => LinkageDataWire::ToOne(None),
            Some(Related::One(related)) => LinkageDataWire::ToOne(related.as_deref().map(link)),
            Some(many) => LinkageDataWire::ToMany(many.iter().map(link).collect()),
        }
    }

    fn follow(&self, resource: &dyn Shown, name: &str) -> Option<Related> {
        self.known.as_ref().and_then(|known| resource.follow(name, known))
    }

    fn place(&self, resource: &dyn Shown) -> String {
        self.links.resource(resource.shape().kind, &resource.id())
    }
}
