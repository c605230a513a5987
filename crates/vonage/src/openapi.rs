//! The dialect described, as the vendor's documents have it: calls, their legs, devices and call logs.

use axum::http::Method;
use http_core::{
    Endpoint, Guard,
    openapi::{About, Api, Content, Parameter, reference},
};
use serde_json::{Map, Value, json};

const ABOUT: &str = "Vonage Business Cloud's telephony API, version 3, its call logs, and the Integration Platform's call \
                     events: live calls, their legs, device registrations and webhooks of an account.";

/// The routes below an account, each with what is said of it; one of which nothing is said has no summary.
pub fn described() -> (Api, Vec<(Endpoint, About)>) {
    let endpoints = crate::routes().into_iter().map(|route| route.endpoint);
    let own =
        endpoints.filter(|endpoint| endpoint.path.contains("{account}") || endpoint.path.contains("/vis/"));
    let routes = own.map(|endpoint| (endpoint.clone(), about(&endpoint))).collect();
    let api = Api {
        title: "Telephony",
        about: ABOUT,
        security: Some(("bearer", json!({ "type": "http", "scheme": "bearer" }))),
        refusal: Content::json("Error"),
        refusals,
        schemas: schemas(),
    };
    (api, routes)
}

/// The vendor knows no 403.
fn refusals(endpoint: &Endpoint) -> Vec<u16> {
    let sent: &[u16] = match (endpoint.guard, &endpoint.method) {
        (Guard::Writer(_), &Method::DELETE) => &[409, 422],
        (Guard::Writer(_), _) => &[409, 413, 415, 422],
        _ => &[],
    };
    [&[400, 401, 404], sent, &[429, 500, 503]].concat()
}

fn about(endpoint: &Endpoint) -> About {
    let (_, below) = endpoint.path.split_once("/accounts/{account}").unwrap_or_default();
    let (_, below) = endpoint.path.split_once("/vis/v1").unwrap_or(("", below));
    let says = |summary, query: Vec<Parameter>, body: Option<Content>, answers| About {
        summary,
        query,
        body,
        answers,
    };
    let ok = |name: &str| vec![(200, Some(Content::json(name)))];
    let done = |name: &str| vec![(200, Some(Content::json(name))), (202, Some(Content::json(name)))];
    let body = |name: &str| Some(Content::json(name));
    match (endpoint.method.as_str(), below) {
        ("GET", "/calls") => {
            let extension = Parameter::text("extension", "With this extension or number");
            says("The calls that go on", [paging(), vec![extension]].concat(), None, ok("Calls"))
        }
        ("POST", "/calls") => {
            let id = Content { media: "application/json", schema: json!({ "type": "string" }) };
            says("Places a call", Vec::new(), body("NewCall"), vec![(200, Some(id))])
        }
        ("GET", "/calls/{call}") => says("One call", Vec::new(), None, ok("Call")),
        ("PUT", "/calls/{call}") => {
            says("Answers, hands over or parks a call", Vec::new(), body("ChangeCall"), done("ModifiedCall"))
        }
        ("DELETE", "/calls/{call}") => says("Ends a call", Vec::new(), None, done("ModifiedCall")),
        ("GET", "/calls/{call}/legs") => says("The legs of a call", Vec::new(), None, ok("Legs")),
        ("GET", "/calls/{call}/legs/{leg}") => says("One leg", Vec::new(), None, ok("Leg")),
        ("PUT", "/calls/{call}/legs/{leg}") => says(
            "Holds, takes back or hands over; digits, sounds, recordings",
            Vec::new(),
            body("ChangeLeg"),
            done("ModifiedLeg"),
        ),
        ("DELETE", "/calls/{call}/legs/{leg}") => {
            says("Ends a leg", Vec::new(), None, vec![(204, None), (202, None)])
        }
        ("GET", "/devices") => says("The account's phones", paging(), None, ok("Devices")),
        ("GET", "/devices/{device}") => says("One phone", Vec::new(), None, ok("Device")),
        ("GET", "/self/events") => {
            let events = Content {
                media: "application/json",
                schema: json!({ "type": "array", "items": reference("CallEvent") }),
            };
            says("Calls, as they stand or stood", events_query(), None, vec![(200, Some(events))])
        }
        ("GET", "/self/events/{event}") => says("One of them", Vec::new(), None, ok("CallEvent")),
        ("GET", "/self/webhooks") => {
            let webhooks = Content {
                media: "application/json",
                schema: json!({ "type": "array", "items": reference("Webhook") }),
            };
            says("The account's webhooks", Vec::new(), None, vec![(200, Some(webhooks))])
        }
        ("POST", "/self/webhooks") => {
            let created = vec![(201, Some(Content::json("Webhook")))];
            says("Has call events sent to a server", Vec::new(), body("NewWebhook"), created)
        }
        ("GET", "/self/webhooks/{webhook}") => says("One webhook", Vec::new(), None, ok("Webhook")),
        ("PUT", "/self/webhooks/{webhook}/renew") => {
            says("Has a webhook last, and go on where it was", Vec::new(), None, ok("Webhook"))
        }
        ("DELETE", "/self/webhooks/{webhook}") => {
            says("Removes a webhook", Vec::new(), None, vec![(204, None)])
        }
        ("GET", "/call-logs") => says("The calls that are over", log_query(), None, ok("CallLogs")),
        _ => About::default(),
    }
}

