//! `/rates`.

use serde_json::json;

use super::{FOREIGN as FOREIGN_ACCOUNT, OFFICE, SHOP, ids, rateplans, refused};
use crate::harness::Server;

/// The rate that account 1001 pays.
const OWN: &str = "10a10000-0000-4000-8000-000000000001";
/// The rate that another customer's account pays.
const FOREIGN: &str = "20a10000-0000-4000-8000-000000000001";

/// A server on which the office pays by a second rate too.
async fn server() -> Server {
    let server = Server::start().await;
    server.change_directory(|text| {
        let second = "[[rateplans.rates]]
uuid = \"10a10000-0000-4000-8000-000000000002\"
prefix = \"491512\"
initial_interval = 1
initial_rate = \"0.1\"
attempt_fee = \"0.02\"
enabled = false
reject_calls = true
number_min_length = 5
number_max_length = 15
valid_from = 2025-01-01T00:00:00Z
valid_till = 2030-01-01T00:00:00.5Z
routing_tags = [\"night\"]

[[rateplans]]\nname = \"Acme carrier rates\"";
        text.replacen("[[rateplans]]\nname = \"Acme carrier rates\"", second, 1)
    });
    server
}

const SECOND: &str = "10a10000-0000-4000-8000-000000000002";

#[tokio::test]
async fn a_rate_is_shown_with_its_attributes_in_order() {
    let server = server().await;
    let answer = server.yeti_get("ann", &format!("/rates/{SECOND}")).send().await;
    let expected = format!(
        r#"{{"data":{{"id":"{SECOND}","type":"rates","links":{{"self":"http://example.org/api/rest/customer/v1/rates/{SECOND}"}},"attributes":{{"prefix":"491512","dst-number-min-length":5,"dst-number-max-length":15,"enabled":false,"reject-calls":true,"initial-rate":"0.1","initial-interval":1,"next-rate":"0.1","next-interval":1,"connect-fee":"0.0","attempt-fee":"0.02","valid-from":"2025-01-01T00:00:00.000Z","valid-till":"2030-01-01T00:00:00.500Z","network-prefix-id":491512}}}}}}"#
    );
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn what_a_rate_does_not_say_is_null() {
    let server = server().await;
    let body = server.yeti_get("ann", &format!("/rates/{OWN}")).send().await.json();
    let attributes = &body["data"]["attributes"];
    let absent = ["valid-from", "valid-till", "network-prefix-id"].map(|name| attributes[name].clone());
    assert_eq!(absent, [json!(null), json!(null), json!(null)]);
    assert_eq!((&attributes["enabled"], &attributes["reject-calls"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn the_rates_that_the_client_s_accounts_pay_are_listed_by_prefix() {
    let server = server().await;
    assert_eq!(ids(&server, "ann", "/rates").await, [OWN, SECOND]);
    assert_eq!(ids(&server, "sue", "/rates?sort=-prefix").await, [SECOND, OWN]);
    assert_eq!(ids(&server, "gil", "/rates").await, [FOREIGN]);
    for (login, id) in [("ann", FOREIGN), ("gil", OWN)] {
        let answer = server.yeti_get(login, &format!("/rates/{id}")).send().await;
        let detail = format!("The record identified by {id} could not be found.");
        refused(&answer, 404, 404, "Record not found", &detail);
    }
}

#[tokio::test]
async fn rates_are_filtered_by_what_they_hold() {
    let server = server().await;
    let cases: [(&str, &[&str]); 20] = [
        ("prefix_eq=491512", &[SECOND]),
        ("prefix_start=49", &[SECOND]),
        ("dst_number_min_length_gt=0", &[SECOND]),
        ("dst_number_max_length_eq=100", &[OWN]),
        ("initial_rate_lt=0.1", &[OWN]),
        ("initial_rate_gteq=0.06", &[OWN, SECOND]),
        ("next_rate_eq=0.03", &[OWN]),
        ("initial_interval_in=60,61", &[OWN]),
        ("next_interval_not_eq=6", &[SECOND]),
        ("connect_fee_eq=0.010", &[OWN]),
        ("attempt_fee_gt=0", &[SECOND]),
        ("enabled_eq=true", &[OWN]),
        ("reject_calls_eq=T", &[SECOND]),
        ("reject_calls_not_eq=1", &[OWN]),
        ("valid_from_lteq=2025-01-01", &[SECOND]),
        ("valid_till_gt=2030-01-01T00:00:01Z", &[]),
        ("uuid_eq=10a10000-0000-4000-8000-000000000001", &[OWN]),
        ("rateplan_id_eq=10a00000-0000-4000-8000-000000000001", &[OWN, SECOND]),
        ("rateplan_id_eq=20a00000-0000-4000-8000-000000000001", &[]),
        ("rateplanIdEq=00000000-0000-4000-8000-000000000000", &[]),
    ];
    for (filter, expected) in cases {
        let query = filter.replacen('=', "]=", 1);
        assert_eq!(ids(&server, "ann", &format!("/rates?filter[{query}")).await, expected, "{filter}");
    }
    let answer = server.yeti_get("ann", "/rates?filter[network_prefix_id_eq]=1").send().await;
    refused(&answer, 400, 102, "Filter not allowed", "network_prefix_id_eq is not allowed.");
    let answer = server.yeti_get("ann", "/rates?filter[enabled_eq]=yes").send().await;
    refused(&answer, 400, 107, "Invalid filter value", "yes is not a valid value for enabled_eq.");
}

#[tokio::test]
async fn a_plan_that_several_accounts_use_is_listed_once_and_found_by_each() {
    let server = Server::start().await;
    server.change_directory(|text| {
        let shop = "name = \"Acme shop\"\nbilling = { origination_rateplan = \"Acme rates\" }";
        text.replacen("name = \"Acme shop\"", shop, 1)
    });
    assert_eq!(ids(&server, "ann", "/rates").await, [OWN]);
    for (login, account, expected) in [
        ("ann", OFFICE, 1),
        ("ann", SHOP, 1),
        ("ann", FOREIGN_ACCOUNT, 0),
        ("sue", OFFICE, 1),
        ("sue", SHOP, 0),
    ] {
        let found = ids(&server, login, &format!("/rates?filter[accountIdEq]={account}")).await;
        assert_eq!(found.len(), expected, "{login} {account}");
    }
    let plan = rateplans::OWN;
    let both = format!("/rates?filter[account_id_eq]={SHOP}&filter[rateplan_id_eq]={plan}");
    assert_eq!(ids(&server, "ann", &both).await, [OWN]);
}
