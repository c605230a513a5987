//! The resources of the JSON:API family, said once each: a type that implements [`Resource`] names its
//! attributes in a table, and from that table come what is sent, what can be filtered and sorted by, and what
//! `fields` and `include` may name.
//!
//! To add a resource that clients list and read, write one file in `routes`:
//!
//! ```text
//! /// A kind of network.
//! pub struct NetworkType { uuid: Uuid, name: Arc<str> }
//!
//! impl Resource for NetworkType {
//!     const KIND: &'static str = "network-types";
//!     const ID: &'static Attribute<Self> = &Attribute::uuid("id", |it: &Self| it.uuid.into()).plain();
//!     const ATTRIBUTES: &'static [Attribute<Self>] = &[Attribute::text("name", |it| it.name.as_ref().into())];
//!     const DEFAULT_SORT: &'static str = "name";
//! }
//!
//! impl Listed for NetworkType {
//!     async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
//!         Ok(wanted.of(all(&request.directory)))
//!     }
//!
//!     async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
//!         let uuid = convert::uuid(id);
//!         Ok(all(&request.directory).into_iter().find(|it| Some(it.uuid) == uuid))
//!     }
//! }
//! ```
//!
//! and name it twice: in [`Shape::KNOWN`], and in the route table by `resource::routes::<NetworkType>()`, which
//! gives the routes of its relationships too.

pub mod attribute;
pub mod known;
pub mod shown;
pub mod value;

use directory::{
    model::Profile,
    network::{Network, NetworkPrefix, NetworkType},
};
use isocountry::CountryCode;

use self::{
    attribute::{Attribute, Kind},
    known::Known,
    shown::Shown,
};
use super::{
    chart::view::ChartView,
    links::Links,
    routes::{
        accounts::AccountView, cdr_exports::CdrExport, cdrs::Cdr, chart_active_calls::ActiveCalls,
        chart_originated_cps::OriginatedCps, check_rate::RateCheck, incoming_cdrs::IncomingCdr,
        invoices::InvoiceView, outgoing_numberlist_items::ItemView, outgoing_numberlists::NumberlistView,
        payments::PaymentView, phone_systems_sessions::PhoneSystemsSession, rateplans::RatePlanView,
        rates::RateView, services::ServiceView, transactions::TransactionView,
    },
};

/// A type of resource.
pub trait Resource: Sized + Send + Sync + 'static {
    /// The type's name, also in paths.
    const KIND: &'static str;
    /// The id. It can be filtered by under its bare name.
    const ID: &'static Attribute<Self>;
    /// The attributes, in the order in which they are sent.
    const ATTRIBUTES: &'static [Attribute<Self>];
    /// The relationships, in the order in which they are sent.
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[];
    /// The attributes that a client may give when it creates one.
    const CREATABLE: &'static [&'static str] = &[];
    /// The order of a list whose request does not say: as `sort` would say it.
    const DEFAULT_SORT: &'static str = "id";

    /// The URL that it shows as its own; `None` if it shows none.
    fn link(&self, links: &Links) -> Option<String> {
        Some(links.resource(Self::KIND, &self.id()))
    }

    /// The id as it is sent.
    fn id(&self) -> String {
        Self::ID.value(self).to_string()
    }
}

/// A relationship.
pub struct Relationship<T> {
    /// Its name.
    pub name: &'static str,
    /// The type of what it leads to.
    pub kind: &'static str,
    /// What it leads to.
    pub follow: Follow<T>,
}

/// To at most one resource.
pub type ToOne<T> = fn(&T, &Known) -> Option<Box<dyn Shown>>;

/// How a relationship is followed.
pub enum Follow<T> {
    /// To at most one resource.
    ToOne(ToOne<T>),
    /// To any number of them. What they are as a list has a route of its own.
    ToMany(fn(&T, &Known) -> Vec<Box<dyn Shown>>),
}

/// What a relationship leads to.
pub enum Related {
    /// At most one resource.
    One(Option<Box<dyn Shown>>),
    /// Any number of them.
    Many(Vec<Box<dyn Shown>>),
}

