//! Browsers that are phones of their users by a bearer (RFC 8898).

use std::{sync::Arc, time::Duration};

use call::{CustomerId, DeviceId, UserId};
use directory::{
    Bearers,
    model::{ProfileId, Role, Scope, User},
};
use switch::Clock;

use crate::support::{Agent, Office, agent::SDP, office::OFFICE};

fn ann() -> User {
    User {
        id: UserId(7),
        customer: CustomerId(1),
        login: "ann".into(),
        password_hash: "hash".into(),
        name: "Ann".into(),
        role: Role::Client,
        accounts: Vec::new(),
        centers: Vec::new(),
        networks: Vec::new(),
        extension: Some((OFFICE, "1001".into())),
        profile: ProfileId(0),
        scope: Scope::ALL,
    }
}

/// An office whose extension 1001, which phone `a` is at, is a user's.
async fn office() -> (Office, Arc<Bearers>) {
    let bearers = Arc::<Bearers>::default();
    let known = bearers.clone();
    let office = Office::with(|config| config.bearers = known).await;
    office.change(|entries| entries.users = vec![ann()]);
    (office, bearers)
}

fn in_a_while() -> Duration {
    switch::SystemClock::default().monotonic() + Duration::from_secs(600)
}

async fn registers(phone: &Agent, bearer: &str) -> u16 {
    let contact = format!("Contact: {}", phone.contact());
    phone.send(&phone.registering("bearing", 1, &[contact, format!("Authorization: Bearer {bearer}")])).await;
    phone.receive().await.status()
}

#[tokio::test]
async fn a_browser_registers_calls_and_is_called_without_the_phones_secret() {
    let (office, bearers) = office().await;
    let (browser, b) = (office.phone("a").await, office.registered("b").await);
    let bearer = bearers.issue(&ann(), DeviceId(1), in_a_while());
    assert_eq!(registers(&browser, &bearer).await, 200);
    let mut call = browser.dial("1002", &[format!("Proxy-Authorization: Bearer {bearer}")], SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    browser.expect_answer(&mut call).await;
    browser.hang_up(&mut call).await;
    b.expect_bye().await;
    let call = b.call("1001", SDP).await;
    browser.refuse(&browser.expect("INVITE").await, "486 Busy Here").await;
    b.expect_refusal(&call, 486).await;
}

#[tokio::test]
async fn a_bearer_is_good_for_its_phone_alone_for_its_time_and_with_the_users_password() {
    let (office, bearers) = office().await;
    let (a, b) = (office.phone("a").await, office.phone("b").await);
    let good = bearers.issue(&ann(), DeviceId(1), in_a_while());
    let of_another = bearers.issue(&ann(), DeviceId(2), in_a_while());
    let elsewhere = Bearers::default().issue(&ann(), DeviceId(1), in_a_while());
    let forged = good.replacen("7.1.", "7.2.", 1);
    let past = bearers.issue(&ann(), DeviceId(1), Duration::ZERO);
    for bearer in [&*of_another, &elsewhere, &forged, &past, "", "7.1", "7.1.9.x", "a.b.c.d"] {
        assert_eq!(registers(&a, bearer).await, 401, "{bearer}");
    }
    // That of a phone does not register another one.
    assert_eq!(registers(&b, &good).await, 403);
    assert_eq!(registers(&a, &good).await, 200);
    office.change(|entries| entries.users[0].password_hash = "another".into());
    assert_eq!(registers(&a, &good).await, 401);
}
