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
use questions::activity::{Activity, called};

use crate::{
    auth::Client,
    errors::Failure,
    query::{bad, instant, one_of, up_to},
    wire::series::{BalanceWire, SeriesWire},
};

const PARAMETERS: &str = "from, until, step, direction, country and prefix";
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
    country: Option<String>,
    prefix: Option<String>,
}

/// The first digits of a number.
fn digits(name: &str, value: &str) -> Result<String, Failure> {
    let digits = value.strip_prefix('+').unwrap_or(value);
    let is_good = (1..=24).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_good.then(|| digits.to_owned()).ok_or_else(|| bad(name, value, "1 to 24 digits"))
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
    let filter = wanted.filter()?;
    let activity = Activity { history, live, account: client.account, side: wanted.side, filter };
    let counts = activity.at(grid).await.map_err(CommandError::from)?;
    let peaks = activity.peaks(grid).await.map_err(CommandError::from)?;
    let range = grid.of_peaks().range().unwrap_or(wanted.from..wanted.until);
    let outages = app.history.outages(range).await.map_err(CommandError::from)?;
    let is_up = |at: Timestamp| !outages.iter().any(|outage| outage.contains(at));
    let was_up =
        |at: Timestamp| !outages.iter().any(|outage| outage.start <= at && outage.end >= at + wanted.step);
    let at: Vec<_> = grid.instants().collect();
    let told = |counts: Vec<u32>, is_known: &dyn Fn(Timestamp) -> bool| {
        at.iter().zip(counts).map(|(at, count)| is_known(*at).then_some(count)).collect()
    };
    let (calls, peaks) = (told(counts, &is_up), told(peaks, &was_up));
    let at = at.iter().map(|at| at.as_seconds()).collect();
    Ok(Json(SeriesWire { step_seconds: wanted.step.as_secs(), at, calls, peaks }))
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
    /// Which calls count.
    fn filter(&self) -> Result<CallFilter, Failure> {
        let unknown =
            || bad("country", self.country.as_deref().unwrap_or_default(), "two letters of ISO 3166-1");
        called(self.country.as_deref(), self.prefix.as_deref()).ok_or_else(unknown)
    }

    fn read(sent: &[(String, String)], now: Timestamp) -> Result<Self, Failure> {
        let mut wanted = Self {
            from: now - Duration::from_secs(3_600),
            until: now,
            step: Duration::from_secs(60),
            side: Side::Origination,
            country: None,
            prefix: None,
        };
        for (name, value) in sent {
            match name.as_str() {
                "from" => wanted.from = instant(name, value)?,
                // What will be is not known.
                "until" => wanted.until = instant(name, value)?.min(now),
                "step" => wanted.step = Duration::from_secs(up_to(name, value, LONGEST_STEP)? as u64),
                "direction" => wanted.side = one_of(name, value, &SIDES)?,
                "country" => wanted.country = Some(value.clone()),
                "prefix" => wanted.prefix = Some(digits(name, value)?),
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
