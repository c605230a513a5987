//! What is asked.

use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::clickhouse::{self, Side};
use crate::bench::{
    http::Request,
    server::Server,
    store::{PASSWORD, Store, uuid},
};

/// A question.
pub struct Question {
    /// In words.
    pub what: String,
    /// As it is sent.
    pub request: Request,
    /// What ClickHouse is asked instead, where there is something like it.
    pub sql: Option<String>,
}

impl Question {
    fn beside(self, sql: String) -> Self {
        Self { sql: Some(sql), ..self }
    }
}

const YETI: &str = "/api/rest/customer/v1";
const JSON_API: &str = "application/vnd.api+json";
const DAY: Duration = Duration::from_secs(86_400);

/// Every question.
pub fn all(store: &Store, server: &Server) -> Result<Vec<Question>> {
    let mut all = Vec::new();
    for login in ["all", "one", "carrier"] {
        let account = match login {
            "all" => None,
            "one" => Some(1),
            _ => Some(store.carrier()),
        };
        all.extend(Yeti::log_in(login, server)?.lists(account));
    }
    all.extend(Yeti::log_in("one", server)?.reports(1)?);
    all.extend(Yeti::log_in("carrier", server)?.reports(store.carrier())?);
    all.extend(["all", "one"].into_iter().flat_map(hosted_suite));
    Ok(all)
}

/// An instant so long ago, without its fraction of a second.
fn ago(length: Duration) -> String {
    (Timestamp::now() - length).strftime("%FT%TZ").to_string()
}

/// A client of Yeti's interface.
struct Yeti {
    login: &'static str,
    token: String,
}

