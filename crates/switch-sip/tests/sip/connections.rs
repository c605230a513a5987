//! SIP over TCP, TLS and WebSocket.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use call::party::Transport;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use switch_sip::{MediaMode, SipConfig, SipError, SipSwitch, media::MediaConfig};
use tempfile::NamedTempFile;
use tls::Certificate;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::CertificateDer},
};

use crate::support::{
    Agent, Office,
    agent::SDP,
    line::{Line, Wire, secured},
    name_server::{NAME, NameServer},
    office::{OFFICE, secret},
};
use switch::Switch;

/// A switch that listens for everything, and the certificate that it shows.
struct Exchange {
    office: Office,
    certificate: CertificateDer<'static>,
    files: [NamedTempFile; 2],
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

impl Exchange {
    async fn open(change: impl FnOnce(&mut SipConfig)) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = [file(&cert.pem()), file(&signing_key.serialize_pem())];
        let any = Some("127.0.0.1:0".parse().unwrap());
        let office = Office::with(|config| {
            (config.tls, config.ws) = (any, any);
            let [chain, key] = [&files[0], &files[1]].map(|file| file.path().to_owned());
            config.certificate = Some(Certificate { chain, key });
            change(config);
        })
        .await;
        Self { office, certificate: cert.der().clone(), files }
    }

    async fn connect(&self, transport: Transport) -> (TcpStream, (SocketAddr, SocketAddr)) {
        let server = self.office.switch.local_addr(transport).unwrap();
        let stream = TcpStream::connect(server).await.unwrap();
        let ends = (stream.local_addr().unwrap(), server);
        (stream, ends)
    }

    /// A phone on a connection.
    async fn phone(&self, user: &str, transport: Transport, is_secure: bool) -> Agent {
        let (stream, ends) = self.connect(transport).await;
        let wire: Wire = match is_secure {
            true => secured(stream, self.certificate.clone()).await.unwrap(),
            false => Box::new(stream),
        };
        let line = match transport {
            Transport::Ws => Line::websocket(wire, "chat, sip").await.unwrap(),
            _ => Line::stream(wire, is_secure),
        };
        Agent::on(line, ends, user, &secret(user))
    }

    async fn registered(&self, user: &str, transport: Transport, is_secure: bool) -> Agent {
        let phone = self.phone(user, transport, is_secure).await;
        assert_eq!(phone.register().await.status(), 200);
        phone
    }
}

/// Each connection carries calls in both directions, and says so in what it sends and tells.
async fn calls_both_ways(exchange: &Exchange, transport: Transport, is_secure: bool, via: &str) {
    let a = exchange.registered("a", transport, is_secure).await;
    let b = exchange.office.registered("b").await;
    let shown = exchange.office.switch.registrations(OFFICE);
    let own = shown.iter().find(|shown| shown.source == a.address()).unwrap();
    assert_eq!(own.transport, transport);

    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;

    let mut call = b.call("1001", SDP).await;
    let invite = a.expect("INVITE").await;
    let (server, name) = (exchange.office.switch.local_addr(transport).unwrap(), via.to_lowercase());
    assert!(
        invite.header("Via").starts_with(&format!("SIP/2.0/{via} {server};")),
        "{}",
        invite.header("Via")
    );
    let name = if name == "wss" { "ws" } else { &name };
    assert_eq!(invite.uri_of("Contact"), format!("sip:{server};transport={name}"));
    a.reply(&invite, "200 OK", SDP).await;
    let ack = a.expect("ACK").await;
    assert_eq!(format!("<{}>", ack.request_uri()).to_lowercase(), a.contact());
    let mut own = a.dialog_of(&invite);
    b.expect_answer(&mut call).await;
    a.within(&mut own, "INVITE", &[], &SDP.replace("sendrecv", "sendonly")).await;
    let hold = b.expect("INVITE").await;
    b.reply(&hold, "200 OK", &SDP.replace("sendrecv", "recvonly")).await;
    a.expect_answer(&mut own).await;
    b.expect("ACK").await;
    b.hang_up(&mut call).await;
    a.expect_bye().await;
}

#[tokio::test]
async fn a_phone_on_tcp_calls_and_is_called() {
    let exchange = Exchange::open(|_| {}).await;
    calls_both_ways(&exchange, Transport::Tcp, false, "TCP").await;
}

#[tokio::test]
async fn a_phone_on_tls_calls_and_is_called() {
    let exchange = Exchange::open(|_| {}).await;
    calls_both_ways(&exchange, Transport::Tls, true, "TLS").await;
}

