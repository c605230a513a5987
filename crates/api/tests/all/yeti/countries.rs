//! `/countries`.

use serde_json::json;

use super::{ids, refused};
use crate::harness::Server;

#[tokio::test]
async fn a_country_is_known_by_its_iso_3166_number() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", "/countries/276").send().await;
    assert_eq!(answer.status, 200);
    let expected = r#"{"data":{"id":"276","type":"countries","links":{"self":"http://example.org/api/rest/customer/v1/countries/276"},"attributes":{"name":"Germany","iso2":"DE"}}}"#;
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn all_countries_are_listed_by_name() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", "/countries?page[size]=2").send().await;
    let body = answer.json();
    let names = [0, 1].map(|at| body["data"][at]["attributes"]["name"].clone());
    assert_eq!(names, ["Afghanistan", "Albania"]);
    assert_eq!(body["meta"], json!({ "total-count": 249 }));
}

#[tokio::test]
async fn countries_are_found_by_name_and_code_alone() {
    let server = Server::start().await;
    let found = async |query: &str| ids(&server, "ann", &format!("/countries?{query}")).await;
    assert_eq!(found("filter[iso2]=DE").await, ["276"]);
    assert_eq!(found("filter[iso2]=DE,FR&sort=-id").await, ["276", "250"]);
    assert_eq!(found("filter[name]=Germany").await, ["276"]);
    assert_eq!(found("filter[id]=276,4&sort=id").await, ["4", "276"]);
    assert!(found("filter[iso2]=de").await.is_empty());
    let answer = server.yeti_get("ann", "/countries?filter[name_eq]=Germany").send().await;
    refused(&answer, 400, 102, "Filter not allowed", "name_eq is not allowed.");
}

#[tokio::test]
async fn an_id_that_is_no_country_is_refused() {
    let server = Server::start().await;
    for id in ["3", "-276", "99999999999"] {
        let answer = server.yeti_get("ann", &format!("/countries/{id}")).send().await;
        let detail = format!("The record identified by {id} could not be found.");
        refused(&answer, 404, 404, "Record not found", &detail);
    }
    let answer = server.yeti_get("ann", "/countries/DE").send().await;
    refused(&answer, 400, 103, "Invalid field value", "DE is not a valid value for id.");
}
