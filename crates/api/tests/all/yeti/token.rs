//! Which tokens are accepted, from where, and when a cookie is renewed: on every route that wants one.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_core::config::{RetiredKey, Secret, SigningKeys};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::BASE;
use crate::harness::{Answer, NOW, PASSWORD, SIGNING_KEY, Server};

/// A route that wants credentials and answers 200 to any user of Acme.
const PATH: &str = "/cdr-exports";

pub(super) fn sign(server: &Server, claims: &Value) -> String {
    sign_with(Algorithm::HS256, &key(server), claims)
}

fn sign_with(algorithm: Algorithm, key: &[u8], claims: &Value) -> String {
    let header = Header { typ: None, ..Header::new(algorithm) };
    encode(&header, claims, &EncodingKey::from_secret(key)).unwrap()
}

pub(super) fn ann(server: &Server) -> u32 {
    server.directory().user_by_login("ann").unwrap().id.0
}

/// What Ann's tokens are signed with.
fn key(server: &Server) -> Vec<u8> {
    let hash = server.directory().user_by_login("ann").unwrap().password_hash.clone();
    key_with(SIGNING_KEY, hash.as_bytes())
}

fn key_with(own: &[u8], hash: &[u8]) -> Vec<u8> {
    let length = (own.len() as u64).to_be_bytes();
    Sha256::digest([&length, own, hash].concat()).to_vec()
}

/// A token of a customer without a login, with its `cfg`.
pub(super) fn customer_token(server: &Server, cfg: &Value) -> String {
    let exp = server.app.now().as_seconds() + 600;
    let claims = json!({ "aud": ["customer-v1"], "sub": "D", "cfg": cfg, "exp": exp });
    sign_with(Algorithm::HS256, &key_with(SIGNING_KEY, b""), &claims)
}

async fn by_header(server: &Server, value: &str) -> Answer {
    server.get(&format!("{BASE}{PATH}")).header("authorization", value).send().await
}

async fn by_cookie(server: &Server, value: &str) -> Answer {
    let cookie = format!("other=1; _yeti_customer_v1_session={value}; last=2");
    server.get(&format!("{BASE}{PATH}")).header("cookie", &cookie).send().await
}

