//! Signing in on the page.

use std::time::Duration;

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::oauth::{calls_with, form, given, start, wrong};
use crate::harness::{Answer, PASSWORD, Server};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const BACK: &str = "https://browser.example.com/back";

fn query(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let usual = [
        ("client_id", "browser"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "a&b c"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut fields: Vec<_> = usual.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

pub async fn ask(server: &Server, more: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query(more)).finish();
    server.get(&format!("/authorize?{query}")).send().await
}

/// The fields of the form on a page.
fn fields(page: &Answer) -> Vec<(String, String)> {
    let text = |value: &str| {
        value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    let hidden = page.text().split("type=\"hidden\" name=\"").skip(1);
    let field = |part: &str| {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        (name.to_owned(), text(rest.split_once('"').unwrap().0))
    };
    hidden.map(field).collect()
}

fn cookie(page: &Answer) -> String {
    page.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn send(server: &Server, cookie: &str, fields: &[(String, String)], person: (&str, &str)) -> Answer {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).append_pair("username", person.0).append_pair("password", person.1);
    let asking = server.post("/authorize").header("cookie", cookie);
    asking.header("content-type", "application/x-www-form-urlencoded").body(form.finish()).await
}

pub async fn sign_in(server: &Server, page: &Answer, person: (&str, &str)) -> Answer {
    send(server, &cookie(page), &fields(page), person).await
}

/// The code that somebody is sent back with.
pub fn code(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let location = answer.header("location");
    let (_, query) = location.split_once('?').unwrap();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.into_iter().find(|(name, _)| name == "code").unwrap().1
}

pub async fn exchange(server: &Server, code: &str, more: &[(&str, &str)]) -> Answer {
    let usual = [
        ("grant_type", "authorization_code"),
        ("client_id", "browser"),
        ("redirect_uri", BACK),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    let mut fields = usual.to_vec();
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form(server, "/token", &[&fields, more].concat()).await
}

pub const ANN: (&str, &str) = ("ann@vbc.prod", PASSWORD);

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_can_be_framed_by_nobody() {
    let server = start().await;
    let page = ask(&server, &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("form-action 'self' https://browser.example.com; frame-ancestors 'none'"));
    let style = page.text().split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let digest = base64::prelude::BASE64_STANDARD.encode(Sha256::digest(style));
    assert!(policy.contains(&digest));
    for absent in ["<script", "src=", "<link", "http://", "@import"] {
        assert!(!page.text().contains(absent), "{absent}");
    }
    let cookie = page.header("set-cookie");
    assert!(cookie.ends_with("HttpOnly; SameSite=Strict"), "{cookie}");
    assert_eq!((page.header("x-frame-options"), page.header("cache-control")), ("DENY", "no-store"));
}

#[tokio::test]
async fn whoever_signs_in_goes_back_with_a_code_that_is_worth_tokens_once() {
    let server = start().await;
    let page = ask(&server, &[]).await;
    for username in ["ann@vbc.prod", "ann"] {
        let answer = sign_in(&server, &page, (username, PASSWORD)).await;
        assert!(answer.header("location").starts_with(&format!("{BACK}?code=")));
        assert!(answer.header("location").ends_with("&state=a%26b%20c"));
        let code = code(&answer);
        let body = given(&exchange(&server, &code, &[]).await);
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(calls_with(&server, token).await.status, StatusCode::OK);
        // Used again, the code has been stolen: what came of it ends.
        wrong(&exchange(&server, &code, &[]).await, 400, "invalid_grant");
        assert_eq!(calls_with(&server, token).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_in_other_hands_or_later() {
    let server = start().await;
    let page = ask(&server, &[]).await;
    let wrongs: [&[(&str, &str)]; 6] = [
        &[("code_verifier", "another-verifier-that-is-long-enough-to-be-one")],
        &[("code_verifier", "")],
        &[("redirect_uri", "com.example.browser:/back")],
        &[("redirect_uri", "")],
        &[("client_id", "dialer"), ("client_secret", "a secret of the dialer")],
        &[("code", "another")],
    ];
    for more in wrongs {
        let code = code(&sign_in(&server, &page, ANN).await);
        wrong(&exchange(&server, &code, more).await, 400, "invalid_grant");
    }
    let code = code(&sign_in(&server, &page, ANN).await);
    server.clock.advance(Duration::from_secs(60));
    wrong(&exchange(&server, &code, &[]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn an_application_with_a_secret_and_one_address_needs_neither_challenge_nor_address() {
    let server = start().await;
    let bare = [
        ("client_id", "dialer"),
        ("redirect_uri", ""),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let page = ask(&server, &bare).await;
    assert!(page.text().contains("Acme&#39;s &lt;dialer&gt;"));
    let answer = sign_in(&server, &page, ANN).await;
    assert!(answer.header("location").starts_with("https://dialer.example.com/back?x=1&code="));
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "dialer"),
        ("client_secret", "a secret of the dialer"),
        ("code", &code(&answer)),
    ];
    given(&form(&server, "/token", &fields).await);
}

#[tokio::test]
async fn a_request_of_nobody_known_is_told_to_the_person_and_leads_nowhere() {
    let server = start().await;
    let wrongs: [&[(&str, &str)]; 5] = [
        &[("client_id", "nobody")],
        &[("client_id", "")],
        &[("redirect_uri", "https://evil.example.com/back")],
        &[("redirect_uri", "https://browser.example.com/back/")],
        &[("redirect_uri", "")],
    ];
    for more in wrongs {
        let answer = ask(&server, more).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{more:?}");
        assert!(!answer.text().contains("<form") && answer.text().contains("role=\"alert\""));
    }
}

#[tokio::test]
async fn what_else_is_wrong_with_a_request_is_told_to_the_application() {
    let server = start().await;
    let long = "x".repeat(2_001);
    let wrongs: [(&[(&str, &str)], &str); 6] = [
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("state", &long)], "invalid_request"),
    ];
    for (more, error) in wrongs {
        let answer = ask(&server, more).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{more:?}");
        let location = answer.header("location");
        let told = percent_encoding::percent_decode_str(location).decode_utf8().unwrap();
        assert!(told.starts_with(&format!("{BACK}?error={error}&error_description=")), "{told}");
    }
}

#[tokio::test]
async fn a_wrong_password_shows_the_form_again_and_many_lock_it() {
    let server = start().await;
    let mut page = ask(&server, &[]).await;
    for _ in 0..10 {
        page = sign_in(&server, &page, ("ann\"><b>", "wrong")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text().contains("value=\"ann&quot;&gt;&lt;b&gt;\"") && !page.text().contains("wrong\""));
    }
    page = sign_in(&server, &page, ("ann\"><b>", "wrong")).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "300"));
    code(&sign_in(&server, &page, ANN).await);
}

#[tokio::test]
async fn somebody_of_another_customer_goes_back_with_a_refusal() {
    let server = start().await;
    let page = ask(&server, &[]).await;
    let answer = sign_in(&server, &page, ("gil", PASSWORD)).await;
    assert!(answer.header("location").starts_with(&format!("{BACK}?error=access%5Fdenied")));
}

#[tokio::test]
async fn a_form_that_was_not_ours_is_not_taken() {
    let server = start().await;
    let (page, other) = (ask(&server, &[]).await, ask(&server, &[]).await);
    let own = fields(&page);
    let without: Vec<_> = own.iter().filter(|(name, _)| name != "proof").cloned().collect();
    let elsewhere: Vec<_> = own
        .iter()
        .map(|(name, value)| match name.as_str() {
            "redirect_uri" => (name.clone(), "com.example.browser:/back".to_owned()),
            _ => (name.clone(), value.clone()),
        })
        .collect();
    for (cookie, fields) in [
        (String::new(), &own),
        (cookie(&other), &own),
        ("trunkline_sign_in=".to_owned(), &own),
        (cookie(&page), &without),
        (cookie(&page), &elsewhere),
    ] {
        let answer = send(&server, &cookie, fields, ANN).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cookie}");
        // The form that comes with the refusal is good.
        code(&sign_in(&server, &answer, ANN).await);
    }
}

#[tokio::test]
async fn a_code_that_is_redeemed_many_times_at_once_is_worth_nothing() {
    let server = start().await;
    let page = ask(&server, &[]).await;
    for _ in 0..5 {
        let code = code(&sign_in(&server, &page, ANN).await);
        let asked = || exchange(&server, &code, &[]);
        let answers = tokio::join!(asked(), asked(), asked(), asked(), asked(), asked(), asked(), asked());
        for answer in <[Answer; 8]>::from(answers) {
            // Who came first may have its tokens, but not for long.
            if answer.status == StatusCode::OK {
                let token = answer.json()["access_token"].as_str().unwrap().to_owned();
                assert_eq!(calls_with(&server, &token).await.status, StatusCode::UNAUTHORIZED);
            } else {
                wrong(&answer, 400, "invalid_grant");
            }
        }
    }
}
