//! A good request for each route that wants credentials.

use std::fmt;

use axum::http::Method;
use directory::model::User;
use hostedsuite::operation::OPERATIONS;
use serde_json::{Value, json};
use yeti::token::{Holder, issue};

use super::world::{Credentials, Estate, World};
use crate::harness::{Answer, PASSWORD};

/// A request in which ids of either customer can be put.
pub struct Sample {
    pub method: Method,
    /// As in the server's table. Names in braces, also in `query`, stand for what an [`Estate`] has.
    pub path: String,
    /// What an estate calls that which `{id}` stands for.
    id: &'static str,
    query: &'static str,
    body: fn(&Estate) -> Option<Value>,
    /// The status without credentials.
    pub nobody: u16,
    /// The status with wrong ones.
    pub wrong: u16,
    /// The status for who owns the ids.
    pub owner: u16,
    /// The status for who does not. 200 where the request names no id: it is a list of one's own then.
    pub stranger: u16,
    /// Whether it is the same for everyone.
    pub is_common: bool,
}

const YETI: &str = "/api/rest/customer/v1";
const JSON_API: &str = "application/vnd.api+json";

/// A sample for each route.
pub fn samples() -> Vec<Sample> {
    let vonage =
        ["", "/t/vbc.prod/telephony/v3"].into_iter().flat_map(vonage).chain(reports()).chain(integration());
    yeti()
        .into_iter()
        .chain(reference())
        .chain(vonage)
        .chain(hostedsuite())
        .chain(native())
        .chain(console())
        .collect()
}

fn sample(method: Method, path: String, (owner, stranger): (u16, u16)) -> Sample {
    Sample {
        method,
        path,
        id: "export",
        query: "",
        body: |_| None,
        nobody: 401,
        wrong: 401,
        owner,
        stranger,
        is_common: false,
    }
}

