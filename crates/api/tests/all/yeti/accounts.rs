//! `/accounts`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{CARRIER, FOREIGN, OFFICE, SHOP, UNKNOWN, refused};
use crate::harness::{NOW, Server, Talk};

const ACCOUNTS: &str = "/accounts";

/// The ids of a list.
async fn ids(server: &Server, login: &str, query: &str) -> Vec<String> {
    let answer = server.yeti_get(login, &format!("{ACCOUNTS}?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let id = |resource: &Value| resource["id"].as_str().unwrap().to_owned();
    answer.json()["data"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn an_account_is_shown_with_its_attributes_in_order() {
    let server = Server::start().await;
    server.change_directory(|text| {
        text.replacen(
            "name = \"Acme office\"",
            "name = \"Acme office\"\nlimits = { calls = 30, outgoing_calls = 20, incoming_calls = 10 }",
            1,
        )
    });
    let answer = server.yeti_get("ann", &format!("{ACCOUNTS}/{OFFICE}")).send().await;
    assert_eq!(answer.status, 200);
    let body = answer.text();
    let expected = format!(
        r#"{{"data":{{"id":"{OFFICE}","type":"accounts","links":{{"self":"http://example.org/api/rest/customer/v1/accounts/{OFFICE}"}},"attributes":{{"name":"Acme office","balance":"#
    );
    assert!(body.starts_with(&expected), "{body}");
    let names: Vec<_> = answer.json()["data"]["attributes"].as_object().unwrap().keys().cloned().collect();
    let in_order = [
        "name",
        "balance",
        "min-balance",
        "max-balance",
        "destination-rate-limit",
        "origination-capacity",
        "termination-capacity",
        "total-capacity",
        "currency",
    ];
    assert_eq!(names, in_order);
    let attributes = &answer.json()["data"]["attributes"];
    let capacities = ["origination-capacity", "termination-capacity", "total-capacity"];
    assert_eq!(capacities.map(|name| attributes[name].clone()), [json!(20), json!(10), json!(30)]);
}

/// The rates are those of the directory: the office pays 0.084 for a minute, the carrier is paid 0.006.
#[tokio::test]
async fn calls_move_the_balances_of_both_accounts() {
    let server = Server::start().await;
    let balance = |account: &'static str| {
        let asking = server.yeti_get("ann", &format!("{ACCOUNTS}/{account}"));
        async move { asking.send().await.json()["data"]["attributes"]["balance"].clone() }
    };
    assert_eq!([balance(OFFICE).await, balance(CARRIER).await], [json!("0.0"), json!("0.0")]);
    let (caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let talk = Talk {
        began_at: NOW - Duration::from_secs(600),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(60),
    };
    server.talked_call(caller, called, talk).await;
    assert_eq!([balance(OFFICE).await, balance(CARRIER).await], [json!("-0.084"), json!("0.006")]);
    assert_eq!(ids(&server, "ann", "filter[balance_lt]=0").await, [OFFICE]);
    let cdr = server.yeti_get("ann", "/cdrs?include=account").send().await.json();
    assert_eq!(cdr["included"][0]["attributes"]["balance"], "-0.084");
}

#[tokio::test]
async fn the_balances_are_asked_for_only_where_an_account_is_shown() {
    let server = Server::start().await;
    let history = server.folder.path().join("history/history.db");
    rusqlite::Connection::open(history).unwrap().execute_batch("DROP TABLE balances").unwrap();
    for path in ["/countries", "/rates", "/cdrs", "/cdr-exports", "/profiles"] {
        assert_eq!(server.yeti_get("ann", path).send().await.status, 200, "{path}");
    }
    for path in ["/accounts", "/cdrs?include=account"] {
        assert_eq!(server.yeti_get("ann", path).send().await.status, 500, "{path}");
    }
}

#[tokio::test]
async fn accounts_are_listed_by_id_as_far_as_the_client_may_see_them() {
    let server = Server::start().await;
    assert_eq!(ids(&server, "ann", "").await, [OFFICE, SHOP, CARRIER]);
    assert_eq!(ids(&server, "sue", "").await, [OFFICE]);
    assert_eq!(ids(&server, "gil", "").await[0], FOREIGN);
}

#[tokio::test]
async fn accounts_that_the_client_may_not_see_are_not_found() {
    let server = Server::start().await;
    for (login, id) in [("ann", FOREIGN), ("sue", SHOP), ("ann", UNKNOWN), ("ann", "1001")] {
        let answer = server.yeti_get(login, &format!("{ACCOUNTS}/{id}")).send().await;
        let detail = format!("The record identified by {id} could not be found.");
        refused(&answer, 404, 404, "Record not found", &detail);
    }
}

#[tokio::test]
async fn the_menu_of_the_portal_asks_for_names_alone() {
    let server = Server::start().await;
    let answer = server.yeti_get("sue", &format!("{ACCOUNTS}?fields[accounts]=name")).send().await;
    assert_eq!(answer.json()["data"][0]["attributes"], json!({ "name": "Acme office" }));
    assert_eq!(answer.json()["meta"], json!({ "total-count": 1 }));
}

#[tokio::test]
async fn names_are_compared_by_every_operator_of_texts() {
    let server = Server::start().await;
    let all = [OFFICE, SHOP, CARRIER].as_slice();
    let cases: [(&str, &[&str]); 17] = [
        ("name_eq=Acme shop", &[SHOP]),
        ("name_eq=acme shop", &[]),
        ("name_not_eq=Acme shop", &[OFFICE, CARRIER]),
        ("name_cont=OFF", &[OFFICE]),
        ("name_cont=e", all),
        ("name_cont=%25", &[]),
        ("name_cont=_", &[]),
        ("name_start=acme c", &[CARRIER]),
        ("name_start=shop", &[]),
        ("name_end=OP", &[SHOP]),
        ("name_in=Acme shop,Acme office", &[OFFICE, SHOP]),
        ("name_in=", all),
        ("name_not_in=Acme shop,Acme office", &[CARRIER]),
        ("name_cont_any=shop,carr", &[SHOP, CARRIER]),
        ("name-cont-any=SHOP", &[SHOP]),
        ("nameContAny=SHOP", &[SHOP]),
        ("name_eq][=Acme shop", &[SHOP]),
    ];
    for (filter, expected) in cases {
        let (name, value) = filter.split_once('=').unwrap();
        assert_eq!(
            ids(&server, "ann", &format!("filter[{name}]={value}").replace(' ', "%20")).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn numbers_are_compared_by_every_operator_of_numbers() {
    let server = Server::start().await;
    server.change_directory(|text| {
        let limits = |name: &str, calls: u32| format!("name = \"{name}\"\nlimits = {{ calls = {calls} }}");
        let text = text.replacen("name = \"Acme office\"", &limits("Acme office", 1), 1);
        text.replacen("name = \"Acme shop\"", &limits("Acme shop", 2), 1)
    });
    // The carrier has no limit: it passes no filter by it.
    let cases: [(&str, &[&str]); 14] = [
        ("eq=1", &[OFFICE]),
        ("not_eq=1", &[SHOP]),
        ("gt=1", &[SHOP]),
        ("gt=2", &[]),
        ("gteq=1", &[OFFICE, SHOP]),
        ("gteq=2", &[SHOP]),
        ("lt=2", &[OFFICE]),
        ("lt=1", &[]),
        ("lteq=1", &[OFFICE]),
        ("lteq=2", &[OFFICE, SHOP]),
        ("in=1,2,3", &[OFFICE, SHOP]),
        ("in=3", &[]),
        ("not_in=2,3", &[OFFICE]),
        ("not_in=3", &[OFFICE, SHOP]),
    ];
    for (filter, expected) in cases {
        let query = format!("filter[total_capacity_{filter}").replace('=', "]=");
        assert_eq!(ids(&server, "ann", &query).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn ids_are_compared_as_they_are_shown() {
    let server = Server::start().await;
    let cases: [(String, &[&str]); 8] = [
        (format!("filter[id]={SHOP}"), &[SHOP]),
        (format!("filter[id]={SHOP},{CARRIER}"), &[SHOP, CARRIER]),
        (format!("filter[id]={FOREIGN}"), &[]),
        (format!("filter[uuid_eq]={SHOP}"), &[SHOP]),
        (format!("filter[uuid_not_eq]={SHOP}"), &[OFFICE, CARRIER]),
        (format!("filter[uuid_in]={SHOP},{UNKNOWN}"), &[SHOP]),
        (format!("filter[uuid_not_in]={SHOP},{OFFICE}"), &[CARRIER]),
        ("filter[external_id_gteq]=1002".to_owned(), &[SHOP, CARRIER]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&server, "ann", &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn several_filters_must_all_be_passed_and_the_last_of_a_name_counts() {
    let server = Server::start().await;
    let both = "filter[name_cont]=acme&filter[external_id_gt]=1001";
    assert_eq!(ids(&server, "ann", both).await, [SHOP, CARRIER]);
    let twice = "filter[name_cont]=shop&filter[nameCont]=office";
    assert_eq!(ids(&server, "ann", twice).await, [OFFICE]);
    let listed = "filter[name_in][]=Acme%20shop&filter[nameIn][]=Acme%20office";
    assert_eq!(ids(&server, "ann", listed).await, [OFFICE, SHOP]);
}

#[tokio::test]
async fn filters_that_are_none_are_refused() {
    let server = Server::start().await;
    let not_allowed = |name: &str| (102, "Filter not allowed", format!("{name} is not allowed."));
    let value = |value: &str, name: &str| {
        (107, "Invalid filter value", format!("{value} is not a valid value for {name}."))
    };
    let cases = [
        ("name_gt=a", not_allowed("name_gt")),
        ("currency_eq=USD", not_allowed("currency_eq")),
        ("balance_cont=1", not_allowed("balance_cont")),
        ("name=x", not_allowed("name")),
        ("id_eq=1", not_allowed("id_eq")),
        ("center.name_eq=1", not_allowed("center.name_eq")),
        ("balance_eq=abc", value("abc", "balance_eq")),
        ("balance_eq=", value("", "balance_eq")),
        ("balance_eq=1,2", value("1,2", "balance_eq")),
        ("totalCapacityEq=1.5", value("1.5", "total_capacity_eq")),
        ("uuid_eq=7", value("7", "uuid_eq")),
        ("id=7", value("7", "id")),
    ];
    for (filter, (code, title, detail)) in cases {
        let query = format!("{ACCOUNTS}?filter[{}", filter.replacen('=', "]=", 1));
        refused(&server.yeti_get("ann", &query).send().await, 400, code, title, &detail);
    }
}

#[tokio::test]
async fn accounts_are_sorted_as_asked_and_then_by_id() {
    let server = Server::start().await;
    assert_eq!(ids(&server, "ann", "sort=name").await, [CARRIER, OFFICE, SHOP]);
    assert_eq!(ids(&server, "ann", "sort=-name").await, [SHOP, OFFICE, CARRIER]);
    assert_eq!(ids(&server, "ann", "sort=-id").await, [CARRIER, SHOP, OFFICE]);
    assert_eq!(ids(&server, "ann", "sort=total-capacity").await, [OFFICE, SHOP, CARRIER]);
    for (sort, shown) in
        [("currency", "currency"), ("uuid", "uuid"), ("-whatElse", "what_else"), ("a.b", "a.b")]
    {
        let answer = server.yeti_get("ann", &format!("{ACCOUNTS}?sort={sort}")).send().await;
        let detail = format!("{shown} is not a valid sort criteria for accounts");
        refused(&answer, 400, 114, "Invalid sort criteria", &detail);
    }
}

#[tokio::test]
async fn fields_and_relationships_that_are_none_are_refused() {
    let server = Server::start().await;
    let cases = [
        ("include=account", 112, "Invalid field", "account is not a valid relationship of accounts"),
        ("fields=name", 119, "Invalid field format", "Fields must specify a type."),
        ("fields[cars]=name", 101, "Invalid resource", "cars is not a valid resource."),
        ("fields[accounts]=", 104, "Invalid field", "nil is not a valid field for accounts."),
        ("fields[accounts]=name,uuid", 104, "Invalid field", "uuid is not a valid field for accounts."),
        (
            "fields[accounts]=min_balance",
            104,
            "Invalid field",
            "min_balance is not a valid field for accounts.",
        ),
    ];
    for (query, code, title, detail) in cases {
        for place in [ACCOUNTS.to_owned(), format!("{ACCOUNTS}/{OFFICE}")] {
            let answer = server.yeti_get("ann", &format!("{place}?{query}")).send().await;
            refused(&answer, 400, code, title, detail);
        }
    }
}

#[tokio::test]
async fn one_account_checks_filters_but_not_pages_and_orders() {
    let server = Server::start().await;
    let ask = |query: &str| server.yeti_get("ann", &format!("{ACCOUNTS}/{OFFICE}?{query}")).send();
    assert_eq!(ask("filter[name_eq]=other&page=0&sort=what").await.status, 200);
    refused(&ask("filter[what]=1").await, 400, 102, "Filter not allowed", "what is not allowed.");
}
