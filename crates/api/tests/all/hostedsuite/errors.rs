//! Refusals (section 3).

use axum::http::Method;
use serde_json::json;

use super::world::{PASSWORD, World};

fn faults(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(code, field)| ((*code).to_owned(), (*field).to_owned())).collect()
}

#[tokio::test]
async fn every_member_at_fault_is_named_and_the_first_speaks_for_all() {
    let world = World::new().await;
    let answer = world
        .list(json!({
            "StartDate": "soon",
            "ClientId": ["a"],
            "MinCallDuration": -1,
            "MaxCallDuration": "long",
            "CallType": "Sideways",
            "Page": -1,
            "ItemsPerPage": 1.5,
            "DisableStats": "perhaps",
            "SortField": "Interactions",
            "SortDir": 2,
        }))
        .await;
    let expected = faults(&[
        ("FormatException", "StartDate"),
        ("SerializationException", "ClientId"),
        ("ArgumentOutOfRangeException", "MinCallDuration"),
        ("SerializationException", "MaxCallDuration"),
        ("ArgumentException", "CallType"),
        ("ArgumentOutOfRangeException", "Page"),
        ("SerializationException", "ItemsPerPage"),
        ("SerializationException", "DisableStats"),
        ("ArgumentException", "SortField"),
        ("ArgumentException", "SortDir"),
    ]);
    assert_eq!(answer.faults(400), ("FormatException".to_owned(), expected));
    let refusal = answer.refusal(400);
    assert_eq!(refusal["Message"], refusal["Errors"][0]["Message"]);
}

#[tokio::test]
async fn numbers_outside_their_range_are_refused() {
    let world = World::new().await;
    for (member, value, code) in [
        ("Page", json!("-5"), "ArgumentOutOfRangeException"),
        ("Page", json!(2147483648_u32), "SerializationException"),
        ("ItemsPerPage", json!(-1), "ArgumentOutOfRangeException"),
        ("MinCallDuration", json!("NaN"), "ArgumentOutOfRangeException"),
        ("MinCallDuration", json!("Infinity"), "ArgumentOutOfRangeException"),
        ("MaxCallDuration", json!(-0.001), "ArgumentOutOfRangeException"),
        ("MaxCallDuration", json!("-inf"), "ArgumentOutOfRangeException"),
    ] {
        let answer = world.list(json!({member: value})).await;
        assert_eq!(answer.faults(400).1, faults(&[(code, member)]), "{member} {value}");
    }
}

#[tokio::test]
async fn a_message_names_the_member_what_was_found_and_what_is_accepted() {
    let world = World::new().await;
    let answer = world.list(json!({"Page": "abc"})).await;
    let expected = "Page is \"abc\"; accepted: a whole number from 0 to 2147483647";
    let refusal = answer.refusal(400);
    assert_eq!(refusal["Errors"][0]["Message"], expected);
    let bound = format!("Unable to bind to request 'ListCallRecordsRequest': {expected}");
    assert_eq!(refusal["Message"], bound);
    let long = world.list(json!({"SortDir": "é".repeat(10_000)})).await;
    assert!(long.text().len() < 500, "{}", long.text());
}

#[tokio::test]
async fn a_refusal_has_its_members_in_order() {
    let answer = World::new().await.post("/api/calls", "application/json", "[").await;
    assert!(
        answer.text().starts_with(r#"{"ResponseStatus":{"ErrorCode":"SerializationException","Message":"#)
    );
    assert!(answer.text().ends_with(r#","Errors":[]}}"#), "{}", answer.text());
}

#[tokio::test]
async fn bodies_that_are_no_object_are_refused() {
    let world = World::new().await;
    let deep = "[".repeat(100_000);
    for body in ["{", r#"{"Page":0"#, "[]", "7", "null", r#""{}""#, r#"{"Page":NaN}"#, "\u{0}", deep.as_str()]
    {
        let answer = world.post("/api/calls", "application/json", body.to_owned()).await;
        assert_eq!(answer.refusal(400)["ErrorCode"], "SerializationException", "{body:.20}");
    }
    let answer = world.post("/api/calls", "application/json", vec![0xff, 0xfe, b'{']).await;
    answer.refusal(400);
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused() {
    let world = World::new().await;
    let answer = world.post("/api/calls", "application/json", vec![b' '; 10 << 20]).await;
    assert_eq!(answer.refusal(413)["ErrorCode"], "RequestEntityTooLarge");
    assert_eq!(world.list(json!({})).await.status, 200);
}

#[tokio::test]
async fn bodies_in_unknown_notations_are_refused() {
    let world = World::new().await;
    for content_type in ["text/plain", "application/octet-stream", "multipart/form-data", "nonsense"] {
        let answer = world.post("/api/calls", content_type, "{}").await;
        assert_eq!(answer.refusal(415)["ErrorCode"], "UnsupportedMediaType", "{content_type}");
    }
}

#[tokio::test]
async fn other_verbs_are_told_to_post() {
    let world = World::new().await;
    for verb in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in ["/api/calls", "/api/calls.json"] {
            let uri = format!("{path}?CustomerName=acme&UserName=anna&Password=correct+horse");
            let answer = world.server.request(verb.clone(), &uri).send().await;
            assert_eq!(answer.refusal(405)["ErrorCode"], "MethodNotAllowed", "{verb}");
            assert_eq!(answer.header("allow"), "POST", "{verb}");
        }
    }
}

#[tokio::test]
async fn a_verb_in_a_header_counts_instead_of_the_requests() {
    let world = World::new().await;
    let body = json!({"CustomerName": "acme", "UserName": "anna", "Password": PASSWORD}).to_string();
    let overridden = |verb: Method, by: &str| {
        let request = world.server.request(verb, "/api/calls").header("X-Http-Method-Override", by);
        request.body(body.clone())
    };
    assert_eq!(overridden(Method::PUT, "post").await.status, 200);
    assert_eq!(overridden(Method::POST, "GET").await.status, 405);
}
