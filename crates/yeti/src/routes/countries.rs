//! `/countries`: the countries of ISO 3166-1 (contract yeti.md, 6.10). Their ids are its numeric codes.

use isocountry::CountryCode;

use super::resource::Listed;
use crate::{
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute},
};

impl Resource for CountryCode {
    const KIND: &'static str = "countries";
    const ID: &'static Attribute<Self> =
        &Attribute::integer("id", |country: &Self| country.numeric_id().into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("name", |country: &Self| country.name().into()).plain(),
        Attribute::text("iso2", |country: &Self| country.alpha2().into()).plain(),
    ];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for CountryCode {
    async fn list(_: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(Self::iter().copied().collect()))
    }

    async fn find(_: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let number: i64 = id.parse().map_err(|_| Refusal::invalid_id(id))?;
        Ok(u32::try_from(number).ok().and_then(|number| Self::for_id(number).ok()))
    }
}
