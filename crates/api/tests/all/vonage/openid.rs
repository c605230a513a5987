//! OpenID Connect: what clients find, what ID tokens say, and who checks them how.

use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

use super::{
    authorize::{ANN, ask, code, exchange, sign_in},
    oauth::{given, start},
};
use crate::harness::{Answer, NOW, Server};

/// The claims of an ID token that is signed by one of the server's published keys.
async fn checked(server: &Server, token: &str) -> Value {
    let keys: JwkSet = serde_json::from_value(server.get("/jwks").send().await.json()).unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!(header.alg, Algorithm::ES256);
    let key = keys.find(&header.kid.unwrap()).expect("the key is published");
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.set_audience(&["browser"]);
    validation.set_issuer(&["http://example.org"]);
    decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation).unwrap().claims
}

async fn tokens(server: &Server, more: &[(&str, &str)]) -> Value {
    let page = ask(server, more).await;
    let code = code(&sign_in(server, &page, ANN).await);
    given(&exchange(server, &code, &[]).await)
}

async fn configuration(server: &Server, proto: &str) -> Answer {
    server.get("/.well-known/openid-configuration").header("x-forwarded-proto", proto).send().await
}

#[tokio::test]
async fn an_id_token_is_signed_by_a_published_key_and_says_who_for_whom_and_again_what() {
    let server = start().await;
    let body = tokens(&server, &[("nonce", "n-0S6_WzA2Mj")]).await;
    let claims = checked(&server, body["id_token"].as_str().unwrap()).await;
    let at = NOW.as_seconds();
    let expected = json!({
        "iss": "http://example.org", "sub": "ann@vbc.prod", "aud": "browser", "iat": at,
        "exp": at + 86_400, "auth_time": at, "nonce": "n-0S6_WzA2Mj", "name": "Ann",
        "preferred_username": "ann",
    });
    let without_name = |mut claims: Value| {
        claims["name"] = json!("Ann");
        claims
    };
    assert_eq!(without_name(claims), expected);
    let plain = tokens(&server, &[]).await;
    assert_eq!(checked(&server, plain["id_token"].as_str().unwrap()).await["nonce"], Value::Null);
}

#[tokio::test]
async fn clients_find_everything_at_urls_of_this_server() {
    let server = start().await;
    let told = configuration(&server, "https").await.json();
    // Nobody is believed about https who is not a trusted proxy.
    assert_eq!(told["issuer"], "http://example.org");
    for member in
        ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint"]
    {
        let path = told[member].as_str().unwrap().strip_prefix("http://example.org").unwrap();
        let answer = server.get(path).send().await;
        assert_ne!(answer.status, StatusCode::NOT_FOUND, "{member}");
    }
    let alias = server.get("/.well-known/oauth-authorization-server");
    assert_eq!(alias.send().await.json(), told);
}

#[tokio::test]
async fn a_configured_url_is_the_issuer_whatever_a_request_says() {
    let server =
        Server::start_with(|config| config.http.public_url = Some("https://pbx.example.org/".into())).await;
    let told = configuration(&server, "http").await.json();
    assert_eq!(told["issuer"], "https://pbx.example.org");
    assert_eq!(told["token_endpoint"], "https://pbx.example.org/token");
}

#[tokio::test]
async fn who_may_not_be_asked_is_sent_back_to_sign_in() {
    let server = start().await;
    let answer = ask(&server, &[("prompt", "none")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location = answer.header("location");
    assert!(location.contains("?error=login%5Frequired&") && location.contains("&state="), "{location}");
    for prompt in ["login", "consent", "select_account login"] {
        assert_eq!(ask(&server, &[("prompt", prompt)]).await.status, StatusCode::OK, "{prompt}");
    }
    for prompt in ["none login", "nonsense"] {
        let location = ask(&server, &[("prompt", prompt)]).await.header("location").to_owned();
        assert!(location.contains("error=invalid%5Frequest"), "{prompt}: {location}");
    }
    let long = ask(&server, &[("nonce", &"n".repeat(256))]).await;
    assert!(long.header("location").contains("error=invalid%5Frequest"));
}

#[tokio::test]
async fn an_access_token_tells_who_it_is_if_it_was_given_for_that() {
    let server = start().await;
    let told = async |token: &str| {
        let asking = server.get("/userinfo").header("authorization", &format!("Bearer {token}"));
        asking.send().await
    };
    let body = tokens(&server, &[]).await;
    let who = told(body["access_token"].as_str().unwrap()).await;
    assert_eq!((who.status, &who.json()["sub"]), (StatusCode::OK, &json!("ann@vbc.prod")));
    assert_eq!(who.json()["preferred_username"], "ann");
    let plain = tokens(&server, &[("scope", "default")]).await;
    let refused = told(plain["access_token"].as_str().unwrap()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    assert_eq!(told("nothing").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/userinfo").send().await.header("www-authenticate"), "Bearer");
}
