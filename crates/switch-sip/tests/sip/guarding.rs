//! Whoever guesses digests or looks for users is not answered any more; others are not harmed.

use std::{net::SocketAddr, time::Duration};

use call::party::Transport;

use crate::support::{Agent, Office, agent::SDP, digest::Challenge, office::secret};

/// A phone at another address.
async fn elsewhere(host: u8, office: &Office, user: &str, secret: &str) -> Agent {
    Agent::at(SocketAddr::from(([127, 0, 0, host], 0)), office.server, user, secret).await
}

#[tokio::test]
async fn ten_wrong_digests_of_one_user_silence_the_switch_for_that_user_there() {
    let office = Office::open().await;
    let guesser = elsewhere(2, &office, "a", "wrong").await;
    for _ in 0..10 {
        assert_eq!(guesser.register().await.status(), 401);
    }
    guesser.send(&guesser.registering("eleventh", 1, &[])).await;
    assert!(guesser.hears_nothing_for(Duration::from_millis(300)).await);
    let honest = elsewhere(3, &office, "a", &secret("a")).await;
    assert_eq!(honest.register().await.status(), 200);
    let neighbour = elsewhere(2, &office, "b", &secret("b")).await;
    assert_eq!(neighbour.register().await.status(), 200);
}

#[tokio::test]
async fn a_search_for_users_is_silenced_within_fifty_requests_and_phones_that_are_known_there_are_not() {
    let office = Office::open().await;
    let (a, b) = (elsewhere(2, &office, "a", &secret("a")).await, office.registered("b").await);
    assert_eq!(a.register().await.status(), 200);
    let mut answered = 0;
    for number in 0..60 {
        let scanner = elsewhere(2, &office, &format!("user{number}"), "wrong").await;
        scanner.send(&scanner.registering("scan", 1, &[])).await;
        if scanner.hears_nothing_for(Duration::from_secs(1)).await {
            break;
        }
        answered += 1;
    }
    assert!((40..50).contains(&answered), "{answered}");
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_right_secret_from_a_network_or_by_a_transport_that_its_phone_may_not_use_is_as_good_as_a_wrong_one()
 {
    let office = Office::open().await;
    office.change(|entries| {
        entries.devices[0].ways.networks = vec!["127.0.0.2/32".parse().unwrap()];
        entries.devices[1].ways.transports = vec![Transport::Tls, Transport::Udp];
        entries.devices[2].ways.transports = vec![Transport::Tls];
    });
    for (host, user, status) in [(2, "a", 200), (3, "a", 401), (3, "b", 200), (3, "c", 401), (3, "d", 200)] {
        let phone = elsewhere(host, &office, user, &secret(user)).await;
        assert_eq!(phone.register().await.status(), status, "{user} at 127.0.0.{host}");
    }
    let outside = elsewhere(4, &office, "a", &secret("a")).await;
    for _ in 0..10 {
        assert_eq!(outside.register().await.status(), 401);
    }
    outside.send(&outside.registering("eleventh", 1, &[])).await;
    assert!(outside.hears_nothing_for(Duration::from_millis(300)).await, "each was a failure");
}

#[tokio::test]
async fn a_call_from_a_trunk_s_address_by_another_transport_than_its_own_is_a_stranger_s() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("b").await, office.trunk(1).await);
    let accept = |transports| office.change(|entries| entries.trunks[0].accepted_transports = transports);
    accept(vec![Transport::Tls]);
    let refused = carrier.dial("14155550100", &[], SDP).await;
    carrier.expect_refusal(&refused, 407).await;
    accept(vec![Transport::Tls, Transport::Udp]);
    let mut call = carrier.dial("14155550100", &[], SDP).await;
    let invite = a.expect("INVITE").await;
    a.answer(&invite).await;
    carrier.expect_answer(&mut call).await;
}

#[tokio::test]
async fn who_asks_for_one_user_after_another_is_silenced_within_fifty_requests_and_trunks_and_monitors_are_not()
 {
    let office = Office::open().await;
    let (scanner, carrier) = (elsewhere(2, &office, "100", "").await, office.trunk(1).await);
    let monitor = elsewhere(3, &office, "monitor", "").await;
    let asks = async |agent: &Agent, uri: &str| {
        agent.send(&agent.outside("OPTIONS", uri, 1, &[], "")).await;
        !agent.hears_nothing_for(Duration::from_secs(1)).await
    };
    let mut answered = 0;
    while answered < 60 && asks(&scanner, &format!("sip:{answered}@test")).await {
        answered += 1;
    }
    assert!((40..50).contains(&answered), "{answered}");
    for number in 0..60 {
        assert!(asks(&carrier, "sip:100@test").await, "{number}");
        assert!(asks(&monitor, "sip:test").await, "{number}");
    }
}

#[tokio::test]
async fn credentials_for_another_uri_than_the_request_s_prove_nothing() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    for (number, named, status) in [("1002", "1003", 407), ("1004", "1004", 480)] {
        let mut dialog = a.dial(number, &[], SDP).await;
        let challenge = a.expect_refusal(&dialog, 407).await;
        let uri = format!("sip:{named}@{}", office.server);
        let who = ("a", &*secret("a"));
        let answer = Challenge::of(&challenge).answer("Proxy-Authorization", who, "INVITE", &uri, 1);
        a.redial(&mut dialog, &[answer], SDP).await;
        a.expect_refusal(&dialog, status).await;
    }
}
