//! `GET /v1/series`: how many calls of an account were active at each instant of a stretch of time, at any step; and
//! `GET /v1/balance`: what the account has.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
};
use call::{Timestamp, event::Side, filter::CallFilter, series::Grid};
use http_core::{App, time::rfc3339};
use live::CommandError;
use questions::activity::Activity;

use crate::{
    auth::Client,
    errors::Failure,
    query::{bad, instant, one_of, up_to},
    wire::series::{BalanceWire, SeriesWire},
};

const PARAMETERS: &str = "from, until, step and direction";
const SIDES: [(&str, Side); 2] = [("outbound", Side::Origination), ("inbound", Side::Termination)];
/// Instants of an answer, at most.
const MOST: u128 = 100_000;
/// The longest step, in seconds.
const LONGEST_STEP: usize = 366 * 86_400;

/// What is asked for.
struct Wanted {
    from: Timestamp,
    until: Timestamp,
    step: Duration,
    side: Side,
}

/// The counts; none where the server was not running.
pub async fn active(
    client: Client,
    State(app): State<Arc<App>>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Json<SeriesWire>, Failure> {
    let wanted = Wanted::read(&sent, app.now())?;
    let grid = Grid::aligned(wanted.from, wanted.until, wanted.step);
    let (history, live) = (&*app.history, &app.live.snapshot());
    let activity =
        Activity { history, live, account: client.account, side: wanted.side, filter: CallFilter::default() };
    let counts = activity.at(grid).await.map_err(CommandError::from)?;
    let outages = app.history.outages(wanted.from..wanted.until).await.map_err(CommandError::from)?;
    let is_up = |at: Timestamp| !outages.iter().any(|outage| outage.contains(at));
    let points = grid.instants().zip(counts).map(|(at, count)| (at, is_up(at).then_some(count)));
    let (at, calls): (Vec<_>, Vec<_>) = points.map(|(at, count)| (at.as_seconds(), count)).unzip();
    Ok(Json(SeriesWire { step_seconds: wanted.step.as_secs(), at, calls }))
}

/// What the account has: what it began with, moved by its calls, services and payments.
pub async fn balance(client: Client, State(app): State<Arc<App>>) -> Result<Json<BalanceWire>, Failure> {
    let directory = app.directory();
    let account = directory.account(client.account).ok_or_else(Failure::no_such_account)?;
    let moved = app.history.balance_movements(vec![client.account]).await.map_err(CommandError::from)?;
    let moved = moved.get(&client.account).copied().unwrap_or_default();
    let balance = directory.balance(account, moved, app.now());
    Ok(Json(BalanceWire {
        account: client.account.0,
        balance: balance.normalize().to_string(),
        min_balance: account.billing.min_balance.normalize().to_string(),
        as_of: rfc3339(app.now()),
    }))
}

impl Wanted {
    fn read(sent: &[(String, String)], now: Timestamp) -> Result<Self, Failure> {
        let mut wanted = Self {
            from: now - Duration::from_secs(3_600),
            until: now,
            step: Duration::from_secs(60),
            side: Side::Origination,
        };
        for (name, value) in sent {
            match name.as_str() {
                "from" => wanted.from = instant(name, value)?,
                // What will be is not known.
                "until" => wanted.until = instant(name, value)?.min(now),
                "step" => wanted.step = Duration::from_secs(up_to(name, value, LONGEST_STEP)? as u64),
                "direction" => wanted.side = one_of(name, value, &SIDES)?,
                _ => return Err(Failure::bad_member(name, "not known", PARAMETERS)),
            }
        }
        let instants = wanted.until.since(wanted.from).as_micros() / wanted.step.as_micros();
        if instants > MOST {
            let accepted = format!("one of which at most {MOST} fit between from and until");
            return Err(bad("step", &wanted.step.as_secs().to_string(), &accepted));
        }
        Ok(wanted)
    }
}
