//! `/transactions`: what the client's accounts were charged for services. They are derived: see [`Service`].

use directory::model::{Service, ServiceCharge};

use super::{accounts::AccountView, resource::Listed, services::ServiceView};
use crate::{
    answer::Answer,
    errors::Refusal,
    query::wanted::{Found, Sieve, Wanted},
    request::{ApiRequest, SentId},
    resource::{Follow, Relationship, Resource, attribute::Attribute, shown::Shown},
};

/// What a service was charged at one instant.
pub struct TransactionView {
    pub(super) of: ServiceView,
    pub(super) charge: ServiceCharge,
}

impl Resource for TransactionView {
    const KIND: &'static str = "transactions";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |it: &Self| it.uuid().into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("description", |it: &Self| it.description().into()).unsorted(),
        // What it takes off the balance.
        Attribute::decimal("amount", |it| it.charge.amount.into()),
        Attribute::time("created-at", |it| it.charge.at.into()),
        Attribute::uuid("account-id", |it: &Self| it.of.account.into()).filter_only(),
        Attribute::uuid("service-id", |it: &Self| it.service().uuid.into()).unsent(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[
        Relationship {
            name: "account",
            kind: AccountView::KIND,
            follow: Follow::ToOne(|it, known| known.account(it.service().account)),
        },
        Relationship {
            name: "service",
            kind: ServiceView::KIND,
            follow: Follow::ToOne(|it, _| Some(Box::new(it.of.clone()) as Box<dyn Shown>)),
        },
    ];
    const DEFAULT_SORT: &'static str = "-created-at";
}

impl Listed for TransactionView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(found(ServiceView::all(request), wanted))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = crate::convert::uuid(id);
        let mut services = ServiceView::all(request);
        Ok(services.find_map(|of| of.transactions().find(|it| Some(it.uuid()) == uuid)))
    }
}

/// `GET /services/{id}/transactions`: a page of what one service was charged.
pub async fn of_service(request: ApiRequest, id: SentId) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<TransactionView>().await?;
    let wanted = Wanted::read(&request.query, request.viewer())?;
    let service: ServiceView = super::resource::find(&request, &id).await?;
    let url = format!("{}/{}", request.links.resource(ServiceView::KIND, &id.0), TransactionView::KIND);
    let found = found(std::iter::once(service), &wanted);
    Ok(presenter.list_at(&url, (&wanted, &found), &request.query))
}

/// The wanted page of what these services were charged.
fn found(
    services: impl Iterator<Item = ServiceView>,
    wanted: &Wanted<TransactionView>,
) -> Found<TransactionView> {
    let mut sieve = Sieve::new(wanted);
    services.for_each(|service| sieve.take(service.transactions().collect()));
    sieve.found()
}

impl TransactionView {
    fn service(&self) -> &Service {
        &self.of.service
    }

    fn uuid(&self) -> uuid::Uuid {
        self.charge.uuid(self.service().uuid)
    }

    fn description(&self) -> &'static str {
        if self.charge.renewal == 0 { "Service creation" } else { "Renew service" }
    }
}
