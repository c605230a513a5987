//! Reading rate plans, accounts' money, services and profiles.

use std::{collections::HashMap, sync::Arc};

use call::{AccountId, Timestamp, rating::Rate};
use jiff::tz::TimeZone;
use rusqlite::{Connection, Result, Row};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{all, lists, parsed, read};
use crate::{
    country::numeric_code,
    model::{
        Billing, CallingRules, Hours, PlanRate, Profile, ProfileId, RatePlan, Service, SpendingLimit,
        SpendingLimits,
    },
    words::Word,
};

pub(super) fn rateplans(db: &Connection) -> Result<Vec<RatePlan>> {
    let tag = |row: &Row<'_>| row.get::<_, Arc<str>>("tag");
    let mut tags = lists(db, "SELECT * FROM rate_tags", |row| parsed::<Uuid>(row, "rate"), tag)?;
    let plan = |row: &Row<'_>| parsed::<Uuid>(row, "rateplan");
    let mut rates = lists(db, "SELECT * FROM rateplan_rates", plan, rate)?;
    for rate in rates.values_mut().flatten() {
        rate.routing_tags = tags.remove(&rate.uuid).unwrap_or_default();
    }
    all(db, "SELECT * FROM rateplans", |row| {
        let uuid = parsed(row, "uuid")?;
        Ok(RatePlan { uuid, name: row.get("name")?, rates: rates.remove(&uuid).unwrap_or_default() })
    })
}

/// A rate, its tags yet to come.
fn rate(row: &Row<'_>) -> Result<PlanRate> {
    let instant = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    Ok(PlanRate {
        uuid: parsed(row, "uuid")?,
        price: price(row)?,
        number_min_length: row.get("number_min_length")?,
        number_max_length: row.get("number_max_length")?,
        is_enabled: row.get("enabled")?,
        rejects_calls: row.get("reject_calls")?,
        valid_from: instant("valid_from")?,
        valid_till: instant("valid_till")?,
        routing_tags: Vec::new(),
    })
}

fn price(row: &Row<'_>) -> Result<Rate> {
    let seconds =
        |column| row.get::<_, u32>(column).map(|seconds| std::time::Duration::from_secs(seconds.into()));
    Ok(Rate {
        prefix: row.get("prefix")?,
        initial_interval: seconds("initial_interval")?,
        initial_rate: parsed(row, "initial_rate")?,
        next_interval: seconds("next_interval")?,
        next_rate: parsed(row, "next_rate")?,
        fee: parsed(row, "connect_fee")?,
        attempt_fee: parsed(row, "attempt_fee")?,
        vat: Decimal::ZERO,
    })
}

/// The tags of accounts.
pub(super) fn account_tags(db: &Connection) -> Result<HashMap<AccountId, Vec<Arc<str>>>> {
    lists(db, "SELECT * FROM account_tags", |row| row.get("account").map(AccountId), |row| row.get("tag"))
}

/// An account's money, with its tags.
pub(super) fn billing(row: &Row<'_>, routing_tags: Vec<Arc<str>>) -> Result<Billing> {
    Ok(Billing {
        currency: row.get("currency")?,
        starting_balance: parsed(row, "starting_balance")?,
        min_balance: parsed(row, "min_balance")?,
        max_balance: parsed(row, "max_balance")?,
        max_rate: given(row, "max_rate")?,
        is_prepaid: row.get("prepaid")?,
        spending: spending(row)?,
        vat: parsed(row, "vat")?,
        routing_tags,
        origination_rateplan: given(row, "origination_rateplan")?,
        termination_rateplan: given(row, "termination_rateplan")?,
    })
}

/// What the calls of an account or a phone may cost.
pub(super) fn spending(row: &Row<'_>) -> Result<SpendingLimits> {
    let limit = |price, minutes| -> Result<SpendingLimit> {
        Ok(SpendingLimit { price: given(row, price)?, minutes: row.get(minutes)? })
    };
    Ok(SpendingLimits {
        hourly: limit("spend_per_hour", "minutes_per_hour")?,
        daily: limit("spend_per_day", "minutes_per_day")?,
    })
}

/// Where and when the calls of an account may go.
pub(super) fn calling(row: &Row<'_>) -> Result<CallingRules> {
    let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let countries = |column| {
        read(row, column, |text| text.split(' ').filter(|word| !word.is_empty()).map(numeric_code).collect())
    };
    let hours = |text: &str| text.split(';').filter(|part| !part.is_empty()).map(Hours::parse).collect();
    Ok(CallingRules {
        countries: countries("countries")?,
        blocked_countries: countries("blocked_countries")?,
        prefixes: read(row, "prefixes", |text| Some(words(text)))?,
        blocked_prefixes: read(row, "blocked_prefixes", |text| Some(words(text)))?,
        hours: read(row, "hours", hours)?,
        time_zone: read(row, "time_zone", |name| TimeZone::get(name).ok())?,
    })
}

pub(super) fn service(row: &Row<'_>) -> Result<Service> {
    let period = row.get::<_, Option<String>>("renew_period")?;
    Ok(Service {
        uuid: parsed(row, "uuid")?,
        account: AccountId(row.get("account")?),
        name: row.get("name")?,
        kind: row.get("type")?,
        initial_price: parsed(row, "initial_price")?,
        renew_price: parsed(row, "renew_price")?,
        renew_period: period.map(|_| read(row, "renew_period", Word::from_word)).transpose()?,
        starts_at: Timestamp::from_micros(row.get("starts_at")?),
        ends_at: row.get::<_, Option<i64>>("ends_at")?.map(Timestamp::from_micros),
    })
}

pub(super) fn profiles(db: &Connection) -> Result<Vec<Profile>> {
    let profile = |row: &Row<'_>| row.get("profile").map(ProfileId);
    let permission = |row: &Row<'_>| read(row, "permission", Profile::permission);
    let mut denied = lists(db, "SELECT * FROM profile_denials", profile, permission)?;
    all(db, "SELECT * FROM profiles", |row| {
        let id = ProfileId(row.get("id")?);
        Ok(Profile { id, denied: denied.remove(&id).unwrap_or_default().into_iter().collect() })
    })
}

/// A column that may be NULL.
fn given<T: std::str::FromStr>(row: &Row<'_>, column: &'static str) -> Result<Option<T>> {
    let is_null = row.get_ref(column)? == rusqlite::types::ValueRef::Null;
    if is_null { Ok(None) } else { parsed(row, column).map(Some) }
}
