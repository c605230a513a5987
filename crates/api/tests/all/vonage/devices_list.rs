//! `GET …/devices`.

use std::time::Duration;

use call::{Timestamp, party::Transport};
use serde_json::json;
use switch::Registration;

use super::{DEVICES, get, ok, refused, start, texts};
use crate::harness::{NOW, Server};

const ANN: &str = "38-99-62-00-01-01";
const BEN: &str = "38-99-62-00-01-02";

/// Registers a phone at a contact, as of this instant.
pub(super) fn register(server: &Server, sip_user: &str, contact: &str, at: Timestamp) {
    let directory = server.directory();
    let device = directory.device_by_sip_user(sip_user).unwrap();
    server.switch.register(Registration {
        device: device.id,
        account: device.account,
        contact: format!("sip:{contact}").into(),
        source: contact.parse().unwrap(),
        transport: Transport::Udp,
        user_agent: None,
        requested_at: at,
        registered_at: at,
        expires_at: at + Duration::from_secs(60),
    });
}

async fn listed(server: &Server, query: &str) -> Vec<String> {
    texts(&ok(&get(server, &format!("{DEVICES}{query}")).await)["devices"], "mac_address")
}

#[tokio::test]
async fn all_phones_of_the_account_are_listed_registered_or_not() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW - Duration::from_secs(5));
    register(&server, "globex-201", "192.0.2.20:5060", NOW);
    let answer = get(&server, DEVICES).await;
    let at = NOW.as_seconds() - 5;
    let expected = json!({
        "current_page": 1,
        "devices": [
            {
                "account_id": 1001, "device_ip": "192.0.2.10", "last_request": at, "last_success": at,
                "mac_address": ANN, "registration": {"last_success": at}, "provisioned": {},
            },
            {"account_id": 1001, "mac_address": BEN, "registration": {}, "provisioned": {}},
        ],
        "first_page_uri": "/registration/accounts/1001/devices?page_size=100&order=desc",
        "order": "desc", "page_size": 100, "pages": 1,
    });
    assert_eq!(ok(&answer), expected);
}

#[tokio::test]
async fn the_latest_registration_comes_first_and_none_at_all_is_the_oldest() {
    let server = start().await;
    assert_eq!(listed(&server, "").await, [BEN, ANN]);
    register(&server, "acme-101", "192.0.2.10:5060", NOW - Duration::from_secs(5));
    assert_eq!(listed(&server, "").await, [ANN, BEN]);
    register(&server, "acme-102", "192.0.2.11:5060", NOW);
    assert_eq!(listed(&server, "").await, [BEN, ANN]);
    assert_eq!(listed(&server, "?order=asc").await, [ANN, BEN]);
}

#[tokio::test]
async fn registrations_of_one_instant_are_ordered_by_address() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW);
    register(&server, "acme-102", "192.0.2.11:5060", NOW);
    assert_eq!(listed(&server, "?order=asc").await, [ANN, BEN]);
    assert_eq!(listed(&server, "?order=desc").await, [BEN, ANN]);
}

#[tokio::test]
async fn a_time_leaves_out_what_registered_outside_of_it_or_never() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW - Duration::from_secs(5));
    let at = NOW.as_seconds() - 5;
    assert_eq!(listed(&server, &format!("?start_time={at}")).await, [ANN]);
    assert_eq!(listed(&server, &format!("?end_time={}", at + 1)).await, [ANN]);
    assert_eq!(listed(&server, &format!("?end_time={at}")).await, [""; 0]);
    assert_eq!(listed(&server, &format!("?start_time={}", at + 1)).await, [""; 0]);
}

#[tokio::test]
async fn pages_are_counted_from_one_and_linked() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW);
    let first = ok(&get(&server, &format!("{DEVICES}?page_size=1")).await);
    let link = format!("{DEVICES}?page_size=1&order=desc");
    assert_eq!((&first["current_page"], &first["pages"]), (&json!(1), &json!(2)));
    // The vendor's sample has text here.
    assert_eq!(first["next_page"], "2");
    assert_eq!(first["next_page_uri"], format!("{link}&page=2"));
    assert_eq!(first.get("previous_page_uri"), None);
    let second = ok(&get(&server, first["next_page_uri"].as_str().unwrap()).await);
    assert_eq!(second["current_page"], 2);
    assert_eq!(second["previous_page_uri"], format!("{link}&page=1"));
    assert_eq!((second.get("next_page"), second.get("next_page_uri")), (None, None));
    assert_eq!(texts(&first["devices"], "mac_address"), [ANN]);
    assert_eq!(texts(&second["devices"], "mac_address"), [BEN]);
}

#[tokio::test]
async fn there_is_no_page_zero_and_no_other_bad_value() {
    let server = start().await;
    for query in ["page=0", "page=x", "page_size=-1", "order=newest", "start_time=now"] {
        let message = refused(&get(&server, &format!("{DEVICES}?{query}")).await, 400);
        assert!(message.starts_with(query.split('=').next().unwrap()), "{message}");
    }
}

#[tokio::test]
async fn an_extension_is_no_filter_here() {
    let server = start().await;
    assert_eq!(listed(&server, "?extension=101").await.len(), 2);
}
