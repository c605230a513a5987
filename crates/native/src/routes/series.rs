//! `GET /v1/series`: how many calls of an account were active at each instant of a stretch of time, or began in each
//! step, at any step; and `GET /v1/balance`: what the account has.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
};
use call::{Timestamp, event::Side, filter::CallFilter, series::Grid};
use history::HistoryError;
use http_core::{App, time::rfc3339};
use live::CommandError;
use questions::activity::{Activity, called};

use crate::{
    auth::Client,
    errors::Failure,
    query::{bad, instant, one_of, up_to},
    wire::series::{BalanceWire, SeriesWire},
};

const PARAMETERS: &str = "measure, from, until, step, direction, country and prefix";
const MEASURES: [(&str, Measure); 2] = [("active", Measure::Active), ("started", Measure::Started)];
const SIDES: [(&str, Side); 2] = [("outbound", Side::Origination), ("inbound", Side::Termination)];
/// Instants of an answer, at most.
const MOST: u128 = 100_000;
/// The longest step, in seconds.
const LONGEST_STEP: usize = 366 * 86_400;

/// Seconds in which calls that began can be counted at once: a year's.
const MOST_SECONDS: u64 = LONGEST_STEP as u64;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// Calls that are active at each instant.
    Active,
    /// Calls that begin in each step.
    Started,
}

/// What is asked for.
struct Wanted {
    measure: Measure,
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
pub async fn calls(
    client: Client,
    State(app): State<Arc<App>>,
    Query(sent): Query<Vec<(String, String)>>,
) -> Result<Json<SeriesWire>, Failure> {
    let wanted = Wanted::read(&sent, app.now())?;
    let grid = wanted.grid();
    let (history, live) = (&*app.history, &app.live.snapshot());
    let activity =
        Activity { history, live, account: client.account, side: wanted.side, filter: wanted.filter()? };
    let (calls, peaks) = wanted.count(&activity).await.map_err(CommandError::from)?;
    let range = grid.of_peaks().range().unwrap_or(wanted.from..wanted.until);
    let outages = app.history.outages(range).await.map_err(CommandError::from)?;
    let at_some_time =
        |at: Timestamp| !outages.iter().any(|outage| outage.start <= at && outage.end >= at + wanted.step);
    let at_it = |at: Timestamp| !outages.iter().any(|outage| outage.contains(at));
    let at: Vec<_> = grid.instants().collect();
    let calls = match wanted.measure {
        Measure::Active => known(&at, calls, at_it),
        Measure::Started => known(&at, calls, at_some_time),
    };
    let peaks = known(&at, peaks, at_some_time);
    let at = at.iter().map(|at| at.as_seconds()).collect();
    Ok(Json(SeriesWire { step_seconds: wanted.step.as_secs(), at, calls, peaks }))
}

/// The counts of which something is known.
fn known(at: &[Timestamp], counts: Vec<u32>, is_known: impl Fn(Timestamp) -> bool) -> Vec<Option<u32>> {
    at.iter().zip(counts).map(|(at, count)| is_known(*at).then_some(count)).collect()
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
    fn grid(&self) -> Grid {
        Grid::aligned(self.from, self.until, self.step)
    }

    /// How many calls there were, and the most at once or within a second.
    async fn count(&self, activity: &Activity<'_>) -> Result<(Vec<u32>, Vec<u32>), HistoryError> {
        match self.measure {
            Measure::Active => Ok((activity.at(self.grid()).await?, activity.peaks(self.grid()).await?)),
            Measure::Started => {
                let steps = activity.started(self.grid(), self.step).await?;
                Ok(steps.into_iter().map(|step| (step.calls, step.within_a_second)).unzip())
            }
        }
    }

    /// Which calls count.
    fn filter(&self) -> Result<CallFilter, Failure> {
        let unknown =
            || bad("country", self.country.as_deref().unwrap_or_default(), "two letters of ISO 3166-1");
        called(self.country.as_deref(), self.prefix.as_deref()).ok_or_else(unknown)
    }

    fn read(sent: &[(String, String)], now: Timestamp) -> Result<Self, Failure> {
        let mut wanted = Self {
            measure: Measure::Active,
            from: now - Duration::from_secs(3_600),
            until: now,
            step: Duration::from_secs(60),
            side: Side::Origination,
            country: None,
            prefix: None,
        };
        for (name, value) in sent {
            match name.as_str() {
                "measure" => wanted.measure = one_of(name, value, &MEASURES)?,
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
        if wanted.measure == Measure::Started && wanted.until.since(wanted.from).as_secs() > MOST_SECONDS {
            let accepted = "an instant at most 366 days before until, where calls that began are counted";
            return Err(bad("from", &rfc3339(wanted.from), accepted));
        }
        Ok(wanted)
    }
}