#[tokio::test]
async fn a_token_has_a_bare_header_and_its_claims_in_order() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    let part = |index| {
        let part: Vec<_> = token.split('.').collect();
        String::from_utf8(URL_SAFE_NO_PAD.decode(part[index]).unwrap()).unwrap()
    };
    assert_eq!(part(0), r#"{"alg":"HS256"}"#);
    let expires_at = NOW.as_seconds() + 600;
    assert_eq!(part(1), format!(r#"{{"aud":["customer-v1"],"sub":{},"exp":{expires_at}}}"#, ann(&server)));
}

#[tokio::test]
async fn the_last_word_of_the_header_is_the_token() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    for value in [token.clone(), format!("Bearer {token}"), format!("Token  a b {token} ")] {
        let answer = by_header(&server, &value).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn tokens_that_are_not_in_force_are_refused() {
    let server = Server::start().await;
    let (user, now) = (ann(&server), NOW.as_seconds());
    let good = json!({ "aud": ["customer-v1"], "sub": user, "exp": now + 1 });
    assert_eq!(by_header(&server, &sign(&server, &good)).await.status, 200);
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sign(&server, &claims)
    };
    let refused = [
        changed("exp", json!(now)),
        changed("exp", json!("soon")),
        changed("nbf", json!(now + 1)),
        changed("aud", json!("admin")),
        changed("aud", json!([])),
        changed("aud", Value::Null),
        changed("sub", json!(4_000_000)),
        changed("sub", json!(-1)),
        changed("sub", json!("D")),
        changed("sub", json!(user.to_string())),
        changed("sub", Value::Null),
        sign_with(Algorithm::HS256, b"another key", &good),
        sign_with(Algorithm::HS256, SIGNING_KEY, &good),
        sign_with(Algorithm::HS384, &key(&server), &good),
        format!("{}x", sign(&server, &good)),
        sign(&server, &good).replace('.', ""),
        "logout".to_owned(),
        "null".to_owned(),
    ];
    for token in refused {
        super::unauthorized(&by_header(&server, &token).await);
        let by_cookie = by_cookie(&server, &token).await;
        super::unauthorized(&by_cookie);
        assert_eq!(by_cookie.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let server = Server::start().await;
    let claims = json!({ "aud": ["customer-v1"], "sub": ann(&server) }).to_string();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    super::unauthorized(
        &by_header(&server, &format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims))).await,
    );
}

#[tokio::test]
async fn a_token_without_an_end_is_accepted_for_ever() {
    let server = Server::start().await;
    let token = sign(&server, &json!({ "aud": "customer-v1", "sub": ann(&server) }));
    server.clock.advance(Duration::from_secs(86_400 * 365));
    assert_eq!(by_header(&server, &token).await.status, 200);
}

#[tokio::test]
async fn a_cookie_is_renewed_when_it_is_used() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    server.clock.advance(Duration::from_secs(60));
    let answer = by_cookie(&server, &token).await;
    assert_eq!(answer.status, 200);
    let renewed = server.yeti_token("ann");
    let expected = format!(
        "_yeti_customer_v1_session={renewed}; path=/; expires=Fri, 02 Jan 2026 12:11:00 GMT; httponly; samesite=lax"
    );
    assert_eq!(answer.header("set-cookie"), expected);
}

#[tokio::test]
async fn without_a_lifetime_tokens_and_cookies_have_no_end() {
    let server = Server::start_with(|config| config.yeti.token_lifetime = None).await;
    let token = server.yeti_token("ann");
    let answer = by_cookie(&server, &token).await;
    let expected = format!("_yeti_customer_v1_session={token}; path=/; httponly; samesite=lax");
    assert_eq!(answer.header("set-cookie"), expected);
}

#[tokio::test]
async fn a_header_that_is_there_hides_the_cookie() {
    let server = Server::start().await;
    let cookie = format!("_yeti_customer_v1_session={}", server.yeti_token("ann"));
    let asking = |value: &str| {
        server.get(&format!("{BASE}{PATH}")).header("cookie", &cookie).header("authorization", value).send()
    };
    super::unauthorized(&asking("Bearer wrong").await);
    assert_eq!(asking(" ").await.status, 200);
}

#[tokio::test]
async fn a_renewed_cookie_comes_with_a_known_body_too() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    let cookie = format!("_yeti_customer_v1_session={token}");
    let asking = |known: &str| {
        server.get(&format!("{BASE}{PATH}")).header("cookie", &cookie).header("if-none-match", known).send()
    };
    let known = asking("*").await;
    assert_eq!(known.status, 304);
    assert!(known.header("set-cookie").starts_with(&cookie));
}

#[tokio::test]
async fn a_new_password_ends_the_tokens_issued_under_the_old_one() {
    let server = Server::start().await;
    let (anns, sues) = (server.yeti_token("ann"), server.yeti_token("sue"));
    assert_eq!(by_header(&server, &anns).await.status, 200);
    server.change_directory(|text| text.replacen(PASSWORD, "another", 1));
    super::unauthorized(&by_header(&server, &anns).await);
    assert_eq!(by_header(&server, &sues).await.status, 200);
}

#[tokio::test]
async fn a_user_who_is_gone_has_no_tokens() {
    let server = Server::start().await;
    let token = server.yeti_token("ann");
    server.change_directory(|text| text.replace("login = \"ann\"", "login = \"anna\""));
    super::unauthorized(&by_header(&server, &token).await);
}

#[tokio::test]
async fn a_retired_key_counts_until_the_tokens_that_it_signed_have_ended() {
    let old = b"the key before, long enough for HS256".to_vec();
    let retired = RetiredKey { key: Secret(old.clone()), accepted_until: NOW + Duration::from_secs(600) };
    let server = Server::start().await;
    let keys = SigningKeys { retired: Some(retired), ..SigningKeys::new(SIGNING_KEY.to_vec()) };
    server.config.yeti.signing_keys.replace(keys);
    let hash = server.directory().user_by_login("ann").unwrap().password_hash.clone();
    let claims = json!({ "aud": "customer-v1", "sub": ann(&server) });
    let token = sign_with(Algorithm::HS256, &key_with(&old, hash.as_bytes()), &claims);
    assert_eq!(by_header(&server, &token).await.status, 200);
    let renewed = by_cookie(&server, &token).await.header("set-cookie").to_owned();
    assert!(renewed.contains(&server.yeti_token("ann")), "signed with the new key");
    server.clock.advance(Duration::from_secs(599));
    assert_eq!(by_header(&server, &token).await.status, 200);
    server.clock.advance(Duration::from_secs(1));
    super::unauthorized(&by_header(&server, &token).await);
}
