//! `POST /api/call-allowance/balance` (`ListCallAllowanceBalanceRequest`, section 5): the billable time of each
//! client.

use std::{collections::HashMap, time::Duration};

use call::{AccountId, Timestamp};
use directory::Snapshot;
use history::{Billed, BilledParts, BillingQuery};
use http_core::auth::LoggedIn;

use crate::{
    convert::talk_bounds,
    dates,
    dto::Faults,
    errors::Failure,
    members::Members,
    state::HostedSuite,
    wire::balance::{CallAllowanceBalanceInfo, CallRoundingType, ListCallAllowanceBalanceRequest},
};

/// The billable time of each client that the user may see, also of those without calls.
pub async fn balance(
    app: &HostedSuite,
    client: &LoggedIn,
    members: &Members,
) -> Result<Vec<CallAllowanceBalanceInfo>, Failure> {
    let query = query(app, client, members)?;
    let accounts = query.accounts.clone();
    let billed = app.history.billed(query).await?;
    let billed: HashMap<AccountId, Billed> = billed.into_iter().map(|sum| (sum.account, sum)).collect();
    let shown = accounts.into_iter().filter_map(|id| info(id, billed.get(&id), &client.directory));
    Ok(shown.collect())
}

fn query(app: &HostedSuite, client: &LoggedIn, members: &Members) -> Result<BillingQuery, Failure> {
    let zone = &app.config.time_zone;
    let mut faults = Faults::new(&ListCallAllowanceBalanceRequest::DTO, members);
    let asked = ListCallAllowanceBalanceRequest::read(&mut faults);
    let start =
        faults.parsed("StartDate", asked.start_date.as_deref(), |text| dates::parse_start(text, zone));
    let end = faults.parsed("EndDate", asked.end_date.as_deref(), |text| dates::parse_end(text, zone));
    let talk = talk_bounds(&mut faults, asked.min_call_duration, asked.max_call_duration);
    let is_wanted = |id: AccountId| {
        let uuid = client.directory.account(id).map(|account| account.uuid.to_string());
        let wanted = asked.client_id.as_deref().filter(|wanted| !wanted.is_empty());
        wanted.is_none_or(|wanted| uuid.is_some_and(|uuid| uuid.eq_ignore_ascii_case(wanted)))
    };
    let query = BillingQuery {
        accounts: client.access().narrowed(is_wanted).accounts().to_vec(),
        started: start.unwrap_or(Timestamp::MIN)..end.unwrap_or(Timestamp::MAX),
        talk,
        parts: BilledParts {
            ring: asked.bill_ring,
            talk: asked.bill_talk,
            hold: asked.bill_hold,
            transfer: asked.bill_transfer,
        },
        step: step(asked.call_rounding),
    };
    faults.finish(query)
}

fn step(rounding: CallRoundingType) -> Option<Duration> {
    match rounding {
        CallRoundingType::None => None,
        CallRoundingType::NextMinute => Some(Duration::from_secs(60)),
        CallRoundingType::Next30Seconds => Some(Duration::from_secs(30)),
    }
}

fn info(id: AccountId, billed: Option<&Billed>, directory: &Snapshot) -> Option<CallAllowanceBalanceInfo> {
    let account = directory.account(id)?;
    Some(CallAllowanceBalanceInfo {
        client_id: Some(account.uuid.to_string()),
        client_name: Some(account.name.to_string()),
        center_id: account.center.map(|center| center.to_string()),
        call_count: billed.map_or(0, |billed| i64::try_from(billed.calls).unwrap_or(i64::MAX)),
        billable_seconds: billed.map_or(0.0, |billed| billed.length.as_micros() as f64 / 1e6),
    })
}
