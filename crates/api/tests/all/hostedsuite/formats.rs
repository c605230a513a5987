//! What form an answer has (section 2).

use serde_json::json;

use super::world::{PASSWORD, World};
use crate::harness::Answer;

const JSON: &str = "application/json; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

fn credentials() -> String {
    json!({"CustomerName": "acme", "UserName": "anna", "Password": PASSWORD}).to_string()
}

async fn post(world: &World, path: &str) -> Answer {
    world.post(path, "application/json", credentials()).await
}

#[tokio::test]
async fn json_comes_back_whichever_way_it_is_asked_for() {
    let world = World::new().await;
    let plain = r#"{"Items":[],"Page":0,"TotalCount":0,"TotalPages":0}"#;
    for path in [
        "/api/calls",
        "/api/calls.json",
        "/api/calls?format=json",
        "/api/calls?format=nonsense",
        "/api/ListCallRecordsRequest",
        "/api/ListCallRecordsRequest.json",
    ] {
        let answer = post(&world, path).await;
        assert_eq!((answer.text(), answer.header("content-type")), (plain, JSON), "{path}");
    }
    for accept in ["application/json", "*/*", "text/html", "application/x-unknown", ""] {
        let answer = world.server.post("/api/calls").header("Accept", accept).body(credentials()).await;
        assert_eq!((answer.text(), answer.header("content-type")), (plain, JSON), "{accept}");
    }
}

#[tokio::test]
async fn a_form_gets_json_too() {
    let form = "CustomerName=acme&UserName=anna&Password=correct+horse";
    let answer = World::new().await.post("/api/calls", "application/x-www-form-urlencoded", form).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, JSON));
}

#[tokio::test]
async fn answers_are_not_to_be_stored_or_guessed_at() {
    let world = World::new().await;
    for answer in [post(&world, "/api/calls").await, world.post("/api/calls", "application/json", "{}").await]
    {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("vary"), "Accept");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_callback_gets_a_script() {
    let world = World::new().await;
    for path in [
        "/api/calls?callback=got.it_1",
        "/api/calls.json?Callback=got.it_1",
        "/api/calls?format=json&callback=got.it_1",
    ] {
        let answer = post(&world, path).await;
        assert_eq!(answer.text(), r#"got.it_1({"Items":[],"Page":0,"TotalCount":0,"TotalPages":0})"#);
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, SCRIPT));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(post(&world, "/api/calls?callback=").await.header("content-type"), JSON);
}

#[tokio::test]
async fn the_name_of_a_callback_can_do_nothing_but_name() {
    let answer = post(&World::new().await, "/api/calls?callback=alert(1)%3B%2F%2F%C3%A9").await;
    assert!(answer.text().starts_with("alert_1_____({"), "{}", answer.text());
}

#[tokio::test]
async fn refusals_reach_a_callback_with_200() {
    let world = World::new().await;
    for (body, code) in [("{}", "ArgumentNullException"), ("[", "SerializationException")] {
        let answer = world.post("/api/calls?callback=f", "application/json", body).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, SCRIPT));
        let start = format!(r#"f({{"ResponseStatus":{{"ErrorCode":"{code}","#);
        assert!(answer.text().starts_with(&start), "{}", answer.text());
    }
}

#[tokio::test]
async fn line_separators_are_escaped_in_scripts() {
    let world = World::new().await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("a\u{2028}b".into());
    world.place([call]).await;
    assert!(post(&world, "/api/calls").await.text().contains("a\u{2028}b"));
    assert!(post(&world, "/api/calls?callback=f").await.text().contains("a\\u2028b"));
}

#[tokio::test]
async fn jsconfig_changes_names_and_what_is_left_out_on_refusals_too() {
    let world = World::new().await;
    let camel = post(&world, "/api/calls?jsconfig=eccn").await.text().to_owned();
    assert_eq!(camel, r#"{"items":[],"page":0,"totalCount":0,"totalPages":0}"#);
    assert_eq!(post(&world, "/api/calls?jsconfig=edv,eccn").await.text(), r#"{"items":[]}"#);
    let refusal = world.post("/api/calls?jsconfig=eccn", "application/json", "{}").await.text().to_owned();
    assert!(refusal.starts_with(r#"{"responseStatus":{"errorCode":"ArgumentNullException""#), "{refusal}");
    world.place([world.call(1, 9, 1)]).await;
    let with_nulls = post(&world, "/api/calls?jsconfig=inv").await.text().to_owned();
    assert!(with_nulls.contains(r#""Notes":null,"#), "{with_nulls}");
    assert!(post(&world, "/api/calls?jsconfig=pp").await.text().starts_with("{\n  \"Items\": [\n"));
}
