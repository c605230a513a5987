//! `POST /check-rate`: what a call to a number would cost by a rate plan (contract yeti.md, 6.12).

use call::{Number, Timestamp};
use directory::model::{PlanRate, RatePlan};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{rateplans::reachable, rates::network_prefix_id};
use crate::{
    answer::Answer,
    body::{JsonBody, NewResource},
    convert,
    errors::{Refusal, invalid_attribute},
    links::Links,
    request::ApiRequest,
    resource::{Resource, attribute::Attribute, value::Value},
    wire::{attribute::DecimalWire, check_rate::CheckedRateWire, error::ErrorWire, time::TimeWire},
};

/// The answer to the question. It is not kept: nothing is found under its id later.
pub struct RateCheck {
    id: Uuid,
    rateplan: Uuid,
    number: String,
    rates: Vec<CheckedRateWire>,
}

impl Resource for RateCheck {
    const KIND: &'static str = "check-rates";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |check: &Self| check.id.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::uuid("rateplan-id", |check: &Self| check.rateplan.into()).sent_only(),
        Attribute::text("number", |check: &Self| check.number.as_str().into()).sent_only(),
        Attribute::json("rates", |check| Value::json(&check.rates)),
    ];
    const CREATABLE: &'static [&'static str] = &["rateplan-id", "number"];

    fn link(&self, links: &Links) -> Option<String> {
        Some(links.list(Self::KIND))
    }
}

/// For each set of routing tags, the rate that would hold now.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<RateCheck>().await?;
    let wanted = NewResource::read::<RateCheck>(&body)?;
    let (plan, number) = read(&wanted.attributes, &reachable(&request))?;
    let called = Number::from(number.as_str()).without_separators();
    let rates = request.directory.rates_by_tags(plan.uuid, &called, request.app.now());
    let rates = rates.into_iter().map(checked).collect();
    let check = RateCheck { id: Uuid::new_v4(), rateplan: plan.uuid, number, rates };
    Ok(presenter.created(&check))
}

/// The plan and the number of a request, if both are there.
fn read<'a>(
    attributes: &Map<String, Json>,
    reachable: &[&'a RatePlan],
) -> Result<(&'a RatePlan, String), Refusal> {
    match (read_plan(attributes.get("rateplan-id"), reachable), read_number(attributes.get("number"))) {
        (Ok(plan), Ok(number)) => Ok((plan, number)),
        (plan, number) => {
            let errors = plan.err().into_iter().flatten().chain(number.err());
            Err(Refusal::all(errors.collect()).unwrap_or_else(Refusal::internal))
        }
    }
}

fn read_plan<'a>(sent: Option<&Json>, reachable: &[&'a RatePlan]) -> Result<&'a RatePlan, Vec<ErrorWire>> {
    let text = sent.filter(|sent| !sent.is_null()).map(convert::shown).unwrap_or_default();
    let uuid = convert::uuid(&text);
    let plan = reachable.iter().find(|plan| Some(plan.uuid) == uuid);
    plan.copied().ok_or_else(|| {
        let blank = text.is_empty().then_some("can't be blank");
        let messages = blank.into_iter().chain(["Rateplan not found"]);
        messages.map(|message| invalid_attribute("rateplan-id", message)).collect()
    })
}

/// A number: text, or a whole number in JSON.
fn read_number(sent: Option<&Json>) -> Result<String, ErrorWire> {
    match sent {
        Some(Json::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Json::Number(number)) if number.is_u64() => Ok(number.to_string()),
        None | Some(Json::Null | Json::String(_)) => Err(invalid_attribute("number", "can't be blank")),
        Some(_) => Err(invalid_attribute("number", "is invalid")),
    }
}

fn checked(rate: &PlanRate) -> CheckedRateWire {
    let (price, time) = (&rate.price, |at: Option<Timestamp>| at.map(TimeWire));
    CheckedRateWire {
        prefix: price.prefix.clone(),
        initial_rate: DecimalWire(price.initial_rate),
        initial_interval: price.initial_interval.as_secs(),
        next_rate: DecimalWire(price.next_rate),
        next_interval: price.next_interval.as_secs(),
        connect_fee: DecimalWire(price.fee),
        attempt_fee: DecimalWire(price.attempt_fee),
        reject_calls: rate.rejects_calls,
        valid_from: time(rate.valid_from),
        valid_till: time(rate.valid_till),
        network_prefix_id: network_prefix_id(rate),
        routing_tag_names: rate.routing_tags.iter().map(ToString::to_string).collect(),
        id: rate.uuid.to_string(),
    }
}
