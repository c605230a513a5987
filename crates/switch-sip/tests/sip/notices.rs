//! What is told beside calls, to those who read events.

use std::{sync::Arc, time::Duration};

use call::{
    CallCommand, CallId, DeviceId, NoticeKind, Timestamp, TrunkId,
    command::{Originate, Target},
    notice::{RegistrationChange, TrunkChange},
    party::Transport,
};
use directory::{
    model::{CallingRules, Forbidden, Trunk},
    notices::Outcome,
    routing::Refused,
};
use switch::{ManualClock, Switch, SwitchError};
use switch_sip::SipConfig;
use tokio::net::TcpStream;

use super::{login::login, trunk_registering::grant};
use crate::support::{
    Agent, Office,
    line::Line,
    office::{CARRIER, OFFICE, SHORT, secret},
};

/// What is told next of phone `a`, and of nobody else.
async fn next(office: &Office) -> RegistrationChange {
    let told = office.story.notice().await;
    assert_eq!(told.accounts, [OFFICE]);
    match told.kind {
        NoticeKind::Registration { device: DeviceId(1), change } => change,
        other => panic!("told is {other:?}"),
    }
}

/// What is told next of the trunk.
async fn next_of_trunk(office: &Office) -> TrunkChange {
    let told = office.story.notice().await;
    assert_eq!(told.accounts, [CARRIER]);
    match told.kind {
        NoticeKind::Trunk { trunk: TrunkId(1), change } => change,
        other => panic!("told is {other:?}"),
    }
}

fn contact(port: u16) -> String {
    format!("Contact: <sip:a@127.0.0.1:{port}>;expires=300")
}

#[tokio::test]
async fn each_change_of_a_registration_is_told_once() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
    a.register().await;
    assert_eq!(next(&office).await, RegistrationChange::Renewed);
    a.register_with("r2", &[contact(5070)]).await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
    a.register_with("r3", &["Contact: *".into(), "Expires: 0".into()]).await;
    assert_eq!([next(&office).await, next(&office).await], [RegistrationChange::Ended; 2]);
    a.register().await;
    assert_eq!(next(&office).await, RegistrationChange::Made, "what has ended does not lapse besides");
}

#[tokio::test]
async fn a_contact_that_comes_from_elsewhere_has_moved() {
    let office = Office::open().await;
    let contact = ["Contact: <sip:a@192.0.2.7:5070>;expires=300".to_owned()];
    for (change, call_id) in [(RegistrationChange::Made, "r1"), (RegistrationChange::Moved, "r2")] {
        let phone = office.phone("a").await;
        assert_eq!(phone.register_with(call_id, &contact).await.status(), 200);
        assert_eq!(next(&office).await, change);
    }
}

#[tokio::test]
async fn what_a_phone_asks_for_in_vain_is_told_with_the_status() {
    let office = Office::with(|config| config.registration.contacts = 1).await;
    let a = office.registered("a").await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
    let cases = [
        (400, "Contact: <tel:+14155550100>".to_owned()),
        (423, "Contact: <sip:a@127.0.0.1:5070>;expires=1".to_owned()),
        (403, contact(5070)),
    ];
    for (at, (status, contact)) in cases.into_iter().enumerate() {
        assert_eq!(a.register_with(&format!("refused{at}"), &[contact]).await.status(), status);
        assert_eq!(next(&office).await, RegistrationChange::Refused(status));
    }
}

#[tokio::test]
async fn who_has_not_proved_to_be_the_phone_has_nothing_told_of_it() {
    let office = Office::open().await;
    let stranger = Agent::new(office.server, "a", "wrong").await;
    assert_eq!(stranger.register().await.status(), 401);
    office.registered("a").await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
}

#[tokio::test]
async fn a_registration_that_is_not_renewed_lapses_once() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::with_clock(clock.clone()).await;
    let a = office.registered("a").await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
    clock.advance(Duration::from_secs(301));
    assert_eq!(next(&office).await, RegistrationChange::Lapsed);
    a.register().await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
}

#[tokio::test]
async fn each_of_many_contacts_lapses() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::with_clock(clock.clone()).await;
    let a = office.phone("a").await;
    for port in 5070..5073 {
        a.register_with(&format!("r{port}"), &[contact(port)]).await;
        assert_eq!(next(&office).await, RegistrationChange::Made);
    }
    clock.advance(Duration::from_secs(301));
    for _ in 0..3 {
        assert_eq!(next(&office).await, RegistrationChange::Lapsed);
    }
    assert_eq!(a.register_with("r9", &[contact(5070)]).await.status(), 200);
    assert_eq!(next(&office).await, RegistrationChange::Made);
}

#[tokio::test]
async fn a_registration_whose_connection_is_gone_has_lapsed() {
    let office = Office::open().await;
    let server = office.switch.local_addr(Transport::Tcp).unwrap();
    let stream = TcpStream::connect(server).await.unwrap();
    let ends = (stream.local_addr().unwrap(), server);
    let a = Agent::on(Line::stream(Box::new(stream), false), ends, "a", &secret("a"));
    assert_eq!(a.register().await.status(), 200);
    assert_eq!(next(&office).await, RegistrationChange::Made);
    drop(a);
    assert_eq!(next(&office).await, RegistrationChange::Lapsed);
}

