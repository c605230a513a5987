//! Nonsense from the network is answered or dropped, and the next call works.

use std::{
    io::{Read, Write},
    net::{TcpStream, UdpSocket},
    time::Duration,
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use testkit::sipp::Sipp;

use crate::{
    directory::{CUSTOMER, LOGIN, PASSWORD},
    scene::Scene,
};

const GARBAGE: [&[u8]; 12] = [
    b"",
    b"\0\0\0\0",
    b"INVITE",
    b"INVITE sip:x SIP/2.0\r\n\r\n",
    b"INVITE sip:1002@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n\r\n",
    b"INVITE sip:1002@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK2\r\nFrom: <sip:a@b\r\n\
      To: >\r\nCall-ID: \r\nCSeq: -1 BYE\r\nContent-Length: 99999\r\n\r\nv=0",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK3\r\nCSeq: 1 INVITE\r\n\r\n",
    b"REGISTER sip:[::1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK4\r\nFrom: <sip:a@b>;tag=1\r\n\
      To: <sip:a@b>\r\nCall-ID: 4\r\nCSeq: 99999999999999999999 REGISTER\r\nContact: *\r\nExpires: x\r\n\r\n",
    b"BYE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK5\r\nFrom: <sip:a@b>;tag=1\r\n\
      To: <sip:c@d>;tag=2\r\nCall-ID: 5\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
    b"\xff\xfe sip:x SIP/9.9\r\n: \r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"INVITE sip:a@b SIP/7.0\r\nVia: SIP/7.0/UDP 127.0.0.1:9;branch=z9hG4bK6\r\nMax-Forwards: 0\r\n\r\n",
];

async fn a_call_works(scene: &Scene) {
    let trunk = scene.first(Sipp::scenario("uas-answer")).await;
    scene.caller("uac-answered").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_sip_does_no_harm() {
    let scene = Scene::new();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for datagram in GARBAGE {
        socket.send_to(datagram, scene.server.sip).unwrap();
        let mut stream = TcpStream::connect(scene.server.sip_tcp).unwrap();
        // The server may have hung up already; that is an answer too.
        let _ = stream.write_all(datagram);
    }
    let long = vec![b'A'; 60_000];
    socket.send_to(&long, scene.server.sip).unwrap();
    a_call_works(&scene).await;
    assert!(!scene.setup.log().contains("panicked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_and_oversized_http_bodies_do_no_harm() {
    let scene = Scene::new();
    let mut stream = TcpStream::connect(scene.server.http).unwrap();
    let head = "POST /api/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"Cust";
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");

    let big = "x".repeat(10 << 20);
    for path in ["/api/calls", "/api/rest/customer/v1/auth", "/cc/accounts/1234/calls"] {
        let request = Client::new().post(format!("http://{}{path}", scene.server.http)).body(big.clone());
        let request = request.bearer_auth("office-token").header("content-type", "application/json");
        match request.send().await {
            Ok(answer) => assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}"),
            Err(error) => assert!(error.is_request(), "refused while it was being sent: {error}"),
        }
    }
    a_call_works(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn absurd_dates_and_unknown_fields_get_the_right_status() {
    let scene = Scene::new();
    let search = async |more: Value| {
        let mut body = json!({"CustomerName": CUSTOMER, "UserName": LOGIN, "Password": PASSWORD});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let request = Client::new().post(format!("http://{}/api/calls", scene.server.http)).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, body) = search(json!({"StartDate": "31/31/99999"})).await;
    assert_eq!((status, &body["ResponseStatus"]["Errors"][0]["FieldName"]), (400, &json!("StartDate")));
    assert_eq!(search(json!({"Nonsense": [1, 2, 3]})).await.0, 200);
    let list = async |query: &str| {
        crate::harness::vonage::get(&scene.server, &format!("/cc/accounts/1234/calls?{query}"))
            .await
            .status()
            .as_u16()
    };
    assert_eq!(list("start_time=soon").await, 400);
    assert_eq!(list("start_time=99999999999999999999999").await, 400);
    assert_eq!(list("nonsense=1").await, 200);
    a_call_works(&scene).await;
}
