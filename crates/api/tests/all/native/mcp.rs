//! `/mcp`: what a model can ask and do.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use call::AccountId;
use directory::model::{Area, Role, Scope};
use http_core::{Rights, config::StaticToken};
use serde_json::{Value, json};

use crate::harness::{Answer, NOW, Server, Talk};

const OFFICE: &str = "acme-office";
/// One who may look, and one who may see live calls alone.
const VIEWER: &str = "acme-viewer";
const NARROW: &str = "acme-narrow";
const OTHER: &str = "globex-office";

async fn start() -> Server {
    let of = |account, token: &str| StaticToken::of(token, AccountId(account));
    let viewer = Rights { role: Role::Viewer, scope: Scope::ALL };
    let narrow = Rights { scope: Scope::of(&[Area::Calls]), ..Rights::ALL };
    let tokens = vec![
        of(1001, OFFICE),
        StaticToken { rights: viewer, ..of(1001, VIEWER) },
        StaticToken { rights: narrow, ..of(1001, NARROW) },
        of(2001, OTHER),
    ];
    Server::start_with(|config| config.http.tokens = tokens.into()).await
}

async fn send(server: &Server, token: &str, message: Value) -> Answer {
    let asking = server.request(Method::POST, "/mcp").header("authorization", &format!("Bearer {token}"));
    asking.header("content-type", "application/json").body(message.to_string()).await
}

async fn ask(server: &Server, token: &str, method: &str, parameters: Value) -> Value {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": parameters });
    let answer = send(server, token, message).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer = answer.json();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
    answer
}

async fn call(server: &Server, token: &str, tool: &str, arguments: Value) -> Value {
    ask(server, token, "tools/call", json!({ "name": tool, "arguments": arguments })).await["result"].clone()
}

/// What a tool that did not fail has found.
async fn found(server: &Server, tool: &str, arguments: Value) -> Value {
    let result = call(server, OFFICE, tool, arguments).await;
    assert_eq!(result["isError"], false, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
    result["structuredContent"].clone()
}

fn talk(minutes: u64) -> Talk {
    Talk {
        began_at: NOW - Duration::from_secs(60 * minutes),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    }
}

async fn names(server: &Server, token: &str) -> Vec<String> {
    let tools = ask(server, token, "tools/list", json!({})).await["result"]["tools"].clone();
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_client_is_welcomed_in_the_revision_that_it_speaks() {
    let server = start().await;
    let hello = |revision| json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": {} });
    for (asked, spoken) in [("2025-06-18", "2025-06-18"), ("2031-01-01", "2025-11-25")] {
        let welcome = ask(&server, OFFICE, "initialize", hello(asked)).await["result"].clone();
        assert_eq!(welcome["protocolVersion"], spoken);
        assert!(welcome["capabilities"]["tools"].is_object(), "{welcome}");
    }
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let answer = send(&server, OFFICE, told).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::ACCEPTED, 0));
    assert_eq!(ask(&server, OFFICE, "ping", json!({})).await["result"], json!({}));
    assert_eq!(ask(&server, OFFICE, "resources/list", json!({})).await["error"]["code"], -32601);
}

#[tokio::test]
async fn a_client_may_name_the_revision_in_each_request_instead() {
    let server = start().await;
    let own = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let send = |method: &'static str, named: &'static str, more: Value| {
        let mut parameters = more;
        parameters["_meta"] = own.clone();
        let asking = server.request(Method::POST, "/mcp").header("authorization", "Bearer acme-office");
        let asking = asking.header("content-type", "application/json").header("mcp-method", named);
        let asking = asking.header("mcp-protocol-version", "2026-07-28").header("mcp-name", "live_calls");
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        asking.body(message.to_string())
    };
    let found = send("server/discover", "server/discover", json!({})).await.json()["result"].clone();
    assert_eq!(
        (&found["resultType"], &found["supportedVersions"][0]),
        (&json!("complete"), &json!("2026-07-28"))
    );
    let tools = send("tools/list", "tools/list", json!({})).await.json()["result"].clone();
    assert_eq!((tools["tools"].as_array().unwrap().len(), &tools["cacheScope"]), (7, &json!("private")));
    let called = send("tools/call", "tools/call", json!({ "name": "live_calls" })).await.json();
    assert_eq!(called["result"]["structuredContent"]["count"], 0, "{called}");
    for (method, named, name, expected) in [
        ("tools/call", "tools/call", "get_call", (400, -32020)),
        ("tools/list", "tools/call", "", (400, -32020)),
        ("ping", "ping", "", (404, -32601)),
    ] {
        let refused = send(method, named, json!({ "name": name })).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["code"].as_i64()),
            (expected.0, Some(expected.1))
        );
    }
}

#[tokio::test]
async fn tools_are_those_that_the_credentials_are_good_for() {
    let server = start().await;
    let looking = ["search_calls", "get_call", "live_calls", "active_calls_over_time", "cost_of_number"];
    assert_eq!(names(&server, OFFICE).await, [&looking[..], &["hang_up_call", "place_call"]].concat());
    assert_eq!(names(&server, VIEWER).await, looking);
    assert_eq!(names(&server, NARROW).await, ["get_call", "live_calls"]);
    for (token, tool) in [(VIEWER, "hang_up_call"), (NARROW, "search_calls"), (NARROW, "place_call")] {
        let refused = call(&server, token, tool, json!({ "call": "x", "from": "101", "to": "102" })).await;
        let told = refused["content"][0]["text"].as_str().unwrap();
        assert!(refused["isError"] == true && told.contains("\"forbidden\""), "{refused}");
    }
}