/// An office, and a trunk that it registers at once, and then rests for long if that fails.
async fn registering(change: impl FnOnce(&mut SipConfig)) -> (Office, Agent) {
    let office = Office::without_time(|config| {
        config.trunk_retry = Duration::from_secs(3_600);
        change(config);
    })
    .await;
    let carrier = office.trunk(1).await;
    office.change(|entries| registers(&mut entries.trunks[0]));
    grant(&carrier, &carrier.expect("REGISTER").await, 20).await;
    assert_eq!(next_of_trunk(&office).await, TrunkChange::Registered);
    (office, carrier)
}

fn registers(trunk: &mut Trunk) {
    trunk.auth = Some(login());
    trunk.registration = Some(Duration::from_secs(600));
}

#[tokio::test]
async fn a_registration_that_the_carrier_refuses_to_renew_ends_when_it_lapses() {
    for status in ["403 Forbidden", "423 Interval Too Brief"] {
        let (office, carrier) = registering(|_| {}).await;
        let refresh = office.hasten(carrier.expect("REGISTER")).await;
        // No longer than it is already.
        let shortest = ["Min-Expires: 600".to_owned()];
        carrier.send(&refresh.response(status, "registrar", &shortest, "")).await;
        let told = office.hasten(next_of_trunk(&office)).await;
        assert_eq!(told, TrunkChange::Unregistered, "{status}");
        assert_eq!(office.switch.trunks()[0].is_registered, Some(false));
    }
}

#[tokio::test]
async fn a_registration_ends_when_a_silent_carrier_lets_it_lapse() {
    let (office, carrier) = registering(|_| {}).await;
    office.hasten(carrier.expect("REGISTER")).await;
    assert_eq!(office.hasten(next_of_trunk(&office)).await, TrunkChange::Unregistered);
}

#[tokio::test]
async fn a_carrier_that_grants_no_time_has_ended_the_registration() {
    let (office, carrier) = registering(|_| {}).await;
    grant(&carrier, &office.hasten(carrier.expect("REGISTER")).await, 0).await;
    assert_eq!(next_of_trunk(&office).await, TrunkChange::Unregistered);
    assert!(carrier.hears_nothing_for(SHORT).await, "it is refused, and rests");
}

#[tokio::test]
async fn a_renewed_registration_is_not_told_again() {
    let (office, carrier) = registering(|_| {}).await;
    grant(&carrier, &office.hasten(carrier.expect("REGISTER")).await, 600).await;
    assert!(carrier.hears_nothing_for(SHORT).await);
    office.change(|entries| entries.trunks.clear());
    grant(&carrier, &carrier.expect("REGISTER").await, 0).await;
    assert_eq!(next_of_trunk(&office).await, TrunkChange::Unregistered);
}

#[tokio::test]
async fn a_trunk_that_falls_silent_is_told_and_that_it_answers_again() {
    let office = Office::with(|config| config.trunk_silence = SHORT).await;
    let carrier = office.trunk(1).await;
    office.change(|entries| entries.trunks[0].probe = Some(SHORT));
    carrier.expect("OPTIONS").await;
    assert_eq!(next_of_trunk(&office).await, TrunkChange::Down);
    loop {
        let asked = carrier.receive().await;
        carrier.reply(&asked, "200 OK", "").await;
        if let Ok(told) = tokio::time::timeout(SHORT, next_of_trunk(&office)).await {
            assert_eq!(told, TrunkChange::Up);
            return;
        }
    }
}

/// Lets the office call nobody outside.
fn keep_in(office: &Office) {
    office.change(|entries| {
        entries.accounts[0].calling =
            CallingRules { blocked_prefixes: vec![String::new()], ..CallingRules::default() };
    });
}

#[tokio::test]
async fn a_call_that_is_not_let_through_is_told_and_a_code_that_leads_nowhere_is_not() {
    let office = Office::open().await;
    office.trunk(1).await;
    office.registered("a").await;
    assert_eq!(next(&office).await, RegistrationChange::Made);
    keep_in(&office);
    let mut limits = office.limits();
    for dialed in [Target::FeatureCode("*76".into()), Target::Number("+4155550123".into())] {
        let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
        let from = Target::Extension("1001".into());
        let place = Originate { call_id, account: OFFICE, from, to: dialed, recording: None };
        let placed = office.switch.command(CallCommand::Originate(place)).await;
        assert!(matches!(placed, Err(SwitchError::Unreachable(_))), "{placed:?}");
    }
    let told = limits.try_recv().expect("the number was not let through");
    assert_eq!((told.account, told.outcome), (OFFICE, Outcome::Refused(Refused::Rule(Forbidden::Prefix))));
    assert!(limits.try_recv().is_err(), "the code was nobody's number before anybody asked");
}
