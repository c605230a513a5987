//! `/rateplans`: the plans that the client's accounts pay by (contract yeti.md, 6.10).

use std::sync::Arc;

use directory::model::RatePlan;
use uuid::Uuid;

use super::resource::Listed;
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute},
};

/// A rate plan.
pub struct RatePlanView {
    uuid: Uuid,
    name: Arc<str>,
}

impl Resource for RatePlanView {
    const KIND: &'static str = "rateplans";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |plan: &Self| plan.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] =
        &[Attribute::text("name", |plan| plan.name.as_ref().into())];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for RatePlanView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(reachable(request).into_iter().map(Self::from).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        let plan = reachable(request).into_iter().find(|plan| Some(plan.uuid) == uuid);
        Ok(plan.map(Self::from))
    }
}

/// The plans that the client's accounts pay by.
pub fn reachable(request: &ApiRequest) -> Vec<&RatePlan> {
    request.directory.rateplans_of(request.access())
}

impl From<&RatePlan> for RatePlanView {
    fn from(plan: &RatePlan) -> Self {
        Self { uuid: plan.uuid, name: plan.name.clone() }
    }
}
