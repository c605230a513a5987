//! The dialect described, from the table of routes and from what each type of resource has.

use axum::http::Method;
use http_core::{
    Endpoint, Guard,
    openapi::{About, Api, Content, Parameter, reference},
};
use serde_json::{Map, Value, json};

use crate::{
    links::BASE_PATH,
    resource::{Shape, attribute::Kind},
};

const ABOUT: &str = "Yeti's customer API, version 1: call records, charts and reports, rates, balances and exports of a \
                     customer's accounts, in JSON:API.";
const JSON_API: &str = "application/vnd.api+json";

/// The routes, each with what is said of it; one of which nothing is said has no summary.
pub fn described() -> (Api, Vec<(Endpoint, About)>) {
    let endpoints = crate::routes::routes().into_iter().map(|route| route.endpoint);
    let routes = endpoints.map(|endpoint| (endpoint.clone(), about(&endpoint))).collect();
    let scheme = json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" });
    let api = Api {
        title: "Customer API",
        about: ABOUT,
        security: Some(("token", scheme)),
        refusal: Content { media: JSON_API, schema: reference("Errors") },
        refusals,
        schemas: schemas(),
    };
    (api, routes)
}

fn refusals(endpoint: &Endpoint) -> Vec<u16> {
    let guarded: &[u16] = match endpoint.guard {
        Guard::Open => &[401],
        Guard::Known | Guard::Reader(_) | Guard::Writer(_) | Guard::Operator => &[401, 403],
    };
    let sent: &[u16] = if endpoint.method == Method::GET { &[] } else { &[409, 413, 422] };
    [&[400], guarded, &[404, 406, 415], sent, &[429, 500, 503]].concat()
}

fn about(endpoint: &Endpoint) -> About {
    let path = endpoint.path.trim_start_matches(BASE_PATH);
    let words: Vec<_> = path.split('/').skip(1).collect();
    match (endpoint.method.as_str(), &words[..]) {
        ("GET", ["auth"]) => plain("Whether the credentials are good"),
        ("POST", ["auth"]) => log_in(),
        ("DELETE", ["auth"]) => {
            About { summary: "Ends a session", answers: vec![(204, None)], ..About::default() }
        }
        ("GET", [kind]) if kind.contains("statistics") || is_report(kind) => report(kind),
        ("GET", [kind]) => list(kind),
        ("GET", [kind, "{id}"]) => one("One of them", kind),
        ("GET", [_, "{id}", "download" | "rec"]) => file(),
        ("GET", [_, "{id}", "relationships", _]) => plain("A relationship itself"),
        ("GET", [_, "{id}", _]) => plain("What a relationship leads to"),
        ("DELETE", [_, "{id}"]) => {
            About { summary: "Deletes it", answers: vec![(204, None)], ..About::default() }
        }
        ("POST", [kind]) => created("Creates one, or answers a question", kind),
        ("PATCH", [kind, "{id}"]) => About { answers: answers(200, kind), ..created("Changes it", kind) },
        _ => About::default(),
    }
}

fn is_report(kind: &str) -> bool {
    kind.ends_with("-active-calls") && !kind.starts_with("chart")
}

fn json_api(schema: Value) -> Content {
    Content { media: JSON_API, schema }
}

fn answers(status: u16, kind: &str) -> Vec<(u16, Option<Content>)> {
    vec![(status, Some(json_api(json!({ "type": "object", "properties": { "data": named(kind) } }))))]
}

/// A type of resource by its name; of what is none, anything.
fn named(kind: &str) -> Value {
    // The singular names what is asked, the plural the type.
    let shape = Shape::named(kind).or_else(|| Shape::named(&format!("{kind}s")));
    shape.map_or_else(|| json!({}), |shape| reference(shape.kind))
}

fn plain(summary: &'static str) -> About {
    About { summary, answers: vec![(200, Some(json_api(json!({}))))], ..About::default() }
}

fn log_in() -> About {
    let text = json!({ "type": "string" });
    let auth = json!({
        "type": "object",
        "properties": { "login": text, "password": text, "cookie_auth": { "type": "boolean" } },
    });
    let body = json!({ "type": "object", "properties": { "auth": auth } });
    let token = json!({ "type": "object", "properties": { "jwt": text } });
    let content = |schema| Content { media: "application/json", schema };
    let answers = vec![(201, Some(content(token))), (204, None)];
    About { summary: "Logs in", body: Some(content(body)), answers, ..About::default() }
}

