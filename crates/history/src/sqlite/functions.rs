//! What SQLite asks Rust for in the middle of a query: what lies inside of stored records and rates, what a
//! rate makes of a length, and the order of decimals.

use std::{cmp::Ordering, net::SocketAddr, sync::Arc, time::Duration};

use call::{party::CallerIdentity, rating::Rate, record::LegFacts};
use rusqlite::{
    Connection, Error, Result,
    functions::{Context, FunctionFlags},
    types::Value,
};
use rust_decimal::Decimal;

use super::{id, scaled, text};
use crate::{query::QualityField, stored};

/// Makes them known to a connection:
/// - the collation `decimal`, which orders decimals in text by their amount;
/// - `rate_part(format, rate, name)`: lengths in seconds, decimals as text;
/// - `leg_part(format, record, call_id, 'caller' or 'called', name)`: of the part whose number lies behind the id;
/// - `serial(call, call_id)`: the small number of that part;
/// - `net_price(format, rate, connected)`: the price without VAT in millionths; `connected` are the
///   microseconds from the answer to the end, `NULL` without an answer;
/// - `billed_seconds(format, rate, connected)`: `NULL` without an answer;
/// - those that test texts.
pub(super) fn add(connection: &Connection) -> Result<()> {
    connection.create_collation("decimal", compare_decimals)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("rate_part", 3, flags, |context| {
        rate_part(&rate(context)?, context.get_raw(2).as_str()?)
    })?;
    connection.create_scalar_function("leg_part", 5, flags, leg_part)?;
    connection.create_scalar_function("serial", 2, flags, |context| {
        Ok(id::serial(context.get(0)?, id::part_of(context.get_raw(1).as_blob()?)))
    })?;
    connection.create_scalar_function("net_price", 3, flags, net_price)?;
    connection.create_scalar_function("billed_seconds", 3, flags, billed_seconds)?;
    text::add_function(connection)
}

/// Texts that are no decimals come first, in the order of their bytes.
fn compare_decimals(one: &str, other: &str) -> Ordering {
    let read = |text: &str| text.parse::<Decimal>().ok();
    read(one).cmp(&read(other)).then_with(|| match read(one) {
        Some(_) => Ordering::Equal,
        None => one.cmp(other),
    })
}

fn rate(context: &Context<'_>) -> Result<Rate> {
    stored::read_rate(context.get(0)?, context.get_raw(1).as_blob()?).map_err(failed)
}

fn connected(context: &Context<'_>) -> Result<Option<Duration>> {
    let micros: Option<i64> = context.get(2)?;
    Ok(micros.map(|micros| Duration::from_micros(micros.unsigned_abs())))
}

fn net_price(context: &Context<'_>) -> Result<i64> {
    let net = Rate { vat: Decimal::ZERO, ..rate(context)? };
    let charge = connected(context)?.map_or_else(|| net.attempt_charge(), |length| net.charge(length));
    Ok(scaled::stored_price(charge.price))
}

fn billed_seconds(context: &Context<'_>) -> Result<Option<i64>> {
    let Some(length) = connected(context)? else { return Ok(None) };
    let billed = rate(context)?.charge(length).duration.as_secs();
    Ok(Some(i64::try_from(billed).unwrap_or(i64::MAX)))
}

fn rate_part(rate: &Rate, name: &str) -> Result<Value> {
    let seconds = |length: Duration| Value::from(i64::try_from(length.as_secs()).unwrap_or(i64::MAX));
    let decimal = |amount: Decimal| Value::from(amount.to_string());
    Ok(match name {
        "prefix" => rate.prefix.clone().into(),
        "initial_interval" => seconds(rate.initial_interval),
        "initial_rate" => decimal(rate.initial_rate),
        "next_interval" => seconds(rate.next_interval),
        "next_rate" => decimal(rate.next_rate),
        "fee" => decimal(rate.fee),
        "vat" => decimal(rate.vat),
        _ => return Err(unknown(name)),
    })
}

fn leg_part(context: &Context<'_>) -> Result<Value> {
    let part = id::part_of(context.get_raw(2).as_blob()?);
    let legs = stored::read_legs(context.get(0)?, context.get_raw(1).as_blob()?, part).map_err(failed)?;
    let leg = match context.get_raw(3).as_str()? {
        "caller" => Some(legs.caller_leg),
        _ => legs.called_leg,
    };
    match leg {
        Some(leg) => part_of_leg(leg, context.get_raw(4).as_str()?),
        None => Ok(Value::Null),
    }
}

fn part_of_leg(leg: LegFacts, name: &str) -> Result<Value> {
    let text = |text: Option<Arc<str>>| text.map(|text| text.to_string()).into();
    let said = |of: fn(&CallerIdentity) -> &Option<Arc<str>>| {
        text(leg.identity.as_deref().and_then(|it| of(it).clone()))
    };
    Ok(match name {
        "reason" => text(leg.status.map(|status| status.reason)),
        "address" => leg.address.map(|address| address.ip().to_string()).into(),
        "port" => leg.address.as_ref().map(SocketAddr::port).map(i64::from).into(),
        "transport" => leg.transport.map(|transport| i64::from(transport.number())).into(),
        "sip_call_id" => text(leg.sip_call_id),
        "local_tag" => text(leg.local_tag),
        "user_agent" => text(leg.user_agent),
        "from_domain" => text(leg.from_domain),
        "to_domain" => text(leg.to_domain),
        "ruri_domain" => text(leg.ruri_domain),
        "diversion" => text(leg.diversion),
        "asserted" => said(|it| &it.asserted),
        "preferred" => said(|it| &it.preferred),
        "privacy" => said(|it| &it.privacy),
        "remote_party" => said(|it| &it.remote_party),
        "remote_party_privacy" => said(|it| &it.remote_party_privacy),
        _ => {
            let field = QualityField::ALL.into_iter().find(|field| field.name() == name);
            let field = field.ok_or_else(|| unknown(name))?;
            leg.quality.as_deref().and_then(|quality| field.of(quality)).into()
        }
    })
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::UserFunctionError(Box::new(error))
}

fn unknown(name: &str) -> Error {
    Error::InvalidParameterName(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_in_text_are_ordered_by_their_amount() {
        let cases =
            [("0.10", "0.1", Ordering::Equal), ("9", "10", Ordering::Less), ("-1", "0", Ordering::Less)];
        for (one, other, expected) in cases {
            assert_eq!(compare_decimals(one, other), expected, "{one} and {other}");
        }
        assert_eq!(compare_decimals("a", "b"), Ordering::Less);
        assert_eq!(compare_decimals("a", "0"), Ordering::Less);
    }
}
