//! A server with two customers, and calls to put into its history.

use std::{sync::Arc, time::Duration};

use api::ApiConfig;
use axum::{body::Body, http::StatusCode};
use call::{
    AccountId, CallId, CallRecord, Timestamp,
    event::EndCause,
    party::Owner,
    record::{ReleasedBy, Times},
};
use history::Batch;
use serde_json::{Value as Json, json};

use crate::harness::{Answer, Server};

/// Accounts 1 to 3 are acme's, 9 is the other customer's. Centers north and south are acme's first and
/// second.
pub const DIRECTORY: &str = include_str!("directory.toml");

/// The password of everybody.
pub const PASSWORD: &str = "correct horse";

/// `ClientId` of account 1, 2 and 9.
pub const BAKERY: &str = "11111111-1111-4111-8111-111111111111";
pub const ATTORNEY: &str = "00000000-2222-4222-8222-222222222222";
pub const STRANGER: &str = "99999999-9999-4999-8999-999999999999";

/// The media type of JSON.
pub const JSON: &str = "application/json; charset=utf-8";

/// A server.
pub struct World {
    pub server: Server,
}

impl World {
    /// A server without calls, in UTC.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A server without calls whose configuration is changed.
    pub async fn with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self { server: Server::start_in(DIRECTORY, change).await }
    }

    /// An account as the owner of a side of a call.
    pub fn owner(&self, account: u32) -> Owner {
        self.server.directory().account(AccountId(account)).unwrap().owner()
    }

    /// An answered call with a minute of talk that begins `number` seconds after noon.
    pub fn call(&self, number: u32, from: u32, to: u32) -> CallRecord {
        let start = at(number.into());
        let record = CallRecord {
            call_id: call_id(number),
            absorbed: Vec::new(),
            origination: self.owner(from),
            termination: Some(self.owner(to)),
            started_at: start,
            ringing_at: None,
            answered_at: None,
            ended_at: start,
            cause: EndCause::Normal,
            released_by: ReleasedBy::Caller,
            times: Times::default(),
            hold_count: 0,
            caller_received: "004155550100".into(),
            caller_routed: "+14155550100".into(),
            caller_name: Some("Ada".into()),
            called_received: "14155550199".into(),
            called_routed: "+14155550199".into(),
            caller_country: None,
            called_country: None,
            caller_leg: Default::default(),
            called_leg: None,
            answered_by: Some("Ann Lee".into()),
            transferred_to: None,
            screen_pop: None,
            origination_rate: None,
            termination_rate: None,
            interactions: Vec::new(),
            transfers: Vec::new(),
            recordings: Vec::new(),
            legs: Vec::new(),
            is_taken_in_parts: false,
            parts: Vec::new(),
        };
        lasting(
            record,
            Times { pdd: millis(1_000), ring: millis(3_000), talk: millis(60_000), ..Times::default() },
        )
    }

    /// Puts finished calls into the history.
    pub async fn place(&self, records: impl IntoIterator<Item = CallRecord>) {
        let records = records.into_iter().map(Arc::new).collect();
        self.server.app.history.append(Batch { records, ..Batch::default() }).await.unwrap();
    }

    /// What anna, who sees all of acme, gets for these members.
    pub async fn list(&self, members: Json) -> Answer {
        self.list_as("anna", members).await
    }

    /// What a user of acme gets for these members.
    pub async fn list_as(&self, user: &str, members: Json) -> Answer {
        self.ask_as(user, "/api/calls", members).await
    }

    /// A body with the credentials of a user of acme alone.
    pub fn credentials(user: &str) -> String {
        json!({"CustomerName": "acme", "UserName": user, "Password": PASSWORD}).to_string()
    }

    /// What anna gets from a path with nothing but her credentials.
    pub async fn ask(&self, path: &str) -> Answer {
        self.post(path, "application/json", Self::credentials("anna")).await
    }

    /// What a user of acme gets from a path for these members.
    pub async fn ask_as(&self, user: &str, path: &str, mut members: Json) -> Answer {
        let credentials: Json = serde_json::from_str(&Self::credentials(user)).unwrap();
        for (name, value) in credentials.as_object().unwrap() {
            members[name] = value.clone();
        }
        self.post(path, "application/json", members.to_string()).await
    }

    /// What a POST gets.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.server.post(path).header("Content-Type", content_type).body(body).await
    }
}

impl Answer {
    /// The body of a success.
    pub fn page(&self) -> Json {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// The numbers of the calls on the page.
    pub fn numbers(&self) -> Vec<u32> {
        let page = self.page();
        let id = |item: &Json| item["Id"].as_str().unwrap().parse::<CallId>().unwrap();
        page["Items"].as_array().unwrap().iter().map(|item| id(item).as_uuid().as_u128() as u32).collect()
    }

    /// One member of each item, in order.
    pub fn each(&self, member: &str) -> Vec<Json> {
        self.page()["Items"].as_array().unwrap().iter().map(|item| item[member].clone()).collect()
    }

    /// `ResponseStatus` of a refusal with this status.
    pub fn refusal(&self, status: u16) -> Json {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()["ResponseStatus"].clone()
    }

    /// `ErrorCode` of a refusal, and the code and name of each member that is at fault.
    pub fn faults(&self, status: u16) -> (String, Vec<(String, String)>) {
        let refusal = self.refusal(status);
        let text = |json: &Json| json.as_str().unwrap().to_owned();
        let fault = |error: &Json| (text(&error["ErrorCode"]), text(&error["FieldName"]));
        (text(&refusal["ErrorCode"]), refusal["Errors"].as_array().unwrap().iter().map(fault).collect())
    }
}

/// 2026-03-01 12:00:00 UTC and this many seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_772_366_400 + seconds)
}

pub fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A greater number is a greater id.
pub fn call_id(number: u32) -> CallId {
    CallId::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

/// The call, with its time spent otherwise.
pub fn lasting(call: CallRecord, times: Times) -> CallRecord {
    let answered_at = (!times.talk.is_zero()).then(|| call.started_at + times.pdd + times.ring);
    CallRecord { times, answered_at, ended_at: call.started_at + times.total(), ..call }
}
