//! Logging in and out.

use std::time::Duration;

use serde_json::json;

use super::{BASE, JSON_API, errors};
use crate::harness::{Answer, PASSWORD, Server};

async fn log_in(server: &Server, login: &str, password: &str) -> Answer {
    let body = json!({ "auth": { "login": login, "password": password } });
    server
        .post(&format!("{BASE}/auth"))
        .header("content-type", "application/json")
        .body(body.to_string())
        .await
}

fn set_cookie(answer: &Answer) -> &str {
    answer.header("set-cookie")
}

#[tokio::test]
async fn the_right_password_gives_a_token() {
    let server = Server::start().await;
    let answer = log_in(&server, "ann", PASSWORD).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert!(answer.header("etag").starts_with("W/\""));
    assert_eq!(set_cookie(&answer), "");
    let jwt = answer.json()["jwt"].as_str().unwrap().to_owned();
    assert_eq!(answer.text(), format!("{{\"jwt\":\"{jwt}\"}}"));
    let session = server.get(&format!("{BASE}/auth")).header("authorization", &jwt).send().await;
    assert_eq!((session.status.as_u16(), session.text()), (200, r#"{"allow-rec":true}"#));
}

#[tokio::test]
async fn a_login_may_be_labelled_as_json_api_and_carry_a_stale_token() {
    let server = Server::start().await;
    let body = json!({ "auth": { "login": "ann", "password": PASSWORD } });
    let asking = server.post(&format!("{BASE}/auth")).header("content-type", JSON_API);
    let answer = asking.header("authorization", "Bearer null").body(body.to_string()).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn wrong_logins_passwords_and_networks_are_refused_alike() {
    let server = Server::start().await;
    let expected = r#"{"errors":[{"title":"Authentication failed","detail":"Incorrect login or password.","code":"401","status":"401"}]}"#;
    for (login, password) in [("ann", "wrong"), ("nobody", PASSWORD), ("ned", PASSWORD), ("", "")] {
        let answer = log_in(&server, login, password).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (401, expected), "{login}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("etag"), "");
    }
}

#[tokio::test]
async fn a_user_comes_from_their_networks_only_also_with_a_token() {
    let server = Server::start().await;
    let body = json!({ "auth": { "login": "ned", "password": PASSWORD } }).to_string();
    let path = format!("{BASE}/auth");
    let inside = server.post(&path).from([192, 168, 0, 9]).body(body).await;
    assert_eq!(inside.status, 201);
    let jwt = inside.json()["jwt"].as_str().unwrap().to_owned();
    let session = |peer: [u8; 4]| server.get(&path).header("authorization", &jwt).from(peer).send();
    assert_eq!(session([192, 168, 0, 9]).await.status, 200);
    assert_eq!(session([192, 168, 1, 9]).await.status, 401);
}

#[tokio::test]
async fn the_address_that_a_stranger_claims_is_not_believed() {
    let server = Server::start().await;
    let body = json!({ "auth": { "login": "ned", "password": PASSWORD } }).to_string();
    let asking = server.post(&format!("{BASE}/auth")).header("x-real-ip", "192.168.0.9");
    assert_eq!(asking.body(body).await.status, 401);
}

#[tokio::test]
async fn guessing_is_braked() {
    let server = Server::start().await;
    for _ in 0..10 {
        assert_eq!(log_in(&server, "ann", "wrong").await.status, 401);
    }
    let answer = log_in(&server, "ann", PASSWORD).await;
    let refused = errors(&answer, 429);
    assert_eq!(refused[0][0], "Too many requests");
    assert_eq!(answer.header("retry-after"), "300");
    assert_eq!(log_in(&server, "sue", PASSWORD).await.status, 201);
    server.clock.advance(Duration::from_secs(300));
    assert_eq!(log_in(&server, "ann", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn bodies_of_another_shape_are_refused() {
    let server = Server::start().await;
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        r#"{"auth":null}"#,
        r#"{"auth":"ann"}"#,
        r#"{"auth":{"login":"ann"}}"#,
        r#"{"auth":{"login":7,"password":"x"}}"#,
        r#"{"auth":{"login":"ann","password":["open sesame"]}}"#,
        "\u{0}",
    ];
    for body in bodies {
        let answer = server.post(&format!("{BASE}/auth")).body(body).await;
        assert_eq!(errors(&answer, 400)[0][0], "Bad Request", "{body}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

const COOKIE_LOGIN: &str = r#"{"auth":{"login":"ann","password":"open sesame","cookie_auth":true}}"#;

#[tokio::test]
async fn a_token_can_come_as_a_cookie() {
    let server = Server::start().await;
    let answer = server.post(&format!("{BASE}/auth")).header("accept", "*/*").body(COOKIE_LOGIN).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (201, ""));
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!((answer.header("etag"), answer.header("vary")), ("", ""));
    let token = server.yeti_token("ann");
    let expected = format!(
        "_yeti_customer_v1_session={token}; path=/; expires=Fri, 02 Jan 2026 12:10:00 GMT; httponly; samesite=lax"
    );
    assert_eq!(set_cookie(&answer), expected);
}

#[tokio::test]
async fn a_cookie_is_asked_for_in_words_that_mean_yes() {
    let server = Server::start().await;
    for (value, is_cookie) in [
        ("true", true),
        ("\"1\"", true),
        ("1", true),
        ("\"false\"", false),
        ("false", false),
        ("0", false),
        ("null", false),
        ("\"\"", false),
    ] {
        let body = COOKIE_LOGIN.replace("true", value);
        let answer = server.post(&format!("{BASE}/auth")).body(body).await;
        assert_eq!(answer.status, 201);
        assert_eq!(set_cookie(&answer).is_empty(), !is_cookie, "{value}");
    }
}

#[tokio::test]
async fn over_https_the_cookie_stays_on_https() {
    let proxy = [10, 0, 0, 1];
    let server =
        Server::start_with(|config| config.http.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()].into())
            .await;
    let asking = server.post(&format!("{BASE}/auth")).from(proxy).header("x-forwarded-proto", "https");
    assert!(set_cookie(&asking.body(COOKIE_LOGIN).await).ends_with("; samesite=lax; secure"));
}

#[tokio::test]
async fn logging_out_ends_the_cookie_whoever_asks() {
    let server = Server::start().await;
    let answer = server.delete(&format!("{BASE}/auth")).send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    let expected = "_yeti_customer_v1_session=logout; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax";
    assert_eq!(set_cookie(&answer), expected);
    let session = server.get(&format!("{BASE}/auth")).header("cookie", "_yeti_customer_v1_session=logout");
    assert_eq!(session.send().await.status, 401);
}

#[tokio::test]
async fn a_session_that_was_ended_counts_no_more_and_the_next_login_does() {
    let server = Server::start().await;
    let auth = format!("{BASE}/auth");
    let log_in = || async { set_cookie(&server.post(&auth).body(COOKIE_LOGIN).await).to_owned() };
    let ask = |cookie: String| server.get(&auth).header("cookie", &cookie).send();
    let cookie = log_in().await.split(';').next().unwrap().to_owned();
    assert_eq!(ask(cookie.clone()).await.status, 200);
    assert_eq!(server.delete(&auth).header("cookie", &cookie).send().await.status, 204);
    assert_eq!(ask(cookie.clone()).await.status, 401);
    let again = log_in().await.split(';').next().unwrap().to_owned();
    assert_eq!(again, cookie, "the clock stands still");
    assert_eq!(ask(again).await.status, 200);
}

#[tokio::test]
async fn cookies_that_anybody_may_make_up_push_no_ended_session_out() {
    let server = Server::start().await;
    let auth = format!("{BASE}/auth");
    let cookie = set_cookie(&server.post(&auth).body(COOKIE_LOGIN).await).to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let end = |cookie: String| server.delete(&auth).header("cookie", &cookie).send();
    assert_eq!(end(cookie.to_owned()).await.status, 204);
    for number in 0..10_000 {
        end(format!("_yeti_customer_v1_session={number}")).await;
    }
    assert_eq!(server.get(&auth).header("cookie", cookie).send().await.status, 401);
}

#[tokio::test]
async fn a_form_of_another_page_logs_no_browser_in() {
    let server = Server::start().await;
    let log_in =
        |name: &str, value: &str| server.post(&format!("{BASE}/auth")).header(name, value).body(COOKIE_LOGIN);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer = log_in("content-type", kind).await;
        assert_eq!((answer.status.as_u16(), set_cookie(&answer)), (415, ""), "{kind}");
    }
    assert_eq!(log_in("sec-fetch-site", "cross-site").await.status, 415);
    for kind in ["application/json", "application/json; charset=utf-8", "application/vnd.api+json"] {
        assert_eq!(log_in("content-type", kind).await.status, 201, "{kind}");
    }
}
