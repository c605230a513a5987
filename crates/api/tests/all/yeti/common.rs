//! What every answer has in common: the order of checks, headers, ETags, and paths that are not there.

use axum::http::Method;
use serde_json::json;

use super::{BASE, FOREIGN, JSON_API, OFFICE, errors, refused, unauthorized};
use crate::harness::{Answer, Server};

const EXPORTS: &str = "/cdr-exports";
const REPORT: &str = "/origination-active-calls";

fn report_path() -> String {
    format!("{REPORT}?account-id={OFFICE}&from-time=2026-01-02T11:00:00Z&to-time=2026-01-02T11:02:00Z")
}

#[tokio::test]
async fn checks_go_from_credentials_over_media_types_to_the_body() {
    let server = Server::start().await;
    let ask = |token: String, sent: &'static str, accept: &'static str| {
        let asking = server.post(&format!("{BASE}/chart-active-calls")).header("authorization", &token);
        asking.header("content-type", sent).header("accept", accept).body("{")
    };
    unauthorized(&ask(String::new(), "text/plain", "text/html").await);
    let token = server.yeti_token("ann");
    assert_eq!(ask(token.clone(), "text/plain", "text/html").await.status, 415);
    assert_eq!(ask(token.clone(), JSON_API, "text/html").await.status, 406);
    assert_eq!(ask(token, JSON_API, JSON_API).await.status, 400);
}

