//! `/networks`.

use serde_json::{Value, json};

use super::refused;
use crate::harness::Server;

async fn body(server: &Server, path: &str) -> Value {
    let answer = server.yeti_get("ann", path).send().await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn networks_are_listed_with_their_types_as_the_portal_asks_for_them() {
    let server = Server::start().await;
    let list = body(&server, "/networks?page=2&include=network-type").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 50);
    let included = list["included"].as_array().unwrap();
    for network in list["data"].as_array().unwrap() {
        let link = &network["relationships"]["network-type"]["data"];
        assert_eq!(link["type"], "network-types");
        assert!(included.iter().any(|kind| kind["id"] == link["id"] && kind["type"] == "network-types"));
    }
    let names: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|it| it["attributes"]["name"].as_str()).collect();
    assert!(names.is_sorted());
}

#[tokio::test]
async fn a_network_is_found_by_its_name_and_leads_to_its_type() {
    let server = Server::start().await;
    let list = body(&server, "/networks?filter[nameCont]=%22germany,%20MOB%22").await;
    assert_eq!(list["data"][0]["attributes"], json!({ "name": "Germany, mobile" }));
    let id = list["data"][0]["id"].as_str().unwrap();
    let one = body(&server, &format!("/networks/{id}?include=network-type")).await;
    assert_eq!(one["included"][0]["attributes"], json!({ "name": "Mobile" }));
    let kind = body(&server, &format!("/networks/{id}/network-type")).await;
    assert_eq!(kind["data"]["attributes"], json!({ "name": "Mobile" }));
    let link = body(&server, &format!("/networks/{id}/relationships/network-type")).await;
    assert_eq!(link["data"], json!({ "type": "network-types", "id": kind["data"]["id"] }));
}

#[tokio::test]
async fn only_what_a_network_has_can_be_filtered_and_included() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", "/networks?filter[country_eq]=DE").send().await;
    refused(&answer, 400, 102, "Filter not allowed", "country_eq is not allowed.");
    let answer = server.yeti_get("ann", "/networks?include=country").send().await;
    refused(&answer, 400, 112, "Invalid field", "country is not a valid relationship of networks");
}
