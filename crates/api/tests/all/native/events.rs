//! `/v1/events`.

use std::{net::SocketAddr, time::Duration};

use call::{AccountId, event::Side};
use futures_util::StreamExt;
use http_core::config::StaticToken;
use serde_json::Value;
use switch::simulated::SimulatedCall;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
};
use tokio_tungstenite::{client_async, tungstenite::client::IntoClientRequest};

use crate::harness::{Answer, NOW, Server, Talk};

const TOKENS: [(u32, &str); 3] = [(1001, "acme-office"), (1002, "acme-shop"), (2001, "globex-office")];
const OFFICE: &str = "acme-office";

async fn start() -> Server {
    let token = |(account, token): (u32, &str)| StaticToken::of(token, AccountId(account));
    Server::start_with(|config| config.http.tokens = TOKENS.map(token).to_vec().into()).await
}

fn talk() -> Talk {
    Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    }
}

/// A call of Acme's office to the outside that is over.
async fn finished(server: &Server) -> SimulatedCall {
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(phone, outside, talk()).await
}

async fn ask(server: &Server, token: &str, query: &str) -> Answer {
    let path = format!("/v1/events?{query}");
    server.get(&path).header("authorization", &format!("Bearer {token}")).send().await
}

fn types(page: &Value) -> Vec<&str> {
    let events = page["events"].as_array().unwrap().iter();
    events.map(|event| event["type"].as_str().unwrap().strip_prefix("trunkline.").unwrap()).collect()
}

fn ids(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect()
}

/// A reader of Server-Sent Events.
struct Stream(Lines<BufReader<TcpStream>>);

#[derive(Debug, PartialEq)]
struct Sent {
    id: String,
    event: String,
    data: Value,
}

