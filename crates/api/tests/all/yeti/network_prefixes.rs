//! `/network-prefixes`.

use serde_json::{Value, json};

use super::{UNKNOWN, refused};
use crate::harness::Server;

async fn list(server: &Server, query: &str) -> Value {
    let answer = server.yeti_get("ann", &format!("/network-prefixes?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_prefix_says_how_long_numbers_are_and_leads_to_its_network() {
    let server = Server::start().await;
    let found = list(&server, "filter[prefix_eq]=491512&include=network.network-type").await;
    let prefix = &found["data"][0];
    let expected = json!({ "prefix": "491512", "number-min-length": 12, "number-max-length": 13 });
    assert_eq!(prefix["attributes"], expected);
    let included = [&found["included"][0], &found["included"][1]].map(|it| it["attributes"]["name"].clone());
    assert_eq!(included, ["Germany, mobile", "Mobile"]);
    let path = format!("/network-prefixes/{}/network", prefix["id"].as_str().unwrap());
    let network = server.yeti_get("ann", &path).send().await.json();
    assert_eq!(network["data"]["id"], prefix["relationships"]["network"]["data"]["id"]);
}

#[tokio::test]
async fn prefixes_are_sorted_as_texts_and_filtered_as_texts() {
    let server = Server::start().await;
    let found = list(&server, "filter[prefix_start]=4915&page[size]=1000").await;
    let prefixes: Vec<_> =
        found["data"].as_array().unwrap().iter().map(|it| it["attributes"]["prefix"].as_str()).collect();
    assert!(!prefixes.is_empty() && prefixes.is_sorted());
    let all = list(&server, "").await["meta"]["total-count"].as_u64().unwrap();
    let some =
        list(&server, "filter[number_max_length_in]=11,12").await["meta"]["total-count"].as_u64().unwrap();
    assert!(all > 1_000 && 0 < some && some < all, "{some} of {all}");
    let answer = server.yeti_get("ann", "/network-prefixes?filter[number_max_length_gt]=3").send().await;
    refused(&answer, 400, 102, "Filter not allowed", "number_max_length_gt is not allowed.");
}

#[tokio::test]
async fn a_prefix_that_is_not_there_is_not_found() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", &format!("/network-prefixes/{UNKNOWN}")).send().await;
    let detail = format!("The record identified by {UNKNOWN} could not be found.");
    refused(&answer, 404, 404, "Record not found", &detail);
}
