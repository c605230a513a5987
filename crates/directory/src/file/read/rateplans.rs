//! Rate plans.

use std::{collections::BTreeSet, sync::Arc};

use call::{Timestamp, rating::Rate};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Reading, Table, Taken, forms};
use crate::model::{PlanRate, RatePlan};

/// The UUIDs of rate plans that have none of their own are made in this namespace; those of their rates in
/// that of the plan's UUID.
const RATE_PLANS: Uuid = Uuid::from_u128(0x2d8f_5c1e_7a40_4b6d_8e93_1c5a_90f7_63b2);

/// What tells a rate from the others of its plan: prefix, fewest and most digits, validity, tags.
type Scope = (String, (u8, u8), (Option<Timestamp>, Option<Timestamp>), BTreeSet<Arc<str>>);

impl Reading {
    pub(super) fn rateplans(&mut self, root: &Table<'_>) {
        for table in root.tables("rateplans") {
            let plan = self.read_rateplan(&table);
            self.entries.rateplans.extend(plan);
            table.finish();
        }
    }

    fn read_rateplan(&mut self, table: &Table<'_>) -> Option<RatePlan> {
        let name = table.needed("name", forms::name());
        let uuid = table.given("uuid", forms::uuid());
        let made = |name: &Arc<str>| Uuid::new_v5(&RATE_PLANS, name.as_bytes());
        let uuid = uuid.or_else(|| name.as_ref().map(made));
        let rates = self.read_rates(table, uuid.unwrap_or_default());
        let (name, uuid) = (name?, uuid?);
        self.rateplans.take(table, "name", name.clone(), uuid, "a name that no other rate plan has");
        if table.has("uuid") {
            self.rateplan_uuids.take(table, "uuid", uuid, (), "a UUID that no other rate plan has");
        }
        Some(RatePlan { uuid, name, rates })
    }

    fn read_rates(&mut self, plan: &Table<'_>, plan_uuid: Uuid) -> Vec<PlanRate> {
        let mut scopes = Taken::default();
        let mut rates = Vec::new();
        for table in plan.tables("rates") {
            let rate = read_rate(&table, plan_uuid);
            if let Some(rate) = &rate {
                let accepted =
                    "a prefix that no other rate of the plan has for the same lengths, time and tags";
                scopes.take(&table, "prefix", scope(rate), (), accepted);
                if table.has("uuid") {
                    self.rate_uuids.take(&table, "uuid", rate.uuid, (), "a UUID that no other rate has");
                }
            }
            rates.extend(rate);
            table.finish();
        }
        rates
    }
}

fn scope(rate: &PlanRate) -> Scope {
    let lengths = (rate.number_min_length, rate.number_max_length);
    let tags = rate.routing_tags.iter().cloned().collect();
    (rate.price.prefix.clone(), lengths, (rate.valid_from, rate.valid_till), tags)
}

fn read_rate(table: &Table<'_>, plan: Uuid) -> Option<PlanRate> {
    let uuid = table.given("uuid", forms::uuid());
    let price = read_price(table);
    let (number_min_length, number_max_length) = read_lengths(table);
    let (valid_from, valid_till) = read_validity(table);
    let rate = PlanRate {
        uuid: Uuid::nil(),
        is_enabled: table.given("enabled", forms::flag()).unwrap_or(true),
        rejects_calls: table.given("reject_calls", forms::flag()).unwrap_or(false),
        routing_tags: table.set("routing_tags", forms::tag()),
        price: price?,
        number_min_length,
        number_max_length,
        valid_from,
        valid_till,
    };
    Some(PlanRate { uuid: uuid.unwrap_or_else(|| made_uuid(plan, &rate)), ..rate })
}

fn read_price(table: &Table<'_>) -> Option<Rate> {
    let prefix = table.needed("prefix", forms::prefix());
    let initial_interval = table.needed("initial_interval", forms::interval());
    let initial_rate = table.needed("initial_rate", forms::money());
    let next_interval = table.given("next_interval", forms::interval()).or(initial_interval);
    let next_rate = table.given("next_rate", forms::money()).or(initial_rate);
    let fee = table.given("connect_fee", forms::money()).unwrap_or_default();
    let attempt_fee = table.given("attempt_fee", forms::money()).unwrap_or_default();
    Some(Rate {
        prefix: prefix?,
        initial_interval: initial_interval?,
        initial_rate: initial_rate?,
        next_interval: next_interval?,
        next_rate: next_rate?,
        fee,
        attempt_fee,
        vat: Decimal::ZERO,
    })
}

fn read_lengths(table: &Table<'_>) -> (u8, u8) {
    let least = table.given("number_min_length", forms::number_length()).unwrap_or(0);
    let most = table.given("number_max_length", forms::number_length()).unwrap_or(PlanRate::MAX_LENGTH);
    if least > most {
        let accepted = "a length that is not below number_min_length";
        let _: Option<()> = table.refuse("number_max_length", most.to_string(), accepted);
    }
    (least, most)
}

fn read_validity(table: &Table<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = table.given("valid_from", forms::instant());
    let till = table.given("valid_till", forms::instant());
    if from.zip(till).is_some_and(|(from, till)| from >= till) {
        let _: Option<()> = table.refuse("valid_till", "an earlier instant", "an instant after valid_from");
    }
    (from, till)
}

/// The UUID of a rate that has none of its own.
fn made_uuid(plan: Uuid, rate: &PlanRate) -> Uuid {
    let (prefix, (least, most), (from, till), tags) = scope(rate);
    let [from, till] = [from, till].map(|at| at.map_or_else(String::new, |at| at.as_micros().to_string()));
    let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
    let text = format!("{prefix} {least} {most} {from} {till} {}", tags.join(","));
    Uuid::new_v5(&plan, text.as_bytes())
}
