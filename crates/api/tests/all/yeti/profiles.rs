//! `/profiles`.

use call::AccountId;
use directory::model::Profile;
use serde_json::{Value, json};
use yeti::token::{Grant, Holder, issue};

use super::{BASE, refused};
use crate::harness::Server;

/// A server on which Ann has a profile of her own.
async fn server() -> Server {
    let server = Server::start().await;
    server.change_directory(|text| {
        let ann = "login = \"ann\"\nprofile = 7";
        let profile = "[[profiles]]\nid = 7\ndeny = [\"recordings\", \"outgoing-cdrs\"]\n";
        format!("{}\n{profile}", text.replacen("login = \"ann\"", ann, 1))
    });
    server
}

async fn profile(server: &Server, login: &str, query: &str) -> Value {
    let answer = server.yeti_get(login, &format!("/profiles{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn everything_but_one_kind_of_payments_is_permitted_without_a_profile() {
    let server = server().await;
    let body = profile(&server, "sue", "").await;
    assert_eq!((&body["data"]["id"], &body["data"]["type"]), (&"1".into(), &"profiles".into()));
    assert_eq!(body["data"].get("links"), None);
    let attributes = body["data"]["attributes"].as_object().unwrap();
    assert_eq!(attributes.keys().collect::<Vec<_>>(), Profile::PERMISSIONS.iter().collect::<Vec<_>>());
    let denied: Vec<_> = attributes.iter().filter(|(_, permitted)| **permitted == false).collect();
    let denied: Vec<_> = denied.into_iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(denied, UNSERVED);
}

/// What there is nothing of.
const UNSERVED: [&str; 2] = ["payments-cryptomus", "webrtc-dialer"];

#[tokio::test]
async fn what_is_promised_is_there() {
    let server = server().await;
    let promised = profile(&server, "sue", "").await["data"]["attributes"].clone();
    for (name, path) in [
        ("account", "accounts"),
        ("outgoing-rateplans", "rateplans"),
        ("outgoing-cdrs", "cdrs"),
        ("outgoing-cdr-exports", "cdr-exports"),
        ("outgoing-numberlists", "outgoing-numberlists"),
        ("incoming-cdrs", "incoming-cdrs"),
        ("invoices", "invoices"),
        ("payments", "payments"),
        ("services", "services"),
        ("transactions", "transactions"),
    ] {
        let is_there = server.yeti_get("sue", &format!("/{path}")).send().await.status == 200;
        assert_eq!(promised[name], is_there, "{name}");
    }
}

#[tokio::test]
async fn what_the_client_s_own_profile_denies_is_not_permitted() {
    let server = server().await;
    let body = profile(&server, "ann", "?fields[profiles]=outgoing-cdrs,account").await;
    let expected = r#"{"id":"7","type":"profiles","attributes":{"account":true,"outgoing-cdrs":false}}"#;
    assert_eq!(body["data"].to_string(), expected);
}

#[tokio::test]
async fn a_denied_recording_shows_in_auth() {
    let server = server().await;
    for (login, expected) in [("ann", r#"{"allow-rec":false}"#), ("sue", r#"{"allow-rec":true}"#)] {
        assert_eq!(server.yeti_get(login, "/auth").send().await.text(), expected);
    }
}

#[tokio::test]
async fn the_token_of_a_customer_without_a_login_names_a_profile_that_is_there() {
    let server = server().await;
    let customer = server.directory().account(AccountId(1001)).unwrap().customer;
    for (profile, status, id) in [(1, 200, json!("1")), (7, 200, json!("7")), (8, 401, Value::Null)] {
        let grant = Grant { customer_portal_access_profile_id: profile, ..Grant::of(customer) };
        let holder = Holder::Customer(Box::new(grant));
        let token = issue(&server.config.yeti, &holder, server.app.now()).text;
        let asking = server.get(&format!("{BASE}/profiles")).header("authorization", &token);
        let answer = asking.send().await;
        assert_eq!((answer.status.as_u16(), &answer.json()["data"]["id"]), (status, &id));
    }
}

#[tokio::test]
async fn a_field_that_is_none_is_refused() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", "/profiles?fields[profiles]=recordings").send().await;
    refused(&answer, 400, 104, "Invalid field", "recordings is not a valid field for profiles.");
}
