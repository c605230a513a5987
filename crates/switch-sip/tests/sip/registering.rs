//! REGISTER.

use std::{sync::Arc, time::Duration};

use call::Timestamp;
use switch::{ManualClock, Switch};
use switch_sip::DigestAlgorithm;

use crate::support::{
    Agent, Office,
    agent::SDP,
    digest::Challenge,
    office::{OFFICE, secret},
};

fn contact(port: u16, expires: u32) -> String {
    format!("Contact: <sip:a@127.0.0.1:{port}>;expires={expires}")
}

#[tokio::test]
async fn a_registration_is_shown_with_what_the_phone_said() {
    let office = Office::open().await;
    let phone = office.registered("a").await;
    let shown = office.switch.registrations(OFFICE);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].source, phone.address());
    assert_eq!(&*shown[0].contact, format!("sip:a@{}", phone.address()));
    assert_eq!(shown[0].user_agent.as_deref(), Some("Test/1 (a)"));
    assert_eq!(shown[0].expires_at.since(shown[0].registered_at), Duration::from_secs(300));
    assert_eq!(office.switch.registration_count(), 1);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_users_get_the_same_answer() {
    let office = Office::open().await;
    for (user, secret) in [("a", "wrong"), ("nobody", "wrong")] {
        let phone = Agent::new(office.server, user, secret).await;
        let refused = phone.register().await;
        assert_eq!(refused.status(), 401);
        assert!(!Challenge::of(&refused).stale);
    }
    assert_eq!(office.switch.registration_count(), 0);
}

#[tokio::test]
async fn the_sha_256_challenge_can_be_answered() {
    let both = vec![DigestAlgorithm::Sha256, DigestAlgorithm::Md5];
    let office = Office::with(|config| config.digests = both).await;
    let phone = office.phone("a").await;
    let contact = contact(5070, 300);
    phone.send(&phone.registering("r", 1, std::slice::from_ref(&contact))).await;
    let refused = phone.expect_status(401).await;
    let algorithms: Vec<_> = refused.all("WWW-Authenticate").map(|c| c.contains("SHA-256")).collect();
    assert_eq!(algorithms, [true, false]);
    let who = ("a", &*secret("a"));
    let answer = Challenge::of(&refused).answer_sha256("Authorization", who, "REGISTER", "sip:test", 1);
    phone.send(&phone.registering("r", 2, &[contact, answer])).await;
    phone.expect_status(200).await;
}

#[tokio::test]
async fn a_digest_that_is_not_asked_for_is_not_taken() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    let contact = contact(5070, 300);
    phone.send(&phone.registering("r", 1, std::slice::from_ref(&contact))).await;
    let refused = phone.expect_status(401).await;
    assert_eq!(refused.all("WWW-Authenticate").count(), 1);
    let who = ("a", &*secret("a"));
    let answer = Challenge::of(&refused).answer_sha256("Authorization", who, "REGISTER", "sip:test", 1);
    phone.send(&phone.registering("r", 2, &[contact, answer])).await;
    phone.expect_status(401).await;
}

#[tokio::test]
async fn an_old_nonce_is_called_stale_to_whoever_knows_the_secret() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::with_clock(clock.clone()).await;
    let phone = office.phone("a").await;
    phone.send(&phone.registering("r", 1, &[contact(5070, 300)])).await;
    let challenge = Challenge::of(&phone.expect_status(401).await);
    clock.advance(Duration::from_secs(301));
    for (cseq, secret, stale) in [(2, secret("a"), true), (3, "wrong".to_owned(), false)] {
        let answer = challenge.answer("Authorization", ("a", &secret), "REGISTER", "sip:test", 1);
        phone.send(&phone.registering("r", cseq, &[contact(5070, 300), answer])).await;
        assert_eq!(Challenge::of(&phone.expect_status(401).await).stale, stale);
    }
}

