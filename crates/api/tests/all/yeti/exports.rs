//! `/cdr-exports`: creating, listing and reading them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{FOREIGN, OFFICE, SHOP, UNKNOWN, errors, invalid, refused};
use crate::harness::{Answer, Server};

const EXPORTS: &str = "/cdr-exports";
const FILTERS: &str = "/data/attributes/filters";

fn a_day() -> Value {
    json!({ "time_start_gteq": "2026-01-01 00:00:00", "time_start_lt": "2026-01-02 00:00:00" })
}

fn document(account: &str, attributes: Value) -> Value {
    let account = json!({ "data": { "type": "accounts", "id": account } });
    json!({ "data": { "type": "cdr-exports", "attributes": attributes, "relationships": { "account": account } } })
}

pub(super) async fn create(server: &Server, login: &str, account: &str, attributes: Value) -> Answer {
    server.yeti_post(login, EXPORTS, document(account, attributes)).await
}

/// The id of a new export.
async fn created(server: &Server, login: &str, account: &str, attributes: Value) -> String {
    let answer = create(server, login, account, attributes).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"]["id"].as_str().unwrap().to_owned()
}

/// The ids of a list.
async fn ids(server: &Server, login: &str, query: &str) -> Vec<String> {
    let answer = server.yeti_get(login, &format!("{EXPORTS}?{query}")).send().await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let body = answer.json();
    let id = |resource: &Value| resource["id"].as_str().unwrap().to_owned();
    body["data"].as_array().unwrap().iter().map(id).collect()
}