#[tokio::test]
async fn a_phone_in_a_browser_calls_and_is_called() {
    let exchange = Exchange::open(|_| {}).await;
    calls_both_ways(&exchange, Transport::Ws, false, "WS").await;
}

#[tokio::test]
async fn a_phone_in_a_browser_calls_over_a_secure_websocket() {
    let exchange = Exchange::open(|config| config.wss = config.ws.take()).await;
    calls_both_ways(&exchange, Transport::Ws, true, "WSS").await;
}

#[tokio::test]
async fn a_websocket_for_something_else_is_refused() {
    let exchange = Exchange::open(|_| {}).await;
    let (stream, _) = exchange.connect(Transport::Ws).await;
    let refused = Line::websocket(Box::new(stream), "chat").await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(response)) = refused.map(drop) else {
        panic!("it is refused over HTTP")
    };
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn what_is_neither_tls_nor_a_websocket_is_hung_up_on() {
    let exchange = Exchange::open(|_| {}).await;
    for transport in [Transport::Tls, Transport::Ws] {
        let (mut stream, _) = exchange.connect(transport).await;
        stream.write_all(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        // Closed, or reset where bytes of ours were not read.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"SIP"), "{transport:?}");
    }
}

#[tokio::test]
async fn broken_requests_on_a_connection_get_their_refusal() {
    let exchange = Exchange::open(|_| {}).await;
    for (transport, is_secure) in [(Transport::Tcp, false), (Transport::Tls, true), (Transport::Ws, false)] {
        let phone = exchange.phone("a", transport, is_secure).await;
        let text = phone.outside("OPTIONS", "sip:test", 1, &[], "");
        phone.send(&text.replace("Max-Forwards: 70", "Max-Forwards: 700")).await;
        phone.expect_status(400).await;
        phone.send(&text.replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia")).await;
        phone.expect_status(505).await;
    }
}

#[tokio::test]
async fn keep_alives_are_answered() {
    let exchange = Exchange::open(|_| {}).await;
    for (transport, is_secure) in [(Transport::Tcp, false), (Transport::Tls, true), (Transport::Ws, false)] {
        let phone = exchange.phone("a", transport, is_secure).await;
        phone.send("\r\n\r\n").await;
        assert_eq!(phone.next_bytes().await.unwrap(), b"\r\n");
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_the_connection() {
    let exchange = Exchange::open(|_| {}).await;
    for transport in [Transport::Tcp, Transport::Ws] {
        let phone = exchange.phone("a", transport, false).await;
        phone.send(&phone.outside("MESSAGE", "sip:test", 1, &[], &"x".repeat(70_000))).await;
        assert_eq!(phone.next_bytes().await, None, "{transport:?}");
    }
}

#[tokio::test]
async fn a_phone_whose_connection_closes_is_not_registered_any_more() {
    let exchange = Exchange::open(|_| {}).await;
    let office = &exchange.office;
    let (a, b) = (office.registered("a").await, exchange.registered("b", Transport::Ws, false).await);
    assert_eq!(office.switch.registration_count(), 2);
    let call = a.call("1002", SDP).await;
    b.expect("INVITE").await;
    drop(b);
    a.expect_refusal(&call, 503).await;
    assert_eq!(office.switch.registration_count(), 1);
    let told = office.story.next().await;
    assert_eq!(told[4..], ["B ended party failed 503", "A ended switch failed 503"]);
}

#[tokio::test]
async fn tls_without_a_fit_certificate_does_not_start() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["x".to_owned()]).unwrap();
    let other = generate_simple_self_signed(["x".to_owned()]).unwrap().signing_key.serialize_pem();
    let (cert, key) = (cert.pem(), signing_key.serialize_pem());
    let cases = [
        (None, "needs a certificate"),
        (Some(("", &*key)), "a certificate in PEM is expected"),
        (Some((&*cert, "")), "a private key in PEM is expected"),
        (Some((&*cert, &*other)), "the certificate cannot be used"),
    ];
    for (files, expected) in cases {
        let files = files.map(|(cert, key)| [file(cert), file(key)]);
        let certificate = files
            .as_ref()
            .map(|[cert, key]| Certificate { chain: cert.path().to_owned(), key: key.path().to_owned() });
        let config =
            SipConfig { tls: Some("127.0.0.1:0".parse().unwrap()), certificate, ..SipConfig::default() };
        let error = start(config).await;
        assert!(error.to_string().contains(expected), "{error}");
    }
}

async fn start(config: SipConfig) -> SipError {
    let directory = std::sync::Arc::new(directory::Snapshot::default());
    let (sink, _source) = switch::event_channel(1);
    let clock = std::sync::Arc::new(switch::SystemClock::default());
    let started = SipSwitch::start(config, std::sync::Arc::new(move || directory.clone()), sink, clock);
    let started = tokio::time::timeout(Duration::from_secs(10), started).await.unwrap();
    started.err().expect("it does not start")
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart_and_an_unfit_one_is_not() {
    let exchange = Exchange::open(|_| {}).await;
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let shows = |certificate: CertificateDer<'static>| {
        let connected = exchange.connect(Transport::Tls);
        async move { secured(connected.await.0, certificate).await.is_ok() }
    };
    assert!(shows(exchange.certificate.clone()).await);
    replace(&exchange.files[0], &cert.pem());
    assert!(shows(exchange.certificate.clone()).await, "the new one does not fit the old key");
    replace(&exchange.files[1], &signing_key.serialize_pem());
    assert!(shows(cert.der().clone()).await);
    assert!(!shows(exchange.certificate.clone()).await);
}

/// Writes another file in the place of one, with a time of its own.
fn replace(file: &NamedTempFile, text: &str) {
    let before = file.path().metadata().unwrap().modified().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let changed = std::fs::File::options().write(true).open(file.path()).unwrap();
    changed.set_modified(before + Duration::from_secs(1)).unwrap();
}

/// A carrier that is called over TLS, and shows a certificate for `name`.
async fn secure_carrier(name: &str) -> (TcpListener, TlsAcceptor, NamedTempFile) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], signing_key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener, Arc::new(config).into(), file(&cert.pem()))
}