impl<T> Relationship<T> {
    /// What it leads to.
    pub fn follow(&self, of: &T, known: &Known) -> Related {
        match self.follow {
            Follow::ToOne(follow) => Related::One(follow(of, known)),
            Follow::ToMany(follow) => Related::Many(follow(of, known)),
        }
    }
}

impl Related {
    /// The resources.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Shown> {
        match self {
            Self::One(one) => one.as_slice(),
            Self::Many(many) => many.as_slice(),
        }
        .iter()
        .map(|shown| &**shown)
    }
}

/// What a type of resource has, whatever the type.
#[derive(Clone, Copy)]
pub struct Shape {
    /// The type's name.
    pub kind: &'static str,
    /// What its ids are.
    pub id_kind: Kind,
    has_field: fn(&str) -> bool,
    relationship: fn(&str) -> Option<&'static str>,
    attributes: fn() -> Vec<(&'static str, Kind)>,
    relationships: fn() -> Vec<&'static str>,
}

impl Shape {
    /// Every type that a client may meet.
    pub const KNOWN: &[Self] = &[
        Self::of::<AccountView>(),
        Self::of::<ChartView<ActiveCalls>>(),
        Self::of::<Cdr>(),
        Self::of::<CdrExport>(),
        Self::of::<ChartView<OriginatedCps>>(),
        Self::of::<IncomingCdr>(),
        Self::of::<CountryCode>(),
        Self::of::<&NetworkType>(),
        Self::of::<&Network>(),
        Self::of::<&NetworkPrefix>(),
        Self::of::<RatePlanView>(),
        Self::of::<RateView>(),
        Self::of::<Profile>(),
        Self::of::<RateCheck>(),
        Self::of::<NumberlistView>(),
        Self::of::<ItemView>(),
        Self::of::<PaymentView>(),
        Self::of::<InvoiceView>(),
        Self::of::<ServiceView>(),
        Self::of::<TransactionView>(),
        Self::of::<PhoneSystemsSession>(),
    ];

    /// The shape of a type.
    pub const fn of<T: Resource>() -> Self {
        Self {
            kind: T::KIND,
            id_kind: T::ID.kind,
            has_field: has_field::<T>,
            relationship: relationship::<T>,
            attributes: attributes::<T>,
            relationships: relationships::<T>,
        }
    }

    /// The type of this name.
    pub fn named(kind: &str) -> Option<Self> {
        Self::KNOWN.iter().copied().find(|shape| shape.kind == kind)
    }

    /// Whether it sends an attribute or relationship of this name, or it is the id.
    pub fn has_field(&self, name: &str) -> bool {
        (self.has_field)(name)
    }

    /// The attributes that it sends, and what they hold.
    pub fn attributes(&self) -> Vec<(&'static str, Kind)> {
        (self.attributes)()
    }

    /// The names of its relationships.
    pub fn relationships(&self) -> Vec<&'static str> {
        (self.relationships)()
    }

    /// The type that a relationship leads to; `None` if there is no relationship of this name.
    pub fn relationship(&self, name: &str) -> Option<&'static str> {
        (self.relationship)(name)
    }
}

fn has_field<T: Resource>(name: &str) -> bool {
    let is_sent = |attribute: &Attribute<T>| attribute.is_sent() && attribute.name == name;
    name == T::ID.name || T::ATTRIBUTES.iter().any(is_sent) || relationship::<T>(name).is_some()
}

fn relationships<T: Resource>() -> Vec<&'static str> {
    T::RELATIONSHIPS.iter().map(|relationship| relationship.name).collect()
}

fn attributes<T: Resource>() -> Vec<(&'static str, Kind)> {
    let sent = T::ATTRIBUTES.iter().filter(|attribute| attribute.is_sent());
    sent.map(|attribute| (attribute.name, attribute.kind)).collect()
}

fn relationship<T: Resource>(name: &str) -> Option<&'static str> {
    T::RELATIONSHIPS.iter().find(|relationship| relationship.name == name).map(|found| found.kind)
}
