//! How applications get tokens: the token endpoint and revocation.

use std::time::Duration;

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{CALLS, refused};
use crate::harness::{Answer, PASSWORD, Server};

/// Applications of Acme's office and of Globex; the first keeps a secret.
pub const APPLICATIONS: &str = r#"
[[applications]]
client_id = "dialer"
name = "Acme's <dialer>"
account = 1001
secret = "a secret of the dialer"
redirect_uris = ["https://dialer.example.com/back?x=1"]

[[applications]]
client_id = "browser"
name = "In the browser"
account = 1001
redirect_uris = ["https://browser.example.com/back", "com.example.browser:/back"]

[[applications]]
client_id = "globex-dialer"
name = "Globex's dialer"
account = 2001
secret = "a secret of globex's dialer"
"#;
const SECRET: &str = "a secret of the dialer";
const DAY: Duration = Duration::from_secs(86_400);

pub async fn start() -> Server {
    let server = Server::start().await;
    server.change_directory(|text| format!("{text}\n{APPLICATIONS}"));
    server
}

pub async fn form(server: &Server, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    server.post(path).header("content-type", "application/x-www-form-urlencoded").body(body).await
}

/// Asks for tokens as the dialer, which says so in the form.
async fn ask(server: &Server, fields: &[(&str, &str)]) -> Answer {
    let own = [("client_id", "dialer"), ("client_secret", SECRET)];
    form(server, "/token", &[&own, fields].concat()).await
}

async fn by_password(server: &Server, username: &str, password: &str) -> Answer {
    let fields = [("grant_type", "password"), ("username", username), ("password", password)];
    ask(server, &[&fields[..], &[("scope", "openid")]].concat()).await
}

#[track_caller]
pub fn given(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    answer.json()
}

#[track_caller]
pub fn wrong(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]),
        (status, &json!(error)),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.json()["error_description"].is_string());
}