/// What a list can be told: `filter[…]` of each attribute, too.
fn list(kind: &str) -> About {
    let query = vec![
        Parameter::text("sort", "Attributes with commas between them, with - before one for the other way"),
        Parameter::text("include", "Relationships with commas between them"),
        Parameter::number("page[size]", "", (1, 1_000)),
        Parameter::number("page[number]", "From 1", (1, 1_000_000)),
    ];
    let data = json!({ "type": "array", "items": named(kind) });
    let schema = json!({ "type": "object", "properties": { "data": data } });
    // A profile is one, though it is asked for like a list.
    let schema = if kind == "profiles" { json!({ "type": "object" }) } else { schema };
    About {
        summary: "A page of them",
        query,
        answers: vec![(200, Some(json_api(schema)))],
        ..About::default()
    }
}

fn one(summary: &'static str, kind: &str) -> About {
    let query = vec![Parameter::text("include", "Relationships with commas between them")];
    About { summary, query, answers: answers(200, kind), ..About::default() }
}

fn created(summary: &'static str, kind: &str) -> About {
    let body =
        json!({ "type": "object", "properties": { "data": { "type": "object" } }, "required": ["data"] });
    About { summary, body: Some(json_api(body)), answers: answers(201, kind), ..About::default() }
}

fn file() -> About {
    let file = || Some(Content { media: "application/octet-stream", schema: json!({}) });
    About {
        summary: "The file",
        answers: vec![(200, file()), (206, file()), (416, None)],
        ..About::default()
    }
}

fn report(kind: &str) -> About {
    let mut query = vec![
        Parameter::text("account-id", "The id of an account").needed(),
        Parameter::text("from-time", "From then on").needed(),
        Parameter::text("to-time", "Before then"),
    ];
    if kind.contains("statistics") {
        query.push(Parameter::one_of("sampling", "", &["minute", "hour", "day", "week", "month"]).needed());
    }
    if kind.starts_with("outgoing") {
        query.retain(|parameter| parameter.name == "account-id");
    }
    let content = Content { media: "application/json", schema: json!({}) };
    About { summary: "A report", query, answers: vec![(200, Some(content))], ..About::default() }
}

fn schemas() -> Map<String, Value> {
    let text = json!({ "type": "string" });
    let error = json!({
        "type": "object",
        "properties": { "title": text, "detail": text, "code": text, "status": text, "source": { "type": "object" } },
    });
    let errors = json!({ "type": "object", "properties": { "errors": { "type": "array", "items": error } } });
    let shapes = Shape::KNOWN.iter().map(|shape| (shape.kind.to_owned(), resource(shape)));
    shapes.chain([("Errors".to_owned(), errors)]).collect()
}

/// A resource object of a type (JSON:API, 7.2).
fn resource(shape: &Shape) -> Value {
    let attributes: Map<_, _> =
        shape.attributes().into_iter().map(|(name, kind)| (name.to_owned(), value(kind))).collect();
    let relationships = shape.relationships().into_iter();
    let relationships: Map<_, _> =
        relationships.map(|name| (name.to_owned(), json!({ "type": "object" }))).collect();
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "type": { "const": shape.kind },
            "attributes": { "type": "object", "properties": attributes },
            "relationships": { "type": "object", "properties": relationships },
        },
    })
}

/// Whatever is not there is null; decimals and instants are texts.
fn value(kind: Kind) -> Value {
    match kind {
        Kind::Text | Kind::Phone | Kind::Decimal | Kind::Uuid | Kind::Address => {
            json!({ "type": ["string", "null"] })
        }
        Kind::Word(words) => {
            let words: Vec<_> = words.iter().copied().map(Some).chain([None]).collect();
            json!({ "enum": words })
        }
        Kind::Integer => json!({ "type": ["integer", "null"] }),
        Kind::Time => json!({ "type": ["string", "null"], "description": "An instant" }),
        Kind::Bool => json!({ "type": ["boolean", "null"] }),
        Kind::Json => json!({}),
    }
}
