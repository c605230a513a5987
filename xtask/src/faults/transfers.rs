//! Calls that are handed over by the API: to an extension, to a number, to one that is busy, and to one that
//! rings until the caller hangs up.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    process::Child,
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    calls::{SCENARIOS, Traffic, sipp},
    place::{Place, free_port},
};
use crate::bench::Request;

/// What the API is told with.
pub const TOKEN: &str = "faults-token";
const CALLS: &str = "/cc/accounts/1/calls";
const JSON: &str = "application/json";

/// To whom a call is handed over, whether that is taken up, and what its record tells: what its parties did, and
/// to which number it went.
type Order = (Value, bool, &'static [&'static str], &'static str);

fn orders() -> [Order; 4] {
    const DONE: &[&str] = &["Answer", "TransferAttempt", "Answer", "TransferCompleted", "Hangup"];
    const STOPPED: &[&str] = &["Answer", "TransferAttempt", "TransferStopped", "Hangup"];
    let to = |kind: &str, number: &str| json!({"type": kind, "destination": number});
    [
        (to("extension", "1001"), true, DONE, "1001"),
        (to("pstn", "+14155550100"), true, DONE, "+14155550100"),
        (to("extension", "1002"), false, STOPPED, ""),
        (to("extension", "1003"), true, STOPPED, ""),
    ]
}

/// Phones beside the one that calls reach: 1001 takes calls where that does, 1002 is busy, 1003 rings.
pub struct Phones {
    _folder: TempDir,
    running: Vec<Child>,
}

impl Phones {
    /// Registers them.
    pub fn register(place: &Place) -> Result<Self> {
        let mut phones = Self { _folder: TempDir::with_prefix("faults-phones-")?, running: Vec::new() };
        let folder = &phones._folder;
        for (extension, scenario) in
            [("1000", None), ("1001", None), ("1002", Some("uas-busy")), ("1003", Some("uas-no-answer"))]
        {
            let port = scenario.map_or(Ok(place.callee()), |_| free_port())?;
            if let Some(scenario) = scenario {
                let scenario = format!("{SCENARIOS}/{scenario}.xml");
                phones.running.push(sipp(folder, port).args(["-sf", &scenario]).spawn()?);
            }
            let mut registering = sipp(folder, free_port()?);
            registering.args(["-sf", &format!("{SCENARIOS}/uac-register.xml"), "-m", "1"]);
            registering.args(["-au", extension, "-ap", "faults", "-auth_uri", "127.0.0.1"]);
            let contact = format!("127.0.0.1:{port}");
            for (key, value) in
                [("domain", "127.0.0.1"), ("caller", extension), ("contact", &contact), ("expires", "3600")]
            {
                registering.args(["-key", key, value]);
            }
            let registered = registering.arg(place.sip()?.to_string()).status()?;
            ensure!(registered.success(), "{extension} is not registered");
        }
        Ok(phones)
    }
}

impl Drop for Phones {
    fn drop(&mut self) {
        for phone in &mut self.running {
            // Already gone is as good.
            let _ = phone.kill();
            let _ = phone.wait();
        }
    }
}

/// Hands over each call of the traffic once, in four ways in turn, until all are over; then holds what was
/// answered, and the records, against what had to come.
pub fn make(place: &Place, traffic: &mut Traffic, calls: u32) -> Result<()> {
    let (http, orders) = (place.http()?, orders());
    let (mut seen, began) = (HashSet::new(), Instant::now());
    let mut expected: BTreeMap<(Vec<String>, String), usize> = BTreeMap::new();
    scope(|scope| -> Result<()> {
        let mut told = Vec::new();
        while seen.len() < calls as usize {
            ensure!(began.elapsed() < Duration::from_secs(60), "{} of {calls} calls were seen", seen.len());
            for call in answered(http)?.into_iter().filter(|call| !seen.contains(call)).collect::<Vec<_>>() {
                let (to, is_taken, did, number) = &orders[seen.len() % orders.len()];
                let did = did.iter().map(|did| (*did).to_owned()).collect();
                *expected.entry((did, (*number).to_owned())).or_default() += 1;
                seen.insert(call.clone());
                told.push(scope.spawn(move || hand_over(http, &call, to, *is_taken)));
            }
            sleep(Duration::from_millis(50));
        }
        let mut ended = told.into_iter().map(|order| order.join());
        ended.try_for_each(|ended| ended.map_err(|_| anyhow::anyhow!("an order panicked"))?)
    })?;
    traffic.finish()?;
    place.wait_until_idle(Duration::from_secs(30))?;
    let recorded = recorded(http)?;
    ensure!(recorded == expected, "recorded {recorded:#?}\nexpected {expected:#?}");
    Ok(())
}

/// Ids of the calls whose parties talk.
fn answered(http: SocketAddr) -> Result<Vec<String>> {
    let page = api(Request::get(format!("{CALLS}?page_size=1000"))).send(http)?.json()?;
    let calls = page["calls"].as_array().context("there is no list of calls")?.iter();
    let talking = calls.filter(|call| call["status"] == "on-call");
    Ok(talking.filter_map(|call| Some(call["call_id"].as_str()?.to_owned())).collect())
}

/// The phone that was called hands the caller over.
fn hand_over(http: SocketAddr, call: &str, to: &Value, is_taken: bool) -> Result<()> {
    let legs = api(Request::get(format!("{CALLS}/{call}/legs"))).send(http)?.json()?;
    let mut of_call = legs.as_array().context("there is no list of legs")?.iter();
    let leg = of_call.find(|leg| leg["to"] == 1000 && leg["direction"] == "inbound");
    let leg =
        leg.and_then(|leg| leg["leg_id"].as_str()).with_context(|| format!("no leg of 1000: {legs}"))?;
    let order = json!({"state": "active", "to": to}).to_string();
    let order = Request { method: "PUT", ..Request::post(format!("{CALLS}/{call}/legs/{leg}"), JSON, order) };
    let reply = api(order).send(http)?;
    let said = String::from_utf8_lossy(&reply.body);
    // What somebody rings for is under way.
    let expected: &[u16] = if is_taken { &[200, 202] } else { &[409] };
    ensure!(expected.contains(&reply.status), "{to}: {} instead of {expected:?}: {said}", reply.status);
    Ok(())
}

/// What the parties of calls did and where they were handed over to, and how many records tell so.
fn recorded(http: SocketAddr) -> Result<BTreeMap<(Vec<String>, String), usize>> {
    let body = json!({"ItemsPerPage": 1000, "SortField": "StartTime", "CustomerName": "Bench",
                      "UserName": "faults", "Password": "faults"});
    let page = Request::post("/api/calls", JSON, body.to_string()).send(http)?.json()?;
    let mut records = BTreeMap::new();
    for record in page["Items"].as_array().context("there are no records")? {
        let did = record["Interactions"].as_array().context("a record lacks its interactions")?;
        let did = did.iter().filter_map(|did| did["Type"].as_str()).map(str::to_owned).collect();
        let to = record["TransferToNumber"].as_str().unwrap_or_default().to_owned();
        *records.entry((did, to)).or_default() += 1;
    }
    Ok(records)
}

fn api(request: Request) -> Request {
    request.with(format!("Authorization: Bearer {TOKEN}"))
}
