//! Connections of strangers have bounds, and whoever has proved who it is keeps its own.

use std::{net::SocketAddr, time::Duration};

use call::party::Transport;
use guard::{Room, RoomLimits};
use switch::Switch;
use switch_sip::StreamLimits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::support::{
    Agent, Office,
    agent::{PATIENCE, SDP},
    anchored_media,
    line::Line,
    office::{SHORT, secret},
};

const LONG: Duration = Duration::from_secs(600);

fn limits(total: usize) -> StreamLimits {
    let room = Room::new(RoomLimits { total, of_source: total / 4 * 3 });
    StreamLimits { room, message: LONG, stranger: LONG, idle: LONG }
}

async fn office(limits: StreamLimits) -> Office {
    let any = Some("127.0.0.1:0".parse().unwrap());
    Office::with(|config| (config.streams, config.ws) = (limits, any)).await
}

/// A connection from 127.0.0.`host`.
async fn connect(office: &Office, host: u8, transport: Transport) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, host], 0))).unwrap();
    socket.connect(office.switch.local_addr(transport).unwrap()).await.unwrap()
}

async fn phone(office: &Office, host: u8, user: &str) -> Agent {
    let stream = connect(office, host, Transport::Tcp).await;
    let ends = (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
    let phone = Agent::on(Line::stream(Box::new(stream), false), ends, user, &secret(user));
    assert_eq!(phone.register().await.status(), 200);
    phone
}

/// Waits until the switch hangs up.
async fn is_hung_up_on(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 1024];
    let end = async {
        loop {
            match stream.read(&mut answer).await {
                Ok(length) if length > 0 => {}
                _ => return,
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.is_ok()
}

#[tokio::test]
async fn a_crowd_at_one_address_shuts_nobody_out_and_takes_no_phone_its_connection() {
    let office = office(limits(16)).await;
    let a = phone(&office, 2, "a").await;
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(connect(&office, 2, Transport::Tcp).await);
    }
    assert!(is_hung_up_on(&mut crowd[0]).await, "the oldest goes first");
    let b = phone(&office, 3, "b").await;
    let mut call = b.call("1001", SDP).await;
    let invite = a.expect("INVITE").await;
    a.answer(&invite).await;
    b.expect_answer(&mut call).await;
    b.hang_up(&mut call).await;
    a.expect_bye().await;
}

#[tokio::test]
async fn crowds_at_many_addresses_shut_nobody_out() {
    let office = office(limits(16)).await;
    let mut crowd = Vec::new();
    for host in 10..20 {
        for _ in 0..8 {
            crowd.push(connect(&office, host, Transport::Ws).await);
        }
    }
    phone(&office, 3, "b").await;
}

#[tokio::test]
async fn whoever_says_nothing_is_hung_up_on_and_a_phone_is_not() {
    let office = office(StreamLimits { stranger: SHORT, ..limits(16) }).await;
    let a = phone(&office, 2, "a").await;
    for transport in [Transport::Tcp, Transport::Ws] {
        let mut stranger = connect(&office, 2, transport).await;
        if transport == Transport::Tcp {
            // What keeps a connection open is no message.
            stranger.write_all(b"\r\n\r\n").await.unwrap();
        } else {
            let upgrade = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                Sec-WebSocket-Protocol: sip\r\n\r\n";
            stranger.write_all(upgrade.as_bytes()).await.unwrap();
        }
        assert!(is_hung_up_on(&mut stranger).await, "{transport:?}");
    }
    assert_eq!(a.register().await.status(), 200, "its connection is there still");
}

#[tokio::test]
async fn a_message_that_does_not_come_whole_in_time_ends_the_connection() {
    let office = office(StreamLimits { message: SHORT, ..limits(16) }).await;
    let mut stranger = connect(&office, 2, Transport::Tcp).await;
    stranger.write_all(b"OPTIONS sip:test SIP/2.0\r\nVia: ").await.unwrap();
    assert!(is_hung_up_on(&mut stranger).await);
}

#[tokio::test]
async fn an_offer_of_a_crowd_of_streams_is_refused() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    let streams = |count: usize| format!("{SDP}{}", "m=audio 4002 RTP/AVP 0\r\n".repeat(count - 1));
    let contact = [format!("Contact: {}", a.contact())];
    a.send(&a.outside("INVITE", "sip:1002@test", 1, &contact, &streams(17))).await;
    let refusal = a.expect_status(488).await;
    assert!(refusal.header("Warning").contains("16 streams"), "{refusal:#?}");
    a.send(&a.outside("INVITE", "sip:1002@test", 1, &contact, &streams(16))).await;
    a.expect_status(407).await;
}

#[tokio::test]
async fn calls_of_an_account_have_so_many_media_ports_and_those_of_others_have_theirs() {
    let office = Office::with(|config| {
        config.media = anchored_media(49_000..=49_015);
        // A call takes four, whoever is called.
        config.ports_of_account = Some(4);
    })
    .await;
    let (a, b, carrier) = (office.registered("a").await, office.registered("b").await, office.trunk(9).await);
    let mut first = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut first).await;
    let further = a.call("1002", SDP).await;
    a.expect_refusal(&further, 503).await;
    let refused =
        |why: &str| office.switch.refused().into_iter().find(|(reason, _)| *reason == why).unwrap().1;
    assert_eq!((refused("media_ports_of_account"), refused("media_ports")), (1, 0));
    let mut inward = carrier.dial("14155550100", &[], SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    carrier.expect_answer(&mut inward).await;
    a.hang_up(&mut first).await;
    b.expect_bye().await;
    let mut again = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut again).await;
}
