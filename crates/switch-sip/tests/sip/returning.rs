//! A restart: who was registered before it can be reached after it.

use std::{sync::Arc, time::Duration};

use call::{Timestamp, party::Transport};
use keyvalue::{Memory, Store, Table};
use switch::{ManualClock, Switch, SystemClock};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{
    Agent, Office,
    agent::{PATIENCE, SDP},
    line::Line,
    office::{OFFICE, secret},
};

/// Starts a switch that keeps registrations in `table`.
async fn start(table: Arc<dyn Table>) -> Office {
    Office::build(Arc::new(SystemClock::default()), |config| {
        config.registrations = table;
        config.ws = "127.0.0.1:0".parse().ok();
    })
    .await
}

/// Stops a switch and starts another one with the same table.
async fn restart(office: Office, table: &Arc<dyn Table>) -> Office {
    office.switch.stop(Duration::ZERO).await;
    start(table.clone()).await
}

fn memory() -> Arc<dyn Table> {
    Arc::new(Memory::default())
}

#[tokio::test]
async fn a_phone_is_rung_after_a_restart_before_it_registers_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (store, _) = Store::open(&path);
    let office = start(store.table("registrations")).await;
    let a = office.registered("a").await;
    let before = office.switch.registrations(OFFICE);
    office.switch.stop(Duration::ZERO).await;
    store.close();

    let (store, _) = Store::open(&path);
    let office = start(store.table("registrations")).await;
    assert_eq!(office.switch.registrations(OFFICE), before, "it is shown as it was");
    let a = a.toward(office.server);
    let b = office.phone("b").await;
    let mut call = b.call("1001", SDP).await;
    let invite = a.expect("INVITE").await;
    assert_eq!(invite.request_uri(), format!("sip:a@{}", a.address()));
    a.answer(&invite).await;
    b.expect_answer(&mut call).await;
    assert_eq!(a.register().await.status(), 200);
    assert_eq!(office.switch.registration_count(), 1, "the same contact is not there twice");
}

#[tokio::test]
async fn who_has_unregistered_stays_so() {
    let table = memory();
    let office = start(table.clone()).await;
    let a = office.registered("a").await;
    a.register_with("r9", &["Contact: *".into(), "Expires: 0".into()]).await;
    let office = restart(office, &table).await;
    assert_eq!(office.switch.registration_count(), 0);
}

#[tokio::test]
async fn what_lapses_while_the_switch_is_down_is_not_rung() {
    let table = memory();
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::build(clock.clone(), |config| config.registrations = table.clone()).await;
    office.registered("a").await;
    let late = office.phone("b").await;
    late.register_with("r", &[format!("Contact: {}", late.contact()), "Expires: 400".into()]).await;
    office.switch.stop(Duration::ZERO).await;
    clock.advance(Duration::from_secs(301));
    let office = Office::build(clock.clone(), |config| config.registrations = table).await;
    let shown = office.switch.registrations(OFFICE);
    assert_eq!((shown.len(), &*shown[0].contact), (1, &*format!("sip:b@{}", late.address())));
    clock.advance(Duration::from_secs(100));
    assert_eq!(office.switch.registration_count(), 0, "what was left of its time is over");
}

/// A phone on TCP that takes connections where its Contact says.
async fn listening(office: &Office) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = office.switch.local_addr(Transport::Tcp).unwrap();
    let stream = TcpStream::connect(server).await.unwrap();
    let ends = (stream.local_addr().unwrap(), server);
    let phone = Agent::on(Line::stream(Box::new(stream), false), ends, "a", &secret("a"));
    let contact = format!("Contact: <sip:a@{at};transport=tcp>;expires=300");
    assert_eq!(phone.register_with("r", &[contact]).await.status(), 200);
    listener
}

#[tokio::test]
async fn a_phone_that_listens_is_connected_to_anew() {
    let table = memory();
    let office = start(table.clone()).await;
    let listener = listening(&office).await;
    let office = restart(office, &table).await;
    let taken = tokio::time::timeout(PATIENCE, listener.accept()).await;
    let (stream, server) = taken.expect("the switch connects").unwrap();
    let ends = (stream.local_addr().unwrap(), server);
    let a = Agent::on(Line::stream(Box::new(stream), false), ends, "a", &secret("a"));
    let is_there = async {
        while office.switch.registration_count() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, is_there).await.expect("the phone counts as registered");
    let b = office.phone("b").await;
    b.call("1001", SDP).await;
    a.expect("INVITE").await;
}

#[tokio::test]
async fn a_phone_whose_connection_is_gone_for_good_is_not_rung() {
    let table = memory();
    let office = start(table.clone()).await;
    let server = office.switch.local_addr(Transport::Ws).unwrap();
    let stream = TcpStream::connect(server).await.unwrap();
    let ends = (stream.local_addr().unwrap(), server);
    let line = Line::websocket(Box::new(stream), "sip").await.unwrap();
    let a = Agent::on(line, ends, "a", &secret("a"));
    assert_eq!(a.register().await.status(), 200);
    assert_eq!(office.switch.registration_count(), 1);
    let office = restart(office, &table).await;
    assert_eq!(office.switch.registrations(OFFICE).len(), 0);
    let b = office.phone("b").await;
    let call = b.call("1001", SDP).await;
    b.expect_refusal(&call, 480).await;
}

#[tokio::test]
async fn what_cannot_be_read_or_is_nobodys_any_more_is_done_without() {
    let table = memory();
    let office = start(table.clone()).await;
    office.registered("a").await;
    let sound = table.load(Timestamp::MIN).remove(0);
    let elsewhere =
        String::from_utf8(sound.value.clone()).unwrap().replace("\"account\":10", "\"account\":20");
    for (key, value) in [
        ("2", b"{".to_vec()),
        ("no number", sound.value.clone()),
        ("99", sound.value.clone()),
        ("3", elsewhere.into_bytes()),
    ] {
        table.put(key, value, sound.until);
    }
    let office = restart(office, &table).await;
    let shown = office.switch.registrations(OFFICE);
    assert_eq!((shown.len(), shown[0].device.0), (1, 1), "{}", shown.len());
}
