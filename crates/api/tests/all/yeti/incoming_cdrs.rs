//! `/incoming-cdrs`: the calls that accounts took.

use std::time::Duration;

use serde_json::json;

use super::{
    CARRIER, OFFICE, UNKNOWN,
    records::{Found, ago, check_every_attribute, list},
    refused,
};
use crate::harness::{Server, Talk};

const INCOMING: &str = "/incoming-cdrs";

fn talk(minutes: u64) -> Talk {
    Talk { began_at: ago(minutes), answered_after: Duration::from_secs(5), talked: Duration::from_secs(90) }
}

/// A call of the office that the carrier took.
async fn delivered(server: &Server, minutes: u64) {
    let (caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(caller, called, talk(minutes)).await;
}

async fn incoming(server: &Server, login: &str, query: &str) -> Found {
    list(server, login, INCOMING, query).await
}

#[tokio::test]
async fn a_call_is_shown_with_its_attributes_in_order() {
    let server = Server::start().await;
    delivered(&server, 60).await;
    let id = incoming(&server, "ann", "").await.ids[0].clone();
    let answer = server.yeti_get("ann", &format!("{INCOMING}/{id}")).send().await;
    let place = format!("http://example.org/api/rest/customer/v1/incoming-cdrs/{id}");
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"incoming-cdrs","links":{{"self":"{place}"}},"attributes":{{"time-start":"2026-01-02T11:00:00.000Z","time-connect":"2026-01-02T11:00:05.000Z","time-end":"2026-01-02T11:01:35.000Z","duration":90,"success":true,"dialpeer-initial-interval":1,"dialpeer-initial-rate":"0.006","dialpeer-next-interval":1,"dialpeer-next-rate":"0.006","dialpeer-fee":"0.0","dialpeer-prefix":"","vendor-price":"0.009","vendor-duration":90,"src-name-out":null,"src-prefix-out":"101","dst-prefix-out":"+14155550199","src-prefix-routing":"101","dst-prefix-routing":"+14155550199","diversion-out":null,"local-tag":"tag-acme-101","legb-disconnect-code":200,"legb-disconnect-reason":"OK","sign-term-ip":"192.0.2.1","sign-term-port":5060,"sign-term-transport-protocol-id":1,"term-call-id":"id@acme-trunk","legb-user-agent":"acme-trunk/1.0","rec":false}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (200, body.as_str()));
}

#[tokio::test]
async fn lists_hold_calls_that_the_clients_accounts_took() {
    let server = Server::start().await;
    delivered(&server, 90).await;
    let (outside, phone) = (server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    server.talked_call(outside, phone, talk(60)).await;
    assert_eq!(incoming(&server, "ann", "").await.shown("src-prefix-out"), ["+14155550199", "101"]);
    assert_eq!(incoming(&server, "sue", "").await.shown("src-prefix-out"), ["+14155550199"]);
    assert_eq!(incoming(&server, "gil", "").await.total, 0);
}

#[tokio::test]
async fn a_call_inside_an_account_is_in_both_lists_under_one_id() {
    let server = Server::start().await;
    server.talked_call(server.phone("acme-101"), server.phone("acme-102"), talk(60)).await;
    let sent = list(&server, "sue", "/cdrs", "").await;
    assert_eq!(sent.ids, incoming(&server, "sue", "").await.ids);
}

#[tokio::test]
async fn every_attribute_is_found_by_what_it_shows() {
    let server = Server::start().await;
    delivered(&server, 60).await;
    let (outside, phone) = (server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    server.talked_call(outside, phone, talk(30)).await;
    check_every_attribute(&server, INCOMING).await;
}

#[tokio::test]
async fn filters_are_those_of_the_taking_side() {
    let server = Server::start().await;
    delivered(&server, 60).await;
    let cases = [
        (format!("filter[account_id_eq]={CARRIER}"), 1),
        (format!("filter[account_id_eq]={OFFICE}"), 0),
        (format!("filter[account_id_in]={UNKNOWN}"), 0),
        ("filter[sign_term_ip_start]=192.0".to_owned(), 1),
        ("filter[dialpeer_reverse_billing_eq]=true".to_owned(), 0),
        ("filter[vendor_price_lt]=0.009".to_owned(), 0),
        ("filter[vendorPriceLteq]=0.009".to_owned(), 1),
        ("filter[time_start_lt]=2026-01-02%2011:00:00".to_owned(), 0),
    ];
    for (query, count) in cases {
        assert_eq!(incoming(&server, "ann", &query).await.total, count, "{query}");
    }
    let answer = server.yeti_get("ann", &format!("{INCOMING}?filter[customer_price_eq]=1")).send().await;
    refused(&answer, 400, 102, "Filter not allowed", "customer_price_eq is not allowed.");
}

#[tokio::test]
async fn a_call_leads_to_the_account_that_took_it() {
    let server = Server::start().await;
    delivered(&server, 60).await;
    let found = incoming(&server, "ann", "include=account").await;
    let linkage = json!({ "type": "accounts", "id": CARRIER });
    assert_eq!(found.data[0]["relationships"]["account"]["data"], linkage);
    assert_eq!(found.body["included"][0]["attributes"]["name"], "Acme carrier");
    let id = &found.ids[0];
    let account = server.yeti_get("ann", &format!("{INCOMING}/{id}/account")).send().await;
    assert_eq!(account.json()["data"]["id"], CARRIER);
    let answer = server.yeti_get("sue", &format!("{INCOMING}/{id}")).send().await;
    let detail = format!("The record identified by {id} could not be found.");
    refused(&answer, 404, 404, "Record not found", &detail);
    let answer = server.yeti_get("ann", &format!("{INCOMING}/abc")).send().await;
    refused(&answer, 400, 103, "Invalid field value", "abc is not a valid value for id.");
}
