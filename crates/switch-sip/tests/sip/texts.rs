//! MESSAGE (RFC 3428), and methods that are refused.

use std::time::Duration;

use call::party::Transport;
use switch::Switch;
use tokio::{net::TcpStream, time::timeout};

use crate::support::{
    Agent, Message, Office, agent::PATIENCE, digest::Challenge, line::Line, office::secret,
};

/// A MESSAGE as text.
fn text(agent: &Agent, to: &str, cseq: u32, more: &[String], body: &str) -> String {
    let uri = format!("sip:{to}@{}", agent.server());
    let empty = agent.outside("MESSAGE", &uri, cseq, more, "");
    let length = body.len();
    empty.replace(
        "Content-Length: 0\r\n\r\n",
        &format!("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {length}\r\n\r\n{body}"),
    )
}

/// Sends a text, and answers the challenge.
pub async fn send(agent: &Agent, to: &str, body: &str) {
    agent.send(&text(agent, to, 1, &[], body)).await;
    let challenge = Challenge::of(&agent.expect_status(407).await);
    let uri = format!("sip:{to}@{}", agent.server());
    let answer = challenge.answer("Proxy-Authorization", (&agent.user, &agent.secret), "MESSAGE", &uri, 1);
    agent.send(&text(agent, to, 2, &[answer], body)).await;
}

async fn receive(agent: &Agent) -> Message {
    agent.expect("MESSAGE").await
}

#[tokio::test]
async fn a_text_reaches_every_contact_of_an_extension() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    send(&a, "1003", "grüße").await;
    for phone in [&c, &d] {
        let message = receive(phone).await;
        assert_eq!((&*message.body, message.header("Content-Type")), ("grüße", "text/plain;charset=UTF-8"));
        assert!(message.header("From").starts_with("\"Ann\" <sip:1001@"), "{}", message.header("From"));
        assert_eq!(message.header("Max-Forwards"), "69");
    }
}

#[tokio::test]
async fn the_sender_is_told_what_became_of_it() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    send(&a, "1002", "hello").await;
    b.reply(&receive(&b).await, "200 OK", "").await;
    a.expect_status(200).await;
    send(&a, "1002", "hello").await;
    b.reply(&receive(&b).await, "415 Unsupported Media Type", "").await;
    a.expect_status(415).await;
    send(&a, "1004", "nobody is there").await;
    a.expect_status(480).await;
    send(&a, "1999", "no such extension").await;
    a.expect_status(404).await;
}

#[tokio::test]
async fn a_refusal_with_405_does_not_name_the_method() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    for method in ["REFER", "PUBLISH"] {
        a.send(&a.outside(method, "sip:1002@test", 1, &[], "")).await;
        let refusal = a.expect_status(405).await;
        let mut allowed = refusal.header("Allow").split(", ");
        assert!(allowed.clone().any(|allowed| allowed == "INVITE"));
        assert!(allowed.all(|allowed| allowed != method), "{}", refusal.header("Allow"));
    }
    a.send(&a.outside("NOTIFY", "sip:1002@test", 1, &["Event: x".into()], "")).await;
    a.expect_status(481).await;
}

/// Waits until so many texts are on their way.
async fn until_under_way(office: &Office, count: usize) {
    let is_so = async {
        while !office.switch.in_use().contains(&("texts", count)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, is_so).await.expect("they are taken");
}

#[tokio::test]
async fn so_many_texts_are_on_their_way_and_no_more() {
    const MOST: usize = 1_000;
    // Nobody repeats anything while the test goes on.
    let office = Office::with(|config| config.t1 = Duration::from_secs(30)).await;
    let b = office.registered("b").await;
    let server = office.switch.local_addr(Transport::Tcp).unwrap();
    let stream = TcpStream::connect(server).await.unwrap();
    let ends = (stream.local_addr().unwrap(), server);
    let a = Agent::on(Line::stream(Box::new(stream), false), ends, "a", &secret("a"));
    a.send(&text(&a, "1002", 1, &[], "hello")).await;
    let challenge = Challenge::of(&a.expect_status(407).await);
    let uri = format!("sip:1002@{server}");
    for number in 1..=MOST + 1 {
        let number = u32::try_from(number).unwrap();
        let who = (&*a.user, &*a.secret);
        let proof = challenge.answer("Proxy-Authorization", who, "MESSAGE", &uri, number);
        a.send(&text(&a, "1002", number + 1, &[proof], "hello")).await;
        if number.is_multiple_of(10) {
            // Not more at a time than is handled at once: else they are refused as they wait too long.
            until_under_way(&office, number as usize).await;
        }
    }
    let refused = a.expect_status(503).await;
    assert!(!refused.header("Retry-After").is_empty());
    assert!(office.switch.in_use().contains(&("texts", MOST)));
    b.reply(&receive(&b).await, "200 OK", "").await;
    a.expect_status(200).await;
    assert!(office.switch.in_use().contains(&("texts", MOST - 1)), "there is room again");
}