#[tokio::test]
async fn calls_are_found_counted_priced_placed_and_ended() {
    let server = start().await;
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let over = server.talked_call(phone.clone(), outside.clone(), talk(30)).await;
    let live = server.live_call(phone, outside, talk(1)).await;
    let finished = found(&server, "search_calls", json!({ "called": "4155550199", "count": true })).await;
    assert_eq!((&finished["count"], &finished["calls"][0]["id"]), (&json!(1), &json!(over.id().to_string())));
    let one = found(&server, "get_call", json!({ "call": live.id().to_string() })).await;
    assert_eq!(one["state"], "talking");
    let now = found(&server, "live_calls", json!({ "group_by": "direction" })).await;
    assert_eq!((&now["count"], &now["groups"][0]["group"]), (&json!(1), &json!("outbound")));
    let series =
        found(&server, "active_calls_over_time", json!({ "step": 3600, "from": "2026-01-02T11:00:00Z" }))
            .await;
    assert_eq!(series["peaks"], json!([1, 1]));
    let cost = found(&server, "cost_of_number", json!({ "number": "+14155550199", "seconds": 60 })).await;
    assert_eq!(cost["seconds"], 60, "{cost}");
    assert!(cost["price"].as_str().unwrap().parse::<f64>().unwrap() > 0.0, "{cost}");
    let ended = found(&server, "hang_up_call", json!({ "call": live.id().to_string() })).await;
    assert_eq!(ended, json!({ "outcome": "done" }));
    server.until(|registry| registry.has_ended(live.id())).await;
    let placed = found(&server, "place_call", json!({ "from": "101", "to": "+14155550199" })).await;
    let again = found(&server, "get_call", json!({ "call": placed["call"] })).await;
    assert_eq!(again["to"]["number"].as_str().or(again["to"].as_str()), Some("+14155550199"), "{again}");
    let trail = server
        .request(Method::GET, "/v1/audit/own")
        .header("authorization", "Bearer acme-office")
        .send()
        .await
        .json();
    let entries = trail["entries"].as_array().unwrap();
    let of_tools: Vec<_> = entries.iter().filter(|entry| entry["entry"] == "POST /mcp").collect();
    assert_eq!(of_tools.len(), 2, "what was read is not noted: {trail:#}");
    assert!(of_tools[0]["after"].as_str().unwrap().contains("place_call"), "{trail:#}");
}

#[tokio::test]
async fn what_cannot_be_is_told_as_the_tools_failure_and_nobody_sees_calls_of_others() {
    let server = start().await;
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let live = server.live_call(phone, outside, talk(1)).await;
    for (token, tool, arguments, told) in [
        (OTHER, "get_call", json!({ "call": live.id().to_string() }), "no such call"),
        (OTHER, "hang_up_call", json!({ "call": live.id().to_string() }), "no such call"),
        (OFFICE, "get_call", json!({}), "\"field\":\"call\""),
        (OFFICE, "search_calls", json!({ "limit": 0 }), "\"field\":\"limit\""),
        (OFFICE, "search_calls", json!({ "shoe": 1 }), "\"field\":\"shoe\""),
        (OFFICE, "cost_of_number", json!({ "number": "+1", "shoe": 1 }), "\"field\":\"shoe\""),
        (OFFICE, "cost_of_number", json!({ "number": "+1", "seconds": -1 }), "\"field\":\"seconds\""),
        (OFFICE, "live_calls", json!({ "state": ["talking"] }), "\"field\":\"state\""),
        (OFFICE, "place_call", json!({ "from": "101" }), "\"field\":\"to\""),
    ] {
        let result = call(&server, token, tool, arguments.clone()).await;
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(result["isError"] == true && text.contains(told), "{tool} {arguments}: {result}");
    }
    let unknown = ask(&server, OFFICE, "tools/call", json!({ "name": "fly" })).await;
    assert_eq!(unknown["error"]["code"], -32602);
    assert!(server.app.live.snapshot().get(live.id()).is_some());
}

#[tokio::test]
async fn what_is_no_message_or_not_from_here_is_refused() {
    let server = start().await;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }).to_string();
    let asking = |headers: &[(&str, &str)]| {
        let asking = server.request(Method::POST, "/mcp").header("content-type", "application/json");
        let asking = asking.header("authorization", "Bearer acme-office");
        headers.iter().fold(asking, |asking, (name, value)| asking.header(name, value))
    };
    assert_eq!(asking(&[("origin", "https://elsewhere.example")]).body(ping.clone()).await.status, 403);
    let strange = asking(&[("mcp-protocol-version", "1999-01-01")]).body(ping.clone()).await;
    assert_eq!((strange.status.as_u16(), &strange.json()["error"]["code"]), (400, &json!(-32022)));
    assert_eq!(strange.json()["error"]["data"]["supported"][0], "2026-07-28");
    assert_eq!(asking(&[("mcp-protocol-version", "2025-06-18")]).body(ping.clone()).await.status, 200);
    assert_eq!(asking(&[]).body("[]".to_owned()).await.status, 400);
    let odd = send(&server, OFFICE, json!({ "id": 3, "method": "ping" })).await;
    assert_eq!((odd.status.as_u16(), &odd.json()["error"]["code"]), (400, &json!(-32600)));
    assert_eq!(send(&server, "nobody", json!({})).await.status, 401);
    assert_eq!(server.request(Method::GET, "/mcp").send().await.status, 405);
}