#[tokio::test]
async fn a_trunk_over_tls_must_show_a_certificate_for_its_name() {
    for (shown, is_let_in) in [(NAME, true), ("other.example", false)] {
        let (listener, acceptor, trusted) = secure_carrier(shown).await;
        let names = NameServer::open(&[Ipv4Addr::LOCALHOST], 60).await;
        let exchange = Exchange::open(|config| {
            config.trusted = Some(trusted.path().to_owned());
            config.name_servers = vec![names.address];
        })
        .await;
        let port = listener.local_addr().unwrap().port();
        let (a, _) = (exchange.office.registered("a").await, exchange.office.trunk(1).await);
        exchange.office.change(|entries| {
            let trunk = &mut entries.trunks[0];
            (trunk.host, trunk.port, trunk.transport) = (NAME.into(), port, Transport::Tls);
        });
        let call = a.call("4155550123", SDP).await;
        let (stream, peer) = listener.accept().await.unwrap();
        let ends = (listener.local_addr().unwrap(), peer);
        let accepted = acceptor.accept(stream).await;
        if is_let_in {
            let carrier = Agent::on(Line::stream(Box::new(accepted.unwrap()), true), ends, "carrier", "");
            let invite = carrier.expect("INVITE").await;
            assert!(invite.header("Via").starts_with("SIP/2.0/TLS "));
            carrier.refuse(&invite, "486 Busy Here").await;
            a.expect_refusal(&call, 486).await;
            // The connection that is there is not one to somebody of another name at the same place.
            exchange.office.change(|entries| entries.trunks[0].host = "other.example".into());
            let call = a.call("4155550123", SDP).await;
            let (stream, _) = listener.accept().await.unwrap();
            assert!(acceptor.accept(stream).await.is_err());
            a.expect_refusal(&call, 503).await;
        } else {
            a.expect_refusal(&call, 503).await;
        }
    }
}

#[tokio::test]
async fn whoever_asks_is_told_what_the_switch_can_do() {
    let office = Office::open().await;
    let stranger = office.phone("nobody").await;
    stranger.send(&stranger.outside("OPTIONS", "sip:test", 1, &[], "")).await;
    let told = stranger.expect_status(200).await;
    assert!(told.header("Allow").contains("INVITE") && told.header("Accept").contains("application/sdp"));
}

/// A phone that connects anew in mid-call is found again, by re-INVITE and BYE, and its own reach the call.
async fn a_phone_moves(transport: Transport, is_secure: bool, is_closed: bool) {
    let exchange = Exchange::open(|_| {}).await;
    let a = exchange.office.registered("a").await;
    let b = exchange.registered("b", transport, is_secure).await;
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    // Wi-Fi is gone; over LTE it registers again. The old connection may still seem to be there.
    let mut dialog = b.dialog_of(&invite);
    let old = if is_closed {
        drop(b);
        None
    } else {
        Some(b)
    };
    let again = exchange.phone("b", transport, is_secure).await;
    let gone = match is_closed {
        true => vec![format!("Contact: {}", again.contact()), "Expires: 300".into()],
        false => vec!["Contact: *".into(), "Expires: 0".into()],
    };
    assert_eq!(again.register_with("gone", &gone).await.status(), 200);
    assert_eq!(again.register().await.status(), 200);
    a.within(&mut call, "INVITE", &[], SDP).await;
    let reinvite = again.expect("INVITE").await;
    assert_eq!(reinvite.header("Call-ID"), invite.header("Call-ID"));
    again.reply(&reinvite, "200 OK", SDP).await;
    a.expect_answer(&mut call).await;
    again.expect("ACK").await;
    // It speaks in the dialog, too.
    again.within(&mut dialog, "INFO", &[], "").await;
    let info = a.expect("INFO").await;
    a.reply(&info, "200 OK", "").await;
    again.expect_status(200).await;
    a.hang_up(&mut call).await;
    again.expect_bye().await;
    drop(old);
}

