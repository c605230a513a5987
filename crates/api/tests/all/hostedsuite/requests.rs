//! How a request may arrive (sections 1.6 and 1.7).

use serde_json::json;

use super::world::{PASSWORD, World, call_id};

const FORM: &str = "application/x-www-form-urlencoded";

async fn two_calls() -> World {
    let world = World::new().await;
    world.place([world.call(1, 9, 1), world.call(2, 1, 9)]).await;
    world
}

fn credentials() -> String {
    json!({"CustomerName": "acme", "UserName": "anna", "Password": PASSWORD}).to_string()
}

#[tokio::test]
async fn member_names_are_taken_in_either_case_and_unknown_ones_are_passed_over() {
    let world = two_calls().await;
    let body = json!({"customername": "acme", "userName": "anna", "PASSWORD": PASSWORD, "callType": "Outgoing", "Colour": {"a": [1]}});
    let answer = world.post("/api/calls", "application/json", body.to_string()).await;
    assert_eq!(answer.numbers(), [2]);
}

#[tokio::test]
async fn of_members_with_the_same_name_the_last_counts() {
    let world = two_calls().await;
    let body = credentials().replace('{', r#"{"CallType":"Incoming","calltype":"Outgoing","#);
    assert_eq!(world.post("/api/calls", "application/json", body).await.numbers(), [2]);
}

#[tokio::test]
async fn a_body_without_a_type_is_json() {
    let world = two_calls().await;
    assert_eq!(world.server.post("/api/calls").body(credentials()).await.numbers(), [1, 2]);
    for content_type in ["application/json; charset=utf-8", "text/json", "Application/Problem+JSON"] {
        assert_eq!(world.post("/api/calls", content_type, credentials()).await.numbers(), [1, 2]);
    }
}

#[tokio::test]
async fn a_form_is_as_good_as_json() {
    let world = two_calls().await;
    let form = format!(
        "CustomerName=acme&UserName=anna&Password=correct+horse&CallRecordId={}&Page=0&MinCallDuration=1.5&DisableStats=on",
        call_id(2)
    );
    assert_eq!(world.post("/api/calls", FORM, form).await.numbers(), [2]);
    let escaped =
        "CustomerName=acme&UserName=%61nna&Password=correct%20horse&StartDate=3%2F1%2F2026+12%3A00%3A02&";
    assert_eq!(world.post("/api/calls", FORM, escaped).await.numbers(), [2]);
}

#[tokio::test]
async fn query_values_are_laid_over_the_body_and_empty_ones_are_not() {
    let world = two_calls().await;
    let body = credentials().replace('{', r#"{"CallType":"Incoming","#);
    let list = |path: &'static str| world.post(path, "application/json", body.clone());
    assert_eq!(list("/api/calls?calltype=Outgoing").await.numbers(), [2]);
    assert_eq!(list("/api/calls?CallType=&").await.numbers(), [1]);
    assert_eq!(list("/api/calls?%%%=&=&&CallType").await.numbers(), [1]);
    let form = "CallType=Incoming&CustomerName=acme&UserName=anna&Password=correct+horse";
    assert_eq!(world.post("/api/calls?CallType=1", FORM, form).await.numbers(), [2]);
}

#[tokio::test]
async fn credentials_may_come_in_the_query() {
    let world = two_calls().await;
    let path = "/api/calls?CustomerName=acme&UserName=anna&Password=correct+horse";
    assert_eq!(world.post(path, "application/json", "").await.numbers(), [1, 2]);
}

#[tokio::test]
async fn numbers_and_bools_are_taken_as_texts_and_texts_as_numbers_and_bools() {
    let world = two_calls().await;
    let members = json!({"CenterId": 1, "Page": "0", "ItemsPerPage": "1", "MinCallDuration": "60", "DisableStats": "false,true"});
    let page = world.list(members).await.page();
    assert_eq!((page["Items"].as_array().unwrap().len(), &page["TotalCount"]), (1, &json!(2)));
}
