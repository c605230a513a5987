//! `/networks`: the telephone numbers of one kind in one country (contract yeti.md, 6.10).

use directory::network::{Network, NetworkType, networks};

use super::resource::Listed;
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Follow, Relationship, Resource, attribute::Attribute},
};

impl Resource for &'static Network {
    const KIND: &'static str = "networks";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |network: &Self| network.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] =
        &[Attribute::text("name", |network| network.name.as_str().into())];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "network-type",
        kind: <&NetworkType>::KIND,
        follow: Follow::ToOne(|network, _| Some(Box::new(network.network_type))),
    }];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for &'static Network {
    async fn list(_: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(networks().iter().collect()))
    }

    async fn find(_: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        Ok(networks().iter().find(|network| Some(network.uuid) == uuid))
    }
}