#[tokio::test]
async fn a_phone_that_connects_anew_in_a_call_is_found_again_over_tcp() {
    a_phone_moves(Transport::Tcp, false, true).await;
}

#[tokio::test]
async fn a_phone_that_connects_anew_in_a_call_is_found_again_over_tls() {
    a_phone_moves(Transport::Tls, true, true).await;
}

#[tokio::test]
async fn a_phone_that_connects_anew_in_a_call_is_found_again_over_a_web_socket() {
    a_phone_moves(Transport::Ws, false, true).await;
}

#[tokio::test]
async fn a_phone_that_registers_elsewhere_is_not_sought_on_its_old_connection() {
    a_phone_moves(Transport::Tcp, false, false).await;
}

#[tokio::test]
async fn texts_go_over_websockets_in_both_directions() {
    let exchange = Exchange::open(|_| {}).await;
    let a = exchange.registered("a", Transport::Ws, false).await;
    let b = exchange.office.registered("b").await;
    crate::texts::send(&a, "1002", "grüße").await;
    let text = b.expect("MESSAGE").await;
    assert_eq!(&*text.body, "grüße");
    b.reply(&text, "200 OK", "").await;
    a.expect_status(200).await;
    crate::texts::send(&b, "1001", "zurück").await;
    let text = a.expect("MESSAGE").await;
    assert!(text.header("Via").starts_with("SIP/2.0/WS "), "{text:#?}");
    assert_eq!(&*text.body, "zurück");
    a.reply(&text, "200 OK", "").await;
    b.expect_status(200).await;
}

#[tokio::test]
async fn a_page_that_is_not_named_may_not_connect() {
    let exchange = Exchange::open(|config| config.ws_origins = vec!["https://phone.example".into()]).await;
    for (origin, status) in [
        (Some("https://phone.example"), 101),
        (Some("https://evil.example"), 403),
        (Some("null"), 403),
        (None, 101),
    ] {
        let (mut stream, (_, server)) = exchange.connect(Transport::Ws).await;
        let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
        let upgrade = format!(
            "GET / HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{origin}\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: sip\r\n\r\n"
        );
        stream.write_all(upgrade.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes(), "{origin}");
    }
}

#[tokio::test]
async fn keys_of_media_are_taken_where_nobody_else_reads_them() {
    let here = "127.0.0.1".parse().unwrap();
    let media = MediaConfig { address: here, advertised: here, ports: 45_000..=45_199 };
    let exchange = Exchange::open(|config| config.media = MediaMode::Anchored(media)).await;
    let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    let keyed = SDP.replace("RTP/AVP", "RTP/SAVP") + crypto;
    let b = exchange.office.registered("b").await;

    let a = exchange.registered("a", Transport::Tls, true).await;
    let mut call = a.call("1002", &keyed).await;
    let invite = b.expect("INVITE").await;
    assert!(invite.body.contains("RTP/AVP ") && !invite.body.contains("crypto"), "{}", invite.body);
    b.answer(&invite).await;
    let answer = a.expect_answer(&mut call).await;
    assert!(answer.body.contains("RTP/SAVP ") && answer.body.contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80 "));
    a.hang_up(&mut call).await;
    b.expect_bye().await;

    let c = exchange.registered("c", Transport::Tcp, false).await;
    let call = c.call("1002", &keyed).await;
    let refusal = c.expect_refusal(&call, 488).await;
    let why = "305 trunkline \"media keys are taken over TLS and secure WebSocket only\"";
    assert_eq!(refusal.header("Warning"), why);
    let mut call = c.call("1002", &(SDP.to_owned() + crypto)).await;
    let invite = b.expect("INVITE").await;
    assert!(!invite.body.contains("crypto"), "{}", invite.body);
    b.answer(&invite).await;
    let answer = c.expect_answer(&mut call).await;
    assert!(!answer.body.contains("crypto"), "keys that others read are none");
}
