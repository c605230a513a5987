//! `/network-types`.

use serde_json::json;

use super::{UNKNOWN, refused};
use crate::harness::Server;

#[tokio::test]
async fn network_types_are_listed_by_name_and_read_one_by_one() {
    let server = Server::start().await;
    let body = server.yeti_get("ann", "/network-types").send().await.json();
    let names: Vec<_> =
        body["data"].as_array().unwrap().iter().map(|kind| &kind["attributes"]["name"]).collect();
    let expected = [
        "Landline",
        "Landline or mobile",
        "Mobile",
        "Pager",
        "Personal number",
        "Premium rate",
        "Shared cost",
        "Toll free",
        "Universal access number",
        "VoIP",
        "Voicemail",
    ];
    assert_eq!(names, expected);
    assert_eq!(body["meta"], json!({ "total-count": 11 }));
    let id = body["data"][2]["id"].as_str().unwrap();
    let one = server.yeti_get("gil", &format!("/network-types/{id}")).send().await.json();
    assert_eq!(one["data"], body["data"][2]);
}

#[tokio::test]
async fn network_types_are_found_by_name() {
    let server = Server::start().await;
    let body = server.yeti_get("ann", "/network-types?filter[nameCont]=LANDLINE").send().await.json();
    assert_eq!(body["meta"], json!({ "total-count": 2 }));
}

#[tokio::test]
async fn a_network_type_that_is_not_there_is_not_found() {
    let server = Server::start().await;
    for id in [UNKNOWN, "1"] {
        let answer = server.yeti_get("ann", &format!("/network-types/{id}")).send().await;
        let detail = format!("The record identified by {id} could not be found.");
        refused(&answer, 404, 404, "Record not found", &detail);
    }
}
