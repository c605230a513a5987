//! `/rateplans`.

use super::{ids, refused};
use crate::harness::Server;

/// What account 1001 pays by.
pub const OWN: &str = "10a00000-0000-4000-8000-000000000001";
/// What another customer's account pays by.
pub const FOREIGN: &str = "20a00000-0000-4000-8000-000000000001";

#[tokio::test]
async fn the_plans_that_the_client_s_accounts_pay_by_are_listed() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", "/rateplans").send().await;
    let expected = format!(
        r#"{{"data":[{{"id":"{OWN}","type":"rateplans","links":{{"self":"http://example.org/api/rest/customer/v1/rateplans/{OWN}"}},"attributes":{{"name":"Acme rates"}}}}],"meta":{{"total-count":1}},"links":{{"first":"http://example.org/api/rest/customer/v1/rateplans?page%5Bnumber%5D=1&page%5Bsize%5D=50","last":"http://example.org/api/rest/customer/v1/rateplans?page%5Bnumber%5D=1&page%5Bsize%5D=50"}}}}"#
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(ids(&server, "gil", "/rateplans").await, [FOREIGN]);
}

#[tokio::test]
async fn a_plan_of_an_account_that_the_client_may_not_see_is_not_there() {
    let server = Server::start().await;
    server.change_directory(|text| {
        let shop = "name = \"Acme shop\"\nbilling = { origination_rateplan = \"Acme carrier rates\" }";
        text.replacen("name = \"Acme shop\"", shop, 1)
    });
    assert_eq!(ids(&server, "ann", "/rateplans").await.len(), 2);
    assert_eq!(ids(&server, "sue", "/rateplans").await, [OWN]);
    for (login, id) in [("ann", FOREIGN), ("gil", OWN), ("ann", "Acme")] {
        let answer = server.yeti_get(login, &format!("/rateplans/{id}")).send().await;
        let detail = format!("The record identified by {id} could not be found.");
        refused(&answer, 404, 404, "Record not found", &detail);
    }
    assert_eq!(server.yeti_get("sue", &format!("/rateplans/{OWN}")).send().await.status, 200);
}

#[tokio::test]
async fn plans_are_found_by_name() {
    let server = Server::start().await;
    assert_eq!(ids(&server, "ann", "/rateplans?filter[name_end]=RATES").await, [OWN]);
    assert!(ids(&server, "ann", "/rateplans?filter[name_eq]=x").await.is_empty());
}