fn yeti() -> Vec<Sample> {
    let get = |path: &str, statuses| sample(Method::GET, format!("{YETI}{path}"), statuses);
    let post = |path: &str, statuses| sample(Method::POST, format!("{YETI}{path}"), statuses);
    let report = "account-id={uuid}&from-time=2026-01-02";
    let statistics = "account-id={uuid}&from-time=2026-01-02&sampling=minute";
    let cdrs = ["/cdrs", "/incoming-cdrs"].into_iter().flat_map(move |list| {
        let one = move |rest: &str, statuses| Sample {
            id: "cdr",
            ..get(&format!("{list}/{{id}}{rest}"), statuses)
        };
        [
            Sample { query: "include=account", ..get(list, (200, 200)) },
            one("", (200, 404)),
            one("/account", (200, 404)),
            one("/relationships/account", (200, 404)),
            // Nothing was recorded.
            one("/rec", (404, 404)),
        ]
    });
    let others = vec![
        get("/auth", (200, 200)),
        get("/accounts", (200, 200)),
        Sample { id: "uuid", ..get("/accounts/{id}", (200, 404)) },
        Sample {
            body: |of| Some(document("chart-active-calls", of)),
            ..post("/chart-active-calls", (201, 422))
        },
        Sample {
            body: |of| Some(document("chart-originated-cps", of)),
            ..post("/chart-originated-cps", (201, 422))
        },
        Sample { query: report, ..get("/origination-active-calls", (200, 400)) },
        Sample { query: report, ..get("/termination-active-calls", (200, 400)) },
        Sample { query: "account-id={uuid}", ..get("/outgoing-active-calls", (200, 400)) },
        Sample { query: statistics, ..get("/origination-statistics", (200, 400)) },
        Sample { query: statistics, ..get("/termination-statistics", (200, 400)) },
        Sample { query: statistics, ..get("/origination-statistics-quality", (200, 400)) },
        Sample { query: statistics, ..get("/termination-statistics-quality", (200, 400)) },
        Sample { body: |of| Some(document("cdr-exports", of)), ..post("/cdr-exports", (201, 422)) },
        Sample { query: "include=account", ..get("/cdr-exports", (200, 200)) },
        get("/cdr-exports/{id}", (200, 404)),
        sample(Method::DELETE, format!("{YETI}/cdr-exports/{{id}}"), (204, 404)),
        get("/cdr-exports/{id}/account", (200, 404)),
        get("/cdr-exports/{id}/relationships/account", (200, 404)),
        get("/cdr-exports/{id}/download", (200, 404)),
        get("/rateplans", (200, 200)),
        Sample { id: "rateplan", ..get("/rateplans/{id}", (200, 404)) },
        get("/rates", (200, 200)),
        Sample { id: "rate", ..get("/rates/{id}", (200, 404)) },
        Sample { body: |of| Some(question(of)), ..post("/check-rate", (201, 422)) },
        Sample { is_common: true, ..get("/profiles", (200, 200)) },
        // There is no gateway.
        Sample { is_common: true, ..post("/call-auth", (500, 500)) },
        get("/invoices", (200, 200)),
        Sample { id: "invoice", ..get("/invoices/{id}", (200, 404)) },
        Sample { id: "invoice", ..get("/invoices/{id}/account", (200, 404)) },
        Sample { id: "invoice", ..get("/invoices/{id}/relationships/account", (200, 404)) },
        Sample { id: "invoice", ..get("/invoices/{id}/download", (200, 404)) },
        get("/payments", (200, 200)),
        Sample { id: "payment", ..get("/payments/{id}", (200, 404)) },
        Sample { id: "payment", ..get("/payments/{id}/account", (200, 404)) },
        Sample { id: "payment", ..get("/payments/{id}/relationships/account", (200, 404)) },
        get("/services", (200, 200)),
        Sample { id: "service", query: "include=transactions", ..get("/services/{id}", (200, 404)) },
        Sample { id: "service", ..get("/services/{id}/account", (200, 404)) },
        Sample { id: "service", ..get("/services/{id}/relationships/account", (200, 404)) },
        Sample { id: "service", ..get("/services/{id}/transactions", (200, 404)) },
        Sample { id: "service", ..get("/services/{id}/relationships/transactions", (200, 404)) },
        get("/transactions", (200, 200)),
        Sample { id: "transaction", query: "include=service", ..get("/transactions/{id}", (200, 404)) },
        Sample { id: "transaction", ..get("/transactions/{id}/account", (200, 404)) },
        Sample { id: "transaction", ..get("/transactions/{id}/relationships/account", (200, 404)) },
        Sample { id: "transaction", ..get("/transactions/{id}/service", (200, 404)) },
        Sample { id: "transaction", ..get("/transactions/{id}/relationships/service", (200, 404)) },
        // There is no phone system to log in to.
        Sample {
            is_common: true,
            body: |of| Some(session(of)),
            ..post("/phone-systems-sessions", (422, 422))
        },
        get("/outgoing-numberlists", (200, 200)),
        Sample { id: "list", ..get("/outgoing-numberlists/{id}", (200, 404)) },
        get("/outgoing-numberlist-items", (200, 200)),
        Sample { body: |of| Some(item(of, false)), ..post("/outgoing-numberlist-items", (201, 422)) },
        Sample { id: "item", ..get("/outgoing-numberlist-items/{id}", (200, 404)) },
        Sample { id: "item", ..get("/outgoing-numberlist-items/{id}/outgoing-numberlist", (200, 404)) },
        Sample {
            id: "item",
            ..get("/outgoing-numberlist-items/{id}/relationships/outgoing-numberlist", (200, 404))
        },
        Sample {
            id: "item",
            body: |of| Some(item(of, true)),
            ..sample(Method::PATCH, format!("{YETI}/outgoing-numberlist-items/{{id}}"), (200, 404))
        },
        Sample {
            id: "item",
            ..sample(Method::DELETE, format!("{YETI}/outgoing-numberlist-items/{{id}}"), (204, 404))
        },
    ];
    cdrs.chain(others).collect()
}

/// What Yeti's customers all see the same.
fn reference() -> Vec<Sample> {
    let types = [
        ("country", "countries", None),
        ("network-type", "network-types", None),
        ("network", "networks", Some("network-type")),
        ("network-prefix", "network-prefixes", Some("network")),
    ];
    let paths = types.into_iter().flat_map(|(id, kind, related)| {
        let parts = related.map(|name| [format!("/{{id}}/{name}"), format!("/{{id}}/relationships/{name}")]);
        let parts = parts.into_iter().flatten().chain(["".to_owned(), "/{id}".to_owned()]);
        parts.map(move |part| (id, format!("{YETI}/{kind}{part}")))
    });
    let sample = |(id, path)| Sample { id, is_common: true, ..sample(Method::GET, path, (200, 200)) };
    paths.map(sample).collect()
}

/// A new item, or a change of the one that is there.
fn item(of: &Estate, is_there: bool) -> Value {
    let list = json!({ "data": { "type": "outgoing-numberlists", "id": of.list } });
    let attributes = json!({ "key": "33" });
    let mut data = json!({ "type": "outgoing-numberlist-items", "attributes": attributes });
    if is_there {
        data["id"] = json!(of.item);
    } else {
        data["relationships"] = json!({ "outgoing-numberlist": list });
    }
    json!({ "data": data })
}