/// Waits until an export is no longer pending.
async fn done(server: &Server, id: &str) {
    let path = format!("{EXPORTS}/{id}");
    while server.yeti_get("ann", &path).send().await.json()["data"]["attributes"]["status"] == "Pending" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_sample_of_the_documentation_is_answered() {
    let server = Server::start().await;
    let filters = json!({
        "time_start_gteq": "2019-01-01 00:00:00", "time_start_lt": "2019-01-02 00:00:00", "success_eq": true,
        "duration_eq": 60, "duration_gteq": 0, "duration_lteq": 100,
        "src_prefix_routing_eq": "123", "dst_prefix_routing_eq": "456" });
    let answer = create(&server, "ann", OFFICE, json!({ "filters": filters })).await;
    let id = answer.json()["data"]["id"].as_str().unwrap().to_owned();
    let place = format!("http://example.org/api/rest/customer/v1/cdr-exports/{id}");
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"cdr-exports","links":{{"self":"{place}"}},"attributes":{{"filters":{{"time_start_gteq":"2019-01-01T00:00:00.000Z","time_start_lt":"2019-01-02T00:00:00.000Z","success_eq":true,"duration_eq":60,"duration_gteq":0,"duration_lteq":100,"src_prefix_routing_eq":"123","dst_prefix_routing_eq":"456"}},"status":"Pending","rows-count":null,"created-at":"2026-01-02T12:00:00.000Z","updated-at":"2026-01-02T12:00:00.000Z"}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (201, body.as_str()));
    assert_eq!(answer.header("location"), place);
    assert_eq!(answer.header("content-length"), "817");
}

#[tokio::test]
async fn filters_are_shown_in_order_without_those_that_were_not_given() {
    let server = Server::start().await;
    let filters = json!({
        "dst_prefix_routing_eq": "", "src_prefix_routing_eq": 123, "duration_lteq": "7", "duration_eq": null,
        "success_eq": "f", "time_start_lt": "2026-01-02T02:00:00.5+02:00", "time_start_gteq": "2026-01-01" });
    let answer = create(&server, "ann", OFFICE, json!({ "filters": filters })).await;
    let shown = answer.json()["data"]["attributes"]["filters"].to_string();
    let expected = r#"{"time_start_gteq":"2026-01-01T00:00:00.000Z","time_start_lt":"2026-01-02T00:00:00.500Z","success_eq":false,"duration_lteq":7,"src_prefix_routing_eq":"123"}"#;
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn time_format_and_zone_are_shown_if_they_were_given() {
    let server = Server::start().await;
    let given = [
        (json!({}), (None, None)),
        (json!({ "time-zone-name": null }), (None, Some(json!(null)))),
        (json!({ "time-zone-name": "" }), (None, Some(json!("")))),
        (
            json!({ "time-format": "round_to_seconds", "time-zone-name": "Europe/Kyiv" }),
            (Some(json!("round_to_seconds")), Some(json!("Europe/Kyiv"))),
        ),
        (json!({ "time-zone-name": "europe/kyiv" }), (None, Some(json!("europe/kyiv")))),
    ];
    for (mut attributes, (time_format, zone)) in given {
        attributes["filters"] = a_day();
        let shown = create(&server, "ann", OFFICE, attributes).await.json()["data"]["attributes"].clone();
        assert_eq!(shown.get("time-format").cloned(), time_format);
        assert_eq!(shown.get("time-zone-name").cloned(), zone);
    }
}

#[tokio::test]
async fn filters_must_be_there() {
    let server = Server::start().await;
    for attributes in
        [json!({}), json!({ "filters": null }), json!({ "filters": {} }), json!({ "filters": { "foo": 1 } })]
    {
        let answer = create(&server, "ann", OFFICE, attributes).await;
        invalid(&answer, "can't be blank", "filters - can't be blank", FILTERS);
    }
    for filters in [json!([]), json!(7), json!("x"), json!([1])] {
        let answer = create(&server, "ann", OFFICE, json!({ "filters": filters })).await;
        invalid(&answer, "is invalid", "filters - is invalid", FILTERS);
    }
}

/// The details of what is wrong with filters.
async fn details(server: &Server, filters: Value) -> Vec<String> {
    let answer = create(server, "ann", OFFICE, json!({ "filters": filters })).await;
    let errors = errors(&answer, 422);
    assert!(errors.iter().all(|[title, detail, code, pointer]| {
        *detail == format!("filters - {title}") && code == "100" && pointer == FILTERS
    }));
    errors.into_iter().map(|[_, detail, ..]| detail).collect()
}

#[tokio::test]
async fn both_bounds_must_be_there_and_be_times() {
    let server = Server::start().await;
    let (from, to) = ("filters - requires time_start_gteq", "filters - requires time_start_lt");
    assert_eq!(details(&server, json!({ "success_eq": true })).await, [from, to]);
    assert_eq!(details(&server, json!({ "time_start_lt": "2026-01-01" })).await, [from]);
    for value in [json!(null), json!("x"), json!(""), json!(1_767_355_200), json!([]), json!({})] {
        let filters = json!({ "time_start_gteq": "2026-01-01", "time_start_lt": value });
        assert_eq!(details(&server, filters).await, [to]);
    }
}

#[tokio::test]
async fn other_filters_are_not_allowed_and_named_in_their_order() {
    let server = Server::start().await;
    let mut filters = a_day();
    filters["customer_id_eq"] = json!(1);
    filters["customer_acc_id_eq"] = json!(2);
    let expected = ["filters - customer_id_eq, customer_acc_id_eq not allowed"];
    assert_eq!(details(&server, filters).await, expected);
    let mut filters = a_day();
    filters["foo"] = json!({});
    filters["bar"] = json!(null);
    assert_eq!(details(&server, filters).await, ["filters - foo, bar not allowed"]);
}

#[tokio::test]
async fn values_of_another_kind_are_refused_by_name() {
    let server = Server::start().await;
    let wrong = [
        ("success_eq", json!([])),
        ("success_eq", json!("maybe")),
        ("success_eq", json!(2)),
        ("success_eq", json!("off")),
        ("duration_eq", json!("abc")),
        ("duration_gteq", json!(1.5)),
        ("duration_lteq", json!({})),
        ("src_prefix_routing_eq", json!(["1"])),
        ("dst_prefix_routing_eq", json!(true)),
    ];
    for (name, value) in wrong {
        let mut filters = a_day();
        filters[name] = value;
        assert_eq!(details(&server, filters).await, [format!("filters - {name} is invalid")]);
    }
}

#[tokio::test]
async fn time_formats_and_zones_come_from_a_list() {
    let server = Server::start().await;
    let list = "is not included in the list: with_timezone, without_timezone, round_to_seconds";
    let cases = [
        (json!("x"), vec![list]),
        (json!(7), vec![list]),
        (json!(null), vec!["can't be blank", list]),
        (json!(""), vec!["can't be blank", list]),
    ];
    for (value, messages) in cases {
        let answer =
            create(&server, "ann", OFFICE, json!({ "filters": a_day(), "time-format": value })).await;
        let titles: Vec<_> = errors(&answer, 422).into_iter().map(|[title, ..]| title).collect();
        assert_eq!(titles, messages);
    }
    for zone in [json!("Europe/Nowhere"), json!(7), json!(" ")] {
        let answer =
            create(&server, "ann", OFFICE, json!({ "filters": a_day(), "time-zone-name": zone })).await;
        let (detail, pointer) =
            ("time-zone-name - is not included in the list", "/data/attributes/time-zone-name");
        invalid(&answer, "is not included in the list", detail, pointer);
    }
}

#[tokio::test]
async fn columns_come_from_a_list_and_keep_its_order() {
    let server = Server::start().await;
    let fields = json!(["pai_in", "time_start", "orig_call_id", "pai_in"]);
    let answer = create(&server, "ann", OFFICE, json!({ "filters": a_day(), "fields": fields })).await;
    assert_eq!(answer.status, 201);
    let shown = &answer.json()["data"]["attributes"]["fields"];
    assert_eq!(*shown, json!(["time_start", "orig_call_id", "pai_in"]));
    let answer = create(&server, "ann", OFFICE, json!({ "filters": a_day(), "fields": [] })).await;
    invalid(&answer, "can't be blank", "fields - can't be blank", "/data/attributes/fields");
    for value in [json!(["Time Start"]), json!("time_start"), json!([7]), json!(null)] {
        let answer = create(&server, "ann", OFFICE, json!({ "filters": a_day(), "fields": value })).await;
        let [[title, _, code, pointer]] = errors(&answer, 422).try_into().unwrap();
        assert!(title.starts_with("is not included in the list: time_start, time_connect, "), "{title}");
        assert_eq!((&*code, &*pointer), ("100", "/data/attributes/fields"));
    }
}

#[tokio::test]
async fn the_account_must_be_one_that_the_client_may_see() {
    let server = Server::start().await;
    let pointer = "/data/relationships/account";
    for (login, account) in [("ann", UNKNOWN), ("ann", FOREIGN), ("sue", SHOP)] {
        let answer = create(&server, login, account, json!({ "filters": a_day() })).await;
        invalid(&answer, "is invalid", "account - is invalid", pointer);
    }
    let mut body = document(OFFICE, json!({ "filters": a_day() }));
    body["data"]["relationships"] = json!({});
    let answer = server.yeti_post("ann", EXPORTS, &body).await;
    invalid(&answer, "can't be blank", "account - can't be blank", pointer);
}

#[tokio::test]
async fn mistakes_of_the_export_come_before_those_of_the_account() {
    let server = Server::start().await;
    let answer = create(&server, "ann", UNKNOWN, json!({ "time-format": "x" })).await;
    let pointers: Vec<_> = errors(&answer, 422).into_iter().map(|[.., pointer]| pointer).collect();
    assert_eq!(pointers, [FILTERS, "/data/attributes/time-format", "/data/relationships/account"]);
}

#[tokio::test]
async fn what_clients_may_not_say_is_refused() {
    let server = Server::start().await;
    for name in ["status", "rows-count", "created-at", "time_format", "id"] {
        let attributes: Map<_, _> =
            [("filters".to_owned(), a_day()), (name.to_owned(), json!(1))].into_iter().collect();
        let answer = create(&server, "ann", OFFICE, attributes.into()).await;
        refused(&answer, 400, 105, "Param not allowed", &format!("{name} is not allowed."));
    }
}

#[tokio::test]
async fn an_export_is_completed_and_counts_its_rows() {
    let server = Server::start().await;
    let id = created(&server, "ann", OFFICE, json!({ "filters": a_day() })).await;
    server.clock.advance(Duration::from_secs(1));
    done(&server, &id).await;
    let attributes =
        server.yeti_get("ann", &format!("{EXPORTS}/{id}")).send().await.json()["data"]["attributes"].clone();
    assert_eq!((&attributes["status"], &attributes["rows-count"]), (&json!("Completed"), &json!(0)));
    assert_eq!(attributes["created-at"], "2026-01-02T12:00:00.000Z");
}

#[tokio::test]
async fn exports_are_found_by_id_by_who_may_see_their_account() {
    let server = Server::start().await;
    let id = created(&server, "ann", SHOP, json!({ "filters": a_day() })).await;
    let foreign = created(&server, "gil", FOREIGN, json!({ "filters": a_day() })).await;
    for rest in ["", "/account", "/relationships/account", "/download"] {
        for (login, id) in
            [("sue", id.as_str()), ("gil", &id), ("ann", &foreign), ("ann", UNKNOWN), ("ann", "7")]
        {
            let answer = server.yeti_get(login, &format!("{EXPORTS}/{id}{rest}")).send().await;
            let detail = format!("The record identified by {id} could not be found.");
            refused(&answer, 404, 404, "Record not found", &detail);
        }
    }
    let shown = server.yeti_get("ann", &format!("{EXPORTS}/{id}")).send().await;
    assert_eq!(shown.json()["data"]["id"], id);
}

#[tokio::test]
async fn an_export_leads_to_its_account() {
    let server = Server::start().await;
    let id = created(&server, "ann", SHOP, json!({ "filters": a_day() })).await;
    let place = format!("http://example.org/api/rest/customer/v1/cdr-exports/{id}");
    let answer = server.yeti_get("ann", &format!("{EXPORTS}/{id}/relationships/account")).send().await;
    let expected = format!(
        r#"{{"data":{{"type":"accounts","id":"{SHOP}"}},"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (200, expected.as_str()));
    let answer = server.yeti_get("ann", &format!("{EXPORTS}/{id}/account")).send().await.json();
    assert_eq!(
        (&answer["data"]["id"], &answer["data"]["attributes"]["name"]),
        (&json!(SHOP), &json!("Acme shop"))
    );
    let answer = server.yeti_get("ann", &format!("{EXPORTS}/{id}?include=account")).send().await.json();
    assert_eq!(answer["included"][0]["id"], SHOP);
    assert_eq!(answer["data"]["relationships"]["account"]["data"], json!({ "type": "accounts", "id": SHOP }));
}

/// Three exports, a minute apart: of the office, the shop, and the office again, in Kyiv.
async fn three(server: &Server) -> [String; 3] {
    let minute = Duration::from_secs(60);
    let first = created(server, "ann", OFFICE, json!({ "filters": a_day() })).await;
    done(server, &first).await;
    server.clock.advance(minute);
    let second =
        created(server, "ann", SHOP, json!({ "filters": a_day(), "time-format": "round_to_seconds" })).await;
    done(server, &second).await;
    server.clock.advance(minute);
    let third =
        created(server, "ann", OFFICE, json!({ "filters": a_day(), "time-zone-name": "Europe/Kyiv" })).await;
    done(server, &third).await;
    [first, second, third]
}

#[tokio::test]
async fn lists_show_the_newest_first_of_the_accounts_that_the_client_may_see() {
    let server = Server::start().await;
    let [first, second, third] = three(&server).await;
    created(&server, "gil", FOREIGN, json!({ "filters": a_day() })).await;
    assert_eq!(ids(&server, "ann", "").await, [third.clone(), second, first.clone()]);
    assert_eq!(ids(&server, "sue", "").await, [third, first]);
    let list = server.yeti_get("sue", EXPORTS).send().await.json();
    assert_eq!(list["meta"], json!({ "total-count": 2 }));
}

#[tokio::test]
async fn lists_are_sorted_as_asked() {
    let server = Server::start().await;
    let [first, second, third] = three(&server).await;
    let ascending = [first.clone(), second.clone(), third.clone()];
    assert_eq!(ids(&server, "ann", "sort=created-at").await, ascending);
    assert_eq!(ids(&server, "ann", "sort=status,created-at").await, ascending);
    assert_eq!(ids(&server, "ann", "sort=-time-format,-updatedAt").await, [third, first, second]);
    let mut by_id = ascending.to_vec();
    by_id.sort();
    assert_eq!(ids(&server, "ann", "sort=id").await, by_id);
    for name in ["filters", "account", "createdat"] {
        let answer = server.yeti_get("ann", &format!("{EXPORTS}?sort=-{name}")).send().await;
        let detail = format!("{name} is not a valid sort criteria for cdr-exports");
        refused(&answer, 400, 114, "Invalid sort criteria", &detail);
    }
}

#[tokio::test]
async fn lists_are_filtered_as_asked() {
    let server = Server::start().await;
    let [first, second, third] = three(&server).await;
    let all = || vec![third.clone(), second.clone(), first.clone()];
    let unknown = format!("filter[account_id_eq]={UNKNOWN}");
    let office = format!("filter[accountIdEq]={OFFICE}");
    let not_shop = format!("filter[account-id-not-in]={SHOP},{UNKNOWN}");
    let by_id = format!("filter[id]={first},{second}");
    let cases = [
        ("filter[status_eq]=Completed", all()),
        ("filter[status-eq]=Pending", vec![]),
        ("filter[statusNotEq]=Failed", all()),
        ("filter[status_in]=Failed,Deleted", vec![]),
        ("filter[status_in]=", all()),
        ("filter[rows_count_gt]=0", vec![]),
        ("filter[rows_count_eq]=0", all()),
        ("filter[created_at_gteq]=2026-01-02T12:01:00Z", vec![third.clone(), second.clone()]),
        ("filter[created_at_lt]=2026-01-02T12:01:00Z", vec![first.clone()]),
        ("filter[updated_at_gt]=2026-01-02 12:01:00", vec![third.clone()]),
        ("filter[time_zone_name_eq]=Europe/Kyiv", vec![third.clone()]),
        ("filter[time_zone_name_cont]=KYIV", vec![third.clone()]),
        ("filter[time_zone_name_not_eq]=UTC", vec![third.clone()]),
        ("filter[time_format]=round_to_seconds", vec![second.clone()]),
        ("filter[time_format]=\"with_timezone\"", vec![third.clone(), first.clone()]),
        (office.as_str(), vec![third.clone(), first.clone()]),
        (not_shop.as_str(), vec![third.clone(), first.clone()]),
        (unknown.as_str(), vec![]),
        (by_id.as_str(), vec![second.clone(), first.clone()]),
        ("filter[status_eq]=Failed&filter[status_eq]=Completed&filter[rows_count_lt]=1", all()),
    ];
    for (query, expected) in cases {
        assert_eq!(
            ids(&server, "ann", &query.replace(' ', "%20").replace('"', "%22")).await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn wrong_filters_are_refused() {
    let server = Server::start().await;
    let value = |value: &str, filter: &str| {
        (107, "Invalid filter value", format!("{value} is not a valid value for {filter}."))
    };
    let not_allowed = |name: &str| (102, "Filter not allowed", format!("{name} is not allowed."));
    let cases = [
        ("filter[status_eq]=test", value("test", "status_eq")),
        ("filter[status_eq]=Pending,Failed", value("Pending,Failed", "status_eq")),
        ("filter[status_eq]=", value("", "status_eq")),
        ("filter[rows_count_gt]=abc", value("abc", "rows_count_gt")),
        ("filter[created_at_lt]=never", value("never", "created_at_lt")),
        ("filter[time_format]=x", value("x", "time_format")),
        ("filter[account_id_eq]=7", value("7", "account_id_eq")),
        ("filter[id]=7", value("7", "id")),
        ("filter[status]=Pending", not_allowed("status")),
        ("filter[status_gt]=Pending", not_allowed("status_gt")),
        ("filter[whatElse]=1", not_allowed("what_else")),
        (
            "filter=abc",
            (120, "Invalid filters syntax", "abc is not a valid syntax for filtering.".to_owned()),
        ),
        (
            "filter[status_eq][a]=1",
            (
                120,
                "Invalid filters syntax",
                "filter[status_eq][a] is not a valid syntax for filtering.".to_owned(),
            ),
        ),
    ];
    for (query, (code, title, detail)) in cases {
        let answer = server.yeti_get("ann", &format!("{EXPORTS}?{query}")).send().await;
        refused(&answer, 400, code, title, &detail);
    }
}

#[tokio::test]
async fn lists_come_in_pages_with_links_to_the_others() {
    let server = Server::start().await;
    let [first, second, third] = three(&server).await;
    let list = server
        .yeti_get("ann", &format!("{EXPORTS}?page[size]=1&page[number]=2&sort=created-at"))
        .send()
        .await;
    let body = list.json();
    assert_eq!(body["data"][0]["id"], second);
    assert_eq!(body["meta"]["total-count"], 3);
    let link = |number: u32| {
        json!(format!(
            "http://example.org/api/rest/customer/v1/cdr-exports?page%5Bnumber%5D={number}&page%5Bsize%5D=1&sort=created-at"
        ))
    };
    assert_eq!(body["links"], json!({ "first": link(1), "prev": link(1), "next": link(3), "last": link(3) }));
    assert_eq!(ids(&server, "ann", "page=1&page[size]=2").await, [third, second]);
    assert_eq!(ids(&server, "ann", "page%5Bnumber%5D=2&page%5Bsize%5D=2").await, [first]);
    let beyond = server.yeti_get("ann", &format!("{EXPORTS}?page=18446744073709551615")).send().await.json();
    assert_eq!((&beyond["data"], beyond["links"].get("next")), (&json!([]), None));
    let kept = server
        .yeti_get("ann", &format!("{EXPORTS}?filter[statusEq]=Completed&include=account&x=y"))
        .send()
        .await;
    let expected = "http://example.org/api/rest/customer/v1/cdr-exports?filter%5BstatusEq%5D=Completed&include=account&page%5Bnumber%5D=1&page%5Bsize%5D=50";
    assert_eq!(kept.json()["links"]["first"], expected);
    assert_eq!(kept.json()["included"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn fifty_make_a_page() {
    let server = Server::start().await;
    for _ in 0..51 {
        let id = created(&server, "ann", OFFICE, json!({ "filters": a_day() })).await;
        done(&server, &id).await;
    }
    assert_eq!(ids(&server, "ann", "").await.len(), 50);
    assert_eq!(ids(&server, "ann", "page=2").await.len(), 1);
    assert_eq!(ids(&server, "ann", "page[size]=1000").await.len(), 51);
}

#[tokio::test]
async fn pages_that_are_none_are_refused() {
    let server = Server::start().await;
    let cases = [
        ("page=0", "0 is not a valid value for number page parameter."),
        ("page=abc", "abc is not a valid value for number page parameter."),
        ("page=", " is not a valid value for number page parameter."),
        ("page[number]=-1", "-1 is not a valid value for number page parameter."),
        ("page[size]=0", "0 is not a valid value for size page parameter."),
        ("page[size]=x", "x is not a valid value for size page parameter."),
        ("page[size]=1001", "size exceeds maximum page size of 1000."),
    ];
    for (query, detail) in cases {
        let answer = server.yeti_get("ann", &format!("{EXPORTS}?{query}")).send().await;
        refused(&answer, 400, 118, "Invalid page value", detail);
    }
}

#[tokio::test]
async fn an_account_has_no_more_exports_than_it_may_and_others_have_theirs() {
    let server = Server::start().await;
    let attributes = || json!({ "filters": a_day() });
    let mut count = 0;
    let refusal = loop {
        let answer = create(&server, "ann", OFFICE, attributes()).await;
        if answer.status != 201 {
            break answer;
        }
        done(&server, answer.json()["data"]["id"].as_str().unwrap()).await;
        count += 1;
    };
    assert_eq!((refusal.status.as_u16(), count), (429, 200), "{}", refusal.text());
    assert_eq!(refusal.json()["errors"][0]["title"], "Too Many Requests");
    created(&server, "ann", SHOP, attributes()).await;
}
