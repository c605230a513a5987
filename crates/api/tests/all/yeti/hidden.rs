//! `hidden_cdr_fields` of a customer: what of its calls it is not shown.

use std::{collections::BTreeSet, time::Duration};

use directory::model::HiddenFields;
use serde_json::json;
use yeti::{
    resource::Resource,
    routes::{cdrs::Cdr, incoming_cdrs::IncomingCdr},
};

use super::{
    CARRIER, OFFICE,
    export_file::{download, unzipped},
    exports,
    records::list,
    refused,
};
use crate::harness::{NOW, Server, Talk};

const HIDDEN: [&str; 4] = ["auth-orig-ip", "src-prefix-in", "dst-prefix-routing", "vendor-price"];

/// A call of the office to the network, and one that goes on; the customer is not shown some of them.
async fn server() -> Server {
    let server = Server::start().await;
    let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let talk = |minutes: u64| Talk {
        began_at: NOW - Duration::from_secs(60 * minutes),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    };
    server.talked_call(phone.clone(), outside.clone(), talk(60)).await;
    server.live_call(phone, outside, talk(10)).await;
    server.change_directory(|text| {
        text.replacen("name = \"Acme\"\n", &format!("name = \"Acme\"\nhidden_cdr_fields = {HIDDEN:?}\n"), 1)
    });
    server
}

#[test]
fn every_attribute_that_can_be_hidden_is_one() {
    let names = Cdr::ATTRIBUTES.iter().map(|attribute| attribute.name);
    let names: BTreeSet<_> = names.chain(IncomingCdr::ATTRIBUTES.iter().map(|it| it.name)).collect();
    let kept = [
        "time-start",
        "time-connect",
        "time-end",
        "duration",
        "success",
        "rec",
        "account-id",
        "destination-reverse-billing",
        "dialpeer-reverse-billing",
    ];
    let hideable: BTreeSet<_> = HiddenFields::NAMES.into_iter().collect();
    assert_eq!(hideable, &names - &kept.into_iter().collect());
}

#[tokio::test]
async fn what_is_hidden_is_in_no_record() {
    let server = server().await;
    for path in ["/cdrs", "/incoming-cdrs"] {
        let found = list(&server, "ann", path, "").await;
        let one = server.yeti_get("ann", &format!("{path}/{}", found.ids[0])).send().await.json();
        for attributes in [&found.data[0]["attributes"], &one["data"]["attributes"]] {
            let attributes = attributes.as_object().unwrap();
            assert!(HIDDEN.iter().all(|name| !attributes.contains_key(*name)), "{path}: {attributes:?}");
            assert!(attributes.contains_key("src-prefix-routing") && attributes.len() > 20, "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_hidden_is_to_its_customer_as_if_it_were_not_there() {
    let server = server().await;
    for (query, code, title, detail) in [
        ("filter[auth_orig_ip_eq]=10.0.0.1", 102, "Filter not allowed", "auth_orig_ip_eq is not allowed."),
        ("filter[srcPrefixInCont]=1", 102, "Filter not allowed", "src_prefix_in_cont is not allowed."),
        (
            "sort=-dst-prefix-routing",
            114,
            "Invalid sort criteria",
            "dst_prefix_routing is not a valid sort criteria for cdrs",
        ),
        (
            "fields[cdrs]=duration,auth-orig-ip",
            104,
            "Invalid field",
            "auth-orig-ip is not a valid field for cdrs.",
        ),
    ] {
        let answer = server.yeti_get("ann", &format!("/cdrs?{query}")).send().await;
        refused(&answer, 400, code, title, detail);
    }
    let id = list(&server, "ann", "/cdrs", "").await.ids.remove(0);
    let answer = server.yeti_get("ann", &format!("/cdrs/{id}?filter[auth_orig_ip_eq]=10.0.0.1")).send().await;
    refused(&answer, 400, 102, "Filter not allowed", "auth_orig_ip_eq is not allowed.");
    assert_eq!(
        list(&server, "gil", "/cdrs", "sort=auth-orig-ip&filter[src_prefix_in_cont]=1").await.total,
        0
    );
}

#[tokio::test]
async fn what_is_hidden_is_in_no_report() {
    let server = server().await;
    let path = format!("/outgoing-active-calls?account-id={OFFICE}");
    let shown = server.yeti_get("ann", &path).send().await.json();
    let call = shown["data"][0].as_object().unwrap();
    let names: Vec<_> = call.keys().map(String::as_str).collect();
    assert_eq!(&names[..3], ["snapshot_timestamp", "start_time", "connect_time"]);
    assert_eq!(names.len(), 26 - 3, "{names:?}");
    let from = "from-time=2026-01-02T00:00:00Z";
    for (path, filter) in [
        (path, "auth-orig-ip=10.0.0.1"),
        (format!("/outgoing-active-calls?account-id={OFFICE}"), "src-prefix-in-contains=1"),
        (format!("/origination-active-calls?account-id={OFFICE}&{from}"), "dst-prefix-routing-starts-with=1"),
        (
            format!("/origination-statistics?account-id={OFFICE}&{from}&sampling=hour"),
            "auth-orig-ip=10.0.0.1",
        ),
        (format!("/termination-statistics?account-id={CARRIER}&{from}&sampling=hour"), "vendor-price-gt=1"),
    ] {
        let answer = server.yeti_get("ann", &format!("{path}&{filter}")).send().await;
        let name = filter.split('=').next().unwrap();
        let error = json!({ "error": format!("param {name} is not allowed") });
        assert_eq!((answer.status.as_u16(), answer.json()), (400, error));
    }
}

#[tokio::test]
async fn what_is_hidden_is_in_no_export() {
    let server = server().await;
    let (from, to) = ("2026-01-01", "2026-01-03");
    let filters = json!({ "time_start_gteq": from, "time_start_lt": to });
    let file = unzipped(&download(&server, OFFICE, json!({}), json!({})).await.1);
    let header = file.lines().next().unwrap();
    assert!(header.starts_with("Time Start,") && header.split(',').count() == 29 - 3, "{header}");
    assert!(
        !["Auth Orig Ip", "Src Prefix In", "Dst Prefix Routing"].iter().any(|title| header.contains(title))
    );
    let refuse = async |attributes: serde_json::Value| {
        let answer = exports::create(&server, "ann", OFFICE, attributes).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    let by_number = json!({ "time_start_gteq": from, "time_start_lt": to, "dst_prefix_routing_eq": "1" });
    let said = refuse(json!({ "filters": by_number })).await;
    assert_eq!(said, "filters - dst_prefix_routing_eq not allowed");
    let said = refuse(json!({ "filters": filters, "fields": ["time_start", "auth_orig_ip"] })).await;
    assert!(
        said.starts_with("fields - is not included in the list:") && !said.contains("auth_orig_ip"),
        "{said}"
    );
}