fn paging() -> Vec<Parameter> {
    vec![
        Parameter::number("page_size", "0 = the usual 100", (0, 1_000)),
        Parameter::number("page", "From 0 for calls, from 1 for devices", (0, 1_000_000)),
        Parameter::one_of("order", "By time", &["asc", "desc"]),
        Parameter::number("start_time", "From then on, in seconds since 1970", (0, 99_999_999_999)),
        Parameter::number("end_time", "Until then", (0, 99_999_999_999)),
    ]
}

fn events_query() -> Vec<Parameter> {
    vec![
        Parameter::one_of("types", "", &["CALL"]),
        Parameter::number("fromDate", "From then on, in milliseconds since 1970", (0, 99_999_999_999_999)),
        Parameter::number("toDate", "Until then", (0, 99_999_999_999_999)),
        Parameter::one_of("direction", "", &["INBOUND", "OUTBOUND"]),
        Parameter::number("offset", "The page, from 0", (0, 1_000_000)),
        Parameter::number("size", "On a page; 20 if absent", (1, 1_000)),
        Parameter::one_of("order", "By the beginning; desc if absent", &["asc", "desc"]),
    ]
}

fn log_query() -> Vec<Parameter> {
    let date = "yyyy-MM-dd HH:mm:ss, UTC";
    vec![
        Parameter::text("start:gte", date).needed(),
        Parameter::text("start:lte", date).needed(),
        Parameter::text("end:gte", date),
        Parameter::text("end:lte", date),
        Parameter::text("from", "The caller"),
        Parameter::text("to", "The number that was called"),
        Parameter::one_of("direction", "", &["Inbound", "Outbound"]),
        Parameter::one_of("order", "By time", &["asc", "desc"]),
        Parameter::number("page_size", "", (1, 1_000)),
        Parameter::number("page", "From 1", (1, 1_000_000)),
    ]
}

/// What is a number may be sent as text, by configuration.
fn digits() -> Value {
    json!({ "type": ["integer", "string"] })
}

fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

fn list(name: &str, of: &str) -> Value {
    let mut members = json!({
        "first_page_uri": { "type": "string" }, "order": { "type": "string" },
    });
    for count in ["current_page", "page_size", "pages", "next_page"] {
        members[count] = digits();
    }
    members[name] = json!({ "type": "array", "items": reference(of) });
    object(members)
}

fn schemas() -> Map<String, Value> {
    let text = || json!({ "type": "string" });
    let party = json!({
        "type": "object", "required": ["destination"],
        "properties": { "type": text(), "destination": { "type": ["string", "integer"] } },
    });
    let of_both = json!({
        "account_id": digits(), "call_id": text(), "direction": text(), "start_time": digits(), "end_time": digits(),
        "from": digits(), "to": digits(), "status": text(),
    });
    let mut call = of_both.clone();
    call["legs"] = json!({ "type": "array", "items": reference("Leg") });
    let mut leg = of_both;
    leg["leg_id"] = text();
    let modified = json!({
        "account_id": digits(), "call_id": text(), "call_state": text(), "destination": text(),
    });
    let schemas = json!({
        "Error": object(json!({ "code": digits(), "message": text() })),
        "Call": object(call),
        "Leg": object(leg),
        "Calls": list("calls", "Call"),
        "Legs": { "type": ["array", "object"] },
        "Device": object(json!({ "account_id": digits(), "mac_address": text(), "device_ip": text() })),
        "Devices": list("devices", "Device"),
        "CallLogs": object(json!({ "page": digits(), "page_size": digits(), "total_items": digits() })),
        "ModifiedCall": object(modified.clone()),
        "ModifiedLeg": object(modified),
        "CallEvent": object(json!({
            "accountId": digits(), "answerTime": text(), "callerId": text(), "direction": text(),
            "duration": { "type": "integer" }, "endTime": text(), "externalId": text(), "id": text(),
            "phoneNumber": text(), "startTime": text(), "state": text(), "type": text(),
        })),
        "Webhook": object(json!({
            "id": text(), "accountId": digits(), "url": text(),
            "status": { "type": "array", "items": text() }, "events": { "type": "array", "items": text() },
            "signingAlgo": text(), "metadataPolicy": text(), "expireAt": text(), "purgeAt": text(),
            "createdAt": text(), "renewedAt": text(),
            "statistics": object(json!({ "failed": { "type": "boolean" } })),
        })),
        "NewWebhook": {
            "type": "object", "required": ["url", "events"],
            "properties": {
                "url": text(), "events": { "type": "array", "items": { "enum": ["CALL"] } },
                "signingAlgo": { "enum": ["NONE", "HMAC_SHA256"] }, "signingKey": text(),
                "metadataPolicy": { "enum": ["NONE", "HEADER", "BODY"] },
            },
        },
        "NewCall": {
            "type": "object", "required": ["from", "to"],
            "properties": {
                "type": { "enum": ["click2dial", "click2dialme", "odr", "default"] }, "from": party, "to": party,
            },
        },
        "ChangeCall": object(json!({ "state": { "enum": ["active", "parked"] }, "from": party, "to": party })),
        "ChangeLeg": object(json!({
            "state": { "enum": ["held", "active"] }, "to": { "type": ["string", "object"] }, "dtmf": text(),
            "stream": { "type": ["boolean", "string"] }, "stream_url": text(),
            "recording": { "enum": ["start", "stop"] }, "service": { "enum": ["ccr", "ocr"] },
        })),
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}
