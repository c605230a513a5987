//! `/check-rate`.

use serde_json::{Value, json};

use super::{errors, rateplans, refused};
use crate::harness::{Answer, Server};

/// A server on which the office's plan has rates with and without tags.
async fn server() -> Server {
    let server = Server::start().await;
    server.change_directory(|text| {
        let rate = |prefix: &str, price: &str, fields: &str| {
            format!(
                "[[rateplans.rates]]\nprefix = \"{prefix}\"\ninitial_interval = 1\ninitial_rate = \"{price}\"\n{fields}\n"
            )
        };
        let more = [
            rate("49", "0.2", ""),
            rate("4930", "0.3", "valid_till = 2026-01-01T00:00:00Z"),
            rate("4915", "0.4", "enabled = false"),
            rate("4", "0.5", "routing_tags = [\"night\", \"cheap\"]\nvalid_from = 2025-01-01T00:00:00Z"),
        ];
        let next = "[[rateplans]]\nname = \"Acme carrier rates\"";
        text.replacen(next, &format!("{}\n{next}", more.concat()), 1)
    });
    server
}

async fn check(server: &Server, login: &str, attributes: Value) -> Answer {
    let body = json!({ "data": { "type": "check-rates", "attributes": attributes } });
    server.yeti_post(login, "/check-rate", body).await
}

#[tokio::test]
async fn for_each_set_of_tags_the_rate_with_the_longest_prefix_is_told() {
    let server = server().await;
    let answer = check(&server, "ann", json!({ "rateplan-id": rateplans::OWN, "number": "+49 30 123" })).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), "http://example.org/api/rest/customer/v1/check-rates");
    let body = answer.json();
    assert_eq!(body["data"]["links"]["self"], "http://example.org/api/rest/customer/v1/check-rates");
    let attributes = &body["data"]["attributes"];
    assert_eq!(attributes.as_object().unwrap().keys().collect::<Vec<_>>(), ["rateplan-id", "number", "rates"]);
    assert_eq!((&attributes["rateplan-id"], &attributes["number"]), (&rateplans::OWN.into(), &"+49 30 123".into()));
    let rates = attributes["rates"].as_array().unwrap();
    let prices: Vec<_> = rates.iter().map(|rate| &rate["initial_rate"]).collect();
    assert_eq!(prices, ["0.2", "0.5"]);
    let id = rates[1]["id"].as_str().unwrap();
    let expected = format!(
        r#"{{"prefix":"4","initial_rate":"0.5","initial_interval":1,"next_rate":"0.5","next_interval":1,"connect_fee":"0.0","attempt_fee":"0.0","reject_calls":false,"valid_from":"2025-01-01T00:00:00.000Z","valid_till":null,"network_prefix_id":null,"routing_tag_names":["cheap","night"],"id":"{id}"}}"#
    );
    assert!(answer.text().contains(&expected), "{}", answer.text());
}

#[tokio::test]
async fn a_number_that_no_rate_is_for_has_none() {
    let server = Server::start().await;
    server.change_directory(|text| text.replacen("prefix = \"\"", "prefix = \"44\"", 1));
    for number in [json!("4930"), json!(4930), json!("ann")] {
        let answer = check(&server, "ann", json!({ "rateplan-id": rateplans::OWN, "number": number })).await;
        assert_eq!(answer.json()["data"]["attributes"]["rates"], json!([]));
    }
}

#[tokio::test]
async fn a_plan_that_the_client_does_not_reach_is_not_found() {
    let server = Server::start().await;
    let not_found = ["Rateplan not found", "rateplan-id - Rateplan not found"];
    for plan in [rateplans::FOREIGN, super::UNKNOWN, "Acme rates"] {
        let answer = check(&server, "ann", json!({ "rateplan-id": plan, "number": "49" })).await;
        let [title, detail] = not_found;
        super::invalid(&answer, title, detail, "/data/attributes/rateplan-id");
    }
}

#[tokio::test]
async fn what_is_absent_is_blank() {
    let server = Server::start().await;
    let told = |answer: &Answer| errors(answer, 422).into_iter().map(|[_, detail, ..]| detail).collect::<Vec<_>>();
    let blank = ["rateplan-id - can't be blank", "rateplan-id - Rateplan not found", "number - can't be blank"];
    for attributes in [json!({}), json!({ "rateplan-id": null, "number": " " }), json!({ "rateplan-id": "" })] {
        assert_eq!(told(&check(&server, "ann", attributes).await), blank);
    }
    let answer = check(&server, "ann", json!({ "rateplan-id": rateplans::OWN, "number": [1] })).await;
    assert_eq!(told(&answer), ["number - is invalid"]);
}

#[tokio::test]
async fn only_the_question_may_be_sent() {
    let server = Server::start().await;
    let answer = check(&server, "ann", json!({ "rates": [] })).await;
    refused(&answer, 400, 105, "Param not allowed", "rates is not allowed.");
    let body = json!({ "data": { "type": "check-rate", "attributes": {} } });
    let answer = server.yeti_post("ann", "/check-rate", body).await;
    refused(&answer, 400, 101, "Invalid resource", "check-rate is not a valid resource.");
}
