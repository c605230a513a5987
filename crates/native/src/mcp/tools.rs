//! What a model can do: each tool is a route of `/v1` by another name, with that route's guard, bounds and answer.

mod schemas;

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::Extensions,
};
use call::{CallId, ErrorCode, Number, event::Side};
use directory::model::Area::{Billing, Calls, Commands, History};
use http_core::{
    App,
    Guard::{self, Reader, Writer},
    trail::Trail,
};
use live::{Outcome, Placing};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::message::Fault;
use crate::{
    auth::{Client, Known},
    errors::Failure,
    routes::{calls, history, series},
};

/// Who asks.
pub struct Caller {
    pub(super) app: Arc<App>,
    pub(super) known: Known,
    pub(super) extensions: Extensions,
}

type Arguments = Map<String, Value>;

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    SearchCalls,
    GetCall,
    LiveCalls,
    ActiveCallsOverTime,
    CostOfNumber,
    HangUpCall,
    PlaceCall,
}

const TOOLS: [Tool; 7] = [
    Tool::SearchCalls,
    Tool::GetCall,
    Tool::LiveCalls,
    Tool::ActiveCallsOverTime,
    Tool::CostOfNumber,
    Tool::HangUpCall,
    Tool::PlaceCall,
];

impl Tool {
    const fn name(self) -> &'static str {
        match self {
            Self::SearchCalls => "search_calls",
            Self::GetCall => "get_call",
            Self::LiveCalls => "live_calls",
            Self::ActiveCallsOverTime => "active_calls_over_time",
            Self::CostOfNumber => "cost_of_number",
            Self::HangUpCall => "hang_up_call",
            Self::PlaceCall => "place_call",
        }
    }

    const fn about(self) -> &'static str {
        match self {
            Self::SearchCalls => "Finished calls, the newest first; of the last day, if no time is given",
            Self::GetCall => "One call with its legs, while it goes on or when it is over",
            Self::LiveCalls => "The calls that go on, and how many there are of each group",
            Self::ActiveCallsOverTime => {
                "How many calls were active at evenly spaced instants, or began between them, and the most in between"
            }
            Self::CostOfNumber => "What a call to a number costs now",
            Self::HangUpCall => "Ends a call",
            Self::PlaceCall => "Rings one party and, when that answers, calls another",
        }
    }

    /// What credentials must be good for.
    const fn guard(self) -> Guard {
        match self {
            Self::SearchCalls | Self::ActiveCallsOverTime => Reader(History),
            Self::GetCall | Self::LiveCalls => Reader(Calls),
            Self::CostOfNumber => Reader(Billing),
            Self::HangUpCall | Self::PlaceCall => Writer(Commands),
        }
    }

    const fn is_read_only(self) -> bool {
        matches!(self.guard(), Reader(_))
    }
}

impl Caller {
    /// The tools that the credentials are good for.
    pub fn tools(&self) -> Vec<Value> {
        let own = TOOLS.into_iter().filter(|tool| self.known.rights.meet(tool.guard()).is_ok());
        let described = |tool: Tool| {
            json!({
                "name": tool.name(),
                "description": tool.about(),
                "inputSchema": schemas::of(tool),
                "annotations": {
                    "readOnlyHint": tool.is_read_only(),
                    "destructiveHint": tool == Tool::HangUpCall,
                    "openWorldHint": tool == Tool::PlaceCall,
                },
            })
        };
        own.map(described).collect()
    }

    /// `tools/call`. What a route would refuse is told as the tool's failure, so that the model can read it.
    pub async fn call(&self, parameters: &Arguments) -> Result<Value, Fault> {
        let name = parameters.get("name").and_then(Value::as_str).unwrap_or_default();
        let tool = TOOLS.into_iter().find(|tool| tool.name() == name);
        let tool = tool.ok_or_else(|| Fault::parameters(format!("There is no tool {name:?}")))?;
        let arguments = match parameters.get("arguments") {
            None => Arguments::new(),
            Some(Value::Object(arguments)) => arguments.clone(),
            Some(_) => return Err(Fault::parameters("arguments is no object")),
        };
        Ok(match self.carry_out(tool, arguments).await {
            Ok(found) => json!({
                "content": [{ "type": "text", "text": found.to_string() }],
                "structuredContent": found,
                "isError": false,
            }),
            Err(failure) => {
                let told = failure.told();
                json!({ "content": [{ "type": "text", "text": told.to_string() }], "isError": true })
            }
        })
    }

    async fn carry_out(&self, tool: Tool, arguments: Arguments) -> Result<Value, Failure> {
        self.known.rights.meet(tool.guard())?;
        takes(tool, &arguments)?;
        let (app, client) = (State(self.app.clone()), self.known.client.clone());
        match tool {
            Tool::SearchCalls => json_of(history::search(client, app, query(&arguments)?).await?),
            Tool::LiveCalls => json_of(calls::list(client, app, query(&arguments)?).await?),
            Tool::ActiveCallsOverTime => json_of(series::calls(client, app, query(&arguments)?).await?),
            Tool::GetCall => {
                let id = text(&arguments, "call")?.to_owned();
                json_of(calls::show(client, app, Ok(Path(id))).await?)
            }
            Tool::CostOfNumber => self.cost(&arguments),
            Tool::HangUpCall => {
                self.acts();
                self.hang_up(&arguments).await
            }
            Tool::PlaceCall => {
                self.acts();
                self.place(&arguments).await
            }
        }
    }