impl Stream {
    async fn open(address: SocketAddr, query: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET /v1/events?{query} HTTP/1.1\r\nHost: example.org\r\nAccept: text/event-stream\r\n\
             Authorization: Bearer {OFFICE}\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "HTTP/1.1 200 OK");
        Self(lines)
    }

    async fn next(&mut self) -> Sent {
        let mut sent = Sent { id: String::new(), event: String::new(), data: Value::Null };
        loop {
            let line = tokio::time::timeout(Duration::from_secs(20), self.0.next_line()).await;
            let line = line.expect("it says nothing").unwrap().expect("it ended");
            match line.split_once(": ") {
                Some(("id", id)) => sent.id = id.to_owned(),
                Some(("event", event)) => sent.event = event.to_owned(),
                Some(("data", data)) => sent.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && !sent.data.is_null() => return sent,
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_page_tells_what_happened_to_a_call_in_order_and_where_to_go_on() {
    let server = start().await;
    let call = finished(&server).await;
    let page = ask(&server, OFFICE, "").await.json();
    let expected = [
        "call.started",
        "leg.offered",
        "call.routed",
        "leg.offered",
        "leg.ringing",
        "leg.answered",
        "leg.answered",
        "leg.bridged",
        "leg.ended",
        "leg.ended",
    ];
    assert_eq!(types(&page), expected, "{page:#}");
    let numbers: Vec<_> = (1..=expected.len()).map(|number| number.to_string()).collect();
    assert_eq!(ids(&page), numbers);
    assert_eq!((&page["next"], &page["is_last"], &page["gap"]), (&"10".into(), &true.into(), &Value::Null));
    let first = &page["events"][0];
    assert_eq!(first["specversion"], "1.0");
    assert_eq!(first["subject"], call.id().to_string());
    assert_eq!(first["time"], "2026-01-02T11:50:00.000000Z");
    assert_eq!(first["data"]["accounts"], serde_json::json!([1001]));
    assert_eq!(first["data"]["dialed"], "+14155550199");
    let second = ask(&server, OFFICE, "after=3&limit=2").await.json();
    assert_eq!(
        (ids(&second), &second["next"], &second["is_last"]),
        (vec!["4", "5"], &"5".into(), &false.into())
    );
}

#[tokio::test]
async fn filters_give_what_they_name() {
    let server = start().await;
    let call = finished(&server).await;
    let other = finished(&server).await;
    let of_call = ask(&server, OFFICE, &format!("call={}&type=leg.answered", call.id())).await.json();
    assert_eq!(types(&of_call), ["leg.answered"; 2]);
    assert!(of_call["events"][0]["subject"] == call.id().to_string() && call.id() != other.id());
    let of_phone = ask(&server, OFFICE, "extension=101&type=leg").await.json();
    let of_trunk = ask(&server, OFFICE, "trunk=1&type=leg.ringing,leg.offered").await.json();
    assert!(!types(&of_phone).is_empty() && types(&of_phone).iter().all(|kind| kind.starts_with("leg.")));
    assert_eq!(types(&of_trunk), ["leg.offered", "leg.ringing", "leg.offered", "leg.ringing"]);
    assert_eq!(types(&ask(&server, OFFICE, "account=1001&type=call.started").await.json()).len(), 2);
}

#[tokio::test]
async fn what_is_asked_wrongly_is_named() {
    let server = start().await;
    for (query, field) in [
        ("after=x", "after"),
        ("account=2001", "account"),
        ("call=1", "call"),
        ("trunk=a", "trunk"),
        ("type=leg.flown", "type"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("color=red", "color"),
    ] {
        let answer = ask(&server, OFFICE, query).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &field.into()), "{query}");
    }
    assert_eq!(ask(&server, OFFICE, "extension=999").await.status, 404);
    assert_eq!(ask(&server, "nobody", "").await.status, 401);
}

#[tokio::test]
async fn nobody_sees_events_of_others_nor_the_other_sides_facts() {
    let server = start().await;
    finished(&server).await;
    for stranger in ["acme-shop", "globex-office"] {
        let page = ask(&server, stranger, "").await.json();
        assert_eq!((types(&page).len(), &page["next"]), (0, &"10".into()), "{stranger}");
    }
    let (caller, called) = (server.phone("acme-101"), server.phone("globex-201"));
    server.talked_call(caller, called, talk()).await;
    let page = ask(&server, "globex-office", "").await;
    let seen = page.json();
    assert!(types(&seen).contains(&"call.routed") && !types(&seen).contains(&"call.started"), "{seen:#}");
    for hidden in ["acme", "Acme", "1001"] {
        assert!(!page.text().contains(hidden), "{hidden} in {seen:#}");
    }
}

#[tokio::test]
async fn a_stream_tells_what_happens_and_goes_on_where_its_reader_was() {
    let server = start().await;
    let address = server.serve().await;
    finished(&server).await;
    let mut from_now = Stream::open(address, "type=call", "").await;
    finished(&server).await;
    let first = from_now.next().await;
    assert_eq!((&*first.id, &*first.event), ("11", "call.started"));
    assert_eq!(first.data["type"], "trunkline.call.started");
    drop(from_now);
    let mut again =
        Stream::open(address, "type=call&after=3", &format!("Last-Event-ID: {}\r\n", first.id)).await;
    assert_eq!(again.next().await.event, "call.routed");
    let all = ask(&server, OFFICE, "").await.json();
    let mut whole = Stream::open(address, "after=0", "").await;
    for id in ids(&all) {
        assert_eq!(whole.next().await.id, id);
    }
}

#[tokio::test]
async fn after_a_restart_numbers_go_on_and_what_is_not_there_is_a_gap() {
    let server = start().await;
    finished(&server).await;
    let before = ask(&server, OFFICE, "").await.json();
    let server = server.restart_after(Duration::from_secs(60)).await;
    assert_eq!(ask(&server, OFFICE, "").await.json(), before);
    let address = server.serve().await;
    let mut reader = Stream::open(address, "after=500", "").await;
    let gap = reader.next().await;
    assert_eq!((&*gap.event, &*gap.id), ("gap", "500"));
    assert_eq!((&gap.data["data"]["from"], &gap.data["data"]["through"]), (&11.into(), &500.into()));
    finished(&server).await;
    assert_eq!(reader.next().await.id, "11");
}

#[tokio::test]
async fn a_websocket_tells_the_same() {
    let server = start().await;
    let address = server.serve().await;
    finished(&server).await;
    let mut request = format!("ws://{address}/v1/events?after=8").into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {OFFICE}").parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    let all = ask(&server, OFFICE, "").await.json();
    for number in 8..10 {
        let message = tokio::time::timeout(Duration::from_secs(20), socket.next()).await;
        let text = message.expect("it says nothing").unwrap().unwrap().into_text().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), all["events"][number]);
    }
    let live = {
        let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
        server.live_call(phone, outside, talk()).await
    };
    let message = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(message.contains(&live.id().to_string()), "{message}");
    live.end(Side::Origination);
}

#[tokio::test]
async fn a_client_has_so_many_readers_and_no_more_and_a_reader_that_goes_gives_its_place_back() {
    let server = start().await;
    let address = server.serve().await;
    let mut readers = Vec::new();
    for _ in 0..50 {
        readers.push(Stream::open(address, "", "").await);
    }
    let ask = || {
        let asked = server.get("/v1/events").header("accept", "text/event-stream");
        asked.header("authorization", &format!("Bearer {OFFICE}"))
    };
    let refused = ask().send().await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (429, &"too_many_requests".into()));
    let metrics = async || server.get("/metrics").from([127, 0, 0, 1]).send().await.text().to_owned();
    assert!(metrics().await.contains("trunkline_event_readers 50"));
    drop(readers);
    while !metrics().await.contains("trunkline_event_readers 0") {
        tokio::task::yield_now().await;
        finished(&server).await;
    }
}
