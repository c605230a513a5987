//! Who may ask: the token first, then the account, then everything else.

use axum::http::{Method, StatusCode};
use http_core::Guard;

use super::{CALLS, DEVICES, ask, get, ok, refused, start};
use crate::harness::{Answer, Server};

const NOT_PERMITTED: &str = "User is not permitted to make a request against this account";

async fn with_authorization(server: &Server, value: &str) -> Answer {
    server.get(CALLS).header("authorization", value).send().await
}

#[tokio::test]
async fn without_a_token_the_answer_is_a_plain_challenge() {
    let server = start().await;
    let nothing = server.get(CALLS).send().await;
    refused(&nothing, 401);
    assert_eq!(nothing.header("www-authenticate"), "Bearer");
    for value in ["", "Bearer", "Bearer ", "Bearer   ", "Basic YW5uOm9wZW4=", "acme-office"] {
        let answer = with_authorization(&server, value).await;
        refused(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{value:?}");
    }
}

#[tokio::test]
async fn an_unknown_token_is_told_to_be_invalid() {
    let server = start().await;
    for token in ["acme-offic", "acme-officee", "Acme-Office", "acme-office acme-office", "x"] {
        let answer = with_authorization(&server, &format!("Bearer {token}")).await;
        refused(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{token}");
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_either_case() {
    let server = start().await;
    assert_eq!(with_authorization(&server, "bearer acme-office").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_account_is_refused_alike_whether_there_is_one_or_not() {
    let server = start().await;
    for account in ["1002", "2001", "999999", "0", "nobody", "01001", "-1"] {
        let answer = get(&server, &format!("/cc/accounts/{account}/calls")).await;
        assert_eq!(refused(&answer, 401), NOT_PERMITTED, "{account}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn self_is_the_account_of_the_token_and_answers_carry_its_number() {
    let server = start().await;
    let page = ok(&get(&server, "/cc/accounts/self/calls").await);
    assert_eq!(page["first_page_uri"], "/cc/accounts/1001/calls?page_size=100&order=desc");
    let devices = ok(&get(&server, "/registration/accounts/self/devices").await);
    assert_eq!(devices["devices"][0]["account_id"], 1001);
}

#[tokio::test]
async fn the_token_comes_before_the_account_and_the_account_before_everything_else() {
    let server = start().await;
    let foreign = "/cc/accounts/2001/calls?page_size=x";
    assert_ne!(refused(&server.get(foreign).send().await, 401), NOT_PERMITTED);
    assert_eq!(refused(&get(&server, foreign).await, 401), NOT_PERMITTED);
    let foreign_call = "/cc/accounts/2001/calls/no-id";
    assert_eq!(refused(&get(&server, foreign_call).await, 401), NOT_PERMITTED);
    let body = ask(&server, Method::POST, "/cc/accounts/2001/calls").body("no json").await;
    assert_eq!(refused(&body, 401), NOT_PERMITTED);
}

#[tokio::test]
async fn every_route_asks_for_a_token() {
    let server = start().await;
    let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let routes = vonage::routes()
        .into_iter()
        .map(|route| route.endpoint)
        .filter(|route| matches!(route.guard, Guard::Reader(_) | Guard::Writer(_)));
    let routes: Vec<_> = routes.collect();
    assert_eq!(routes.len(), 31);
    for route in routes {
        let path = route.path.replace("{account}", "1001").replace("{device}", "00-00-00-00-00-00");
        let path = path.replace("{call}", id).replace("{leg}", id);
        refused(&server.request(route.method, &path).send().await, 401);
    }
}

#[tokio::test]
async fn the_vendors_own_base_path_answers_the_same() {
    let server = start().await;
    for path in [CALLS, DEVICES] {
        let (short, long) =
            (get(&server, path).await, get(&server, &format!("/t/vbc.prod/telephony/v3{path}")).await);
        assert_eq!(ok(&short), ok(&long));
    }
}
