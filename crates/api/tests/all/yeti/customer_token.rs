//! Tokens of customers without a login.

use serde_json::{Value, json};

use super::{BASE, FOREIGN, OFFICE, SHOP, token::customer_token, unauthorized};
use crate::harness::{Answer, Server};

async fn accounts(server: &Server, cfg: Value) -> Answer {
    let token = customer_token(server, &cfg);
    server.get(&format!("{BASE}/accounts?sort=id")).header("authorization", &token).send().await
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = |account: &Value| account["id"].as_str().unwrap().to_owned();
    answer.json()["data"].as_array().unwrap().iter().map(id).collect()
}

/// The number of Acme.
pub(super) fn acme(server: &Server) -> u32 {
    server.directory().user_by_login("ann").unwrap().customer.0
}

#[tokio::test]
async fn a_customer_sees_all_of_its_accounts() {
    let server = Server::start().await;
    let seen = ids(&accounts(&server, json!({ "customer_id": acme(&server) })).await);
    assert_eq!(seen.len(), 3);
    assert!(!seen.contains(&FOREIGN.to_owned()));
}

#[tokio::test]
async fn a_list_of_accounts_narrows_what_is_seen() {
    let server = Server::start().await;
    let listed = |ids: Value| json!({ "customer_id": acme(&server), "account_ids": ids });
    assert_eq!(ids(&accounts(&server, listed(json!([1001, 1002]))).await), [OFFICE, SHOP]);
    assert_eq!(ids(&accounts(&server, listed(json!([]))).await).len(), 3);
    assert!(ids(&accounts(&server, listed(json!([2001, 7]))).await).is_empty());
}

#[tokio::test]
async fn a_customer_comes_from_the_networks_of_its_token() {
    let server = Server::start().await;
    let from = |networks: Value| json!({ "customer_id": acme(&server), "allowed_ips": networks });
    for good in [json!(["0.0.0.0/0"]), json!(["::1", "203.0.113.7"]), json!(["203.0.113.0/24"])] {
        assert_eq!(accounts(&server, from(good)).await.status, 200);
    }
    for bad in [json!([]), json!(["203.0.113.8"]), json!(["::/0"]), json!(["here"]), json!("0.0.0.0/0")] {
        unauthorized(&accounts(&server, from(bad)).await);
    }
}

#[tokio::test]
async fn what_a_token_may_say_of_a_customer_is_fixed() {
    let server = Server::start().await;
    let whole = json!({
        "customer_id": acme(&server), "customer_portal_access_profile_id": 1, "account_ids": [],
        "allow_outgoing_numberlists_ids": [], "allowed_ips": ["0.0.0.0/0", "::/0"],
        "provision_gateway_id": null });
    assert_eq!(accounts(&server, whole.clone()).await.status, 200);
    for (name, value) in [
        ("customer_id", Value::Null),
        ("customer_id", json!("1")),
        ("customer_id", json!(-1)),
        ("customer_id", json!(77)),
        ("account_ids", json!([OFFICE])),
        ("account_ids", json!(1001)),
        ("what_else", json!(1)),
    ] {
        let mut cfg = whole.clone();
        cfg[name] = value;
        unauthorized(&accounts(&server, cfg).await);
    }
}

#[tokio::test]
async fn a_cookie_of_a_customer_is_renewed_with_what_it_says() {
    let server = Server::start().await;
    let token = customer_token(&server, &json!({ "customer_id": acme(&server), "account_ids": [1002] }));
    let cookie = format!("_yeti_customer_v1_session={token}");
    let first = server.get(&format!("{BASE}/accounts")).header("cookie", &cookie).send().await;
    let renewed = first.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(renewed.starts_with("_yeti_customer_v1_session="));
    let again = server.get(&format!("{BASE}/accounts")).header("cookie", &renewed).send().await;
    assert_eq!(ids(&again), [SHOP]);
}
