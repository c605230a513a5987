//! What is recorded, as the customer API tells it.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::bench::Request;

/// Records on a page.
const PAGE: usize = 500;
/// The customer API.
pub const YETI: &str = "/api/rest/customer/v1";

/// A record of a call that the callers' account sent.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The Call-ID of the caller's leg; empty if there was none yet.
    pub call_id: String,
    /// Seconds from its answer to its end; `None` if it was not answered.
    pub talked: Option<f64>,
}

/// All of them.
pub fn all(server: SocketAddr) -> Result<Vec<Recorded>> {
    let token = log_in(server)?;
    let mut records = Vec::new();
    for page in 1.. {
        let path = format!("{YETI}/cdrs?page%5Bnumber%5D={page}&page%5Bsize%5D={PAGE}&sort=time-start");
        let request = Request::get(path).with(format!("Authorization: {token}"));
        let answer = request.with("Accept: application/vnd.api+json").send(server)?.json()?;
        let rows = answer["data"].as_array().context("a page has no rows")?;
        for row in rows {
            records.push(recorded(&row["attributes"])?);
        }
        if rows.len() < PAGE {
            return Ok(records);
        }
    }
    Ok(records)
}

/// Logs in; gives the token.
pub fn log_in(server: SocketAddr) -> Result<String> {
    let body = r#"{"auth":{"login":"faults","password":"faults"}}"#;
    let answer = Request::post(format!("{YETI}/auth"), "application/json", body).send(server)?.json()?;
    Ok(answer["jwt"].as_str().context("no token is issued")?.to_owned())
}

fn recorded(row: &Value) -> Result<Recorded> {
    let at = |name: &str| -> Option<f64> {
        let at: jiff::Timestamp = row[name].as_str()?.parse().ok()?;
        Some(at.as_microsecond() as f64 / 1e6)
    };
    let is_answered = row["success"].as_bool().context("a record does not say whether it was answered")?;
    let talked = at("time-end").zip(at("time-connect")).map(|(end, connect)| end - connect);
    // A server that is killed between the first two events of a call knows no leg of it.
    let call_id = row["orig-call-id"].as_str().unwrap_or_default().to_owned();
    Ok(Recorded { call_id, talked: talked.filter(|_| is_answered) })
}
