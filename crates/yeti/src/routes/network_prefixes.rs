//! `/network-prefixes`: digits that the telephone numbers of a network begin with (contract yeti.md, 6.10).

use directory::network::{Network, NetworkPrefix, network_prefixes};

use super::resource::Listed;
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Follow, Relationship, Resource, attribute::Attribute},
};

impl Resource for &'static NetworkPrefix {
    const KIND: &'static str = "network-prefixes";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |prefix: &Self| prefix.uuid.into()).plain();
    // The lengths are filtered by as texts are.
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::phone("prefix", |prefix| prefix.prefix.into()),
        Attribute::text("number-min-length", |prefix| u32::from(prefix.number_min_length).into()),
        Attribute::text("number-max-length", |prefix| u32::from(prefix.number_max_length).into()),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "network",
        kind: <&Network>::KIND,
        follow: Follow::ToOne(|prefix, _| Some(Box::new(prefix.network))),
    }];
    const DEFAULT_SORT: &'static str = "prefix";
}

impl Listed for &'static NetworkPrefix {
    async fn list(_: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(network_prefixes().iter().collect()))
    }

    async fn find(_: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        Ok(network_prefixes().iter().find(|prefix| Some(prefix.uuid) == uuid))
    }
}
