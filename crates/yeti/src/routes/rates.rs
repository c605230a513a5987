//! `/rates`: what the client's accounts pay (contract yeti.md, 6.10).

use directory::{
    model::{Account, PlanRate, RatePlan},
    network::network_prefix_of,
};
use uuid::Uuid;

use super::{rateplans::reachable, resource::Listed};
use crate::{
    convert,
    errors::Refusal,
    query::wanted::{Found, Wanted},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute},
};

/// A rate.
pub struct RateView {
    rate: PlanRate,
    rateplan: Uuid,
    /// An account that pays by its plan.
    account: Uuid,
}

impl Resource for RateView {
    const KIND: &'static str = "rates";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |view: &Self| view.rate.uuid.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::phone("prefix", |view| view.rate.price.prefix.as_str().into()),
        Attribute::integer("dst-number-min-length", |view| u32::from(view.rate.number_min_length).into()),
        Attribute::integer("dst-number-max-length", |view| u32::from(view.rate.number_max_length).into()),
        Attribute::boolean("enabled", |view| view.rate.is_enabled.into()),
        Attribute::boolean("reject-calls", |view| view.rate.rejects_calls.into()),
        Attribute::decimal("initial-rate", |view| view.rate.price.initial_rate.into()),
        Attribute::integer("initial-interval", |view| view.rate.price.initial_interval.as_secs().into()),
        Attribute::decimal("next-rate", |view| view.rate.price.next_rate.into()),
        Attribute::integer("next-interval", |view| view.rate.price.next_interval.as_secs().into()),
        Attribute::decimal("connect-fee", |view| view.rate.price.fee.into()),
        Attribute::decimal("attempt-fee", |view| view.rate.price.attempt_fee.into()),
        Attribute::time("valid-from", |view| view.rate.valid_from.into()),
        Attribute::time("valid-till", |view| view.rate.valid_till.into()),
        Attribute::integer("network-prefix-id", |view: &Self| network_prefix_id(&view.rate).into())
            .unfiltered(),
        Attribute::uuid("uuid", |view: &Self| view.rate.uuid.into()).filter_only(),
        Attribute::uuid("rateplan-id", |view: &Self| view.rateplan.into()).filter_only(),
        Attribute::uuid("account-id", |view: &Self| view.account.into()).filter_only(),
    ];
    const DEFAULT_SORT: &'static str = "prefix";
}

impl Listed for RateView {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        // A plan that several accounts use is told once: as that of the first account with which a rate
        // passes the filters.
        let passes = |view: &Self| wanted.filters.iter().all(|filter| filter.passes(view));
        let rates = reachable(request).into_iter().flat_map(|plan| {
            let accounts = payers(request, plan);
            plan.rates.iter().filter_map(move |rate| {
                let views = accounts.iter().map(|account| Self::new(rate, plan, account));
                views.into_iter().find(passes)
            })
        });
        Ok(wanted.of(rates.collect()))
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let uuid = convert::uuid(id);
        Ok(reachable(request).into_iter().find_map(|plan| {
            let rate = plan.rates.iter().find(|rate| Some(rate.uuid) == uuid)?;
            Some(Self::new(rate, plan, payers(request, plan).first()?))
        }))
    }
}

/// The client's accounts that pay by a plan.
fn payers<'a>(request: &'a ApiRequest, plan: &RatePlan) -> Vec<&'a Account> {
    let accounts = request.access().accounts().iter().filter_map(|id| request.directory.account(*id));
    accounts.filter(|account| account.billing.origination_rateplan == Some(plan.uuid)).collect()
}

/// The prefix of a network that the rate is for, by its number; `None` if it is for several.
pub fn network_prefix_id(rate: &PlanRate) -> Option<u64> {
    network_prefix_of(&rate.price.prefix).map(|prefix| prefix.number())
}

impl RateView {
    fn new(rate: &PlanRate, plan: &RatePlan, account: &Account) -> Self {
        Self { rate: rate.clone(), rateplan: plan.uuid, account: account.uuid }
    }
}
