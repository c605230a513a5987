//! Programs that ask for the live list, the chart and an export without a pause, while calls go on.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread::{scope, sleep},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    place::Place,
    records::{YETI, log_in},
};
use crate::bench::Request;

const JSON_API: &str = "application/vnd.api+json";

/// Asks for so long, one program for each question; gives how often each was answered.
pub fn ask(place: &Place, time: Duration) -> Result<[u64; 3]> {
    let http = place.http()?;
    let questions = questions(http)?;
    let (done, answered) = (AtomicBool::new(false), [(); 3].map(|()| AtomicU64::new(0)));
    scope(|scope| -> Result<()> {
        let asking = questions.iter().zip(&answered).map(|(question, answered)| {
            scope.spawn(|| -> Result<()> {
                while !done.load(Ordering::Relaxed) {
                    question.send(http)?.text()?;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        });
        let asking: Vec<_> = asking.collect();
        sleep(time);
        done.store(true, Ordering::Relaxed);
        let mut ended = asking.into_iter().map(|program| program.join());
        ended.try_for_each(|ended| ended.map_err(|_| anyhow::anyhow!("a program panicked"))?)
    })?;
    Ok(answered.map(AtomicU64::into_inner))
}

/// The calls that go on, how many did in the last day, and an export of all that have ended.
fn questions(http: SocketAddr) -> Result<[Request; 3]> {
    let token = format!("Authorization: {}", log_in(http)?);
    let get = |path: &str| Request::get(format!("{YETI}/{path}")).with(&token);
    let accounts = get("accounts").with(format!("Accept: {JSON_API}")).send(http)?.json()?;
    let mut accounts = accounts["data"].as_array().context("there is no list of accounts")?.iter();
    let own = accounts.find(|account| account["attributes"]["name"] == "Caller");
    let account = own.and_then(|account| account["id"].as_str()).context("the account is not there")?;
    let create = |kind: &str, attributes: serde_json::Value| {
        let account = json!({"account": {"data": {"type": "accounts", "id": account}}});
        let body =
            json!({"data": {"type": kind, "attributes": attributes, "relationships": account}}).to_string();
        let request = Request::post(format!("{YETI}/{kind}"), JSON_API, body).with(&token);
        request.with(format!("Accept: {JSON_API}"))
    };
    let filters = json!({"time_start_gteq": "2020-01-01 00:00:00", "time_start_lt": "2100-01-01 00:00:00"});
    Ok([
        get(&format!("outgoing-active-calls?account-id={account}")),
        create("chart-active-calls", json!({})),
        create("cdr-exports", json!({"filters": filters})),
    ])
}
