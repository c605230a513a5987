//! Whoever guesses digests or looks for users is not answered any more; others are not harmed.

use std::{net::SocketAddr, time::Duration};

use crate::support::{Agent, Office, agent::SDP, office::secret};

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
        if scanner.hears_nothing_for(Duration::from_millis(50)).await {
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
