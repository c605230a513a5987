//! `/services`, `/transactions` and `/phone-systems-sessions`.

use std::time::Duration;

use serde_json::json;

use super::{OFFICE, UNKNOWN, records::list, refused};
use crate::harness::Server;

const SEATS: &str = "50000000-0000-4000-8000-000000000001";
const SETUP: &str = "50000000-0000-4000-8000-000000000002";
const FOREIGN: &str = "50000000-0000-4000-8000-000000000009";
const DAY: Duration = Duration::from_secs(86_400);

/// Seats of the office, which were renewed twice; what was set up for its shop; what has not begun; what is another
/// customer's. It is 2026-01-02, noon.
async fn server() -> Server {
    let server = Server::start().await;
    let services = format!(
        r#"
        [[services]]
        account = 1001
        name = "Ten seats"
        type = "Hosted PBX"
        uuid = "{SEATS}"
        initial_price = "50"
        renew_price = "9.90"
        renew_period = "month"
        starts_at = 2025-10-31T08:00:00Z

        [[services]]
        account = 1002
        name = "Setup"
        type = "Work"
        uuid = "{SETUP}"
        initial_price = "120.5"
        starts_at = 2026-01-01T00:00:00Z
        ends_at = 2026-01-02T00:00:00Z

        [[services]]
        account = 1001
        name = "Later"
        type = "Work"
        initial_price = "1"
        starts_at = 2026-01-03T00:00:00Z

        [[services]]
        account = 2001
        name = "Globex seats"
        type = "Hosted PBX"
        uuid = "{FOREIGN}"
        initial_price = "7"
        starts_at = 2026-01-01T00:00:00Z
        "#
    );
    server.change_directory(|text| format!("{text}\n{services}"));
    server
}