fn session(of: &Estate) -> Value {
    json!({ "data": { "type": "phone-systems-sessions", "attributes": { "service": of.service } } })
}

fn question(of: &Estate) -> Value {
    let attributes = json!({ "rateplan-id": of.rateplan, "number": "49" });
    json!({ "data": { "type": "check-rates", "attributes": attributes } })
}

fn document(kind: &str, of: &Estate) -> Value {
    let filters = json!({ "time_start_gteq": "2026-01-01", "time_start_lt": "2026-01-03" });
    let attributes = if kind == "cdr-exports" { json!({ "filters": filters }) } else { json!({}) };
    let account = json!({ "data": { "type": "accounts", "id": of.uuid } });
    json!({ "data": { "type": kind, "attributes": attributes, "relationships": { "account": account } } })
}

fn vonage(mount: &str) -> Vec<Sample> {
    let calls = format!("{mount}/cc/accounts/{{account}}/calls");
    let devices = format!("{mount}/registration/accounts/{{account}}/devices");
    let statuses = (200, 401);
    let at = |method, rest: &str| sample(method, format!("{calls}{rest}"), statuses);
    vec![
        at(Method::GET, ""),
        Sample { body: |of| Some(click_to_dial(of)), ..at(Method::POST, "") },
        at(Method::GET, "/{call}"),
        Sample { body: |of| Some(answer(of)), ..at(Method::PUT, "/{call}") },
        at(Method::DELETE, "/{call}"),
        at(Method::GET, "/{call}/legs"),
        at(Method::GET, "/{call}/legs/{leg}"),
        Sample { body: |_| Some(json!({ "state": "active" })), ..at(Method::PUT, "/{call}/legs/{leg}") },
        Sample { owner: 204, ..at(Method::DELETE, "/{call}/legs/{leg}") },
        sample(Method::GET, devices.clone(), statuses),
        sample(Method::GET, format!("{devices}/{{device}}"), statuses),
    ]
}

fn reports() -> Vec<Sample> {
    let query = "start:gte=2026-01-02%2000:00:00&start:lte=2026-01-03%2000:00:00";
    let paths = ["/t/vbc.prod/reports", "/t/vbc.prod/reports/v1"];
    let path = |mount| format!("{mount}/accounts/{{account}}/call-logs");
    paths.map(|mount| Sample { query, ..sample(Method::GET, path(mount), (200, 401)) }).into()
}

fn integration() -> Vec<Sample> {
    let at =
        |method, rest: &str, statuses| sample(method, format!("/t/vbc.prod/vis/v1/self/{rest}"), statuses);
    let body = |_: &Estate| Some(json!({ "url": "https://example.org/", "events": ["CALL"] }));
    vec![
        at(Method::GET, "events", (200, 200)),
        at(Method::GET, "events/{event}", (200, 404)),
        at(Method::GET, "webhooks", (200, 200)),
        Sample { body, ..at(Method::POST, "webhooks", (201, 201)) },
        at(Method::GET, "webhooks/{webhook}", (200, 404)),
        at(Method::PUT, "webhooks/{webhook}/renew", (200, 404)),
        at(Method::DELETE, "webhooks/{webhook}", (204, 404)),
    ]
}

fn click_to_dial(of: &Estate) -> Value {
    let from = json!({ "type": "extension", "destination": of.extension });
    json!({ "type": "click2dial", "from": from, "to": { "type": "pstn", "destination": "+15005550006" } })
}

fn answer(of: &Estate) -> Value {
    json!({ "state": "active", "to": { "type": "extension", "destination": of.extension } })
}

/// Without credentials, the members of the body that hold them are missing: 400.
fn hostedsuite() -> Vec<Sample> {
    let own = OPERATIONS.iter().map(|operation| (operation.method.method(), operation.full_path()));
    let named = ["/api/{operation}", "/api/json/reply/{operation}"];
    let named = named.map(|path| (Method::POST, path.to_owned()));
    let samples = own.chain(named).map(|(method, path)| match path.as_str() {
        "/api/calls/update" => Sample {
            body: |of| Some(json!({ "Id": of.ended, "Notes": "new" })),
            ..sample(method, path, (200, 404))
        },
        _ => sample(method, path, (200, 200)),
    });
    samples.map(|sample| Sample { nobody: 400, ..sample }).collect()
}

