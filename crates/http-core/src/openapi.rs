//! What routes are, for programs: descriptions as the OpenAPI Specification 3.1 says. Methods, paths, who may ask and
//! what is refused come from the list of routes; a dialect adds what it sends and takes.

use serde_json::{Map, Value, json};

use crate::{Endpoint, Guard};

/// A dialect.
pub struct Api {
    /// Its name.
    pub title: &'static str,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    /// How clients prove who they are: the name of the scheme, and its Security Scheme Object. None if the body says it.
    pub security: Option<(&'static str, Value)>,
    /// What says why something is refused.
    pub refusal: Content,
    /// The statuses of refusals of a route.
    pub refusals: fn(&Endpoint) -> Vec<u16>,
    /// Schema Objects by their names.
    pub schemas: Map<String, Value>,
}

/// What is said of a route besides what its endpoint says.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What its query may say.
    pub query: Vec<Parameter>,
    /// What it takes.
    pub body: Option<Content>,
    /// What it answers when it does not refuse.
    pub answers: Vec<(u16, Option<Content>)>,
}

/// Something of a query.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Its Schema Object.
    pub schema: Value,
    /// Whether it must be there.
    pub is_required: bool,
}

/// A body.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its media type.
    pub media: &'static str,
    /// Its Schema Object.
    pub schema: Value,
}

impl Content {
    /// One in JSON, by the name of its schema.
    pub fn json(name: &str) -> Self {
        Self { media: "application/json", schema: reference(name) }
    }
}

impl Parameter {
    /// A text that may be absent.
    pub fn text(name: &'static str, about: &'static str) -> Self {
        Self { name, about, schema: json!({ "type": "string" }), is_required: false }
    }

    /// One of these words.
    pub fn one_of(name: &'static str, about: &'static str, words: &[&str]) -> Self {
        Self { schema: json!({ "type": "string", "enum": words }), ..Self::text(name, about) }
    }

    /// A whole number.
    pub fn number(name: &'static str, about: &'static str, (least, most): (u64, u64)) -> Self {
        let schema = json!({ "type": "integer", "minimum": least, "maximum": most });
        Self { schema, ..Self::text(name, about) }
    }

    /// The same, which must be there.
    pub fn needed(self) -> Self {
        Self { is_required: true, ..self }
    }
}

/// A Reference Object for a schema of this name.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The description of these routes.
pub fn document(api: Api, routes: impl IntoIterator<Item = (Endpoint, About)>) -> Value {
    let mut paths = Map::new();
    for (endpoint, about) in routes {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let operation = operation(&api, &endpoint, about);
        let path = paths.entry(plain(&endpoint.path)).or_insert_with(|| json!({}));
        path[method] = operation;
    }
    let scheme = api.security.map(|(name, scheme)| (name.to_owned(), scheme));
    json!({
        "openapi": "3.1.0",
        "info": { "title": api.title, "description": api.about, "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": { "securitySchemes": Map::from_iter(scheme), "schemas": api.schemas },
    })
}

/// A path as OpenAPI writes it: without the star of what may have slashes in it.
fn plain(path: &str) -> String {
    path.replace("{*", "{")
}

fn operation(api: &Api, endpoint: &Endpoint, about: About) -> Value {
    let parameters: Vec<_> = in_path(&endpoint.path).chain(about.query.iter().map(in_query)).collect();
    let mut operation = json!({
        "operationId": id(endpoint),
        "summary": about.summary,
        "parameters": parameters,
        "responses": responses(api, endpoint, &about),
    });
    if let Some(body) = &about.body {
        operation["requestBody"] = json!({ "content": content(body) });
    }
    let scope = |areas: Vec<&str>| api.security.as_ref().map(|(name, _)| json!([{ (*name): areas }]));
    let security = match endpoint.guard {
        Guard::Open | Guard::Operator => None,
        Guard::Known => scope(Vec::new()),
        Guard::Reader(area) | Guard::Writer(area) => scope(vec![area.name()]),
    };
    if let Some(security) = security {
        operation["security"] = security;
    }
    operation
}

/// A name that no other operation has: the method and the words of the path.
fn id(endpoint: &Endpoint) -> String {
    let words =
        endpoint.path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words =
        std::iter::once(endpoint.method.as_str().to_ascii_lowercase()).chain(words.map(str::to_owned));
    words.collect::<Vec<_>>().join("_")
}

fn in_path(path: &str) -> impl Iterator<Item = Value> + '_ {
    let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
    names.map(|name| {
        let name = name.trim_start_matches('*');
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    })
}

fn in_query(parameter: &Parameter) -> Value {
    let Parameter { name, about, schema, is_required } = parameter;
    json!({ "name": name, "in": "query", "description": about, "required": is_required, "schema": schema })
}

fn responses(api: &Api, endpoint: &Endpoint, about: &About) -> Value {
    let mut responses = Map::new();
    for (status, body) in &about.answers {
        responses.insert(status.to_string(), response(*status, body.as_ref()));
    }
    for status in (api.refusals)(endpoint) {
        let refused = || response(status, Some(&api.refusal));
        responses.entry(status.to_string()).or_insert_with(refused);
    }
    responses.into()
}

fn response(status: u16, body: Option<&Content>) -> Value {
    let name = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut response = json!({ "description": name.unwrap_or_default() });
    if let Some(body) = body {
        response["content"] = content(body);
    }
    response
}

fn content(body: &Content) -> Value {
    json!({ (body.media): { "schema": body.schema } })
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use directory::model::Area;

    use super::*;

    #[test]
    fn a_route_is_described_with_what_its_endpoint_says() {
        let endpoint = Endpoint {
            method: Method::GET,
            path: "/v1/calls/{call}".to_owned(),
            guard: Guard::Reader(Area::Calls),
            aliases: Vec::new(),
            is_noted: false,
        };
        let about = About {
            summary: "One call",
            answers: vec![(200, Some(Content::json("Call")))],
            ..About::default()
        };
        let api = Api {
            title: "t",
            about: "a",
            security: Some(("token", json!({ "type": "http", "scheme": "bearer" }))),
            refusal: Content::json("Problem"),
            refusals: |_| vec![404],
            schemas: Map::new(),
        };
        let operation = &document(api, [(endpoint, about)])["paths"]["/v1/calls/{call}"]["get"];
        assert_eq!(operation["operationId"], "get_v1_calls_call");
        assert_eq!(operation["security"], json!([{ "token": ["calls"] }]));
        assert_eq!(operation["parameters"][0]["name"], "call");
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "404"]);
    }
}
