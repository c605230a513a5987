//! `/invoices`, and `POST /v1/invoices`, by which operators make them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    OFFICE,
    records::{ago, list},
    refused,
};
use crate::harness::{Answer, Server, Talk};

const INVOICES: &str = "/invoices";
const ID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

async fn make(server: &Server, body: Value) -> Answer {
    let asked = server.post("/v1/invoices").header("content-type", "application/json").from([127, 0, 0, 1]);
    asked.body(body.to_string()).await
}

fn wanted() -> Value {
    json!({ "id": ID, "account": 1001, "reference": "2026-01/7", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T12:00:00+00:00" })
}

/// Two calls of the office to the outside, of a minute and of two, one that was busy, and one from the outside.
async fn calls(server: &Server) {
    let talk = |minutes, seconds| Talk {
        began_at: ago(minutes),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(seconds),
    };
    let outside = || server.outside("acme-trunk", "+14155550199");
    server.talked_call(server.phone("acme-101"), outside(), talk(300, 60)).await;
    server.talked_call(server.phone("acme-102"), outside(), talk(60, 120)).await;
    let busy = server.switch.place(server.call(server.phone("acme-101"), outside(), ago(30))).unwrap();
    busy.after(Duration::from_secs(1)).busy();
    server.until(|registry| registry.has_ended(busy.id())).await;
    server.talked_call(server.outside("acme-trunk", "+1"), server.phone("acme-101"), talk(200, 60)).await;
}

#[tokio::test]
async fn an_invoice_sums_up_what_the_account_has_paid_for_its_calls() {
    let server = Server::start().await;
    calls(&server).await;
    let made = make(&server, wanted()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let shown = &list(&server, "ann", INVOICES, "include=account").await;
    let attributes = json!({
        "reference": "2026-01/7",
        "start-date": "2026-01-01T00:00:00.000Z",
        "end-date": "2026-01-02T12:00:00.000Z",
        "amount": "0.204",
        "calls-count": 3,
        "successful-calls-count": 2,
        "calls-duration": 180,
        "billing-duration": 180,
        "first-call-at": "2026-01-02T07:00:00.000Z",
        "last-call-at": "2026-01-02T11:30:00.000Z",
        "first-successful-call-at": "2026-01-02T07:00:00.000Z",
        "last-successful-call-at": "2026-01-02T11:00:00.000Z",
        "has-pdf": false,
    });
    assert_eq!(
        (shown.total, &shown.ids, &shown.data[0]["attributes"]),
        (1, &vec![ID.to_owned()], &attributes)
    );
    assert_eq!(shown.body["included"][0]["id"], OFFICE);
    // As much as the rows of the account say.
    let cdrs = list(
        &server,
        "ann",
        "/cdrs",
        &format!("filter[time_start_gteq]=2026-01-01&filter[account_id_eq]={OFFICE}"),
    )
    .await;
    let prices = cdrs.data.iter().map(|cdr| cdr["attributes"]["customer-price"].as_str().unwrap().to_owned());
    let sum: rust_decimal::Decimal =
        prices.map(|price| price.parse::<rust_decimal::Decimal>().unwrap()).sum();
    assert_eq!(sum.normalize().to_string(), "0.204");
}

#[tokio::test]
async fn there_is_no_invoice_of_a_time_from_which_calls_go_on() {
    let server = Server::start().await;
    let outside = server.outside("acme-trunk", "+14155550199");
    let call = server.switch.place(server.call(server.phone("acme-101"), outside, ago(30))).unwrap();
    call.after(Duration::from_secs(1)).ring().answer();
    server.until(|registry| registry.get(call.id()).is_some()).await;
    let refused = make(&server, wanted()).await;
    assert!(refused.status == 409 && refused.text().contains("go on"), "{}", refused.text());
    let earlier = json!({ "account": 1001, "reference": "before", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z" });
    assert_eq!(make(&server, earlier).await.status, 201);
    call.after(Duration::from_secs(60)).end(call::event::Side::Origination);
    server.until(|registry| registry.has_ended(call.id())).await;
    assert_eq!(make(&server, wanted()).await.status, 201);
}

#[tokio::test]
async fn an_invoice_stays_as_it_was_made() {
    let server = Server::start().await;
    let first = make(&server, wanted()).await;
    assert_eq!((first.status.as_u16(), first.json()["amount"].clone()), (201, json!("0")));
    calls(&server).await;
    let again = make(&server, json!({ "id": ID, "account": 1001, "reference": "other", "from": "2026-01-02T00:00:00Z", "until": "2026-01-02T12:00:00Z" })).await;
    assert_eq!(again.json(), first.json());
}

#[tokio::test]
async fn its_document_lists_the_destinations() {
    let server = Server::start().await;
    calls(&server).await;
    make(&server, json!({ "id": ID, "account": 1001, "reference": "<b>", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T12:00:00Z" })).await;
    let path = format!("{INVOICES}/{ID}/download");
    let csv = server.yeti_get("ann", &format!("{path}?format=csv")).send().await;
    let expected = "Destination,Calls,Answered,Seconds,Billed Seconds,Amount\n\
                    \"any\",\"3\",\"2\",\"180\",\"180\",\"0.204\"\n\
                    \"Total\",\"3\",\"2\",\"180\",\"180\",\"0.204\"\n";
    assert_eq!((csv.status.as_u16(), csv.text()), (200, expected));
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), format!("attachment; filename=\"{ID}.csv\""));
    let html = server.yeti_get("ann", &path).send().await;
    assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
    assert!(html.text().contains("<h1>Invoice &lt;b&gt;</h1>"), "{}", html.text());
    assert!(
        html.text()
            .contains("<tr><td>Total</td><td>3</td><td>2</td><td>180</td><td>180</td><td>0.204</td></tr>")
    );
    let part =
        server.yeti_get("ann", &format!("{path}?format=csv")).header("range", "bytes=0-10").send().await;
    assert_eq!((part.status.as_u16(), part.text()), (206, "Destination"));
    let known = server.yeti_get("ann", &path).header("if-none-match", html.header("etag")).send().await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let wrong = server.yeti_get("ann", &format!("{path}?format=pdf")).send().await;
    let detail = "pdf is not a valid value for format: accepted is html or csv.";
    refused(&wrong, 400, 103, "Invalid field value", detail);
    assert_eq!(server.yeti_get("gil", &path).send().await.status, 404);
}

#[tokio::test]
async fn invoices_are_found_by_what_they_show_and_by_their_own_customer_alone() {
    let server = Server::start().await;
    calls(&server).await;
    make(&server, wanted()).await;
    let other = json!({ "account": 1002, "reference": "2026-01/8", "from": "2026-01-02T00:00:00Z", "until": "2026-01-02T06:00:00Z" });
    assert_eq!(make(&server, other).await.status, 201);
    let found =
        async |login: &str, query: &str| list(&server, login, INVOICES, query).await.shown("reference");
    assert_eq!(found("ann", "").await, ["2026-01/8", "2026-01/7"]);
    assert_eq!(found("ann", "sort=-amount").await, ["2026-01/7", "2026-01/8"]);
    for query in [
        "filter[reference_cont]=/7",
        "filter[amount_gt]=0",
        "filter[calls_count_eq]=3",
        "filter[successful_calls_count_eq]=2",
        "filter[calls_duration_gteq]=180",
        "filter[billing_duration_lteq]=180&filter[billing_duration_gt]=0",
        "filter[start_date_lt]=2026-01-02",
        "filter[end_date_gt]=2026-01-02T11:00:00Z",
        "filter[first_call_at_lt]=2026-01-02T08:00:00Z",
        "filter[last_successful_call_at_eq]=2026-01-02T11:00:00Z",
    ] {
        assert_eq!(found("ann", query).await, ["2026-01/7"], "{query}");
    }
    assert_eq!(found("ann", &format!("filter[account_id_eq]={OFFICE}")).await, ["2026-01/7"]);
    assert!(found("gil", "").await.is_empty());
    let answer = server.yeti_get("ann", "/invoices?filter[has_pdf_eq]=true").send().await;
    refused(&answer, 400, 102, "Filter not allowed", "has_pdf_eq is not allowed.");
}

#[tokio::test]
async fn what_is_wrong_with_an_invoice_is_told() {
    let server = Server::start().await;
    let without = |name: &str, value: Value| {
        let mut body = wanted();
        body[name] = value;
        body
    };
    let cases = [
        (without("account", json!(7)), "account"),
        (without("reference", json!(" ")), "reference"),
        (without("reference", json!(7)), "reference"),
        (without("from", json!("2026-01-01")), "from"),
        (without("from", json!("2026-01-02T12:00:00Z")), "from"),
        (without("until", json!("2026-01-02T12:00:01Z")), "until"),
        (without("until", Value::Null), "until"),
        (without("id", json!("x")), "id"),
        (without("amount", json!("1")), "amount"),
    ];
    for (body, member) in cases {
        let answer = make(&server, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(answer.json()["field"], member, "{body}: {}", answer.text());
    }
    assert_eq!(list(&server, "ann", INVOICES, "").await.total, 0);
}
