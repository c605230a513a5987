//! Puts resources together, as far as a request wants them.

use directory::model::Account;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    convert,
    links::Links,
    query::selection::Selection,
    resource::{ACCOUNTS, Resource},
    wire::document::{
        AttributesWire, DocumentWire, LinkageWire, RelationshipDocumentWire, RelationshipsWire, ResourceWire,
        ToOneWire,
    },
};

/// Makes resource objects and documents.
pub struct Presenter<'a> {
    /// Where they are.
    pub links: &'a Links,
    /// How much of them is wanted.
    pub selection: &'a Selection,
}

impl Presenter<'_> {
    /// The document of a resource that belongs to an account.
    pub fn document<A: Serialize>(
        &self,
        resource: &Resource,
        id: &str,
        attributes: A,
        account: &Account,
    ) -> DocumentWire<A> {
        DocumentWire {
            data: self.resource(resource, id, attributes, account),
            included: self.included([account]),
        }
    }

    /// A resource that belongs to an account.
    pub fn resource<A: Serialize>(
        &self,
        resource: &Resource,
        id: &str,
        attributes: A,
        account: &Account,
    ) -> ResourceWire<A> {
        let relationships = self.selection.keeps(resource, "account").then(|| RelationshipsWire {
            account: ToOneWire {
                links: self.links.relationship(resource.kind, id, "account"),
                data: self.selection.with_account.then(|| linkage(account)),
            },
        });
        ResourceWire {
            id: id.to_owned(),
            kind: resource.kind,
            links: self.links.itself(resource.kind, id),
            attributes: self.selection.attributes(resource, attributes),
            relationships,
        }
    }

    /// The accounts that a document includes, if it shall: each once, in the order of their appearance.
    pub fn included<'a>(
        &self,
        accounts: impl IntoIterator<Item = &'a Account>,
    ) -> Vec<ResourceWire<Map<String, Value>>> {
        let mut included: Vec<ResourceWire<_>> = Vec::new();
        for account in accounts.into_iter().filter(|_| self.selection.with_account) {
            let id = account.uuid.to_string();
            if included.iter().all(|resource| resource.id != id) {
                included.push(self.included_account(account));
            }
        }
        included
    }

    /// The document of an account.
    pub fn account(&self, account: &Account) -> DocumentWire<Map<String, Value>> {
        DocumentWire { data: self.included_account(account), included: Vec::new() }
    }

    /// The relationship of a resource to its account, as a document of its own.
    pub fn account_linkage(
        &self,
        resource: &Resource,
        id: &str,
        account: &Account,
    ) -> RelationshipDocumentWire {
        RelationshipDocumentWire {
            data: linkage(account),
            links: self.links.relationship(resource.kind, id, "account"),
        }
    }

    fn included_account(&self, account: &Account) -> ResourceWire<Map<String, Value>> {
        let id = account.uuid.to_string();
        ResourceWire {
            links: self.links.itself(ACCOUNTS.kind, &id),
            id,
            kind: ACCOUNTS.kind,
            attributes: AttributesWire::Chosen(self.selection.chosen(&ACCOUNTS, &convert::account(account))),
            relationships: None,
        }
    }
}

fn linkage(account: &Account) -> LinkageWire {
    LinkageWire { kind: ACCOUNTS.kind, id: account.uuid.to_string() }
}
