//! `GET …/devices/{device}`.

use std::time::Duration;

use super::{DEVICES, devices_list::register, get, ok, refused, start};
use crate::harness::NOW;

#[tokio::test]
async fn a_phone_is_found_by_every_usual_form_of_its_address() {
    let server = start().await;
    for mac in ["38-99-62-00-01-01", "38:99:62:00:01:01", "3899.6200.0101", "389962000101"] {
        for mac in [mac.to_lowercase(), mac.to_uppercase()] {
            let device = ok(&get(&server, &format!("{DEVICES}/{mac}")).await);
            assert_eq!(device["mac_address"], "38-99-62-00-01-01");
        }
    }
}

#[tokio::test]
async fn an_unknown_or_foreign_phone_is_not_there() {
    let server = start().await;
    for mac in ["38-99-62-00-02-01", "00-00-00-00-00-00", "acme-101", "38-99-62-00-01", "1"] {
        refused(&get(&server, &format!("{DEVICES}/{mac}")).await, 404);
    }
}

#[tokio::test]
async fn of_several_contacts_the_latest_counts() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW - Duration::from_secs(9));
    register(&server, "acme-101", "[::ffff:192.0.2.11]:5060", NOW - Duration::from_secs(2));
    register(&server, "acme-101", "192.0.2.12:5060", NOW - Duration::from_secs(5));
    let device = ok(&get(&server, &format!("{DEVICES}/389962000101")).await);
    let at = NOW.as_seconds() - 2;
    assert_eq!((&device["device_ip"], &device["last_success"]), (&"192.0.2.11".into(), &at.into()));
}

#[tokio::test]
async fn a_lapsed_registration_is_still_known() {
    let server = start().await;
    register(&server, "acme-101", "192.0.2.10:5060", NOW - Duration::from_secs(3_600));
    let device = ok(&get(&server, &format!("{DEVICES}/389962000101")).await);
    assert_eq!(device["registration"]["last_success"], NOW.as_seconds() - 3_600);
}