#[tokio::test]
async fn a_replayed_count_is_refused_and_a_failed_attempt_uses_none_up() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    phone.send(&phone.registering("r", 1, &[contact(5070, 300)])).await;
    let challenge = Challenge::of(&phone.expect_status(401).await);
    let secret = secret("a");
    let attempts = [(1, "wrong", 401), (1, &*secret, 200), (1, &secret, 401), (2, &secret, 200)];
    for (cseq, (nc, secret, status)) in (2..).zip(attempts) {
        let answer = challenge.answer("Authorization", ("a", secret), "REGISTER", "sip:test", nc);
        phone.send(&phone.registering("r", cseq, &[contact(5070, 300), answer])).await;
        phone.expect_status(status).await;
    }
}

#[tokio::test]
async fn a_nonce_is_worth_nothing_elsewhere() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    phone.send(&phone.registering("r", 1, &[contact(5070, 300)])).await;
    let mut challenge = Challenge::of(&phone.expect_status(401).await);
    challenge.nonce.replace_range(..1, if challenge.nonce.starts_with('B') { "C" } else { "B" });
    let answer = challenge.answer("Authorization", ("a", &secret("a")), "REGISTER", "sip:test", 1);
    phone.send(&phone.registering("r", 2, &[contact(5070, 300), answer])).await;
    assert!(!Challenge::of(&phone.expect_status(401).await).stale);
}

#[tokio::test]
async fn a_phone_cannot_register_for_another() {
    let office = Office::open().await;
    let mut phone = office.phone("a").await;
    phone.send(&phone.registering("r", 1, &[contact(5070, 300)])).await;
    let challenge = Challenge::of(&phone.expect_status(401).await);
    let answer = challenge.answer("Authorization", ("a", &secret("a")), "REGISTER", "sip:test", 1);
    phone.user = "b".to_owned();
    phone.send(&phone.registering("r", 2, &[contact(5070, 300), answer])).await;
    phone.expect_status(403).await;
}

#[tokio::test]
async fn a_lapsed_registration_is_still_shown_but_not_counted() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
    let office = Office::with_clock(clock.clone()).await;
    office.registered("a").await;
    clock.advance(Duration::from_secs(301));
    assert_eq!(office.switch.registration_count(), 0);
    let shown = office.switch.registrations(OFFICE);
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].expires_at, Timestamp::from_seconds(1_700_000_300));
}

#[tokio::test]
async fn several_contacts_are_kept_and_dropped_one_by_one_or_all() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    let both = [contact(5070, 300), contact(5071, 400)];
    let told = phone.register_with("r1", &both).await;
    assert_eq!(told.all("Contact").count(), 2);
    assert_eq!(office.switch.registration_count(), 2);
    let told = phone.register_with("r2", &[contact(5070, 0)]).await;
    assert_eq!(told.header("Contact"), "<sip:a@127.0.0.1:5071>;expires=400");
    let told = phone.register_with("r3", &["Contact: *".into(), "Expires: 0".into()]).await;
    assert_eq!((told.status(), told.all("Contact").count()), (200, 0));
    assert_eq!(office.switch.registration_count(), 0);
}

#[tokio::test]
async fn a_registration_that_is_too_short_is_refused_with_the_shortest() {
    let office = Office::open().await;
    let told = office.phone("a").await.register_with("r", &[contact(5070, 5)]).await;
    assert_eq!((told.status(), told.header("Min-Expires")), (423, "30"));
}

#[tokio::test]
async fn a_star_with_other_contacts_or_another_expiry_is_refused() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    for headers in
        [vec!["Contact: *".into()], vec!["Contact: *".into(), contact(1, 300), "Expires: 0".into()]]
    {
        assert_eq!(phone.register_with("r", &headers).await.status(), 400);
    }
}

#[tokio::test]
async fn a_late_register_does_not_undo_a_newer_one() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    assert_eq!(phone.register_with("r", &[contact(5070, 300)]).await.status(), 200);
    let told = phone.register_with("r", &[contact(5070, 0)]).await;
    assert_eq!(told.status(), 500);
    assert_eq!(office.switch.registration_count(), 1);
}

