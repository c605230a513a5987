//! The dialect described, from the same table of operations that the metadata pages are made of. Each is described at
//! its own path; by its name it takes and gives the same.

use http_core::{
    Endpoint,
    openapi::{About, Api, Content, reference},
};
use serde_json::{Map, Value, json};

use crate::{
    dto::{Dto, Kind, Member},
    operation::{OPERATIONS, Operation},
};

const ABOUT: &str = "HostedSuite's call records: finished calls, centers, clients and balances. Every request carries \
                     CustomerName, UserName and Password. Answers are in JSON, XML, JSV, CSV or HTML, as is asked for.";

/// The operations at their own paths, each with what is said of it.
pub fn described() -> (Api, Vec<(Endpoint, About)>) {
    let mut schemas = Map::new();
    schemas.insert("Refusal".to_owned(), refusal());
    let endpoints = crate::routes().into_iter().map(|route| route.endpoint);
    let own = endpoints.filter_map(|endpoint| Some((operation(&endpoint)?, endpoint)));
    let routes = own.map(|(operation, endpoint)| (endpoint, about(operation, &mut schemas))).collect();
    let api = Api {
        title: "Call records",
        about: ABOUT,
        security: None,
        refusal: Content::json("Refusal"),
        refusals: |_| vec![400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503],
        schemas,
    };
    (api, routes)
}

/// The operation at its own path.
fn operation(endpoint: &Endpoint) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.full_path() == endpoint.path)
}

fn about(operation: &'static Operation, schemas: &mut Map<String, Value>) -> About {
    let body = Content { media: "application/json", schema: dto(operation.request, schemas) };
    let answer = Content { media: "application/json", schema: schema(&operation.response, schemas) };
    let is_sent = operation.method == crate::operation::Verb::Post;
    About {
        summary: operation.about,
        query: Vec::new(),
        body: is_sent.then_some(body),
        answers: vec![(200, Some(answer))],
    }
}

/// Texts, lists and objects may be null.
fn schema(kind: &'static Kind, schemas: &mut Map<String, Value>) -> Value {
    match kind {
        Kind::Text => json!({ "type": ["string", "null"] }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int | Kind::Long => json!({ "type": "integer" }),
        Kind::Double => json!({ "type": "number" }),
        Kind::Choice(choice) => json!({ "enum": choice.words }),
        Kind::Nullable(kind) => json!({ "anyOf": [schema(kind, schemas), { "type": "null" }] }),
        Kind::List(kind) | Kind::Collection(kind) => {
            json!({ "type": ["array", "null"], "items": schema(kind, schemas) })
        }
        Kind::Dictionary => json!({ "type": ["object", "null"] }),
        Kind::Object(of) => json!({ "anyOf": [dto(of, schemas), { "type": "null" }] }),
    }
}

fn dto(of: &'static Dto, schemas: &mut Map<String, Value>) -> Value {
    if !schemas.contains_key(of.name) {
        // It may hold others of its own type.
        schemas.insert(of.name.to_owned(), Value::Null);
        let members: Vec<&'static Member> = of.all_members().collect();
        let properties = members.iter().map(|member| {
            let mut property = schema(&member.kind, schemas);
            if !member.said.about.is_empty() {
                property["description"] = json!(member.said.about);
            }
            (member.name.to_owned(), property)
        });
        let properties: Map<_, _> = properties.collect();
        let required: Vec<_> =
            members.iter().filter(|member| member.said.is_required).map(|member| member.name).collect();
        let described = json!({ "type": "object", "properties": properties, "required": required });
        schemas.insert(of.name.to_owned(), described);
    }
    reference(of.name)
}

fn refusal() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": { "ResponseStatus": {
            "type": "object", "properties": { "ErrorCode": text, "Message": text, "Errors": { "type": "array" } },
        } },
    })
}
