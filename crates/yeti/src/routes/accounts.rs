//! `/accounts`: the accounts that the client may see (contract yeti.md, 6.8).

use std::sync::Arc;

use call::AccountId;
use directory::model::Account;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::resource::Listed;
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute, value::Value},
};

/// An account. What has no bound is `None`.
#[derive(Clone, Default)]
pub struct AccountView {
    /// Its number, as the operator gave it.
    pub number: u32,
    /// Its id.
    pub uuid: Uuid,
    /// Its name.
    pub name: Arc<str>,
    /// What it has.
    pub balance: Decimal,
    /// The least that it must have.
    pub min_balance: Decimal,
    /// The most that it can have.
    pub max_balance: Decimal,
    /// The highest price per minute that it calls at.
    pub destination_rate_limit: Option<Decimal>,
    /// How many calls it can send at once.
    pub origination_capacity: Option<u32>,
    /// How many calls it can take at once.
    pub termination_capacity: Option<u32>,
    /// How many calls it can have at once.
    pub total_capacity: Option<u32>,
    /// How many seconds a call may last.
    pub max_call_duration: Option<u64>,
    /// Its currency.
    pub currency: Arc<str>,
}

impl Resource for AccountView {
    const KIND: &'static str = "accounts";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |account: &Self| account.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::text("name", |account| account.name.as_ref().into()),
        Attribute::decimal("balance", |account| account.balance.into()),
        Attribute::decimal("min-balance", |account| account.min_balance.into()),
        Attribute::decimal("max-balance", |account| account.max_balance.into()),
        Attribute::decimal("destination-rate-limit", |account| account.destination_rate_limit.into()),
        Attribute::integer("origination-capacity", |account| account.origination_capacity.into()),
        Attribute::integer("termination-capacity", |account| account.termination_capacity.into()),
        Attribute::integer("total-capacity", |account| account.total_capacity.into()),
        Attribute::text("currency", |account: &Self| account.currency.as_ref().into()).sent_only(),
        Attribute::uuid("uuid", |account: &Self| account.uuid.into()).filter_only(),
        Attribute::integer("external-id", |account: &Self| account.number.into()).filter_only(),
        Attribute::integer("max-call-duration", |account: &Self| account.max_call_duration.into())
            .filter_only(),
        // Thresholds are not kept: these filters find nothing.
        Attribute::decimal("balance-low-threshold", |_: &Self| Value::Null).filter_only(),
        Attribute::decimal("balance-high-threshold", |_: &Self| Value::Null).filter_only(),
    ];
}

impl Listed for AccountView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        let known = request.known().await?;
        let accounts = request.access().accounts().iter().filter_map(|id| known.account_view(*id));
        Ok(wanted.of(accounts.collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let account = convert::uuid(id).and_then(|uuid| request.directory.account_by_uuid(uuid));
        let account = account.filter(|account| request.access().allows(account.id));
        let Some(account) = account else { return Ok(None) };
        Ok(request.known().await?.account_view(account.id))
    }
}

impl AccountView {
    /// An account that has so much.
    pub fn new(account: &Account, balance: Decimal) -> Self {
        let AccountId(number) = account.id;
        let (limits, billing) = (account.limits, &account.billing);
        Self {
            number,
            uuid: account.uuid,
            name: account.name.clone(),
            balance,
            min_balance: billing.min_balance,
            max_balance: billing.max_balance,
            destination_rate_limit: billing.max_rate,
            currency: billing.currency.clone(),
            origination_capacity: limits.outgoing_calls,
            termination_capacity: limits.incoming_calls,
            total_capacity: limits.calls,
            max_call_duration: limits.max_call_length.map(|length| length.as_secs()),
        }
    }
}
