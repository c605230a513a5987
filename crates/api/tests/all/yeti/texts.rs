//! Texts that are alike: every list, report, export and search finds the same by them, and that is what looking at
//! them letter by letter finds.

use std::time::Duration;

use call::{
    AccountId, Number,
    filter::{TextKind, TextOperator},
};
use history::export::ExportFormat;
use serde_json::json;
use switch::simulated::Party;
use testkit::texts::{TEXTS, passes};
use yeti::export::CdrFile;

use super::{OFFICE, records::ago};
use crate::harness::{Server, Talk};

/// The operators of lists, of reports, and what they mean.
const OPERATORS: [(&str, Option<&str>, TextOperator); 6] = [
    ("eq", Some("eq"), TextOperator::Is),
    ("not_eq", None, TextOperator::IsNot),
    ("start", Some("starts-with"), TextOperator::StartsWith),
    ("end", Some("ends-with"), TextOperator::EndsWith),
    ("cont", Some("contains"), TextOperator::Contains),
    ("cont_any", None, TextOperator::Contains),
];

/// A server with a finished call and one that goes on for each text, which is their number and `User-Agent`.
async fn server_of_texts() -> Server {
    let server = Server::start().await;
    for text in TEXTS {
        let (mut caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", text));
        let sip = caller.sip.as_mut().unwrap();
        sip.user_agent = Some((*text).into());
        let caller = Party { number: (*text).into(), ..caller };
        let (answered_after, talked) = (Duration::from_secs(2), Duration::from_secs(10));
        let talk = Talk { began_at: ago(10), answered_after, talked };
        server.talked_call(caller.clone(), called.clone(), talk).await;
        server.live_call(caller, called, Talk { began_at: ago(1), ..talk }).await;
    }
    server
}

fn expected(kind: TextKind, operator: TextOperator, value: &str) -> u64 {
    let values = [value.to_owned()];
    let routed = |text: &str| match kind {
        TextKind::Number => Number::from(text).without_separators().to_string(),
        TextKind::Plain | TextKind::Address => text.to_owned(),
    };
    TEXTS.iter().filter(|text| passes(kind, operator, &values, &routed(text))).count() as u64
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn listed(server: &Server, filter: &str, value: &str) -> u64 {
    let value = escaped(&format!("\"{}\"", value.replace('"', "\"\"")));
    let path = format!("/cdrs?page[size]=1&filter[{filter}]={value}");
    let answer = server.yeti_get("ann", &path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()["meta"]["total-count"].as_u64().unwrap()
}

async fn reported(server: &Server, report: &str, of: fn(&serde_json::Value) -> u64) -> u64 {
    let answer = server.yeti_get("ann", &format!("/{report}")).send().await;
    assert_eq!(answer.status, 200, "{report}: {}", answer.text());
    let answer = answer.json();
    if answer["rows"] == 0 { 0 } else { of(&answer) }
}

/// Numbers that a report does not take as they are: it takes blanks around them away.
fn is_trimmed(value: &str) -> bool {
    value.trim() != value
}

#[tokio::test]
async fn lists_reports_and_live_lists_find_the_same() {
    let server = server_of_texts().await;
    let values = TEXTS.iter().copied().filter(|value| !value.is_empty());
    for value in values {
        for (listing, reporting, operator) in OPERATORS {
            let case = format!("{operator:?} {value:?}");
            let plain = expected(TextKind::Plain, operator, value);
            assert_eq!(listed(&server, &format!("lega_user_agent_{listing}"), value).await, plain, "{case}");
            let number = expected(TextKind::Number, operator, value);
            assert_eq!(
                listed(&server, &format!("dst_prefix_routing_{listing}"), value).await,
                number,
                "{case}"
            );
            let Some(reporting) = reporting.filter(|_| !is_trimmed(value)) else { continue };
            let test = format!("dst-prefix-routing-{reporting}={}", escaped(value));
            let from = "from-time=2026-01-02T11:45:00Z&to-time=2026-01-02T11:55:00Z";
            let statistics =
                format!("origination-statistics?account-id={OFFICE}&{from}&sampling=hour&{test}");
            let calls = |body: &serde_json::Value| body["data"]["total_calls"][0].as_u64().unwrap();
            assert_eq!(reported(&server, &statistics, calls).await, number, "{case} in statistics");
            let going_on = format!("outgoing-active-calls?account-id={OFFICE}&{test}");
            let rows = |body: &serde_json::Value| body["rows"].as_u64().unwrap();
            assert_eq!(reported(&server, &going_on, rows).await, number, "{case} of live calls");
        }
    }
}

#[tokio::test]
async fn exports_find_what_lists_find() {
    let server = server_of_texts().await;
    for value in TEXTS.iter().filter(|value| !value.is_empty() && !is_trimmed(value)) {
        let request = json!({
            "started_from_micros": 0, "started_before_micros": i64::MAX, "answered": null, "seconds": null,
            "seconds_from": null, "seconds_to": null, "caller": value, "called": value, "time_format": null,
            "time_zone": "Unsaid"
        });
        let opened = CdrFile::ALL[0].open(AccountId(1001), &request.to_string()).unwrap();
        let found = server.app.history.search(opened.query).await.unwrap().records.len() as u64;
        assert_eq!(found, expected(TextKind::Number, TextOperator::Is, value), "{value:?}");
    }
}

#[tokio::test]
async fn names_with_quotes_are_found_as_they_are_and_as_csv() {
    let server = server_of_texts().await;
    for sent in ["a \"b\" c", "\"a \"\"b\"\" c\""] {
        let path = format!("/cdrs?filter[lega_user_agent_eq]={}", escaped(sent));
        let answer = server.yeti_get("ann", &path).send().await;
        assert_eq!(answer.json()["meta"]["total-count"], 1, "{sent}");
    }
}

#[tokio::test]
async fn requests_of_any_size_are_answered() {
    let server = Server::start().await;
    let values: Vec<_> = (0..3_000).map(|number| number.to_string()).collect();
    let values = values.join(",");
    let operators = ["eq", "not_eq", "cont", "start", "end", "in", "not_in", "cont_any"];
    let texts =
        ["src_name_in", "dst_prefix_in", "src_prefix_in", "lega_user_agent", "local_tag", "to_domain"];
    let all: String = texts
        .iter()
        .flat_map(|text| operators.iter().map(move |operator| format!("&filter[{text}_{operator}]=1")))
        .collect();
    let paths = [
        format!("/cdrs?filter[src_name_in_cont_any]={values}"),
        format!("/cdrs?filter[dst_prefix_in_in]={values}"),
        format!("/cdrs?filter[dst_prefix_in_not_in]={values}"),
        format!("/cdrs?filter[duration_in]={values}"),
        format!("/cdrs?filter[duration_not_in]={values}"),
        format!("/cdrs?filter[customer_price_in]={values}"),
        format!("/cdrs?filter[destination_fee_in]={values}"),
        format!("/cdrs?filter[id_in]={values}"),
        format!("/cdrs?filter[time_start_in]={}", ["2026-01-02"; 2_000].join(",")),
        format!("/incoming-cdrs?filter[sign_term_ip_cont_any]={values}"),
        format!("/cdrs?sort={}", ["duration", "-src-name-in"].repeat(1_500).join(",")),
        format!("/accounts?sort={}", ["name"; 3_000].join(",")),
        format!("/accounts?filter[name_cont_any]={values}"),
        format!("/cdrs?{all}"),
    ];
    for path in paths {
        let answer = server.yeti_get("ann", &path).send().await;
        assert_eq!(answer.status, 200, "{}: {}", path.split('=').next().unwrap(), answer.text());
    }
}
