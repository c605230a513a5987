//! The catalogue of errors and the rules of lists, on every resource that can be listed. The list of routes is
//! the server's own.

use axum::http::Method;
use serde_json::{Value, json};

use super::{BASE, JSON_API, UNKNOWN, refused};
use crate::harness::Server;

/// The types that can be listed.
fn kinds() -> Vec<String> {
    let routes = api::routes().into_iter().filter(|route| route.method == Method::GET);
    let one = routes.filter_map(|route| {
        let kind = route.path.strip_prefix(BASE)?.strip_prefix('/')?.strip_suffix("/{id}")?;
        (!kind.contains('/')).then(|| kind.to_owned())
    });
    one.collect()
}

/// Code, title and detail for each query that is refused.
fn catalogue(kind: &str) -> Vec<(String, u16, &'static str, String)> {
    let filter = |name: &str| format!("{name} is not allowed.");
    let page = |value: &str, name: &str| format!("{value} is not a valid value for {name} page parameter.");
    let cases = [
        ("filter[whatElse]=1", 102, "Filter not allowed", filter("what_else")),
        ("filter[what.else_eq]=1", 102, "Filter not allowed", filter("what.else_eq")),
        ("filter[id]=x", 107, "Invalid filter value", "x is not a valid value for id.".to_owned()),
        ("filter=abc", 120, "Invalid filters syntax", "abc is not a valid syntax for filtering.".to_owned()),
        (
            "filter[id][a]=1",
            120,
            "Invalid filters syntax",
            "filter[id][a] is not a valid syntax for filtering.".to_owned(),
        ),
        ("sort=-what", 114, "Invalid sort criteria", format!("what is not a valid sort criteria for {kind}")),
        ("include=what", 112, "Invalid field", format!("what is not a valid relationship of {kind}")),
        ("fields=x", 119, "Invalid field format", "Fields must specify a type.".to_owned()),
        ("fields[what]=x", 101, "Invalid resource", "what is not a valid resource.".to_owned()),
        ("page=abc", 118, "Invalid page value", page("abc", "number")),
        ("page=", 118, "Invalid page value", page("", "number")),
        ("page[]=1", 118, "Invalid page value", page("1", "number")),
        ("page[number]=0", 118, "Invalid page value", page("0", "number")),
        ("page[size]=-1", 118, "Invalid page value", page("-1", "size")),
        ("page[size]=x", 118, "Invalid page value", page("x", "size")),
        ("page[size]=1001", 118, "Invalid page value", "size exceeds maximum page size of 1000.".to_owned()),
    ];
    let of_fields = [("x", "x"), ("", "nil")].map(|(value, shown)| {
        let detail = format!("{shown} is not a valid field for {kind}.");
        (format!("fields[{kind}]={value}"), 104, "Invalid field", detail)
    });
    let cases = cases.map(|(query, code, title, detail)| (query.to_owned(), code, title, detail));
    cases.into_iter().chain(of_fields).collect()
}

#[tokio::test]
async fn every_list_refuses_what_it_does_not_know_in_the_same_words() {
    let server = Server::start().await;
    for kind in kinds() {
        for (query, code, title, detail) in catalogue(&kind) {
            let answer = server.yeti_get("ann", &format!("/{kind}?{query}")).send().await;
            assert_eq!(answer.status, 400, "{kind} {query}");
            refused(&answer, 400, code, title, &detail);
        }
    }
}

#[tokio::test]
async fn every_list_checks_credentials_then_media_types_then_the_query() {
    let server = Server::start().await;
    for kind in kinds() {
        let path = format!("{BASE}/{kind}?page=abc");
        let nobody = server.get(&path).header("accept", "text/html").send().await;
        assert_eq!(nobody.status, 401, "{kind}");
        let token = server.yeti_token("ann");
        let ask =
            |accept: &str| server.get(&path).header("authorization", &token).header("accept", accept).send();
        assert_eq!(ask("text/html").await.status, 406, "{kind}");
        assert_eq!(ask("application/vnd.api+json; charset=utf-8").await.status, 406, "{kind}");
        assert_eq!(ask(JSON_API).await.status, 400, "{kind}");
        assert_eq!(ask("text/html, */*;q=0.1").await.status, 400, "{kind}");
    }
}

#[tokio::test]
async fn every_list_has_its_members_in_order_and_tells_how_many_there_are() {
    let server = Server::start().await;
    for kind in kinds() {
        let answer = server.yeti_get("ann", &format!("/{kind}?page[size]=1&filter[id]=")).send().await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
        let body = answer.json();
        let names: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["data", "meta", "links"], "{kind}");
        let resources = body["data"].as_array().unwrap();
        let total = body["meta"]["total-count"].as_u64().unwrap();
        assert_eq!(body["meta"], json!({ "total-count": total }), "{kind}");
        assert_eq!(resources.len() as u64, total.min(1), "{kind}");
        for resource in resources {
            check_members(&kind, resource);
        }
        let etag = answer.header("etag").to_owned();
        let again = server.yeti_get("ann", &format!("/{kind}?page[size]=1&filter[id]="));
        assert_eq!(again.header("if-none-match", &etag).send().await.status, 304, "{kind}");
    }
}

#[track_caller]
fn check_members(kind: &str, resource: &Value) {
    let all = ["id", "type", "links", "attributes", "relationships"];
    let names: Vec<_> = resource.as_object().unwrap().keys().map(String::as_str).collect();
    let expected: Vec<_> = all.into_iter().filter(|name| names.contains(name)).collect();
    assert_eq!(names, expected, "{kind}");
    assert_eq!(resource["type"], kind);
    let id = resource["id"].as_str().unwrap();
    assert_eq!(resource["links"], json!({ "self": format!("http://example.org{BASE}/{kind}/{id}") }));
}

#[tokio::test]
async fn a_page_beyond_the_last_is_empty_and_links_back() {
    let server = Server::start().await;
    for kind in kinds() {
        let body =
            server.yeti_get("ann", &format!("/{kind}?page[number]=7000&page[size]=1000")).send().await.json();
        assert_eq!(body["data"], json!([]), "{kind}");
        let link = |number: u32| {
            json!(format!("http://example.org{BASE}/{kind}?page%5Bnumber%5D={number}&page%5Bsize%5D=1000"))
        };
        assert_eq!((&body["links"]["prev"], body["links"].get("next")), (&link(6999), None), "{kind}");
        assert_eq!(body["links"]["first"], link(1), "{kind}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_under_any_type() {
    let server = Server::start().await;
    for kind in kinds() {
        let answer = server.yeti_get("ann", &format!("/{kind}/{UNKNOWN}")).send().await;
        // Where ids are numbers, this one is none.
        let is_number = answer.status == 400;
        if is_number {
            let detail = format!("{UNKNOWN} is not a valid value for id.");
            refused(&answer, 400, 103, "Invalid field value", &detail);
            let absent = server.yeti_get("ann", &format!("/{kind}/-3000")).send().await;
            let detail = "The record identified by -3000 could not be found.";
            refused(&absent, 404, 404, "Record not found", detail);
        } else {
            let detail = format!("The record identified by {UNKNOWN} could not be found.");
            refused(&answer, 404, 404, "Record not found", &detail);
        }
    }
}

#[tokio::test]
async fn no_list_can_be_changed() {
    let server = Server::start().await;
    for kind in kinds() {
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            let asking = server.request(method, &format!("{BASE}/{kind}"));
            let answer = asking.header("authorization", &server.yeti_token("ann")).send().await;
            refused(&answer, 405, 405, "Method not allowed", "The path does not know this method.");
        }
    }
}
