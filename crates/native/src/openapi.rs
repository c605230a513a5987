//! `/v1` described: what its routes take and send, by the types that are sent.

use axum::http::Method;
use http_core::{
    Endpoint, Guard,
    openapi::{About, Api, Content, Parameter},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::wire::{
    annotations::AnnotationsWire,
    audit::AuditWire,
    blocks::BlocksWire,
    calls::{CallOnlyWire, FinishedCallsWire, HungUpWire, LiveCallsWire, OneCallWire, OutcomeWire},
    devices::{DevicesWire, TrunksWire},
    errors::ProblemWire,
    events::EventsWire,
    invoices::InvoiceWire,
    mailboxes::MailboxWire,
    payments::PaymentWire,
    series::{BalanceWire, SeriesWire},
    webhooks::{DeadLettersWire, ReplayedWire, WebhookWire, WebhooksWire},
};

const ABOUT: &str = "The product's own API: calls that go on and that are over, what can be done to them, events, \
                     webhooks, phones and trunks, money, and for operators who has changed what and who is kept out.";

/// The routes of `/v1`, each with what is said of it. One of which nothing is said has no summary.
pub fn described() -> (Api, Vec<(Endpoint, About)>) {
    let mut schemas = Schemas::new();
    let refusal = Content { media: "application/problem+json", schema: schemas.of::<ProblemWire>() };
    let endpoints = crate::routes().into_iter().map(|route| route.endpoint);
    let own = endpoints.filter(|endpoint| endpoint.path.starts_with("/v1/"));
    let routes = own.map(|endpoint| (endpoint.clone(), about(&endpoint, &mut schemas))).collect();
    let scheme = json!({ "type": "http", "scheme": "bearer" });
    let api = Api {
        title: "Trunkline",
        about: ABOUT,
        security: Some(("bearer", scheme)),
        refusal,
        refusals,
        schemas: schemas.done(),
    };
    (api, routes)
}

/// The statuses by which a route may refuse.
fn refusals(endpoint: &Endpoint) -> Vec<u16> {
    let guarded: &[u16] = match endpoint.guard {
        Guard::Open => &[],
        Guard::Operator => &[403],
        Guard::Known | Guard::Reader(_) | Guard::Writer(_) => &[401, 403],
    };
    // A path names what may not be there, and so does the query of events: an extension, a trunk.
    let is_naming = endpoint.path.contains('{') || endpoint.path == "/v1/events";
    let named: &[u16] = if is_naming { &[404] } else { &[] };
    let sent: &[u16] = if endpoint.method == Method::GET { &[] } else { &[404, 409, 413, 415, 422] };
    [&[400], guarded, named, sent, &[429, 500, 503]].concat()
}

/// The schemas of what is sent.
struct Schemas(SchemaGenerator);

impl Schemas {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let settings = settings.with(|settings| settings.definitions_path = "/components/schemas".into());
        Self(settings.into_generator())
    }

    fn of<T: JsonSchema>(&mut self) -> Value {
        named(self.0.subschema_for::<T>().to_value())
    }

    fn json<T: JsonSchema>(&mut self) -> Option<Content> {
        Some(Content { media: "application/json", schema: self.of::<T>() })
    }

    /// Their definitions, by their names.
    fn done(mut self) -> Map<String, Value> {
        let definitions = self.0.take_definitions(true);
        definitions.into_iter().map(|(name, schema)| (short(&name), named(schema))).collect()
    }
}

/// A schema that calls the others as they are called here.
fn named(schema: Value) -> Value {
    match schema {
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| match value {
                Value::String(text) if key == "$ref" => (key, Value::String(short(&text))),
                other => (key, named(other)),
            };
            members.into_iter().map(member).collect()
        }
        Value::Array(items) => items.into_iter().map(named).collect(),
        other => other,
    }
}

/// The name of a type without what all of them end with.
fn short(name: &str) -> String {
    name.replace("Wire", "")
}