    /// What changes something is noted in the audit trail.
    fn acts(&self) {
        self.known.acts(&self.app, &Trail::of(&self.extensions));
    }

    async fn hang_up(&self, arguments: &Arguments) -> Result<Value, Failure> {
        let call: CallId = text(arguments, "call")?.parse().map_err(|_| Failure::no_such_call())?;
        let Client { access, account, .. } = &self.known.client;
        let (_, outcome) = self.app.live.hangup_call(access, *account, call).await?;
        Ok(json!({ "outcome": if outcome == Outcome::Done { "done" } else { "under_way" } }))
    }

    async fn place(&self, arguments: &Arguments) -> Result<Value, Failure> {
        let Client { access, account, .. } = &self.known.client;
        let (first, then) = calls::parties(&self.app, &self.known.client, arguments)?;
        let id = self.app.live.originate(access, *account, Placing { first, then, recording: None }).await?;
        Ok(json!({ "call": id.to_string() }))
    }

    /// By the rates that hold now. A number that costs nothing is one of the account's own, or has no rate.
    fn cost(&self, arguments: &Arguments) -> Result<Value, Failure> {
        let number = text(arguments, "number")?;
        let seconds = seconds(arguments)?;
        let directory = self.app.directory();
        let account = directory.account(self.known.client.account).ok_or_else(Failure::no_such_account)?;
        let called = Number::from(number).without_separators();
        let rate = directory.rate(account.owner(), Side::Origination, &called, self.app.now());
        let rate = rate.map_err(|_| {
            Failure::new(
                ErrorCode::Conflict,
                "Calls to this number are not let through by the account's rates",
            )
        })?;
        let price = rate.as_ref().map(|rate| rate.charge(Duration::from_secs(seconds)).price.normalize());
        let amount = |amount: rust_decimal::Decimal| amount.normalize().to_string();
        Ok(json!({
            "number": number,
            "currency": &*account.billing.currency,
            "seconds": seconds,
            "price": price.map_or_else(|| "0".to_owned(), |price| price.to_string()),
            "rate": rate.map(|rate| json!({
                "prefix": rate.prefix,
                "initial_seconds": rate.initial_interval.as_secs(),
                "initial_per_minute": amount(rate.initial_rate),
                "next_seconds": rate.next_interval.as_secs(),
                "next_per_minute": amount(rate.next_rate),
                "fee": amount(rate.fee),
                "vat_percent": amount(rate.vat),
            })),
        }))
    }
}

/// What a route answers.
fn json_of<T: Serialize>(Json(wire): Json<T>) -> Result<Value, Failure> {
    serde_json::to_value(wire).map_err(|_| Failure::new(ErrorCode::Internal, "The server failed"))
}

/// An argument that a tool does not know is refused, not passed over.
fn takes(tool: Tool, arguments: &Arguments) -> Result<(), Failure> {
    let schema = schemas::of(tool);
    let known: Vec<_> = schema["properties"].as_object().into_iter().flat_map(Map::keys).collect();
    let unknown = arguments.keys().find(|name| !known.contains(name));
    let refuse = |name: &String| Failure::bad_member(name, "not known", names(&known));
    unknown.map_or(Ok(()), |name| Err(refuse(name)))
}

fn names(all: &[&String]) -> String {
    all.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// How long the call is that is asked for.
fn seconds(arguments: &Arguments) -> Result<u64, Failure> {
    match arguments.get("seconds") {
        None | Some(Value::Null) => Ok(60),
        Some(value) => {
            value.as_u64().ok_or_else(|| Failure::bad_member("seconds", value.to_string(), "a whole number"))
        }
    }
}

/// Arguments as the parameters of a route.
fn query(arguments: &Arguments) -> Result<Query<Vec<(String, String)>>, Failure> {
    let one = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok(Some((name.clone(), text.clone()))),
        Value::Number(_) | Value::Bool(_) => Ok(Some((name.clone(), value.to_string()))),
        Value::Null => Ok(None),
        other => Err(Failure::bad_member(name, other.to_string(), "a text, a number, or true or false")),
    };
    let pairs: Result<Vec<_>, _> = arguments.iter().map(one).collect();
    Ok(Query(pairs?.into_iter().flatten().collect()))
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> Result<&'a str, Failure> {
    let found = arguments.get(name);
    let shown = || found.map_or_else(|| "missing".to_owned(), Value::to_string);
    found.and_then(Value::as_str).ok_or_else(|| Failure::bad_member(name, shown(), "a text"))
}