impl Yeti {
    fn log_in(login: &'static str, server: &Server) -> Result<Self> {
        let body = format!(r#"{{"auth":{{"login":"{login}","password":"{PASSWORD}"}}}}"#);
        let reply =
            Request::post(format!("{YETI}/auth"), "application/json", body).send(server.http)?.json()?;
        let token = reply["jwt"].as_str().context("the answer to a login has no token")?.to_owned();
        Ok(Self { login, token })
    }

    fn question(&self, what: &str, request: Request) -> Question {
        let what = format!("yeti, user {}: {what}", self.login);
        let request =
            request.with(format!("Authorization: {}", self.token)).with(format!("Accept: {JSON_API}"));
        Question { what, request, sql: None }
    }

    fn get(&self, what: &str, path_and_query: &str) -> Question {
        let encoded = path_and_query.replace('[', "%5B").replace(']', "%5D");
        self.question(what, Request::get(format!("{YETI}/{encoded}")))
    }

    fn lists(&self, account: Option<u32>) -> Vec<Question> {
        let (month, week) = (ago(DAY * 30), ago(DAY * 7));
        let mut lists = Vec::new();
        for (kind, side) in [("cdrs", Side::Originated), ("incoming-cdrs", Side::Terminated)] {
            let (number, fee, text, column) = match side {
                Side::Originated => {
                    ("dst_prefix_in", "destination_fee", "orig_call_id", "caller_sip_call_id")
                }
                Side::Terminated => ("dst_prefix_out", "dialpeer_fee", "local_tag", "caller_local_tag"),
            };
            let list =
                |what: &str, query: &str| self.get(&format!("{kind}, {what}"), &format!("{kind}?{query}"));
            let since = |from: &str, more: &str| format!("filter[time_start_gteq]={from}{more}");
            let page = |from: &str, conditions: &str| clickhouse::page(account, side, from, conditions);
            let two = since(&month, &format!("&filter[{number}_cont]=555&filter[duration_gteq]=60"));
            lists.extend([
                list("first page, last day", ""),
                list("first page, 30 days, counted", &since(&month, "")).beside(page(&month, "")),
                list("30 days, two filters", &two).beside(page(&month, TWO_FILTERS)),
                list("7 days by a text of SIP", &since(&week, &format!("&filter[{text}_cont]=nobody")))
                    .beside(page(&week, &format!("AND positionCaseInsensitive({column}, 'nobody') > 0"))),
                list("30 days by fee", &since(&month, &format!("&filter[{fee}_gt]=0.5"))),
                list("last day by duration", "sort=-duration"),
                list("30 days by duration", &since(&month, "&sort=-duration")),
                list("30 days, page 2000", &since(&month, "&page[number]=2000")),
            ]);
        }
        lists.push(self.get("accounts", "accounts?page[size]=200"));
        lists.push(self.get("cdr-exports", "cdr-exports"));
        lists
    }

    fn reports(&self, account: u32) -> Result<Vec<Question>> {
        let mut reports = Vec::new();
        let uuid = uuid(account);
        for (days, sampling) in [(1, "hour"), (30, "day")] {
            let from = ago(DAY * days);
            for kind in ["chart-active-calls", "chart-originated-cps"] {
                let body = format!(
                    r#"{{"data":{{"type":"{kind}","attributes":{{"from-time":"{from}"}},"relationships":{{"account":{{"data":{{"type":"accounts","id":"{uuid}"}}}}}}}}}}"#
                );
                let request = Request::post(format!("{YETI}/{kind}"), JSON_API, body);
                let question = self.question(&format!("{kind}, {days} d"), request);
                let active = clickhouse::active(account, Side::Originated, &from, "");
                reports.push(if kind == "chart-active-calls" { question.beside(active) } else { question });
            }
            let asked = format!("account-id={uuid}&from-time={from}");
            for side in ["origination", "termination"] {
                let kinds = [
                    (format!("{side}-active-calls"), String::new()),
                    (format!("{side}-statistics"), format!("&sampling={sampling}")),
                    (format!("{side}-statistics-quality"), "&sampling=15minutes".to_owned()),
                ];
                for (kind, more) in kinds {
                    reports.push(self.get(&format!("{kind}, {days} d"), &format!("{kind}?{asked}{more}")));
                }
                reports.push(self.filtered(account, side, days, &asked));
            }
        }
        Ok(reports)
    }
    /// The active calls of a side, under two filters.
    fn filtered(&self, account: u32, side: &str, days: u32, asked: &str) -> Question {
        let of = match side {
            "origination" => Side::Originated,
            _ => Side::Terminated,
        };
        let kind = format!("{side}-active-calls");
        let filters = "&dst-prefix-routing-contains=555&duration-gt=60";
        let sql = clickhouse::active(account, of, &ago(DAY * days), TWO_FILTERS);
        let what = format!("{kind}, {days} d, two filters");
        self.get(&what, &format!("{kind}?{asked}{filters}")).beside(sql)
    }
}

/// Those of two filters in ClickHouse's words.
const TWO_FILTERS: &str =
    "AND positionCaseInsensitive(called_received, '555') > 0 AND connected_seconds >= 60";

/// The usual questions of an answering service. Users without a bound see all accounts.
fn hosted_suite(login: &'static str) -> Vec<Question> {
    let client = uuid(1);
    let since = |length| ago(length).replace('T', " ").replace('Z', "");
    let (month, day, now) = (since(DAY * 30), since(DAY), since(Duration::ZERO));
    let call = "01900000-0000-7000-8000-0000001e8480";
    let asked = [
        ("newest page of a client", format!(r#""ClientId":"{client}","SortDir":"Desc""#)),
        ("the same, not counted", format!(r#""ClientId":"{client}","SortDir":"Desc","DisableStats":true"#)),
        ("a day of a center", format!(r#""CenterId":"2","StartDate":"{day}","EndDate":"{now}""#)),
        ("at least 10 min of talk, 30 days", format!(r#""MinCallDuration":600,"StartDate":"{month}""#)),
        ("by record id", format!(r#""CallRecordId":"{call}""#)),
        ("page 5000 of a client", format!(r#""ClientId":"{client}","Page":5000,"DisableStats":true"#)),
        (
            "a client by talk time",
            format!(r#""ClientId":"{client}","SortField":"TalkTimeInSeconds","SortDir":"Desc""#),
        ),
        ("everything by talk time", r#""SortField":"TalkTimeInSeconds","SortDir":"Desc""#.to_owned()),
        ("newest page of everything", r#""SortDir":"Desc""#.to_owned()),
        ("newest page of everything, not counted", r#""SortDir":"Desc","DisableStats":true"#.to_owned()),
    ];
    let question = |(what, members): (&str, String)| {
        let credentials = format!(r#""CustomerName":"Bench","UserName":"{login}","Password":"{PASSWORD}""#);
        let request =
            Request::post("/api/calls.json", "application/json", format!("{{{members},{credentials}}}"));
        Question { what: format!("hostedsuite, user {login}: {what}"), request, sql: None }
    };
    asked.into_iter().map(question).collect()
}
