//! `/outgoing-numberlists` and their items.

use axum::http::Method;
use directory::routing::{Refused, Unroutable, Via};
use serde_json::{Value, json};

use super::{BASE, JSON_API, records::list, refused};
use crate::harness::{Answer, NOW, Server};

const LISTS: &str = "/outgoing-numberlists";
const ITEMS: &str = "/outgoing-numberlist-items";

/// Lists of Acme's office, of its shop and of Globex.
async fn server() -> Server {
    let server = Server::start().await;
    let list = |id: u32, name: &str, customer: &str, rest: &str| {
        format!("[[numberlists]]\nid = {id}\nname = \"{name}\"\ncustomer = \"{customer}\"\n{rest}\n")
    };
    let lists = [
        list(1, "No premium", "Acme", "accounts = [1001]\nmode = \"prefix\""),
        list(2, "Shop", "Acme", "accounts = [1002]\ndefault_action = \"reject\""),
        list(9, "Globex", "Globex", ""),
    ];
    server.change_directory(|text| format!("{text}\n{}", lists.concat()));
    server
}

fn item(attributes: &Value, list: u32) -> Value {
    let link = json!({ "data": { "type": "outgoing-numberlists", "id": list.to_string() } });
    json!({ "data": { "type": "outgoing-numberlist-items", "attributes": attributes,
                      "relationships": { "outgoing-numberlist": link } } })
}

async fn add(server: &Server, attributes: Value, list: u32) -> Answer {
    server.yeti_post("ann", ITEMS, item(&attributes, list)).await
}

async fn change(server: &Server, login: &str, method: Method, id: &str, attributes: Value) -> Answer {
    let body = json!({ "data": { "type": "outgoing-numberlist-items", "id": id, "attributes": attributes } });
    let asked = server.request(method, &format!("{BASE}{ITEMS}/{id}")).header("content-type", JSON_API);
    asked.header("authorization", &server.yeti_token(login)).body(body.to_string()).await
}

fn is_refused(server: &Server, dialed: &str) -> bool {
    let directory = server.directory();
    let office = directory.account(call::AccountId(1001)).unwrap().owner();
    directory.route(office, Via::Device(None), &dialed.into(), NOW)
        == Err(Unroutable::Refused(Refused::Numberlist))
}

#[tokio::test]
async fn lists_are_shown_to_those_whose_calls_they_screen() {
    let server = server().await;
    let found = list(&server, "ann", LISTS, "").await;
    let first = json!({ "name": "No premium", "default-action-id": 2, "mode-id": 2 });
    assert_eq!((found.ids, &found.data[0]["attributes"]), (vec!["1".to_owned(), "2".to_owned()], &first));
    assert_eq!(list(&server, "sue", LISTS, "").await.ids, ["1"]);
    assert_eq!(list(&server, "gil", LISTS, "").await.ids, ["9"]);
    assert_eq!(list(&server, "ann", LISTS, "filter[mode_id_eq]=1").await.ids, ["2"]);
    let foreign = server.yeti_get("gil", &format!("{LISTS}/1")).send().await;
    refused(&foreign, 404, 404, "Record not found", "The record identified by 1 could not be found.");
}

#[tokio::test]
async fn what_is_added_changed_and_taken_away_holds_for_the_next_call() {
    let server = server().await;
    assert!(!is_refused(&server, "+4990012"));
    let added = add(&server, json!({ "key": "+49900", "action-id": 1 }), 1).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let id = added.json()["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(added.json()["data"]["attributes"], json!({ "key": "+49900", "action-id": 1 }));
    assert_eq!(added.header("location"), format!("http://example.org{BASE}{ITEMS}/{id}"));
    assert!(is_refused(&server, "+4990012") && is_refused(&server, "4990012"));
    let changed = change(&server, "ann", Method::PATCH, &id, json!({ "action-id": 2 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(!is_refused(&server, "+4990012"));
    let changed = change(&server, "ann", Method::PATCH, &id, json!({ "key": "4930", "action-id": 1 })).await;
    assert_eq!(changed.json()["data"]["attributes"]["key"], "4930");
    assert!(is_refused(&server, "+493012") && !is_refused(&server, "+4990012"));
    let gone = change(&server, "ann", Method::DELETE, &id, json!({})).await;
    assert_eq!(gone.status, 204);
    assert!(!is_refused(&server, "+493012"));
    assert_eq!(change(&server, "ann", Method::DELETE, &id, json!({})).await.status, 404);
}

#[tokio::test]
async fn items_are_listed_filtered_and_included() {
    let server = server().await;
    let many = add(&server, json!({ "batch-key": "49900, +1900,44", "action-id": 1 }), 1).await;
    assert_eq!(many.status, 201, "{}", many.text());
    add(&server, json!({ "key": "33" }), 2).await;
    let found = list(&server, "ann", ITEMS, "").await;
    assert_eq!(found.shown("key"), ["+1900", "33", "44", "49900"]);
    assert_eq!(list(&server, "ann", ITEMS, "filter[key_start]=19").await.shown("key"), ["+1900"]);
    assert_eq!(list(&server, "ann", ITEMS, "filter[numberlist_id_eq]=2").await.shown("key"), ["33"]);
    assert_eq!(list(&server, "ann", ITEMS, "filter[action_id_eq]=1&sort=-key").await.total, 3);
    assert_eq!(list(&server, "sue", ITEMS, "").await.total, 3);
    assert_eq!(list(&server, "gil", ITEMS, "").await.total, 0);
    let with_list = list(&server, "ann", ITEMS, "include=outgoing-numberlist&filter[key_eq]=33").await;
    assert_eq!(with_list.body["included"][0]["attributes"]["name"], "Shop");
}

#[tokio::test]
async fn what_is_wrong_with_an_item_is_told() {
    let server = server().await;
    add(&server, json!({ "key": "49900" }), 1).await;
    let key = |message: &str| (format!("key - {message}"), message.to_owned());
    let cases = [
        (json!({}), 1, key("can't be blank")),
        (json!({ "key": "abc" }), 1, key("is invalid")),
        (json!({ "key": "1".repeat(101) }), 1, key("is invalid")),
        (json!({ "key": "+49900" }), 1, key("has already been taken")),
        (
            json!({ "key": "1", "action-id": 3 }),
            1,
            ("action-id - is not included in the list".to_owned(), "is not included in the list".to_owned()),
        ),
        (json!({ "key": "1" }), 9, ("Invalid numberlist".to_owned(), "Invalid numberlist".to_owned())),
    ];
    for (attributes, of, (detail, title)) in cases {
        let answer = add(&server, attributes.clone(), of).await;
        assert_eq!(answer.status, 422, "{attributes}: {}", answer.text());
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["detail"], &error["title"]), (&json!(detail), &json!(title)), "{attributes}");
    }
    let other = change(&server, "ann", Method::PATCH, "77", json!({})).await;
    assert_eq!(other.status, 404);
    let body = json!({ "data": { "type": "outgoing-numberlist-items", "id": "2" } });
    let asked = server.request(Method::PATCH, &format!("{BASE}{ITEMS}/1")).header("content-type", JSON_API);
    let wrong = asked.header("authorization", &server.yeti_token("ann")).body(body.to_string()).await;
    refused(&wrong, 400, 110, "Key is not included in URL", "The URL does not support the key 2");
}

#[tokio::test]
async fn a_phone_of_a_browser_gets_no_token_without_a_gateway() {
    let server = server().await;
    let answer = server.yeti_post("ann", "/call-auth", json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (500, JSON_API));
    assert_eq!(answer.json()["errors"][0]["detail"], "Provisioning Gateway is not found.");
}
