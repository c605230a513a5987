//! Yeti's customer API.

mod accounts;
mod auth;
mod auth_matrix;
mod catalogue;
mod cdrs;
mod chart_active_calls;
mod chart_originated_cps;
mod clients;
mod common;
mod countries;
mod customer_token;
mod export_download;
mod export_file;
mod exports;
mod golden;
mod hidden;
mod incoming_cdrs;
mod invoices;
mod network_prefixes;
mod network_types;
mod networks;
mod numberlists;
mod payments;
mod profiles;
mod property;
mod rateplans;
mod rates;
mod recording;
mod records;
mod report;
mod services;
mod texts;
mod token;

use serde_json::Value;
use yeti::token::{Holder, issue};

use crate::harness::{Answer, Asking, Server};

/// Where the dialect lies.
const BASE: &str = "/api/rest/customer/v1";
const JSON_API: &str = "application/vnd.api+json";

/// Account 1001, with the phones `acme-101` and `acme-102`.
pub const OFFICE: &str = "10010000-0000-4000-8000-000000000001";
/// Account 1002, with the phone `shop-301`.
const SHOP: &str = "10020000-0000-4000-8000-000000000002";
/// Account 1009, with the trunk `acme-trunk`.
const CARRIER: &str = "10090000-0000-4000-8000-000000000009";
/// Another customer's account.
const FOREIGN: &str = "20010000-0000-4000-8000-000000000001";
/// Nobody's account.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

impl Server {
    /// A token of this user.
    pub fn yeti_token(&self, login: &str) -> String {
        let directory = self.directory();
        let user = directory.user_by_login(login).unwrap();
        issue(&self.config.yeti, &Holder::user(user.clone()), self.app.now()).text
    }

    /// `GET` by this user.
    pub fn yeti_get(&self, login: &str, path: &str) -> Asking<'_> {
        self.get(&format!("{BASE}{path}")).header("authorization", &self.yeti_token(login))
    }

    /// `POST` of a JSON:API document by this user.
    async fn yeti_post(&self, login: &str, path: &str, body: impl ToString) -> Answer {
        let asking = self.post(&format!("{BASE}{path}")).header("authorization", &self.yeti_token(login));
        let asking = asking.header("content-type", JSON_API).header("accept", JSON_API);
        asking.body(body.to_string()).await
    }
}

/// The ids of a list.
async fn ids(server: &Server, login: &str, path: &str) -> Vec<String> {
    let answer = server.yeti_get(login, path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let id = |resource: &Value| resource["id"].as_str().unwrap().to_owned();
    answer.json()["data"].as_array().unwrap().iter().map(id).collect()
}

/// Title, detail, code and pointer of each error of a refusal, whose statuses are all the same.
#[track_caller]
fn errors(answer: &Answer, status: u16) -> Vec<[String; 4]> {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    let error = |error: &Value| {
        assert_eq!(error["status"], status.to_string(), "{body}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [
            text(&error["title"]),
            text(&error["detail"]),
            text(&error["code"]),
            text(&error["source"]["pointer"]),
        ]
    };
    body["errors"].as_array().unwrap().iter().map(error).collect()
}

/// Checks a refusal with one error.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: u16, title: &str, detail: &str) {
    let expected = [title.to_owned(), detail.to_owned(), code.to_string(), String::new()];
    assert_eq!(errors(answer, status), [expected]);
    assert_eq!(answer.header("content-type"), JSON_API);
}

/// Checks a 422 with one error.
#[track_caller]
fn invalid(answer: &Answer, title: &str, detail: &str, pointer: &str) {
    let expected = [title, detail, "100", pointer].map(str::to_owned);
    assert_eq!(errors(answer, 422), [expected]);
}

/// Checks that there are no valid credentials.
#[track_caller]
fn unauthorized(answer: &Answer) {
    let detail = "Authorization token expired or incorrect.";
    refused(answer, 401, 401, "Authorization failed", detail);
}
