//! `/v1/audit` and `/v1/audit/own`.

use call::AccountId;
use directory::model::Role;
use http_core::{Rights, config::StaticToken};
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const OPERATOR: [u8; 4] = [127, 0, 0, 1];

async fn start() -> Server {
    Server::start_with(|config| {
        let rights = Rights { role: Role::Viewer, ..Rights::ALL };
        let viewer = StaticToken { rights, ..StaticToken::of("looking", AccountId(1001)) };
        let managers = [
            StaticToken::of("acme-office", AccountId(1001)),
            StaticToken::of("globex-office", AccountId(2001)),
        ];
        config.http.tokens = managers.into_iter().chain([viewer]).collect::<Vec<_>>().into();
    })
    .await
}

async fn all(server: &Server, query: &str) -> Answer {
    server.get(&format!("/v1/audit{query}")).from(OPERATOR).send().await
}

async fn own(server: &Server, token: &str) -> Answer {
    server.get("/v1/audit/own?limit=1000").header("authorization", &format!("Bearer {token}")).send().await
}

async fn pay(server: &Server, account: u32, amount: &str) {
    let asking = server.post("/v1/payments").from(OPERATOR).header("content-type", "application/json");
    let answer = asking.body(json!({ "account": account, "amount": amount }).to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

fn entries(answer: &Answer) -> Vec<Value> {
    answer.json()["entries"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn operators_see_who_has_changed_what_and_from_where() {
    let server = start().await;
    pay(&server, 1001, "12.50").await;
    let newest = entries(&all(&server, "?limit=1").await).remove(0);
    let told = ["who", "name", "source", "interface", "account", "action", "before", "after"]
        .map(|name| &newest[name]);
    let expected = [
        json!("operator"),
        Value::Null,
        json!("127.0.0.1"),
        json!("native"),
        json!(1001),
        json!("added"),
        Value::Null,
        json!("amount = \"12.50\""),
    ];
    assert_eq!(told, expected.each_ref());
    let applied = entries(&all(&server, "?interface=command-line&limit=1000").await);
    assert!(applied.len() > 10 && applied.iter().all(|entry| entry["who"] == "server"));
}

#[tokio::test]
async fn pages_follow_one_another_to_the_end() {
    let server = start().await;
    let whole = entries(&all(&server, "?limit=1000").await);
    let (mut paged, mut query) = (Vec::new(), "?limit=7".to_owned());
    loop {
        let page = all(&server, &query).await;
        paged.extend(entries(&page));
        match page.json()["next"].as_i64() {
            Some(next) => query = format!("?limit=7&before={next}"),
            None => break,
        }
    }
    assert_eq!(paged, whole);
}

#[tokio::test]
async fn managers_see_what_is_theirs_and_viewers_nothing() {
    let server = start().await;
    pay(&server, 1001, "1").await;
    pay(&server, 2001, "2").await;
    let seen = own(&server, "acme-office").await;
    assert!(entries(&seen).iter().all(|entry| entry["account"] == 1001), "{}", seen.text());
    assert!(entries(&seen)[0]["entry"].as_str().unwrap().starts_with("payment "), "{}", seen.text());
    assert!(entries(&own(&server, "globex-office").await).iter().all(|entry| entry["account"] == 2001));
    assert_eq!(own(&server, "looking").await.status, 403);
    assert_eq!(all(&server, "").await.status, 200);
    assert_eq!(server.get("/v1/audit").from([192, 0, 2, 1]).send().await.status, 403);
}

#[tokio::test]
async fn the_trail_is_a_table_for_spreadsheets_if_that_is_wanted() {
    let server = start().await;
    pay(&server, 1001, "12.50").await;
    let asking = server.get("/v1/audit?limit=1").from(OPERATOR).header("accept", "text/csv");
    let answer = asking.send().await;
    let text = answer.text();
    let head = "id,at,who,name,source,interface,customer,account,action,entry,before,after\n";
    assert!(text.starts_with(head), "{text}");
    assert!(
        text.contains(",operator,,127.0.0.1,native,") && text.contains("\"amount = \"\"12.50\"\"\""),
        "{text}"
    );
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named_with_what_is_accepted() {
    let server = start().await;
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?action=x", "action"),
        ("?from=yesterday", "from"),
        ("?colour=red", "colour"),
    ] {
        let answer = all(&server, query).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["field"]),
            (400, &json!(field)),
            "{}",
            answer.text()
        );
    }
}
