//! Where an operation is found (section 4).

use axum::http::Method;
use serde_json::{Value as Json, json};

use super::world::{PASSWORD, World};

const FORMATS: [&str; 5] = ["json", "xml", "jsv", "csv", "html"];

#[tokio::test]
async fn every_operation_is_found_by_its_name_in_either_case() {
    let world = World::new().await;
    for name in ["ListCallRecordsRequest", "listcallrecordsrequest", "LISTCALLRECORDSREQUEST.json"] {
        assert_eq!(world.ask(&format!("/api/{name}?format=json")).await.page()["Page"], 0, "{name}");
        assert_eq!(world.ask(&format!("/api/json/reply/{name}")).await.page()["Page"], 0, "{name}");
        assert_eq!(world.ask(&format!("/api/api/{name}")).await.page()["Page"], 0, "{name}");
    }
}

#[tokio::test]
async fn oneway_answers_like_reply() {
    let world = World::new().await;
    for format in FORMATS {
        let reply = world.ask(&format!("/api/{format}/reply/AuthenticateRequest")).await;
        let oneway = world.ask(&format!("/api/{format}/oneway/AuthenticateRequest")).await;
        assert_eq!((reply.status.as_u16(), reply.body), (200, oneway.body), "{format}");
    }
}

#[tokio::test]
async fn predefined_paths_take_every_verb_with_a_body() {
    let world = World::new().await;
    for verb in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/api/json/reply/ListCallRecordsRequest", "/api/ListCallRecordsRequest"] {
            let answer = world.server.request(verb.clone(), path).body(World::credentials("anna")).await;
            assert_eq!(answer.status, 200, "{verb} {path}");
        }
    }
}

#[tokio::test]
async fn passwords_do_not_come_in_addresses_of_get() {
    let world = World::new().await;
    for path in ["/api/calls", "/api/json/reply/ListCallRecordsRequest", "/api/ListCallRecordsRequest"] {
        let uri =
            format!("{path}?CustomerName=acme&UserName=anna&Password=correct+horse&callback=f&format=json");
        let answer = world.server.get(&uri.replace("&callback=f", "")).send().await;
        assert_eq!(answer.refusal(405)["ErrorCode"], "MethodNotAllowed", "{path}");
        assert_eq!(answer.header("allow"), "POST", "{path}");
    }
}

#[tokio::test]
async fn the_query_of_a_predefined_path_fills_in_what_the_body_leaves_open() {
    let world = World::new().await;
    let body = json!({"CustomerName": "acme", "UserName": "anna", "Password": PASSWORD, "Page": 0, "ItemsPerPage": 1});
    let path = "ListCallRecordsRequest?Page=3&ItemsPerPage=2&Password=wrong";
    let filled = world.post(&format!("/api/json/reply/{path}"), "application/json", body.to_string()).await;
    assert_eq!(filled.page()["Page"], 3);
    let laid_over = world.post(&format!("/api/{path}"), "application/json", body.to_string()).await;
    laid_over.refusal(401);
}

#[tokio::test]
async fn a_body_without_a_type_is_written_as_the_path_says() {
    let world = World::new().await;
    let xml =
        "<R><CustomerName>acme</CustomerName><UserName>anna</UserName><Password>correct horse</Password></R>";
    let answer = world.server.post("/api/xml/reply/AuthenticateRequest").body(xml).await;
    assert!(answer.text().contains("<Authenticated>true</Authenticated>"), "{}", answer.text());
    let jsv = "{CustomerName:acme,UserName:anna,Password:correct horse}";
    let answer = world.server.post("/api/jsv/reply/AuthenticateRequest").body(jsv).await;
    assert!(answer.text().starts_with("{Authenticated:True,"), "{}", answer.text());
}

#[tokio::test]
async fn unknown_paths_are_not_found_in_plain_words() {
    let world = World::new().await;
    for path in [
        "/api/nothing",
        "/api/nothing.json",
        "/api/json/reply/Nothing",
        "/api/json/reply/Nothing[]",
        "/api/yaml/reply/ListCallRecordsRequest",
        "/api/calls/nothing",
        "/api/calls.yaml",
        "/api/json",
        "/api/a/b/c/d",
    ] {
        let answer = world.ask(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("content-type").starts_with("text/plain"), "{path}");
    }
}

/// A batch of these, each with credentials.
fn batch(requests: &[Json]) -> String {
    let request = |members: &Json| {
        let mut members = members.clone();
        members["CustomerName"] = json!("acme");
        members["Password"] = json!(PASSWORD);
        members
    };
    Json::Array(requests.iter().map(request).collect()).to_string()
}