async fn balance(server: &Server) -> String {
    let account = server.yeti_get("ann", &format!("/accounts/{OFFICE}")).send().await.json();
    account["data"]["attributes"]["balance"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn services_that_have_begun_are_shown_with_what_they_cost() {
    let server = server().await;
    let found = list(&server, "ann", "/services", "").await;
    assert_eq!(found.ids, [SETUP, SEATS]);
    let seats = json!({
        "name": "Ten seats", "state": "Active", "initial-price": "50.0", "renew-price": "9.9",
        "created-at": "2025-10-31T08:00:00.000Z", "renew-at": "2026-01-31T08:00:00.000Z",
        "renew-period": "Month", "service-type": "Hosted PBX",
    });
    let setup = json!({
        "name": "Setup", "state": "Terminated", "initial-price": "120.5", "renew-price": "0.0",
        "created-at": "2026-01-01T00:00:00.000Z", "renew-at": null, "renew-period": "Disabled",
        "service-type": "Work",
    });
    assert_eq!([&found.data[0]["attributes"], &found.data[1]["attributes"]], [&setup, &seats]);
    let one = server.yeti_get("ann", &format!("/services/{SEATS}?include=account")).send().await.json();
    assert_eq!((&one["data"]["attributes"], &one["included"][0]["id"]), (&seats, &json!(OFFICE)));
    assert_eq!(list(&server, "gil", "/services", "").await.ids, [FOREIGN]);
}

#[tokio::test]
async fn services_are_filtered_and_sorted_as_yeti_does() {
    let server = server().await;
    for (query, ids) in [
        ("filter[name_cont]=SEAT", vec![SEATS]),
        ("filter[initial_price_gt]=100", vec![SETUP]),
        ("filter[renew_price_eq]=9.9", vec![SEATS]),
        ("filter[created_at_lt]=2025-12-01", vec![SEATS]),
        ("filter[renew_at_gteq]=2026-01-31", vec![SEATS]),
        ("filter[renew_period_in]=Day,Month", vec![SEATS]),
        ("filter[renew_period_not_eq]=Month", vec![SETUP]),
        (&format!("filter[account_id_eq]={OFFICE}"), vec![SEATS]),
        (&format!("filter[id]={SETUP}"), vec![SETUP]),
        ("sort=-initial-price", vec![SETUP, SEATS]),
        ("sort=renew-at", vec![SEATS, SETUP]),
        ("page[size]=1&page[number]=2", vec![SEATS]),
    ] {
        assert_eq!(list(&server, "ann", "/services", query).await.ids, ids, "{query}");
    }
    for (query, code, title, detail) in [
        ("filter[state_eq]=Active", 102, "Filter not allowed", "state_eq is not allowed."),
        (
            "filter[renew_period_eq]=Week",
            107,
            "Invalid filter value",
            "Week is not a valid value for renew_period_eq.",
        ),
        ("sort=state", 114, "Invalid sort criteria", "state is not a valid sort criteria for services"),
        ("include=service", 112, "Invalid field", "service is not a valid relationship of services"),
    ] {
        let answer = server.yeti_get("ann", &format!("/services?{query}")).send().await;
        refused(&answer, 400, code, title, detail);
    }
    let foreign = server.yeti_get("ann", &format!("/services/{FOREIGN}")).send().await;
    let detail = format!("The record identified by {FOREIGN} could not be found.");
    refused(&foreign, 404, 404, "Record not found", &detail);
}

#[tokio::test]
async fn what_a_service_is_charged_is_a_transaction_and_comes_off_the_balance() {
    let server = server().await;
    let found = list(&server, "ann", "/transactions", &format!("filter[account_id_eq]={OFFICE}")).await;
    assert_eq!(found.shown("description"), ["Renew service", "Renew service", "Service creation"]);
    assert_eq!(found.shown("amount"), ["9.9", "9.9", "50.0"]);
    let days = ["2025-12-31T08:00:00.000Z", "2025-11-30T08:00:00.000Z", "2025-10-31T08:00:00.000Z"];
    assert_eq!(found.shown("created-at"), days);
    assert_eq!(balance(&server).await, "-69.8");
    server.clock.advance(30 * DAY);
    let later =
        list(&server, "ann", "/transactions", &format!("filter[service_id_eq]={SEATS}&sort=created-at"))
            .await;
    assert_eq!(
        (later.total, later.shown("created-at").pop().unwrap().as_str()),
        (4, "2026-01-31T08:00:00.000Z")
    );
    assert!(found.ids.iter().all(|id| later.ids.contains(id)), "ids stay");
    // The other one has begun meanwhile.
    assert_eq!(balance(&server).await, "-80.7");
}

#[tokio::test]
async fn transactions_are_found_by_all_that_yeti_finds_them_by() {
    let server = server().await;
    for (query, total) in [
        ("", 4),
        ("filter[amount_gteq]=50", 2),
        ("filter[description_start]=renew", 2),
        ("filter[created_at_gt]=2025-11-30T08:00:00Z", 2),
        (&format!("filter[service_id_in]={SETUP},{FOREIGN}"), 1),
        (&format!("filter[service_id_not_eq]={SETUP}"), 3),
        (&format!("filter[account_id_eq]={UNKNOWN}"), 0),
    ] {
        assert_eq!(list(&server, "ann", "/transactions", query).await.total, total, "{query}");
    }
    let by_service =
        list(&server, "ann", "/transactions", "sort=service-id,-amount&include=service,account").await;
    assert_eq!(by_service.shown("amount"), ["50.0", "9.9", "9.9", "120.5"]);
    assert_eq!(
        by_service.data[0]["relationships"]["service"]["data"],
        json!({ "type": "services", "id": SEATS })
    );
    assert_eq!(by_service.body["included"].as_array().unwrap().len(), 4, "two services and their accounts");
    let answer = server.yeti_get("ann", "/transactions?sort=description").send().await;
    let detail = "description is not a valid sort criteria for transactions";
    refused(&answer, 400, 114, "Invalid sort criteria", detail);
    let id = &by_service.ids[0];
    let path = format!("/transactions/{id}/service");
    assert_eq!(server.yeti_get("ann", &path).send().await.json()["data"]["id"], SEATS);
    let foreign = server.yeti_get("gil", &format!("/transactions/{id}")).send().await;
    assert_eq!(foreign.status, 404, "{}", foreign.text());
}

#[tokio::test]
async fn a_service_leads_to_its_transactions() {
    let server = server().await;
    let one = server.yeti_get("ann", &format!("/services/{SEATS}?include=transactions")).send().await.json();
    let linked = one["data"]["relationships"]["transactions"]["data"].as_array().unwrap();
    let included = one["included"].as_array().unwrap();
    assert_eq!((linked.len(), included.len()), (3, 3));
    assert!(
        included.iter().zip(linked).all(|(it, link)| it["id"] == link["id"] && it["type"] == "transactions")
    );
    let url = one["data"]["relationships"]["transactions"]["links"]["related"].as_str().unwrap();
    assert_eq!(url, format!("http://example.org/api/rest/customer/v1/services/{SEATS}/transactions"));
    let page =
        list(&server, "ann", &format!("/services/{SEATS}/transactions"), "page[size]=2&sort=amount").await;
    assert_eq!((page.total, page.shown("amount")), (3, vec!["9.9".to_owned(), "9.9".to_owned()]));
    assert!(page.body["links"]["next"].as_str().unwrap().starts_with(url));
    let links =
        server.yeti_get("ann", &format!("/services/{SEATS}/relationships/transactions")).send().await.json();
    assert_eq!(links["data"].as_array().unwrap(), linked);
}

#[tokio::test]
async fn no_session_of_a_phone_system_is_made_up() {
    let server = server().await;
    let ask = async |login: &str, attributes: serde_json::Value| {
        let data = json!({ "type": "phone-systems-sessions", "attributes": attributes });
        server.yeti_post(login, "/phone-systems-sessions", json!({ "data": data })).await
    };
    for (service, message) in [
        (json!(SEATS), "failed to create Phone Systems session"),
        (json!(FOREIGN), "service not found"),
        (json!("seats"), "service not found"),
        (json!(null), "service not found"),
    ] {
        let answer = ask("ann", json!({ "service": service })).await;
        let error = json!({ "title": message, "detail": message, "code": "100",
                            "source": { "pointer": "/data" }, "status": "422" });
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]), (422, &error));
    }
    let answer = ask("ann", json!({ "phone-systems-url": "x" })).await;
    refused(&answer, 400, 105, "Param not allowed", "phone-systems-url is not allowed.");
}