pub async fn tokens(server: &Server) -> (String, String) {
    let body = given(&by_password(server, "ann@vbc.prod", PASSWORD).await);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

pub async fn calls_with(server: &Server, token: &str) -> Answer {
    server.get(CALLS).header("authorization", &format!("Bearer {token}")).send().await
}

async fn refresh(server: &Server, token: &str) -> Answer {
    ask(server, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

#[tokio::test]
async fn a_password_gives_a_pair_of_tokens_and_says_who_it_is() {
    let server = start().await;
    let body = given(&by_password(&server, "ann@vbc.prod", PASSWORD).await);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!((&body["expires_in"], &body["scope"]), (&json!(86_400), &json!("openid")));
    let claims = body["id_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("ann@vbc.prod"), &json!("dialer")));
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(calls_with(&server, token).await.status, StatusCode::OK);
    let own = server.get("/cc/accounts/self/calls").header("authorization", &format!("Bearer {token}"));
    assert_eq!(own.send().await.json()["first_page_uri"], "/cc/accounts/1001/calls?page_size=100&order=desc");
    let foreign = server.get("/cc/accounts/1002/calls").header("authorization", &format!("Bearer {token}"));
    refused(&foreign.send().await, 401);
}

#[tokio::test]
async fn without_the_scope_openid_it_does_not_say_who_it_is() {
    let server = start().await;
    let fields = [("grant_type", "password"), ("username", "Ann@VBC.prod"), ("password", PASSWORD)];
    wrong(&ask(&server, &fields).await, 400, "invalid_grant");
    let fields = [("grant_type", "password"), ("username", "ann@VBC.prod"), ("password", PASSWORD)];
    let body = given(&ask(&server, &fields).await);
    assert_eq!((&body["scope"], &body["id_token"]), (&json!("default"), &Value::Null));
}

#[tokio::test]
async fn the_application_may_name_itself_by_http_basic() {
    let server = start().await;
    let body = format!("grant_type=password&username=ann%40vbc.prod&password={}", PASSWORD.replace(' ', "+"));
    let send = async |pair: &str, more: &str| {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
        let asking = server.post("/token").header("authorization", &basic);
        let asking = asking.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        asking.body(format!("{body}{more}")).await
    };
    given(&send("dialer:a+secret+of%20the+dialer", "").await);
    given(&send("dialer:a+secret+of+the+dialer", "&client_id=dialer").await);
    wrong(&send("dialer:a+secret+of+the+dialer", "&client_id=browser").await, 400, "invalid_request");
    wrong(&send("dialer:a+secret+of+the+dialer", "&client_secret=x").await, 400, "invalid_request");
    let refusal = send("dialer:another", "").await;
    wrong(&refusal, 401, "invalid_client");
    assert!(refusal.header("www-authenticate").starts_with("Basic"));
    wrong(&send("nobody:at all", "").await, 401, "invalid_client");
    wrong(&send("no pair", "").await, 401, "invalid_client");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_words_of_the_rfc() {
    let server = start().await;
    let person = [("username", "ann@vbc.prod"), ("password", PASSWORD)];
    let with = |grant: &'static str| [&[("grant_type", grant)][..], &person[..]].concat();
    wrong(&ask(&server, &person).await, 400, "invalid_request");
    wrong(&ask(&server, &with("client_credentials")).await, 400, "unsupported_grant_type");
    wrong(
        &ask(&server, &[("grant_type", "password"), ("username", "ann@vbc.prod")]).await,
        400,
        "invalid_request",
    );
    wrong(&ask(&server, &[with("password"), person.to_vec()].concat()).await, 400, "invalid_request");
    wrong(&by_password(&server, "ann", PASSWORD).await, 400, "invalid_grant");
    wrong(&by_password(&server, "@vbc.prod", PASSWORD).await, 400, "invalid_grant");
    wrong(&by_password(&server, "ann@vbc.prod", "wrong").await, 400, "invalid_grant");
    wrong(&by_password(&server, "gil@vbc.prod", PASSWORD).await, 400, "invalid_grant");
    wrong(&by_password(&server, "ned@vbc.prod", PASSWORD).await, 400, "invalid_grant");
    let public =
        form(&server, "/token", &[&[("client_id", "browser")][..], &with("password")].concat()).await;
    wrong(&public, 400, "unauthorized_client");
    let secret = [("client_id", "browser"), ("client_secret", "x")];
    wrong(&form(&server, "/token", &[&secret[..], &with("password")].concat()).await, 401, "invalid_client");
    wrong(&form(&server, "/token", &with("password")).await, 401, "invalid_client");
    wrong(&server.post("/token").body("grant_type=password").await, 400, "invalid_request");
}

#[tokio::test]
async fn failed_passwords_lock_the_user_out_and_failed_secrets_the_application() {
    let server = start().await;
    for _ in 0..10 {
        wrong(&by_password(&server, "ann@vbc.prod", "wrong").await, 400, "invalid_grant");
    }
    let locked = by_password(&server, "ann@vbc.prod", PASSWORD).await;
    wrong(&locked, 429, "temporarily_unavailable");
    assert_eq!(locked.header("retry-after"), "300");
    given(&by_password(&server, "sue@vbc.prod", PASSWORD).await);
    let globex = [("client_id", "globex-dialer"), ("client_secret", "wrong"), ("grant_type", "x")];
    for _ in 0..10 {
        wrong(&form(&server, "/token", &globex).await, 401, "invalid_client");
    }
    wrong(&form(&server, "/token", &globex).await, 429, "temporarily_unavailable");
}

#[tokio::test]
async fn a_refresh_renews_both_tokens_and_a_late_one_with_the_same_token_ends_them() {
    let server = start().await;
    let (access, first) = tokens(&server).await;
    let body = given(&refresh(&server, &first).await);
    refused(&calls_with(&server, &access).await, 401);
    let renewed = body["access_token"].as_str().unwrap();
    assert_eq!(calls_with(&server, renewed).await.status, StatusCode::OK);
    assert_eq!(body["scope"], "openid");
    server.clock.advance(Duration::from_secs(10));
    wrong(&refresh(&server, &first).await, 400, "invalid_grant");
    refused(&calls_with(&server, renewed).await, 401);
    wrong(&refresh(&server, body["refresh_token"].as_str().unwrap()).await, 400, "invalid_grant");
}

#[tokio::test]
async fn two_that_refresh_at_once_both_get_tokens_that_work() {
    let server = start().await;
    let (_, first) = tokens(&server).await;
    let (one, other) = tokio::join!(refresh(&server, &first), refresh(&server, &first));
    for answer in [one, other] {
        let body = given(&answer);
        assert_eq!(calls_with(&server, body["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
        given(&refresh(&server, body["refresh_token"].as_str().unwrap()).await);
    }
}

#[tokio::test]
async fn a_refresh_token_is_good_for_its_own_application_alone() {
    let server = start().await;
    let (_, token) = tokens(&server).await;
    let fields = [
        ("client_id", "globex-dialer"),
        ("client_secret", "a secret of globex's dialer"),
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
    ];
    wrong(&form(&server, "/token", &fields).await, 400, "invalid_grant");
    given(&refresh(&server, &token).await);
}

#[tokio::test]
async fn tokens_survive_a_restart_and_expire() {
    let server = start().await;
    let (access, token) = tokens(&server).await;
    let server = server.restart_after(DAY - Duration::from_secs(1)).await;
    assert_eq!(calls_with(&server, &access).await.status, StatusCode::OK);
    server.clock.advance(Duration::from_secs(1));
    let expired = calls_with(&server, &access).await;
    refused(&expired, 401);
    assert_eq!(expired.header("www-authenticate"), r#"Bearer error="invalid_token""#);
    given(&refresh(&server, &token).await);
    let server = server.restart_after(DAY * 7).await;
    wrong(&refresh(&server, &token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_revoked_token_is_good_for_nothing_and_revoking_tells_nothing() {
    let server = start().await;
    let revoke = async |token: &str, id: &str, secret: &str| {
        let fields =
            [("client_id", id), ("client_secret", secret), ("token", token), ("token_type_hint", "x")];
        form(&server, "/revoke", &fields).await
    };
    for is_access in [true, false] {
        let (access, token) = tokens(&server).await;
        let revoked = if is_access { &access } else { &token };
        let theirs = revoke(revoked, "globex-dialer", "a secret of globex's dialer").await;
        assert_eq!((theirs.status, theirs.text()), (StatusCode::OK, ""));
        assert_eq!(calls_with(&server, &access).await.status, StatusCode::OK);
        for _ in 0..2 {
            let answer = revoke(revoked, "dialer", SECRET).await;
            assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
        }
        refused(&calls_with(&server, &access).await, 401);
        wrong(&refresh(&server, &token).await, 400, "invalid_grant");
    }
    wrong(&revoke("x", "dialer", "wrong").await, 401, "invalid_client");
    wrong(&revoke("", "dialer", SECRET).await, 400, "invalid_request");
}

#[tokio::test]
async fn another_password_another_account_or_no_application_end_the_tokens() {
    let applications = |text: &str| format!("{text}\n{APPLICATIONS}");
    let changes: [fn(&str) -> String; 4] = [
        |text| {
            text.replacen(
                "login = \"ann\"\ncustomer = \"Acme\"\npassword = \"open sesame\"",
                "login = \"ann\"\ncustomer = \"Acme\"\npassword = \"another\"",
                1,
            )
        },
        |text| {
            text.replacen(
                "client_id = \"dialer\"\nname = \"Acme's <dialer>\"\naccount = 1001",
                "client_id = \"dialer\"\nname = \"Acme's <dialer>\"\naccount = 1002",
                1,
            )
        },
        |text| text.replacen("client_id = \"dialer\"", "client_id = \"other\"", 1),
        |text| {
            text.replacen(
                "name = \"Ann Lee\"\nrole = \"manager\"",
                "name = \"Ann Lee\"\nrole = \"manager\"\naccounts = [1002]",
                1,
            )
            .replacen("extension = { account = 1001, number = \"101\" }", "", 1)
        },
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let server = start().await;
        let (access, token) = tokens(&server).await;
        server.change_directory(|text| {
            let text = applications(text);
            let changed = change(&text);
            assert_ne!(changed, text, "{at}");
            changed
        });
        refused(&calls_with(&server, &access).await, 401);
        let answer = refresh(&server, &token).await;
        assert!(answer.status.is_client_error(), "{at}");
    }
}

#[tokio::test]
async fn a_viewer_may_look_but_not_command() {
    let server = start().await;
    let body = given(&by_password(&server, "sue@vbc.prod", PASSWORD).await);
    let token = format!("Bearer {}", body["access_token"].as_str().unwrap());
    assert_eq!(server.get(CALLS).header("authorization", &token).send().await.status, StatusCode::OK);
    let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    refused(&server.post(CALLS).header("authorization", &token).send().await, 401);
    refused(&server.delete(&format!("{CALLS}/{id}")).header("authorization", &token).send().await, 401);
}

async fn within(server: &Server, scope: &str) -> Answer {
    let fields = [("grant_type", "password"), ("username", "ann@vbc.prod"), ("password", PASSWORD)];
    ask(server, &[&fields[..], &[("scope", scope)]].concat()).await
}

#[tokio::test]
async fn an_application_gets_the_scope_that_it_asks_for_also_when_it_refreshes() {
    let server = start().await;
    let body = given(&within(&server, "openid calls something").await);
    assert_eq!(body["scope"], "openid calls");
    let text = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
    let check = async |token: String| {
        assert_eq!(calls_with(&server, &token).await.status, 200);
        let history =
            server.get("/v1/history").header("authorization", &format!("Bearer {token}")).send().await;
        let challenge = r#"Bearer error="insufficient_scope", scope="history""#;
        assert_eq!((history.status.as_u16(), history.header("www-authenticate")), (403, challenge));
    };
    check(text(&body, "access_token")).await;
    let body = given(&refresh(&server, &text(&body, "refresh_token")).await);
    assert_eq!(body["scope"], "openid calls");
    check(text(&body, "access_token")).await;
}

#[tokio::test]
async fn an_application_gets_no_more_than_it_and_the_person_may() {
    let server = start().await;
    let apply = |of_ann: &str| {
        let applications =
            APPLICATIONS.replacen("account = 1001", "account = 1001\nscopes = [\"calls\", \"events\"]", 1);
        let ann = format!("login = \"ann\"{of_ann}");
        server.change_directory(|text| format!("{}\n{applications}", text.replace("login = \"ann\"", &ann)));
    };
    apply("");
    assert_eq!(given(&within(&server, "calls history").await)["scope"], "calls");
    assert_eq!(given(&within(&server, "").await)["scope"], "calls events");
    wrong(&within(&server, "history billing").await, 400, "invalid_scope");
    let token = given(&within(&server, "calls").await)["access_token"].as_str().unwrap().to_owned();
    assert_eq!(calls_with(&server, &token).await.status, 200);
    // What the person may no more, the tokens before are good for no more.
    apply("\nscopes = [\"events\"]");
    assert_eq!(calls_with(&server, &token).await.status, 401);
    assert_eq!(given(&within(&server, "").await)["scope"], "events");
}