fn object(required: &[&str], properties: Value) -> Option<Content> {
    let schema = json!({
        "type": "object", "required": required, "properties": properties, "additionalProperties": false,
    });
    Some(Content { media: "application/json", schema })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn limit(most: u64) -> Parameter {
    Parameter::number("limit", "At most so many", (1, most))
}

fn after() -> Parameter {
    Parameter::text("after", "What `next` of the part before said")
}

fn span() -> [Parameter; 2] {
    [
        Parameter::text("from", "From this instant on (RFC 3339)"),
        Parameter::text("until", "Before this instant (RFC 3339)"),
    ]
}

/// What a list of live calls is filtered by.
fn live_filters() -> [Parameter; 5] {
    [
        Parameter::one_of("state", "", &["dialing", "ringing", "talking", "on-hold", "transferring"]),
        Parameter::one_of("direction", "", &["outbound", "inbound"]),
        Parameter::text("text", "Part of a number, a name or the trunk"),
        Parameter::text("trunk", "The name of a trunk"),
        Parameter::text("extension", "An extension of the account"),
    ]
}

fn about(endpoint: &Endpoint, schemas: &mut Schemas) -> About {
    let (method, path) = (endpoint.method.as_str(), endpoint.path.as_str());
    let says = |summary, query: Vec<Parameter>, body, answers| About { summary, query, body, answers };
    let none = Vec::new;
    match (method, path) {
        ("GET", "/v1/audit") => audit(schemas, "Who has changed what, of everybody"),
        ("GET", "/v1/audit/own") => audit(schemas, "Who has changed what of one's own"),
        ("GET", "/v1/blocks") => {
            says("Who is kept out now", none(), None, vec![(200, schemas.json::<BlocksWire>())])
        }
        ("DELETE", "/v1/blocks/{source}") => says("Lets a source in again", none(), None, vec![(204, None)]),
        ("POST", "/v1/invoices") => {
            let body = object(
                &["account", "reference", "from", "until"],
                json!({
                    "id": text("A UUID: one that was used shows what was made then"),
                    "account": { "type": "integer" }, "reference": text("What the operator calls it"),
                    "from": text("RFC 3339"), "until": text("RFC 3339"),
                }),
            );
            says("Makes an invoice", none(), body, vec![(201, schemas.json::<InvoiceWire>())])
        }
        ("POST", "/v1/payments") => {
            let body = object(
                &["account", "amount"],
                json!({
                    "id": text("A UUID: one that was used moves nothing"), "account": { "type": "integer" },
                    "amount": { "type": ["string", "number"] }, "notes": { "type": ["string", "null"] },
                }),
            );
            says("Records a payment", none(), body, vec![(201, schemas.json::<PaymentWire>())])
        }
        ("GET", "/v1/events") => events(schemas),
        ("GET", "/v1/webhooks") => {
            says("The account's webhooks", none(), None, vec![(200, schemas.json::<WebhooksWire>())])
        }
        ("POST", "/v1/webhooks") => {
            let body = object(
                &["url"],
                json!({
                    "url": text("http or https"), "types": { "type": "array", "items": { "type": "string" } },
                    "call": text("A call"), "extension": text("An extension"), "trunk": { "type": "integer" },
                    "secret": text("`hmac`, `ed25519`, or one of yours"),
                    "format": { "type": "string", "enum": ["cloudevents", "vonage", "yeti"] },
                }),
            );
            says("Has events sent to a URL", none(), body, vec![(201, schemas.json::<WebhookWire>())])
        }
        ("GET", "/v1/webhooks/{hook}") => {
            says("How a webhook is", none(), None, vec![(200, schemas.json::<WebhookWire>())])
        }
        ("DELETE", "/v1/webhooks/{hook}") => says("Removes a webhook", none(), None, vec![(204, None)]),
        ("POST", "/v1/webhooks/{hook}/pause") => {
            says("Stops a webhook", none(), None, vec![(200, schemas.json::<WebhookWire>())])
        }
        ("POST", "/v1/webhooks/{hook}/resume") => {
            says("Has a webhook go on", none(), None, vec![(200, schemas.json::<WebhookWire>())])
        }
        ("POST", "/v1/webhooks/{hook}/secret") => {
            let body = object(&[], json!({ "secret": text("As where it is registered") }));
            says(
                "Another secret; both sign for a day",
                none(),
                body,
                vec![(200, schemas.json::<WebhookWire>())],
            )
        }
        ("GET", "/v1/webhooks/{hook}/dead-letters") => says(
            "Events that the receiver has refused",
            none(),
            None,
            vec![(200, schemas.json::<DeadLettersWire>())],
        ),
        ("POST", "/v1/webhooks/{hook}/dead-letters/{number}") => {
            says("Sends one of them once more", none(), None, vec![(200, schemas.json::<ReplayedWire>())])
        }
        ("GET", "/v1/devices") => {
            says("The account's phones", none(), None, vec![(200, schemas.json::<DevicesWire>())])
        }
        ("GET", "/v1/trunks") => {
            says("The account's trunks", none(), None, vec![(200, schemas.json::<TrunksWire>())])
        }
        ("GET", "/v1/balance") => {
            says("What the account has", none(), None, vec![(200, schemas.json::<BalanceWire>())])
        }
        ("GET", "/v1/series") => {
            let query = span().into_iter().chain([
                Parameter::one_of("measure", "Calls that are active, or that began", &["active", "started"]),
                Parameter::number("step", "Seconds between two instants", (1, 31_622_400)),
                Parameter::one_of("direction", "", &["outbound", "inbound"]),
                Parameter::text("country", "To numbers of this country (ISO 3166-1 alpha-2)"),
                Parameter::text("prefix", "To numbers that begin with these digits"),
            ]);
            let answers = vec![(200, schemas.json::<SeriesWire>())];
            says("How many calls were active, or began, when", query.collect(), None, answers)
        }
        ("GET", "/v1/history") => history(schemas),
        ("GET", "/v1/mailboxes/{extension}") => {
            says("What lies in a mailbox", none(), None, vec![(200, schemas.json::<MailboxWire>())])
        }
        ("PUT", "/v1/mailboxes/{extension}") => {
            let count = || json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 });
            let body = object(
                &[],
                json!({
                    "new": count(), "old": count(), "urgent_new": count(), "urgent_old": count(),
                }),
            );
            says("Says what lies in a mailbox", none(), body, vec![(200, schemas.json::<MailboxWire>())])
        }
        ("GET", "/v1/calls/{call}/annotations") => {
            says("What was noted about a call", none(), None, vec![(200, schemas.json::<AnnotationsWire>())])
        }
        ("POST", "/v1/calls/{call}/annotations") => annotate(schemas),
        _ => calls(method, path, schemas),
    }
}

