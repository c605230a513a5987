//! `/payments`: what was paid into the client's accounts.

use directory::model::Payment;

use super::{accounts::AccountView, resource::Listed};
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{
        Follow, Relationship, Resource,
        attribute::{Attribute, Kind},
    },
};

/// A payment, and the id of its account.
pub struct PaymentView {
    payment: Payment,
    account: uuid::Uuid,
}

/// What is recorded has been paid: there is no gateway that a payment could be waiting for.
const COMPLETED: &str = "completed";

impl Resource for PaymentView {
    const KIND: &'static str = "payments";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |of: &Self| of.payment.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::decimal("amount", |of| of.payment.amount.into()),
        Attribute::text("notes", |of: &Self| of.payment.notes.as_deref().into()),
        Attribute::new("status", Kind::Word(&["canceled", "completed", "pending"]), |_| COMPLETED.into())
            .unsorted(),
        Attribute::time("created-at", |of| of.payment.created_at.into()),
        Attribute::uuid("uuid", |of: &Self| of.payment.uuid.into()).filter_only(),
        Attribute::uuid("account-id", |of: &Self| of.account.into()).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: Follow::ToOne(|of, known| known.account(of.payment.account)),
    }];
    const DEFAULT_SORT: &'static str = "-created-at";
}

impl Listed for PaymentView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        let payments = request.directory.payments().iter();
        Ok(wanted.of(payments.filter_map(|payment| Self::new(request, payment)).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        let payment = request.directory.payments().iter().find(|payment| Some(payment.uuid) == uuid);
        Ok(payment.and_then(|payment| Self::new(request, payment)))
    }
}

impl PaymentView {
    /// `None` if the client may not see the account.
    fn new(request: &ApiRequest, payment: &Payment) -> Option<Self> {
        let account = request.directory.account(payment.account)?;
        let may = request.access().allows(account.id);
        may.then(|| Self { payment: payment.clone(), account: account.uuid })
    }
}
