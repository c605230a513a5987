//! `/payments`, and `POST /v1/payments`, by which operators record them.

use serde_json::{Value, json};

use super::{OFFICE, records::list};
use crate::harness::{Answer, Server};

const PAYMENTS: &str = "/payments";

async fn record(server: &Server, body: Value) -> Answer {
    let asked = server.post("/v1/payments").header("content-type", "application/json").from([127, 0, 0, 1]);
    asked.body(body.to_string()).await
}

async fn balance(server: &Server) -> String {
    let account = server.yeti_get("ann", &format!("/accounts/{OFFICE}")).send().await.json();
    account["data"]["attributes"]["balance"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_recorded_payment_is_shown_and_moves_the_balance_once() {
    let server = Server::start().await;
    let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let payment = json!({ "id": id, "account": 1001, "amount": "12.50", "notes": "Bank transfer" });
    for _ in 0..2 {
        let recorded = record(&server, payment.clone()).await;
        assert_eq!(recorded.status, 201, "{}", recorded.text());
        assert_eq!(recorded.json()["amount"], "12.5");
    }
    assert_eq!(balance(&server).await, "12.5");
    let back = record(&server, json!({ "account": 1001, "amount": -2 })).await;
    assert_eq!(back.status, 201, "{}", back.text());
    assert_eq!(balance(&server).await, "10.5");
    let found = list(&server, "ann", PAYMENTS, "sort=amount&include=account").await;
    let shown = json!({ "amount": "12.5", "notes": "Bank transfer", "status": "completed",
                        "created-at": "2026-01-02T12:00:00.000Z" });
    assert_eq!((found.total, &found.ids[1], &found.data[1]["attributes"]), (2, &id.to_owned(), &shown));
    assert_eq!(found.body["included"][0]["id"], OFFICE);
    assert_eq!(list(&server, "ann", PAYMENTS, "filter[amount_gt]=0").await.ids, [id]);
    assert_eq!(list(&server, "ann", PAYMENTS, "filter[notes_cont]=BANK").await.ids, [id]);
    assert_eq!(list(&server, "ann", PAYMENTS, "filter[status_eq]=pending").await.total, 0);
    assert_eq!(list(&server, "ann", PAYMENTS, &format!("filter[account_id_eq]={OFFICE}")).await.total, 2);
    assert_eq!(list(&server, "gil", PAYMENTS, "").await.total, 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_payment_is_told() {
    let server = Server::start().await;
    let cases = [
        (json!({}), "account"),
        (json!({ "account": 7, "amount": "1" }), "account"),
        (json!({ "account": 1001 }), "amount"),
        (json!({ "account": 1001, "amount": "0" }), "amount"),
        (json!({ "account": 1001, "amount": "0.0000001" }), "amount"),
        (json!({ "account": 1001, "amount": "1", "notes": 7 }), "notes"),
        (json!({ "account": 1001, "amount": "1", "id": "x" }), "id"),
        (json!({ "account": 1001, "amount": "1", "status": "pending" }), "status"),
    ];
    for (body, member) in cases {
        let answer = record(&server, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(answer.json()["field"], member, "{body}: {}", answer.text());
    }
    assert_eq!(list(&server, "ann", PAYMENTS, "").await.total, 0);
}