/// What is said of the routes of live calls.
fn calls(method: &str, path: &str, schemas: &mut Schemas) -> About {
    let says = |summary, query: Vec<Parameter>, body, answers| About { summary, query, body, answers };
    let outcome = |schemas: &mut Schemas| {
        vec![(200, schemas.json::<OutcomeWire>()), (202, schemas.json::<OutcomeWire>())]
    };
    match (method, path) {
        ("GET", "/v1/calls") => {
            let orders = ["newest", "oldest", "from", "to", "state", "trunk"];
            let groups = ["account", "state", "trunk", "extension", "country", "direction"];
            let query = live_filters().into_iter().chain([
                Parameter::one_of("order", "", &orders),
                Parameter::one_of("group_by", "Counts all that the filter finds", &groups),
                limit(1_000),
                after(),
            ]);
            let answers = vec![(200, schemas.json::<LiveCallsWire>())];
            says("The calls that go on", query.collect(), None, answers)
        }
        ("POST", "/v1/calls") => {
            let body = object(
                &["from", "to"],
                json!({
                    "from": text("Who is rung first: an extension or a number"),
                    "to": text("Whom that one then calls: also a feature code or a parking slot"),
                }),
            );
            says("Places a call", Vec::new(), body, vec![(201, schemas.json::<CallOnlyWire>())])
        }
        ("POST", "/v1/calls/hang-up") => {
            let filters = live_filters().map(|filter| (filter.name.to_owned(), filter.schema));
            let filter = json!({
                "type": "object", "properties": Map::from_iter(filters), "additionalProperties": false,
            });
            let body = object(
                &[],
                json!({
                    "filter": filter, "dry_run": { "type": "boolean" },
                    "at_most": { "type": "integer", "minimum": 1, "maximum": 1_000 },
                }),
            );
            let summary = "Ends all that a filter finds, or says how many";
            says(summary, Vec::new(), body, vec![(200, schemas.json::<HungUpWire>())])
        }
        ("GET", "/v1/calls/{call}") => {
            says("One call with its legs", Vec::new(), None, vec![(200, schemas.json::<OneCallWire>())])
        }
        ("DELETE", "/v1/calls/{call}") => says("Ends a call", Vec::new(), None, outcome(schemas)),
        ("POST", "/v1/calls/{call}/legs/{leg}/{verb}") => {
            let body = object(
                &[],
                json!({
                    "to": text("Of `transfer`: where to"), "by": text("Of `retrieve`: who takes it"),
                    "digits": text("Of `digits`"), "url": text("Of `play`: a WAV file"),
                    "file": text("Of `play`: one of the server's sounds"),
                }),
            );
            let summary = "Does something to a leg: `answer`, `hang-up`, `hold`, `resume`, `transfer`, `park`, \
                           `retrieve`, `digits`, `play`, `stop-playing`, `record`, `stop-recording`";
            says(summary, Vec::new(), body, outcome(schemas))
        }
        _ => About::default(),
    }
}