#[tokio::test]
async fn more_contacts_than_there_may_be_change_nothing() {
    let office = Office::with(|config| config.registration.contacts = 2).await;
    let phone = office.phone("a").await;
    let kept = [contact(5070, 300)];
    assert_eq!(phone.register_with("r1", &kept).await.status(), 200);
    let more = [contact(5070, 200), contact(5071, 300), contact(5072, 300)];
    assert_eq!(phone.register_with("r2", &more).await.status(), 403);
    let told = phone.register_with("r3", &[]).await;
    let contacts: Vec<_> = told.all("Contact").collect();
    assert!(
        matches!(contacts[..], ["<sip:a@127.0.0.1:5070>;expires=300" | "<sip:a@127.0.0.1:5070>;expires=299"]),
        "{contacts:?}"
    );
}

#[tokio::test]
async fn a_contact_that_is_no_sip_uri_is_refused_with_a_reason() {
    let office = Office::open().await;
    let phone = office.phone("a").await;
    for contact in ["<tel:+14155550100>", "<mailto:a@b>", "<sip:a@2001:db8::10>", "<sip:a@[::1>"] {
        let told = phone.register_with("r", &[format!("Contact: {contact}")]).await;
        assert_eq!(told.status(), 400, "{contact}");
        assert!(told.header("Warning").starts_with("399 trunkline \"each Contact"), "{told:?}");
    }
    assert_eq!(office.switch.registration_count(), 0);
}

#[tokio::test]
async fn calls_to_a_phone_behind_proxies_take_the_path_that_it_registered() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.phone("b").await);
    let path = ["Path: <sip:edge.example;lr>, <sip:inner.example;lr>", "Supported: path"].map(String::from);
    let own = [format!("Contact: {}", b.contact()), "Require: path".to_owned()];
    let told = b.register_with("r", &[&path[..], &own].concat()).await;
    assert_eq!(told.status(), 200);
    let paths: Vec<_> = told.all("Path").collect();
    assert_eq!(paths, ["<sip:edge.example;lr>", "<sip:inner.example;lr>"]);
    let _call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    let routes: Vec<_> = invite.all("Route").collect();
    assert_eq!(routes, paths);
}

#[tokio::test]
async fn a_proxy_on_the_path_is_sent_what_is_for_the_phone_behind_it() {
    let office = Office::open().await;
    let (a, edge) = (office.registered("a").await, office.phone("b").await);
    let path = format!("Path: <sip:edge@{};lr>", edge.address());
    let hidden = "Contact: <sip:b@192.0.2.77:5099>;expires=300".to_owned();
    let told = edge.register_with("r", &[path, hidden, "Supported: path".into()]).await;
    assert_eq!(told.status(), 200);
    let mut call = a.call("1002", SDP).await;
    let invite = edge.expect("INVITE").await;
    assert_eq!(invite.request_uri(), "sip:b@192.0.2.77:5099");
    assert_eq!(invite.header("Route"), format!("<sip:edge@{};lr>", edge.address()));
    edge.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    edge.expect_bye().await;
}

#[tokio::test]
async fn a_browser_that_comes_again_takes_the_place_of_its_contact_of_before() {
    let office = Office::open().await;
    let (before, after) = (office.phone("a").await, office.phone("a").await);
    let contact = |agent: &Agent, reg_id: &str| {
        format!(
            "Contact: {};+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id={reg_id}",
            agent.contact()
        )
    };
    let supported = "Supported: path, outbound".to_owned();
    let first = before.register_with("r1", &[contact(&before, "1"), supported.clone()]).await;
    assert_eq!(first.header("Require"), "outbound");
    let second = after.register_with("r2", &[contact(&after, "1"), supported.clone()]).await;
    let told: Vec<_> = second.all("Contact").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("reg-id=1") && told[0].contains("+sip.instance=\"<urn:uuid:"), "{told:?}");
    // Another flow of the same phone is another contact; and so is one of a phone that does not know of this.
    let other = before.register_with("r3", &[contact(&before, "2"), supported]).await;
    assert_eq!(other.all("Contact").count(), 2);
    let plain = office.phone("b").await;
    let plain = plain.register_with("r4", &[contact(&plain, "1")]).await;
    assert!(plain.find("Require").is_none() && !plain.header("Contact").contains("reg-id"));
}
