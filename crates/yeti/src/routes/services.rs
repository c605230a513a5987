//! `/services`: what the client's accounts pay for besides their calls.

use call::{AccountId, Timestamp};
use directory::model::{RenewPeriod, Service};

use super::{accounts::AccountView, resource::Listed, transactions::TransactionView};
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{
        Follow, Relationship, Resource,
        attribute::{Attribute, Kind},
        shown::Shown,
    },
};

/// A service, and the id of its account.
#[derive(Clone)]
pub struct ServiceView {
    pub(super) service: Service,
    pub(super) account: uuid::Uuid,
    now: Timestamp,
}

/// How many of its transactions, the newest ones, are sent with a service. The list has all.
const MOST_INCLUDED: usize = 100;

impl Resource for ServiceView {
    const KIND: &'static str = "services";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |of: &Self| of.service.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("name", |of| of.service.name.as_ref().into()),
        Attribute::text("state", |of: &Self| of.state().into()).sent_only(),
        Attribute::decimal("initial-price", |of| of.service.initial_price.into()),
        Attribute::decimal("renew-price", |of| of.service.renew_price.into()),
        Attribute::time("created-at", |of| of.service.starts_at.into()),
        Attribute::time("renew-at", |of| of.service.renew_at(of.now).into()),
        Attribute::new("renew-period", Kind::Word(&["Day", "Month", "Disabled"]), |of| {
            of.renew_period().into()
        }),
        Attribute::text("service-type", |of: &Self| of.service.kind.as_ref().into()).sent_only(),
        Attribute::uuid("account-id", |of: &Self| of.account.into()).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[
        Relationship {
            name: "account",
            kind: AccountView::KIND,
            follow: Follow::ToOne(|of, known| known.account(of.service.account)),
        },
        Relationship {
            name: "transactions",
            kind: TransactionView::KIND,
            follow: Follow::ToMany(|of, _| newest_transactions(of)),
        },
    ];
    const DEFAULT_SORT: &'static str = "name";
}

impl Listed for ServiceView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        Ok(wanted.of(Self::all(request).collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        Ok(Self::all(request).find(|of| Some(of.service.uuid) == uuid))
    }
}

impl ServiceView {
    /// Those of the client's accounts that have begun.
    pub(super) fn all(request: &ApiRequest) -> impl Iterator<Item = Self> {
        let accounts = request.access().accounts().iter();
        accounts.flat_map(|account| Self::of_account(request, *account))
    }

    fn of_account(request: &ApiRequest, id: AccountId) -> Vec<Self> {
        let (directory, now) = (&request.directory, request.app.now());
        let Some(account) = directory.account(id).map(|account| account.uuid) else { return Vec::new() };
        let begun = directory.services_of(id).filter(|service| service.has_begun(now));
        begun.map(|service| Self { service: service.clone(), account, now }).collect()
    }

    /// What it has been charged so far, oldest first.
    pub(super) fn transactions(&self) -> impl Iterator<Item = TransactionView> + '_ {
        self.service.charges(self.now).map(|charge| TransactionView { of: self.clone(), charge })
    }

    /// Nothing is suspended for want of money.
    fn state(&self) -> &'static str {
        if self.service.has_ended(self.now) { "Terminated" } else { "Active" }
    }

    fn renew_period(&self) -> &'static str {
        match self.service.renew_period {
            Some(RenewPeriod::Day) => "Day",
            Some(RenewPeriod::Month) => "Month",
            None => "Disabled",
        }
    }
}

fn newest_transactions(of: &ServiceView) -> Vec<Box<dyn Shown>> {
    let all: Vec<_> = of.transactions().collect();
    let newest = all.into_iter().rev().take(MOST_INCLUDED);
    newest.map(|transaction| Box::new(transaction) as Box<dyn Shown>).collect()
}