fn native() -> Vec<Sample> {
    let of_call = |method| sample(method, "/v1/calls/{call}/annotations".to_owned(), (200, 404));
    let of_mailbox = |method| sample(method, "/v1/mailboxes/{extension}".to_owned(), (200, 404));
    let of_hook = |method, rest: &str| sample(method, format!("/v1/webhooks/{{hook}}{rest}"), (200, 404));
    vec![
        // Of a call that is not theirs a stranger is told that there is none, as of anything that a tool is asked for.
        Sample { body: |of| Some(mcp(of)), ..sample(Method::POST, "/mcp".to_owned(), (200, 200)) },
        sample(Method::GET, "/v1/events".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/audit/own".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/webhooks".to_owned(), (200, 200)),
        Sample {
            body: |_| Some(json!({ "url": "https://example.org/" })),
            ..sample(Method::POST, "/v1/webhooks".to_owned(), (201, 201))
        },
        of_hook(Method::GET, ""),
        Sample { owner: 204, ..of_hook(Method::DELETE, "") },
        of_hook(Method::POST, "/pause"),
        of_hook(Method::POST, "/resume"),
        Sample { body: |_| Some(json!({ "secret": "ed25519" })), ..of_hook(Method::POST, "/secret") },
        of_hook(Method::GET, "/dead-letters"),
        // Nothing was refused.
        Sample { owner: 404, ..of_hook(Method::POST, "/dead-letters/{number}") },
        of_mailbox(Method::GET),
        Sample { body: |_| Some(json!({ "new": 2 })), ..of_mailbox(Method::PUT) },
        sample(Method::GET, "/v1/calls".to_owned(), (200, 200)),
        // To a stranger the extension is some number outside.
        Sample {
            body: |of| Some(json!({ "from": of.extension, "to": "+15005550006" })),
            ..sample(Method::POST, "/v1/calls".to_owned(), (201, 201))
        },
        Sample {
            body: |_| Some(json!({ "dry_run": true })),
            ..sample(Method::POST, "/v1/calls/hang-up".to_owned(), (200, 200))
        },
        sample(Method::GET, "/v1/calls/{call}".to_owned(), (200, 404)),
        sample(Method::DELETE, "/v1/calls/{call}".to_owned(), (200, 404)),
        sample(Method::POST, "/v1/calls/{call}/legs/{leg}/{verb}".to_owned(), (200, 404)),
        sample(Method::GET, "/v1/devices".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/trunks".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/history".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/series".to_owned(), (200, 200)),
        sample(Method::GET, "/v1/balance".to_owned(), (200, 200)),
        of_call(Method::GET),
        Sample { body: |_| Some(json!({ "notes": "Somebody called" })), ..of_call(Method::POST) },
    ]
}

fn mcp(of: &Estate) -> Value {
    let parameters = json!({ "name": "get_call", "arguments": { "call": of.ended } });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": parameters })
}

/// Whoever is not signed in is led to where one signs in.
fn console() -> Vec<Sample> {
    let get = |path: &str, statuses| sample(Method::GET, format!("/console{path}"), statuses);
    let post = |path: &str, statuses| sample(Method::POST, format!("/console{path}"), statuses);
    let samples = vec![
        get("", (200, 200)),
        get("/live", (200, 200)),
        get("/calls/{call}", (200, 404)),
        // Nothing was recorded.
        get("/calls/{call}/recordings/{recording}", (404, 404)),
        Sample {
            body: |_| Some(json!({ "notes": "Somebody called" })),
            ..post("/calls/{call}/notes", (303, 404))
        },
        post("/calls/{call}/hang-up", (303, 404)),
        Sample { body: |_| Some(json!({ "verb": "hold" })), ..post("/calls/{call}/legs/{leg}", (303, 404)) },
        get("/history", (200, 200)),
        get("/exports", (200, 200)),
        Sample { body: |_| Some(json!({ "search": "last=day" })), ..post("/exports", (303, 303)) },
        post("/exports/{export}/delete", (303, 404)),
        get("/exports/{export}/file", (200, 404)),
        get("/charts", (200, 200)),
        get("/charts.csv", (200, 200)),
        get("/phones", (200, 200)),
        get("/directory", (200, 200)),
        get("/audit", (200, 200)),
        get("/audit.csv", (200, 200)),
        // They do not come from the operator's networks.
        Sample { is_common: true, ..get("/directory/file", (403, 403)) },
        Sample { is_common: true, ..post("/directory/file", (403, 403)) },
        Sample { is_common: true, ..post("/directory/preview", (403, 403)) },
        Sample { is_common: true, ..post("/directory/apply", (403, 403)) },
        Sample { is_common: true, ..get("/health", (403, 403)) },
        Sample { is_common: true, ..post("/blocks/lift", (403, 403)) },
    ];
    let of_phone = [(Method::GET, "/phone"), (Method::POST, "/phone/settings")];
    let of_phone = of_phone.map(|(method, path)| sample(method, path.to_owned(), (200, 200)));
    let samples = samples.into_iter().chain(of_phone);
    samples.map(|sample| Sample { nobody: 303, wrong: 303, ..sample }).collect()
}

impl Sample {
    /// Sends a page's request, or one of its forms.
    async fn ask_console(&self, world: &World, credentials: Credentials<'_>, ids: &Estate) -> Answer {
        let place = self.place(ids);
        let login = match credentials {
            Credentials::None => return world.server.request(self.method.clone(), &place).send().await,
            Credentials::Wrong => {
                let asking = world.server.request(self.method.clone(), &place);
                return asking.header("cookie", "trunkline_console=wrong").send().await;
            }
            Credentials::Of(estate) => estate.login,
            Credentials::Looking(_) => "sue",
        };
        let person = world.server.sign_in(login).await;
        if self.method == Method::GET {
            return person.page(&place).await;
        }
        let body = (self.body)(ids).unwrap_or_default();
        let fields = body.as_object().into_iter().flatten();
        let fields: Vec<_> = fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        person.sends(&place, &fields).await
    }

    /// Sends it with credentials, for the ids of an estate. What is answered must be what the description of the route
    /// says.
    pub async fn ask(&self, world: &World, credentials: Credentials<'_>, ids: &Estate) -> Answer {
        let answer = self.send(world, credentials, ids).await;
        crate::openapi::check_status(&self.method, &self.path, answer.status);
        answer
    }

    async fn send(&self, world: &World, credentials: Credentials<'_>, ids: &Estate) -> Answer {
        if self.is_page() {
            return self.ask_console(world, credentials, ids).await;
        }
        let mut asking = world.server.request(self.method.clone(), &self.place(ids));
        let mut body = (self.body)(ids);
        if self.path.starts_with(YETI) {
            asking = asking.header("content-type", JSON_API).header("authorization", &credentials.jwt(world));
        } else if self.path.starts_with("/api") {
            body = Some(credentials.members_over(body));
            asking = asking.header("content-type", "application/json");
        } else {
            asking = asking
                .header("content-type", "application/json")
                .header("authorization", credentials.bearer());
        }
        asking.body(body.map(|body| body.to_string()).unwrap_or_default()).await
    }

    /// Whether it is one of the console's or of the phone in the browser, for somebody who is signed in.
    pub fn is_page(&self) -> bool {
        self.path.starts_with("/console") || self.path.starts_with("/phone")
    }

    /// All that it sends of an estate.
    pub fn sent(&self, ids: &Estate) -> String {
        format!("{} {}", self.place(ids), (self.body)(ids).unwrap_or_default())
    }

    fn place(&self, ids: &Estate) -> String {
        let place =
            if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        let place = place.replace("{id}", &format!("{{{}}}", self.id));
        ids.names().iter().fold(place, |place, (name, value)| place.replace(&format!("{{{name}}}"), value))
    }
}

impl Credentials<'_> {
    fn jwt(self, world: &World) -> String {
        let directory = world.server.directory();
        let known = |login| directory.user_by_login(login).unwrap().clone();
        let user = match self {
            Self::None => return String::new(),
            Self::Wrong => User { password_hash: "another".into(), ..known("ann") },
            Self::Of(estate) => known(estate.login),
            Self::Looking(_) => known("sue"),
        };
        issue(&world.server.config.yeti, &Holder::user(user), world.server.app.now()).text
    }

    fn bearer(&self) -> &str {
        match self {
            Self::None => "",
            Self::Wrong => "Bearer wrong",
            Self::Of(estate) => estate.bearer,
            Self::Looking(bearer) => bearer,
        }
    }

    /// The members of a body with these credentials.
    fn members_over(self, body: Option<Value>) -> Value {
        let mut members = body.unwrap_or_else(|| json!({}));
        for (name, value) in self.members().as_object().into_iter().flatten() {
            members[name] = value.clone();
        }
        members
    }

    fn members(self) -> Value {
        let members = |customer, login, password| json!({ "CustomerName": customer, "UserName": login, "Password": password });
        match self {
            Self::None => json!({}),
            Self::Wrong => members("Acme", "ann", "wrong"),
            Self::Of(estate) => members(estate.customer, estate.login, PASSWORD),
            Self::Looking(_) => members("Acme", "sue", PASSWORD),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