#[tokio::test]
async fn only_json_api_bodies_are_taken() {
    let server = Server::start().await;
    for sent in ["application/json", "text/plain; charset=utf-8", ""] {
        let asking = server.post(&format!("{BASE}{EXPORTS}")).header("content-type", sent);
        let answer = asking.header("authorization", &server.yeti_token("ann")).body("{}").await;
        let media_type = sent.split(';').next().unwrap();
        let detail = format!(
            "All requests that create or update must use the 'application/vnd.api+json' Content-Type. This request specified '{media_type}'."
        );
        refused(&answer, 415, 415, "Unsupported media type", &detail);
    }
    let asking = server
        .post(&format!("{BASE}{EXPORTS}"))
        .header("content-type", "application/vnd.api+json; charset=utf-8");
    let answer = asking.header("authorization", &server.yeti_token("ann")).body("{}").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn clients_must_take_json_api() {
    let server = Server::start().await;
    for accept in ["", "*/*", "text/html, application/vnd.api+json", "text/html,*/*;q=0.8"] {
        let answer = server.yeti_get("ann", EXPORTS).header("accept", accept).send().await;
        assert_eq!(answer.status, 200, "{accept}");
    }
    for accept in ["text/html", "application/json", "application/vnd.api+json; charset=utf-8"] {
        let answer = server.yeti_get("ann", EXPORTS).header("accept", accept).send().await;
        let detail = format!(
            "All requests must use the 'application/vnd.api+json' Accept without media type parameters. This request specified '{accept}'."
        );
        refused(&answer, 406, 406, "Not acceptable", &detail);
    }
}

#[tokio::test]
async fn reports_look_at_neither_media_type() {
    let server = Server::start().await;
    let asking = server.yeti_get("ann", &report_path()).header("accept", "text/html");
    let answer = asking.header("content-type", "text/plain").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_contract() {
    let server = Server::start().await;
    let answers = [
        server.yeti_get("ann", EXPORTS).header("accept", JSON_API).send().await,
        server.yeti_get("ann", &report_path()).header("accept", JSON_API).send().await,
        server.get(&format!("{BASE}{EXPORTS}")).send().await,
        server.get(&format!("{BASE}/nothing")).send().await,
        server.request(Method::PUT, &format!("{BASE}/auth")).send().await,
        server.delete(&format!("{BASE}/auth")).send().await,
    ];
    for answer in &answers {
        let expected = [
            ("x-frame-options", "SAMEORIGIN"),
            ("x-xss-protection", "0"),
            ("x-content-type-options", "nosniff"),
            ("x-permitted-cross-domain-policies", "none"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), value);
        }
        assert!(answer.header("x-runtime").parse::<f64>().is_ok());
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
    assert_eq!(answers[0].header("x-download-options"), "noopen");
    assert_eq!(answers[1].header("x-download-options"), "");
    let vary_and_cache =
        |answer: &Answer| [answer.header("vary"), answer.header("cache-control")].map(str::to_owned);
    for answer in &answers[..2] {
        assert_eq!(vary_and_cache(answer), ["Accept", "max-age=0, private, must-revalidate"]);
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    }
    assert_eq!(vary_and_cache(&answers[2]), ["", "no-cache"]);
}

#[tokio::test]
async fn answers_vary_with_what_is_accepted_unless_a_browser_asks() {
    let server = Server::start().await;
    for (accept, vary) in [("*/*", "Accept"), (JSON_API, "Accept"), ("text/html, */*;q=0.1", ""), ("", "")] {
        let answer = server.yeti_get("ann", EXPORTS).header("accept", accept).send().await;
        assert_eq!(answer.header("vary"), vary, "{accept}");
    }
}

#[tokio::test]
async fn a_known_body_is_not_sent_again() {
    let server = Server::start().await;
    let path = report_path();
    let etag = server.yeti_get("ann", &path).send().await.header("etag").to_owned();
    let known = [
        etag.clone(),
        etag.trim_start_matches("W/").to_owned(),
        format!("\"other\", {etag}"),
        format!("W/\"other\",{etag}"),
        "*".to_owned(),
    ];
    for known in known {
        let answer = server.yeti_get("ann", &path).header("if-none-match", &known).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (304, ""), "{known}");
        assert_eq!((answer.header("content-type"), answer.header("content-length")), ("", ""));
        assert_eq!(answer.header("etag"), etag);
        assert_eq!(answer.header("cache-control"), "max-age=0, private, must-revalidate");
    }
    for unknown in ["W/\"other\"", "", "etag"] {
        let answer = server.yeti_get("ann", &path).header("if-none-match", unknown).send().await;
        assert_eq!(answer.status, 200, "{unknown}");
    }
}

#[tokio::test]
async fn errors_and_new_resources_are_always_sent() {
    let server = Server::start().await;
    let answer = server.yeti_get("ann", REPORT).header("if-none-match", "*").send().await;
    assert_eq!(answer.status, 400);
    let body = json!({ "data": { "type": "chart-active-calls",
        "relationships": { "account": { "data": { "type": "accounts", "id": OFFICE } } } } });
    let asking = server.post(&format!("{BASE}/chart-active-calls")).header("content-type", JSON_API);
    let asking = asking.header("authorization", &server.yeti_token("ann")).header("if-none-match", "*");
    assert_eq!(asking.body(body.to_string()).await.status, 201);
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let server = Server::start().await;
    let full = server.yeti_get("ann", &report_path()).send().await;
    let asking = server.request(Method::HEAD, &format!("{BASE}{}", report_path()));
    let head = asking.header("authorization", &server.yeti_token("ann")).send().await;
    assert_eq!((head.status.as_u16(), head.text()), (200, ""));
    assert_eq!(head.header("etag"), full.header("etag"));
}

#[tokio::test]
async fn unknown_paths_are_refused_in_json_api() {
    let server = Server::start().await;
    let id = "b5799714-a57a-4c3c-b34b-5edcb837e1f3";
    let paths = [
        String::new(),
        "/".to_owned(),
        "/nothing".to_owned(),
        format!("/chart-active-calls/{id}"),
        format!("/chart-active-calls/{id}/account"),
        format!("/accounts/{OFFICE}/rates"),
        "/cdr-exports/a/b/c/d".to_owned(),
        "/%ff%fe".to_owned(),
    ];
    for path in paths {
        let answer = server.yeti_get("ann", &path).send().await;
        refused(&answer, 404, 404, "Not found", "There is nothing under this path.");
    }
}

#[tokio::test]
async fn unknown_methods_of_known_paths_are_refused_with_the_known_ones() {
    let server = Server::start().await;
    let cases = [
        (Method::GET, "/chart-active-calls", "POST"),
        (Method::POST, REPORT, "GET,HEAD"),
        (Method::PATCH, EXPORTS, "GET,HEAD,POST"),
        (Method::DELETE, "/cdrs/7", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = server.request(method, &format!("{BASE}{path}")).send().await;
        assert_eq!(errors(&answer, 405)[0][0], "Method not allowed");
        let mut allow: Vec<_> = answer.header("allow").split(',').collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed);
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let server = Server::start().await;
    let huge = || vec![b' '; 10 << 20];
    let asking = server.post(&format!("{BASE}{EXPORTS}")).header("authorization", &server.yeti_token("ann"));
    let answer = asking.header("content-type", JSON_API).body(huge()).await;
    refused(&answer, 413, 413, "Request too large", "The request body is larger than 1048576 bytes.");
    let login = server.post(&format!("{BASE}/auth")).body(huge()).await;
    assert_eq!(errors(&login, 413)[0][0], "Request too large");
}

#[tokio::test]
async fn documents_of_another_shape_are_refused() {
    let server = Server::start().await;
    let account = json!({ "data": { "type": "accounts", "id": OFFICE } });
    let document = |data: serde_json::Value| json!({ "data": data }).to_string();
    let with = |member: &str, value: serde_json::Value| {
        let mut data = json!({ "type": "chart-active-calls", "relationships": { "account": account } });
        data[member] = value;
        document(data)
    };
    let linked = |link: serde_json::Value| with("relationships", json!({ "account": { "data": link } }));
    let missing =
        |name: &str| (106, "Missing Parameter", format!("The required parameter, {name}, is missing."));
    let not_allowed = |name: &str| (105, "Param not allowed", format!("{name} is not allowed."));
    let links = || (115, "Invalid Links Object", "Data is not a valid Links Object.".to_owned());
    let format = |detail: &str| (122, "Invalid data format", detail.to_owned());
    let id = |value: &str| (103, "Invalid field value", format!("{value} is not a valid value for id."));
    let cases = [
        ("[]".to_owned(), (400, "Bad Request", "Request must be a hash".to_owned())),
        ("{}".to_owned(), missing("data")),
        (document(json!(null)), missing("data")),
        (document(json!({})), missing("data")),
        (document(json!([])), format("Data must be a hash.")),
        (document(json!("x")), format("Data must be a hash.")),
        (document(json!({ "attributes": {} })), missing("type")),
        (with("type", json!("cdrs")), (101, "Invalid resource", "cdrs is not a valid resource.".to_owned())),
        (with("id", json!("x")), not_allowed("id")),
        (with("links", json!({})), not_allowed("links")),
        (with("attributes", json!({ "from_time": "x" })), not_allowed("from_time")),
        (with("attributes", json!({ "originated-calls": [] })), not_allowed("originated-calls")),
        (with("attributes", json!("x")), format("Attributes must be a hash.")),
        (with("relationships", json!([])), format("Relationships must be a hash.")),
        (with("relationships", json!({ "owner": {} })), not_allowed("owner")),
        (with("relationships", json!({ "account": "x" })), links()),
        (linked(json!("x")), links()),
        (linked(json!([])), links()),
        (linked(json!({ "type": "accounts" })), links()),
        (linked(json!({ "type": "accounts", "id": OFFICE, "meta": 1 })), links()),
        (
            linked(json!({ "type": "cdrs", "id": OFFICE })),
            (116, "Type Mismatch", "cdrs is not a valid type for this operation.".to_owned()),
        ),
        (linked(json!({ "type": "accounts", "id": "7" })), id("7")),
        (linked(json!({ "type": "accounts", "id": 7 })), id("7")),
        (linked(json!({ "type": "accounts", "id": OFFICE.replace('-', "") })), id(&OFFICE.replace('-', ""))),
    ];
    for (body, (code, title, detail)) in cases {
        let answer = server.yeti_post("ann", "/chart-active-calls", &body).await;
        refused(&answer, 400, code, title, &detail);
    }
}

#[tokio::test]
async fn all_names_that_are_not_allowed_are_reported_together() {
    let server = Server::start().await;
    let body =
        json!({ "data": { "type": "cdr-exports", "meta": {}, "attributes": { "status": "x", "b": 1 } } });
    let answer = server.yeti_post("ann", EXPORTS, &body).await;
    let details: Vec<_> = errors(&answer, 400).into_iter().map(|[_, detail, ..]| detail).collect();
    assert_eq!(details, ["meta is not allowed.", "status is not allowed.", "b is not allowed."]);
}

#[tokio::test]
async fn links_go_where_the_client_came_from() {
    let proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let server = Server::start_with(|config| config.http.trusted_proxies = proxies.into()).await;
    let token = server.yeti_token("ann");
    let first = |answer: Answer| answer.json()["links"]["first"].as_str().unwrap().to_owned();
    let asking = server.request(Method::GET, &format!("{BASE}{EXPORTS}")).header("authorization", &token);
    let asking = asking.header("x-forwarded-proto", "https").from([10, 0, 0, 1]);
    assert!(
        first(asking.send().await).starts_with("https://example.org/api/rest/customer/v1/cdr-exports?page")
    );
    let asking = server.get(&format!("{BASE}{EXPORTS}")).header("authorization", &token);
    let asking = asking.header("x-forwarded-proto", "https");
    assert!(first(asking.send().await).starts_with("http://example.org/"));
}

#[tokio::test]
async fn hosts_that_are_none_are_refused() {
    let server = Server::start().await;
    for host in ["", "a b", "exa mple.org/\u{e9}", "user@example.org", "[::1"] {
        let asking = server.without_host(Method::GET, &format!("{BASE}{EXPORTS}")).header("host", host);
        let answer = asking.header("authorization", &server.yeti_token("ann")).send().await;
        refused(&answer, 400, 400, "Bad Request", "The Host header does not name a host.");
    }
    let asking = server.without_host(Method::GET, &format!("{BASE}{EXPORTS}"));
    let answer = asking.header("authorization", &server.yeti_token("ann")).send().await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn foreign_accounts_leave_no_trace_in_errors() {
    let server = Server::start().await;
    let answer =
        server.yeti_get("ann", &format!("{REPORT}?account-id={FOREIGN}&from-time=2026-01-01")).send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (400, r#"{"error":"invalid value account-id"}"#));
}
