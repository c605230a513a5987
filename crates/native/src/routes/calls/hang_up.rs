//! `POST /v1/calls/hang-up`: ends every call that a filter finds. Tried first without doing it, it says how many
//! those are; done, it refuses to end more than the client says it expects.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
};
use call::ErrorCode;
use http_core::{App, body};
use questions::{LiveCalls, Part};
use serde_json::{Map, Value};

use super::query::{self, FILTERS};
use crate::{auth::Client, errors::Failure, wire::calls::HungUpWire};

/// Calls that are ended at once, at most.
const MOST: usize = 1_000;

/// What a body says.
struct Wanted {
    calls: LiveCalls,
    is_dry_run: bool,
    at_most: usize,
}

/// Ends them, or with `dry_run` only counts them.
pub async fn hang_up_many(
    client: Client,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<HungUpWire>, Failure> {
    let wanted = Wanted::read(&body::object(&headers, body, |sent| sent == "application/json")?)?;
    let directory = app.directory();
    let seen = (&client.access, &*directory);
    let found = wanted.calls.of(&app.live.snapshot(), seen, &Part::Skip(0), MOST);
    if wanted.is_dry_run {
        return Ok(Json(HungUpWire { found: found.matching, ended: 0 }));
    }
    if found.matching > wanted.at_most {
        let message = format!("{} calls are found, more than at_most; none is ended", found.matching);
        return Err(Failure::new(ErrorCode::Conflict, message));
    }
    let ids = found.calls.iter().map(|call| call.id).collect();
    let ended = app.live.hangup_calls(&client.access, client.account, ids).await?;
    Ok(Json(HungUpWire { found: found.matching, ended }))
}

impl Wanted {
    fn read(members: &Map<String, Value>) -> Result<Self, Failure> {
        let mut wanted = Self { calls: LiveCalls::default(), is_dry_run: false, at_most: 0 };
        for (name, value) in members {
            match name.as_str() {
                "filter" => wanted.calls = filter(value)?,
                "dry_run" => {
                    wanted.is_dry_run = value.as_bool().ok_or_else(|| bad(name, value, "true or false"))?
                }
                "at_most" => wanted.at_most = at_most(value)?,
                _ => return Err(Failure::bad_member(name, "not known", "filter, dry_run and at_most")),
            }
        }
        if !wanted.is_dry_run && wanted.at_most == 0 {
            return Err(Failure::bad_member("at_most", "missing", AT_MOST));
        }
        Ok(wanted)
    }
}

const AT_MOST: &str =
    "a whole number from 1 to 1000: how many calls may be ended; a dry_run says how many are found";

fn at_most(value: &Value) -> Result<usize, Failure> {
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    number.filter(|number| (1..=MOST).contains(number)).ok_or_else(|| bad("at_most", value, AT_MOST))
}

fn filter(value: &Value) -> Result<LiveCalls, Failure> {
    let members = value.as_object().ok_or_else(|| bad("filter", value, "an object"))?;
    let mut calls = LiveCalls::default();
    for (name, value) in members {
        let text = value.as_str().ok_or_else(|| bad(&format!("filter.{name}"), value, "a text"))?;
        if !query::filter(&mut calls, name, text)? {
            return Err(Failure::bad_member(&format!("filter.{name}"), "not known", FILTERS));
        }
    }
    Ok(calls)
}

fn bad(name: &str, value: &Value, accepted: &str) -> Failure {
    Failure::bad_member(name, value.to_string(), accepted)
}