#[tokio::test]
async fn a_batch_is_answered_in_order() {
    let world = World::new().await;
    let body = batch(&[json!({"UserName": "anna", "Page": 1}), json!({"UserName": "vera", "Page": 2})]);
    for path in ["/api/json/reply/ListCallRecordsRequest[]", "/api/ListCallRecordsRequest%5B%5D"] {
        let answer = world.post(path, "application/json", body.clone()).await;
        let pages: Vec<_> =
            answer.page().as_array().unwrap().iter().map(|page| page["Page"].clone()).collect();
        assert_eq!(pages, [json!(1), json!(2)], "{path}");
        assert_eq!(answer.header("x-autobatch-completed"), "2");
    }
    let xml = world.post("/api/xml/reply/ListCallRecordsRequest[]", "application/json", body).await;
    let page = "PagedResponseOfCallRecordInfoq5tJnJZa";
    assert!(xml.text().contains(&format!("<ArrayOf{page} ")), "{}", xml.text());
    assert_eq!(xml.text().matches(&format!("<{page}>")).count(), 2);
    let names = world
        .post(
            "/api/xml/reply/ListClientNamesRequest[]",
            "application/json",
            batch(&[json!({"UserName": "vera"})]),
        )
        .await;
    assert!(
        names.text().contains("<ArrayOfArrayOfClientInfo ")
            && names.text().contains("><ArrayOfClientInfo><ClientInfo>"),
        "{}",
        names.text()
    );
    let none = world.post("/api/ListCallRecordsRequest[]", "application/json", "[]").await;
    assert_eq!(none.text(), "[]");
}

#[tokio::test]
async fn the_first_of_a_batch_that_is_refused_is_the_answer() {
    let world = World::new().await;
    let anna = json!({"UserName": "anna"});
    let body = batch(&[anna.clone(), json!({"UserName": "nobody"}), anna.clone()]);
    let answer = world.post("/api/ListCallRecordsRequest[]", "application/json", body).await;
    assert_eq!(answer.refusal(401)["ErrorCode"], "Unauthorized");
    assert_eq!(answer.header("x-autobatch-completed"), "1");
    assert_eq!(answer.json()["ResponseStatus"]["Meta"], json!({"AutoBatchIndex": "1"}));
    let one = world.post("/api/calls", "application/json", json!({}).to_string()).await;
    assert_eq!(one.json()["ResponseStatus"]["Meta"], Json::Null);
    let long = batch(&vec![anna; 101]);
    for body in [long.as_str(), "{}", "[1]"] {
        let answer = world.post("/api/ListCallRecordsRequest[]", "application/json", body.to_owned()).await;
        assert_eq!(answer.refusal(400)["ErrorCode"], "SerializationException");
    }
    let list = world.post("/api/calls", "application/json", "[]").await;
    assert_eq!(list.refusal(400)["ErrorCode"], "SerializationException");
}

/// Other spellings of a path: each letter in the other case or percent-encoded, slashes doubled and at the end.
fn spellings(path: &str) -> Vec<String> {
    let encoded = |letter: char| match letter.is_ascii_alphabetic() {
        true => format!("%{:02x}", letter as u32),
        false => letter.to_string(),
    };
    let (name, query) = path.split_once('?').unwrap_or((path, ""));
    let spelled = [
        name.to_ascii_uppercase(),
        name.replace('/', "//"),
        format!("{name}/"),
        format!("{name}///"),
        name.chars().map(encoded).collect(),
        name.to_ascii_uppercase().chars().map(encoded).collect::<String>().replace('/', "//") + "/",
    ];
    spelled.map(|name| if query.is_empty() { name } else { format!("{name}?{query}") }).into()
}

#[tokio::test]
async fn every_path_is_found_however_it_is_spelled() {
    let world = World::new().await;
    for endpoint in hostedsuite::routes().into_iter().map(|route| route.endpoint) {
        let paths = endpoint.aliases.iter().chain([&endpoint.path]).filter(|path| !path.ends_with('/'));
        for path in paths.map(|path| path.replace("{operation}", "AuthenticateRequest")) {
            let ask = async |path: &str| {
                let asking = world.server.request(endpoint.method.clone(), path);
                let asking = asking.header("content-type", "application/json");
                let answer = asking.body(World::credentials("anna")).await;
                (answer.status, answer.header("content-type").to_owned())
            };
            let usual = ask(&path).await;
            // The page for people has its slash, and leads to the other.
            for spelled in spellings(&path).into_iter().filter(|path| path != "/api/metadata/") {
                assert_eq!(ask(&spelled).await, usual, "{spelled}");
            }
        }
    }
    for elsewhere in [
        "/api//nothing",
        "/Api/%6eothing/at/all/",
        "/CC/accounts/1001/calls",
        "/API/REST/customer/v1/accounts",
    ] {
        assert_eq!(world.server.get(elsewhere).send().await.status, 404, "{elsewhere}");
    }
}
