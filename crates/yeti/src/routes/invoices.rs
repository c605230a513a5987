//! `/invoices`: what the client's accounts paid for what they sent, as operators summed it up.

mod download;

use call::Timestamp;
use directory::model::{Invoice, InvoiceSum, Span};

pub use self::download::download;
use super::{accounts::AccountView, resource::Listed};
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Follow, Relationship, Resource, attribute::Attribute},
};

/// An invoice, what it comes to, and its account.
pub struct InvoiceView {
    invoice: Invoice,
    total: InvoiceSum,
    account: uuid::Uuid,
    currency: std::sync::Arc<str>,
}

const fn first(span: Option<Span>) -> Option<Timestamp> {
    match span {
        Some(span) => Some(span.first),
        None => None,
    }
}

const fn last(span: Option<Span>) -> Option<Timestamp> {
    match span {
        Some(span) => Some(span.last),
        None => None,
    }
}

impl Resource for InvoiceView {
    const KIND: &'static str = "invoices";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |of: &Self| of.invoice.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("reference", |of| of.invoice.reference.as_ref().into()),
        Attribute::time("start-date", |of| of.invoice.period.start.into()),
        Attribute::time("end-date", |of| of.invoice.period.end.into()),
        Attribute::decimal("amount", |of| of.total.amount.into()),
        Attribute::integer("calls-count", |of| of.total.calls.into()),
        Attribute::integer("successful-calls-count", |of| of.total.answered.into()),
        Attribute::integer("calls-duration", |of| of.total.seconds.into()),
        Attribute::integer("billing-duration", |of| of.total.billed_seconds.into()),
        Attribute::time("first-call-at", |of| first(of.total.began).into()),
        Attribute::time("last-call-at", |of| last(of.total.began).into()),
        Attribute::time("first-successful-call-at", |of| first(of.total.answered_began).into()),
        Attribute::time("last-successful-call-at", |of| last(of.total.answered_began).into()),
        // The document is HTML or CSV.
        Attribute::boolean("has-pdf", |_: &Self| false.into()).sent_only(),
        Attribute::uuid("account-id", |of: &Self| of.account.into()).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: Follow::ToOne(|of, known| known.account(of.invoice.account)),
    }];
    const DEFAULT_SORT: &'static str = "-start-date";
}

impl Listed for InvoiceView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        let invoices = request.directory.invoices().iter();
        Ok(wanted.of(invoices.filter_map(|invoice| Self::new(request, invoice)).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        let invoice = request.directory.invoices().iter().find(|invoice| Some(invoice.uuid) == uuid);
        Ok(invoice.and_then(|invoice| Self::new(request, invoice)))
    }
}

impl InvoiceView {
    /// `None` if the client may not see the account.
    fn new(request: &ApiRequest, invoice: &Invoice) -> Option<Self> {
        let account = request.directory.account(invoice.account)?;
        let view = || Self {
            invoice: invoice.clone(),
            total: invoice.total(),
            account: account.uuid,
            currency: account.billing.currency.clone(),
        };
        request.access().allows(account.id).then(view)
    }
}
