//! Clients of the three dialects, as their users would write them.

use std::{collections::HashMap, io::Read};

use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::process::{Process, wait_until};
use crate::directory::{ACCOUNT_UUID, CUSTOMER, LOGIN, PASSWORD};

const JSON_API: &str = "application/vnd.api+json";

/// A client of the Yeti dialect that has logged in.
pub struct Yeti<'a> {
    server: &'a Process,
    http: Client,
    token: String,
}

/// A row of an export, by column.
pub type Row = HashMap<String, String>;

impl<'a> Yeti<'a> {
    /// Logs in as the office's user.
    pub async fn login(server: &'a Process) -> Self {
        Self::login_as(server, LOGIN).await
    }

    /// What it shows for who it is.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Logs in as somebody.
    pub async fn login_as(server: &'a Process, login: &str) -> Self {
        let http = Client::new();
        let body = json!({"auth": {"login": login, "password": PASSWORD}});
        let answer = http.post(url(server, "auth")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        let token = answer.json::<Value>().await.unwrap()["jwt"].as_str().unwrap().to_owned();
        Self { server, http, token }
    }

    /// What a GET answers.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// The chart of the office's active calls from an hour ago until now.
    pub async fn chart(&self) -> Value {
        self.chart_of(ACCOUNT_UUID).await
    }

    /// The last point of one line of the chart of an account.
    pub async fn last_point_of(&self, account: &str, line: &str) -> u64 {
        let chart = self.chart_of(account).await;
        chart[line].as_array().unwrap().last().map_or(0, |point| point["y"].as_u64().unwrap())
    }

    async fn chart_of(&self, account: &str) -> Value {
        let answer = self.create_for(account, "chart-active-calls", json!({})).await;
        assert_eq!(answer.status(), 201);
        answer.json::<Value>().await.unwrap()["data"]["attributes"].take()
    }

    /// The last point of one line of the chart.
    pub async fn last_point(&self, line: &str) -> u64 {
        self.chart().await[line].as_array().unwrap().last().map_or(0, |point| point["y"].as_u64().unwrap())
    }

    /// Exports every call that the office has originated; gives the rows.
    pub async fn export(&self) -> Vec<Row> {
        let filters =
            json!({"time_start_gteq": "2020-01-01 00:00:00", "time_start_lt": "2100-01-01 00:00:00"});
        let answer = self.create("cdr-exports", json!({"filters": filters})).await;
        assert_eq!(answer.status(), 201);
        let created: Value = answer.json().await.unwrap();
        let path = format!("cdr-exports/{}", created["data"]["id"].as_str().unwrap());
        let completed = async || {
            let shown: Value = self.get(&path).await.json().await.unwrap();
            shown["data"]["attributes"]["status"] == "Completed"
        };
        wait_until("the export is completed", completed).await;
        let file = self.get(&format!("{path}/download")).await.bytes().await.unwrap();
        rows(&file)
    }

    /// The recording of the only call that the office originated: a WAV file.
    pub async fn recording(&self) -> Vec<u8> {
        let list: Value = self.get("cdrs").await.json().await.unwrap();
        let [cdr] = list["data"].as_array().unwrap().as_slice() else { panic!("not one record: {list}") };
        let answer = self.get(&format!("cdrs/{}/rec", cdr["id"].as_str().unwrap())).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "audio/wav");
        answer.bytes().await.unwrap().to_vec()
    }

    async fn create(&self, kind: &str, attributes: Value) -> Response {
        self.create_for(ACCOUNT_UUID, kind, attributes).await
    }

    async fn create_for(&self, account: &str, kind: &str, attributes: Value) -> Response {
        let account = json!({"account": {"data": {"type": "accounts", "id": account}}});
        let body = json!({"data": {"type": kind, "attributes": attributes, "relationships": account}});
        let request = self.http.post(url(self.server, kind)).header("authorization", &self.token);
        let request = request.header("accept", JSON_API).header("content-type", JSON_API);
        request.body(body.to_string()).send().await.unwrap()
    }

