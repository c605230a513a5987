//! `/cdrs`: the calls that accounts sent.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    FOREIGN, OFFICE, SHOP, UNKNOWN,
    records::{Found, ago, check_every_attribute, list},
    refused,
};
use crate::harness::{Server, Talk};

const CDRS: &str = "/cdrs";

/// A call of the office to the outside, a minute long, that began some minutes ago.
async fn sent(server: &Server, caller: &str, minutes: u64) {
    let (caller, called) = (server.phone(caller), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(caller, called, talk(minutes, 60)).await;
}

fn talk(minutes: u64, seconds: u64) -> Talk {
    Talk {
        began_at: ago(minutes),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(seconds),
    }
}

async fn cdrs(server: &Server, login: &str, query: &str) -> Found {
    list(server, login, CDRS, query).await
}

#[tokio::test]
async fn a_call_is_shown_with_its_attributes_in_order() {
    let server = Server::start().await;
    sent(&server, "acme-101", 60).await;
    let id = cdrs(&server, "ann", "").await.ids[0].clone();
    let answer = server.yeti_get("ann", &format!("{CDRS}/{id}")).send().await;
    let place = format!("http://example.org/api/rest/customer/v1/cdrs/{id}");
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"cdrs","links":{{"self":"{place}"}},"attributes":{{"time-start":"2026-01-02T11:00:00.000Z","time-connect":"2026-01-02T11:00:05.000Z","time-end":"2026-01-02T11:01:05.000Z","duration":60,"success":true,"destination-initial-interval":60,"destination-initial-rate":"0.06","destination-next-interval":6,"destination-next-rate":"0.03","destination-fee":"0.01","customer-price":"0.084","customer-duration":60,"src-name-in":null,"src-prefix-in":"101","from-domain":"acme-101.example","dst-prefix-in":"+14155550199","to-domain":"acme-101.example","ruri-domain":"acme-101.example","diversion-in":null,"local-tag":"tag-acme-101","lega-disconnect-code":200,"lega-disconnect-reason":"OK","auth-orig-transport-protocol-id":1,"auth-orig-ip":"198.51.100.1","auth-orig-port":5062,"src-prefix-routing":"101","dst-prefix-routing":"+14155550199","destination-prefix":"","orig-call-id":"id@acme-101","lega-user-agent":"acme-101/1.0","rec":false}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
    );
    assert_eq!((answer.status.as_u16(), answer.text()), (200, body.as_str()));
}

#[tokio::test]
async fn what_an_invite_says_of_the_caller_is_shown_and_found() {
    let server = Server::start().await;
    sent(&server, "acme-101", 60).await;
    let (caller, called) =
        (server.identified_phone("acme-102"), server.outside("acme-trunk", "+14155550199"));
    server.talked_call(caller, called, talk(30, 60)).await;
    let said = [
        ("pai-in", "<sip:a@x>"),
        ("ppi-in", "<sip:b@x>"),
        ("privacy-in", "id"),
        ("rpid-in", "<sip:c@x>"),
        ("rpid-privacy-in", "full"),
    ];
    let all = cdrs(&server, "ann", "").await;
    for (name, value) in said {
        assert_eq!(all.data[0]["attributes"][name], value);
        assert_eq!(all.data[1]["attributes"].get(name), None, "{name} of a call that does not say it");
        let chosen = cdrs(&server, "ann", &format!("fields[cdrs]={name}")).await;
        assert_eq!(chosen.data[1]["attributes"], json!({ name: null }));
        for filter in [format!("{name}_eq={value}"), format!("{name}_cont={}", value.to_uppercase())] {
            let filter = filter.replace('<', "%3C").replace('>', "%3E").replace('-', "_");
            let found = cdrs(&server, "ann", &format!("filter[{}", filter.replacen('=', "]=", 1))).await;
            assert_eq!(found.shown("src-prefix-in"), ["102"], "{filter}");
        }
    }
}

#[tokio::test]
async fn an_unanswered_call_costs_nothing_and_has_no_billed_seconds() {
    let server = Server::start().await;
    let (caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
    let call = server.switch.place(server.call(caller, called, ago(30))).unwrap();
    call.after(Duration::from_secs(1)).busy();
    server.until(|registry| registry.has_ended(call.id())).await;
    let attributes = &cdrs(&server, "ann", "").await.data[0]["attributes"];
    let of = |name: &str| attributes[name].clone();
    assert_eq!([of("time-connect"), of("customer-duration")], [Value::Null, Value::Null]);
    assert_eq!([of("duration"), of("success"), of("customer-price")], [json!(0), json!(false), json!("0.0")]);
    assert_eq!([of("lega-disconnect-code"), of("lega-disconnect-reason")], [json!(486), json!("Busy Here")]);
}

#[tokio::test]
async fn lists_hold_calls_that_the_clients_accounts_sent_newest_first() {
    let server = Server::start().await;
    sent(&server, "acme-101", 90).await;
    sent(&server, "shop-301", 60).await;
    let (outside, phone) = (server.outside("globex-trunk", "+442079460123"), server.phone("globex-201"));
    server.talked_call(outside, phone, talk(50, 60)).await;
    sent(&server, "acme-102", 30).await;
    let found = cdrs(&server, "ann", "").await;
    assert_eq!(found.shown("src-prefix-in"), ["102", "301", "101"]);
    assert_eq!(found.total, 3);
    assert_eq!(cdrs(&server, "sue", "").await.shown("src-prefix-in"), ["102", "101"]);
    assert_eq!(cdrs(&server, "gil", "").await.shown("src-prefix-in"), ["+442079460123"]);
}

#[tokio::test]
async fn a_list_reaches_back_a_day_unless_it_filters_by_the_start() {
    let server = Server::start().await;
    let day = 24 * 60;
    for minutes in [3 * day, day + 1, day, 60] {
        sent(&server, "acme-101", minutes).await;
    }
    let cases = [
        ("", 2),
        ("filter[duration_gteq]=1", 2),
        ("filter[time_connect_gteq]=2025-12-01", 2),
        ("filter[time_start_gteq]=2025-12-01", 4),
        ("filter[timeStartGteq]=2026-01-01T11:59:00Z", 3),
        ("filter[time-start-gt]=2026-01-01T11:59:00Z", 2),
        ("filter[time_start_lt]=2026-01-01 12:00:00", 2),
        ("filter[time_start_lteq]=2026-01-01 12:00:00", 3),
        ("filter[time_start_eq]=2025-12-30 12:00:00", 1),
        ("filter[time_start_in]=2025-12-30 12:00:00,2026-01-02 11:00:00", 2),
        ("filter[time_start_not_eq]=2025-12-30 12:00:00", 3),
        ("filter[time_start_in]=", 2),
    ];
    for (query, count) in cases {
        assert_eq!(cdrs(&server, "ann", &query.replace(' ', "%20")).await.total, count, "{query}");
    }
}

#[tokio::test]
async fn every_attribute_is_found_by_what_it_shows() {
    let server = Server::start().await;
    sent(&server, "acme-101", 60).await;
    server.talked_call(server.phone("acme-102"), server.phone("acme-101"), talk(30, 7)).await;
    check_every_attribute(&server, CDRS).await;
}

#[tokio::test]
async fn what_is_filtered_by_but_not_shown() {
    let server = Server::start().await;
    sent(&server, "acme-101", 60).await;
    let cases = [
        ("customer_acc_vat_eq", "20", 1),
        ("customer_acc_vat_gt", "20", 0),
        ("customer_price_no_vat_eq", "0.07", 1),
        ("customer_price_no_vat_lt", "0.07", 0),
        ("destination_reverse_billing_eq", "false", 0),
        ("destination_reverse_billing_not_eq", "true", 0),
        ("pai_in_cont", "a", 0),
        ("ppi_in_not_eq", "a", 0),
        ("privacy_in_in", "a,b", 0),
        ("rpid_in_start", "a", 0),
        ("rpid_privacy_in_end", "a", 0),
        ("id_gt", "0", 1),
        ("id_lteq", "0", 0),
    ];
    for (name, value, count) in cases {
        assert_eq!(cdrs(&server, "ann", &format!("filter[{name}]={value}")).await.total, count, "{name}");
    }
}

#[tokio::test]
async fn texts_are_compared_in_either_case_and_literally() {
    let server = Server::start().await;
    sent(&server, "acme-101", 60).await;
    let cases = [
        ("lega_user_agent_cont=ACME", 1),
        ("lega_user_agent_eq=ACME-101/1.0", 0),
        ("lega_user_agent_start=Acme-1", 1),
        ("lega_user_agent_end=/1.0", 1),
        ("lega_user_agent_cont=%25", 0),
        ("lega_user_agent_cont=1_0", 0),
        ("lega_user_agent_cont_any=x,101", 1),
        ("lega_user_agent_cont_any=x,y", 0),
        ("lega_user_agent_in=x,acme-101/1.0", 1),
        ("lega_user_agent_not_in=x,acme-101/1.0", 0),
        ("diversion_in_not_eq=x", 0),
        ("dst_prefix_routing_eq=14155550199", 1),
        ("dst_prefix_routing_eq=%2B14155550199", 1),
        ("dst_prefix_routing_not_eq=14155550199", 0),
        ("dst_prefix_routing_cont=4155", 1),
        ("auth_orig_ip_eq=198.51.100.1", 1),
        ("auth_orig_ip_in=198.51.100.2,::1", 0),
        ("auth_orig_ip_not_in=198.51.100.2,::1", 1),
        ("success_eq=t", 1),
        ("success_not_eq=TRUE", 0),
        ("success_eq=0", 0),
    ];
    for (filter, count) in cases {
        let query = format!("filter[{}", filter.replacen('=', "]=", 1));
        assert_eq!(cdrs(&server, "ann", &query).await.total, count, "{filter}");
    }
}

#[tokio::test]
async fn values_of_another_kind_are_refused() {
    let server = Server::start().await;
    let cases = [
        ("time_start_gteq=yesterday", "yesterday is not a valid value for time_start_gteq."),
        ("duration_eq=abc", "abc is not a valid value for duration_eq."),
        ("duration_eq=1.5", "1.5 is not a valid value for duration_eq."),
        ("customer_price_gt=1e400", "1e400 is not a valid value for customer_price_gt."),
        ("success_eq=maybe", "maybe is not a valid value for success_eq."),
        ("success_eq=on", "on is not a valid value for success_eq."),
        ("auth_orig_ip_eq=10.0.0", "10.0.0 is not a valid value for auth_orig_ip_eq."),
        ("account_id_eq=7", "7 is not a valid value for account_id_eq."),
        ("id=x", "x is not a valid value for id."),
        ("local_tag_eq=", " is not a valid value for local_tag_eq."),
        ("local_tag_eq=a,b", "a,b is not a valid value for local_tag_eq."),
    ];
    for (filter, detail) in cases {
        let query = format!("{CDRS}?filter[{}", filter.replacen('=', "]=", 1));
        let answer = server.yeti_get("ann", &query).send().await;
        refused(&answer, 400, 107, "Invalid filter value", detail);
    }
    for name in ["rec_eq", "success_in", "auth_orig_ip_cont", "duration_start", "id_cont", "duration"] {
        let answer = server.yeti_get("ann", &format!("{CDRS}?filter[{name}]=1")).send().await;
        refused(&answer, 400, 102, "Filter not allowed", &format!("{name} is not allowed."));
    }
}

#[tokio::test]
async fn an_account_that_is_not_the_clients_has_no_calls() {
    let server = Server::start().await;
    sent(&server, "acme-101", 90).await;
    sent(&server, "shop-301", 60).await;
    let of = |filter: String| format!("filter[account_id_{filter}");
    let cases = [
        (of(format!("eq]={OFFICE}")), 1),
        (of(format!("eq]={UNKNOWN}")), 0),
        (of(format!("eq]={FOREIGN}")), 0),
        (of(format!("in]={OFFICE},{UNKNOWN}")), 1),
        (of(format!("in]={OFFICE},{SHOP}")), 2),
        (of(format!("not_eq]={OFFICE}")), 1),
        (of(format!("not_in]={OFFICE},{SHOP}")), 0),
    ];
    for (query, count) in cases {
        assert_eq!(cdrs(&server, "ann", &query).await.total, count, "{query}");
    }
}

#[tokio::test]
async fn calls_are_sorted_by_several_fields_and_come_in_pages() {
    let server = Server::start().await;
    for (minutes, seconds) in [(90, 60), (60, 30), (45, 60), (30, 30)] {
        let (caller, called) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
        server.talked_call(caller, called, talk(minutes, seconds)).await;
    }
    let order = |query: &'static str| {
        let server = &server;
        async move { cdrs(server, "ann", query).await.shown("time-start") }
    };
    let at = |minutes: u64| {
        format!(
            "2026-01-02T{}.000Z",
            ["10:30:00", "11:00:00", "11:15:00", "11:30:00"][match minutes {
                90 => 0,
                60 => 1,
                45 => 2,
                _ => 3,
            }]
        )
    };
    assert_eq!(order("sort=duration,-time-start").await, [at(30), at(60), at(45), at(90)]);
    assert_eq!(order("sort=-duration,time-start").await, [at(90), at(45), at(60), at(30)]);
    assert_eq!(order("sort=-duration,time-start&page[size]=3&page[number]=2").await, [at(30)]);
    let page = cdrs(&server, "ann", "page[size]=3").await;
    assert_eq!((page.ids.len(), page.total), (3, 4));
    refused(
        &server.yeti_get("ann", &format!("{CDRS}?sort=rec")).send().await,
        400,
        114,
        "Invalid sort criteria",
        "rec is not a valid sort criteria for cdrs",
    );
}

#[tokio::test]
async fn ids_are_numbers() {
    let server = Server::start().await;
    let (outside, phone) = (server.outside("acme-trunk", "+14155550199"), server.phone("acme-101"));
    server.talked_call(outside, phone, talk(60, 60)).await;
    let id = cdrs(&server, "ann", "").await.ids[0].clone();
    assert!(id.parse::<u64>().is_ok());
    assert_eq!(cdrs(&server, "ann", &format!("filter[id]={id},77")).await.ids, std::slice::from_ref(&id));
    for wrong in ["abc", UNKNOWN, "1.5", "99999999999999999999"] {
        let answer = server.yeti_get("ann", &format!("{CDRS}/{wrong}")).send().await;
        let detail = format!("{wrong} is not a valid value for id.");
        refused(&answer, 400, 103, "Invalid field value", &detail);
    }
    // Sue's account took the call; it did not send it.
    for (login, id) in [("ann", "-3000"), ("ann", "77"), ("gil", id.as_str()), ("sue", &id)] {
        for rest in ["", "/account", "/relationships/account", "/rec"] {
            let answer = server.yeti_get(login, &format!("{CDRS}/{id}{rest}")).send().await;
            let detail = format!("The record identified by {id} could not be found.");
            refused(&answer, 404, 404, "Record not found", &detail);
        }
    }
}

#[tokio::test]
async fn a_call_leads_to_its_account() {
    let server = Server::start().await;
    sent(&server, "shop-301", 60).await;
    let found =
        cdrs(&server, "ann", "include=account&fields[accounts]=name&fields[cdrs]=duration,account").await;
    let id = &found.ids[0];
    let place = format!("http://example.org/api/rest/customer/v1/cdrs/{id}");
    assert_eq!(found.data[0]["attributes"], json!({ "duration": 60 }));
    let links =
        json!({ "self": format!("{place}/relationships/account"), "related": format!("{place}/account") });
    let linkage = json!({ "type": "accounts", "id": SHOP });
    assert_eq!(found.data[0]["relationships"], json!({ "account": { "links": links, "data": linkage } }));
    assert_eq!(found.body["included"][0]["attributes"], json!({ "name": "Acme shop" }));
    let relationship = server.yeti_get("ann", &format!("{CDRS}/{id}/relationships/account")).send().await;
    assert_eq!(relationship.json(), json!({ "data": linkage, "links": links }));
    let account = server.yeti_get("ann", &format!("{CDRS}/{id}/account")).send().await;
    assert_eq!(account.json()["data"]["id"], SHOP);
}
