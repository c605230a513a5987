//! `/network-types`: kinds of telephone numbers (contract yeti.md, 6.10).

use directory::network::{NetworkType, network_types};

use super::resource::Listed;
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute},
};

impl Resource for &'static NetworkType {
    const KIND: &'static str = "network-types";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |kind: &Self| kind.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[Attribute::text("name", |kind| kind.name.into())];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for &'static NetworkType {
    async fn list(_: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(network_types().iter().collect()))
    }

    async fn find(_: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        Ok(network_types().iter().find(|kind| Some(kind.uuid) == uuid))
    }
}