fn audit(schemas: &mut Schemas, summary: &'static str) -> About {
    let query = [
        Parameter::number("account", "Of this account", (1, u64::from(u32::MAX))),
        Parameter::text("by", "By the one of this login or name"),
        Parameter::text("interface", "By this interface"),
        Parameter::one_of("action", "", &["added", "changed", "removed"]),
        limit(1_000),
        Parameter::number("before", "What `next` of the part before said", (0, i64::MAX as u64)),
    ];
    let query = span().into_iter().chain(query).collect();
    About { summary, query, answers: vec![(200, schemas.json::<AuditWire>())], ..About::default() }
}

fn events(schemas: &mut Schemas) -> About {
    let query = vec![
        Parameter::text("after", "Those behind this one"),
        Parameter::text("account", "Of this account"),
        Parameter::text("call", "Of this call"),
        Parameter::text("extension", "Of the phones that this extension has"),
        Parameter::text("trunk", "Of this trunk"),
        Parameter::text("type", "Types with commas between them, whole or what stands before the point"),
        limit(1_000),
    ];
    let summary =
        "What has happened: a page, or for who accepts `text/event-stream` or a WebSocket as it happens";
    About { summary, query, answers: vec![(200, schemas.json::<EventsWire>())], ..About::default() }
}

fn history(schemas: &mut Schemas) -> About {
    let query = [
        Parameter::text("caller", "Part of who called"),
        Parameter::text("called", "Part of who was called"),
        Parameter::text("answered_by", "Part of who has answered"),
        Parameter::text("notes", "Part of what was noted"),
        Parameter::one_of("direction", "", &["outbound", "inbound"]),
        Parameter::one_of("outcome", "", &["answered", "unanswered"]),
        Parameter::number("code", "The SIP status that it ended with", (0, u64::from(u16::MAX))),
        Parameter::number("least_seconds", "Talked at least so long", (0, u64::from(u32::MAX))),
        Parameter::text("sip_call_id", "The Call-ID of one of its legs"),
        limit(1_000),
        after(),
        Parameter::one_of("count", "Whether to say how many are found", &["true", "false"]),
    ];
    let (summary, query) = ("The calls that are over", span().into_iter().chain(query).collect());
    About { summary, query, answers: vec![(200, schemas.json::<FinishedCallsWire>())], ..About::default() }
}

fn annotate(schemas: &mut Schemas) -> About {
    let ids = json!({ "type": "array", "items": { "type": "string" } });
    let words = json!({ "type": ["string", "null"] });
    let body = object(
        &[],
        json!({
            "notes": words, "flagged": { "type": "boolean" }, "flag_notes": words,
            "completed_form_ids": ids, "removed_form_ids": ids,
            "work_time_in_seconds": { "type": "number", "minimum": 0 },
        }),
    );
    let answers = vec![(200, schemas.json::<AnnotationsWire>())];
    About { summary: "Notes something about a call", body, answers, ..About::default() }
}
