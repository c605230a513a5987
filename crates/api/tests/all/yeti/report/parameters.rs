//! The parameters of all reports.

use serde_json::json;

use super::{KINDS, ORIGINATION, refused, report, required};
use crate::{
    harness::Server,
    yeti::{BASE, FOREIGN, OFFICE, SHOP, UNKNOWN},
};

const VALID: [&str; 2] = ["from-time=2026-01-02", "sampling=minute"];

/// A valid query of any report but for what is added.
fn valid(account: &str) -> String {
    format!("account-id={account}&{}", VALID.join("&"))
}

#[tokio::test]
async fn absent_parameters_are_reported_together_and_first() {
    let server = Server::start().await;
    for kind in KINDS {
        let names = required(kind);
        let missing = |names: &[&str]| format!("missing required param(s) {}", names.join(", "));
        refused(&report(&server, kind, "").await, &missing(&names));
        refused(&report(&server, kind, "account_id=1&to-time=never").await, &missing(&names));
        for name in &names {
            let others =
                valid(OFFICE).split('&').filter(|pair| !pair.starts_with(name)).collect::<Vec<_>>().join("&");
            refused(&report(&server, kind, &format!("{others}&auth-orig-ip=x")).await, &missing(&[name]));
        }
        assert_eq!(report(&server, kind, &valid(OFFICE)).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn wrong_values_are_reported_by_name_in_the_order_of_the_query() {
    let server = Server::start().await;
    let times = ["from-time", "to-time"];
    let wrong_times =
        ["", "soon", "1767355200", "2026-01-02T25:00:00Z", "10000-01-01", "%ff"].map(String::from);
    let numbers = ["src-country-id", "dst-country-id", "duration-eq", "duration-gt", "duration-lt"];
    let prices = ["price-eq", "price-gt", "price-lt"];
    let wrong_numbers = ["", "abc", "1x", "NaN", "99999999999999999999999999999999"].map(String::from);
    for kind in KINDS.into_iter().filter(|kind| required(kind).contains(&"from-time")) {
        let side = if kind.starts_with("/origination") { "customer" } else { "vendor" };
        let prices = prices.map(|price| format!("{side}-{price}"));
        let numbers = numbers.into_iter().chain(prices.iter().map(String::as_str)).collect::<Vec<_>>();
        for (names, values) in [(&times[..], &wrong_times[..]), (&numbers[..], &wrong_numbers[..])] {
            for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (name, value))) {
                let answer = report(&server, kind, &format!("{}&{name}={value}", valid(OFFICE))).await;
                refused(&answer, &format!("invalid value {name}"));
            }
        }
        let order = format!("duration-gt=x&from-time=x&account-id={OFFICE}&sampling=x");
        refused(&report(&server, kind, &order).await, "invalid value duration-gt");
        let order = format!("from-time=x&duration-gt=x&account-id={UNKNOWN}&sampling=minute");
        refused(&report(&server, kind, &order).await, "invalid value from-time");
    }
    let address = format!("{}&auth-orig-ip=x", valid(OFFICE));
    refused(&report(&server, ORIGINATION, &address).await, "invalid value auth-orig-ip");
}

#[tokio::test]
async fn accounts_that_the_client_may_not_see_are_wrong_values() {
    let server = Server::start().await;
    for kind in KINDS {
        for account in [UNKNOWN, FOREIGN, "", "7", &OFFICE.replace('-', "")] {
            refused(&report(&server, kind, &valid(account)).await, "invalid value account-id");
        }
        let path = format!("{kind}?{}", valid(SHOP));
        assert_eq!(server.yeti_get("ann", &path).send().await.status, 200);
        refused(&server.yeti_get("sue", &path).send().await, "invalid value account-id");
    }
}

#[tokio::test]
async fn lists_and_objects_are_no_values() {
    let server = Server::start().await;
    for kind in KINDS {
        for name in required(kind).into_iter().chain(["dst-prefix-routing-contains"]) {
            let answer = report(&server, kind, &format!("{}&{name}[]=1", valid(OFFICE))).await;
            refused(&answer, &format!("param {name} can't be an array"));
            let answer = report(&server, kind, &format!("{}&{name}%5Ba%5D=1", valid(OFFICE))).await;
            refused(&answer, &format!("invalid value {name}"));
        }
    }
}

#[tokio::test]
async fn of_a_repeated_parameter_the_last_counts() {
    let server = Server::start().await;
    for kind in KINDS {
        let twice =
            format!("account-id=x&{}&src-prefix-routing-eq[]=1&src-prefix-routing-eq=1", valid(OFFICE));
        assert_eq!(report(&server, kind, &twice).await.status, 200, "{kind}");
        let twice = format!("{}&account-id=x", valid(OFFICE));
        refused(&report(&server, kind, &twice).await, "invalid value account-id");
    }
}

#[tokio::test]
async fn a_report_from_the_future_is_an_empty_list_if_nothing_is_wrong() {
    let server = Server::start().await;
    let future = format!("from-time=2026-01-02T12:00:01Z&sampling=minute&account-id={OFFICE}");
    for kind in KINDS.into_iter().filter(|kind| required(kind).contains(&"from-time")) {
        let answer = report(&server, kind, &format!("{future}&duration-gt=1")).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!([])), "{kind}");
        let answer = report(&server, kind, &format!("{future}&duration-gt=x")).await;
        refused(&answer, "invalid value duration-gt");
    }
}

#[tokio::test]
async fn without_credentials_there_is_no_body() {
    let server = Server::start().await;
    for kind in KINDS {
        for token in ["", "wrong"] {
            let asking = server.get(&format!("{BASE}{kind}")).header("authorization", token);
            let answer = asking.header("accept", "*/*").send().await;
            assert_eq!((answer.status.as_u16(), answer.text()), (401, ""), "{kind}");
            assert_eq!([answer.header("content-type"), answer.header("vary")], ["", ""]);
        }
    }
}

#[tokio::test]
async fn parameters_of_the_other_side_are_unknown() {
    let server = Server::start().await;
    for kind in KINDS.into_iter().filter(|kind| required(kind).contains(&"from-time")) {
        let others = if kind.starts_with("/origination") {
            "vendor-price-eq=x"
        } else {
            "customer-price-eq=x&auth-orig-ip[]=x"
        };
        let answer = report(&server, kind, &format!("{}&{others}&filter[x]=1&page=x", valid(OFFICE))).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
    }
}