    /// The answer to a GET.
    pub async fn get(&self, path: &str) -> Response {
        let request = self.http.get(url(self.server, path)).header("authorization", &self.token);
        request.header("accept", JSON_API).send().await.unwrap()
    }
}

fn url(server: &Process, path: &str) -> String {
    format!("http://{}/api/rest/customer/v1/{path}", server.http)
}

fn rows(gzip: &[u8]) -> Vec<Row> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(gzip).read_to_string(&mut text).unwrap();
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Call records, as the HostedSuite dialect gives them.
pub struct Records;

impl Records {
    /// The records of the office's user, oldest first.
    pub async fn all(server: &Process) -> Vec<Value> {
        let body = json!({
            "ItemsPerPage": 1000, "SortField": "StartTime",
            "CustomerName": CUSTOMER, "UserName": LOGIN, "Password": PASSWORD,
        });
        let request = Client::new().post(format!("http://{}/api/calls", server.http)).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut page: Value = answer.json().await.unwrap();
        let items = page["Items"].as_array_mut().unwrap().split_off(0);
        assert_eq!(page["TotalCount"], items.len());
        items
    }
}

/// The Vonage dialect.
pub mod vonage {
    use super::{Client, Process, Response, Value, wait_until};

    /// A request to the office's account.
    pub async fn get(server: &Process, path: &str) -> Response {
        let url = format!("http://{}{path}", server.http);
        Client::new().get(url).bearer_auth("office-token").send().await.unwrap()
    }

    /// The office's call logs since two hours ago.
    pub async fn call_logs(server: &Process) -> Vec<Value> {
        let now = jiff::Timestamp::now();
        let print = |at: jiff::Timestamp| at.strftime("%Y-%m-%d%%20%H:%M:%S").to_string();
        let time = (print(now - jiff::SignedDuration::from_hours(2)), print(now));
        let path =
            format!("/t/vbc.prod/reports/accounts/1234/call-logs?start:gte={}&start:lte={}", time.0, time.1);
        let answer = get(server, &path).await;
        assert_eq!(answer.status(), 200);
        let mut page: Value = answer.json().await.unwrap();
        page["_embedded"]["call_logs"].as_array_mut().unwrap().split_off(0)
    }

    /// The office's live calls.
    pub async fn calls(server: &Process) -> Vec<Value> {
        let answer = get(server, "/cc/accounts/1234/calls?page_size=1000").await;
        assert_eq!(answer.status(), 200);
        let mut page: Value = answer.json().await.unwrap();
        page["calls"].as_array_mut().unwrap().split_off(0)
    }

    /// The path of an extension's leg of a call, once it has one: its own number is the one that it calls from,
    /// or is called at.
    pub async fn leg(server: &Process, call: &str, extension: u64) -> String {
        let is_its =
            |leg: &&Value| leg[if leg["direction"] == "outbound" { "from" } else { "to" }] == extension;
        let id = async || {
            let legs: Value = get(server, &format!("{call}/legs")).await.json().await.unwrap();
            let leg = legs.as_array().unwrap().iter().find(is_its)?;
            leg["leg_id"].as_str().map(str::to_owned)
        };
        wait_until(&format!("{extension} has a leg"), async || id().await.is_some()).await;
        format!("{call}/legs/{}", id().await.unwrap())
    }

    /// Asks for a call to be placed.
    pub async fn try_post(server: &Process, path: &str, body: &Value) -> Response {
        let url = format!("http://{}{path}", server.http);
        Client::new().post(url).bearer_auth("office-token").json(body).send().await.unwrap()
    }

    /// Places a call; gives its id.
    pub async fn post(server: &Process, path: &str, body: &Value) -> String {
        let answer = try_post(server, path, body).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Changes a call or leg; gives the status and the answer.
    pub async fn put(server: &Process, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}{path}", server.http);
        let answer = Client::new().put(url).bearer_auth("office-token").json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The status of a DELETE.
    pub async fn delete(server: &Process, path: &str) -> u16 {
        let url = format!("http://{}{path}", server.http);
        Client::new().delete(url).bearer_auth("office-token").send().await.unwrap().status().as_u16()
    }
}
