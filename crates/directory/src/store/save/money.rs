//! Writing rate plans, services and profiles.

use rusqlite::{Connection, Result, params};
use uuid::Uuid;

use super::insert;
use crate::{
    model::{PlanRate, Profile, RatePlan, Service},
    words::Word,
};

pub(super) fn save_rateplan(db: &Connection, plan: &RatePlan) -> Result<()> {
    insert(db, "rateplans", params![plan.uuid.to_string(), plan.name])?;
    plan.rates.iter().try_for_each(|rate| save_rate(db, plan.uuid, rate))
}

fn save_rate(db: &Connection, plan: Uuid, rate: &PlanRate) -> Result<()> {
    let (uuid, price) = (rate.uuid.to_string(), &rate.price);
    let row = params![
        uuid,
        plan.to_string(),
        price.prefix,
        price.initial_interval.as_secs() as i64,
        price.initial_rate.to_string(),
        price.next_interval.as_secs() as i64,
        price.next_rate.to_string(),
        price.fee.to_string(),
        price.attempt_fee.to_string(),
        rate.number_min_length,
        rate.number_max_length,
        rate.is_enabled,
        rate.rejects_calls,
        rate.valid_from.map(|at| at.as_micros()),
        rate.valid_till.map(|at| at.as_micros()),
    ];
    insert(db, "rateplan_rates", row)?;
    rate.routing_tags.iter().try_for_each(|tag| insert(db, "rate_tags", params![uuid, tag]))
}

pub(super) fn save_service(db: &Connection, service: &Service) -> Result<()> {
    let row = params![
        service.uuid.to_string(),
        service.account.0,
        service.name,
        service.kind,
        service.initial_price.to_string(),
        service.renew_price.to_string(),
        service.renew_period.map(Word::word),
        service.starts_at.as_micros(),
        service.ends_at.map(|at| at.as_micros()),
    ];
    insert(db, "services", row)
}

pub(super) fn save_profile(db: &Connection, profile: &Profile) -> Result<()> {
    let id = profile.id.0;
    insert(db, "profiles", params![id])?;
    profile.denied.iter().try_for_each(|name| insert(db, "profile_denials", params![id, name]))
}
