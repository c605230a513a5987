//! What holds of every page.

use std::time::Duration;

use crate::harness::{NOW, PASSWORD, Server, Talk};

const PAGES: [&str; 9] = [
    "/console",
    "/console?group=account&state=talking",
    "/console/history",
    "/console/exports",
    "/console/charts",
    "/console/phones",
    "/console/directory",
    "/console/audit",
    "/console/sign-in",
];

#[tokio::test]
async fn a_page_runs_and_loads_only_what_comes_from_here() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    for path in PAGES {
        let page = person.page(path).await;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(
            (page.header("cache-control"), page.header("x-frame-options")),
            ("no-store", "DENY"),
            "{path}"
        );
        let text = page.text();
        for inline in [" style=\"", "<style", "<script>", " onclick=", "javascript:"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
        let outside: Vec<_> = text.matches("://").collect();
        let namespaces = text.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
        assert_eq!(outside.len(), namespaces, "{path} names another address");
    }
}

#[tokio::test]
async fn what_pages_load_may_be_kept_and_has_its_type() {
    let server = Server::start().await;
    let page = server.get("/console/sign-in").send().await;
    let text = page.text();
    for (file, kind) in
        [("console.css", "text/css"), ("console.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
    {
        let at = text.find(&format!("/console/assets/{file}?v=")).unwrap();
        let place = text[at..].split('"').next().unwrap();
        let asset = server.get(place).send().await;
        assert_eq!(asset.status, 200);
        assert!(asset.header("content-type").starts_with(kind));
        assert!(asset.header("cache-control").contains("immutable"));
    }
    assert_eq!(server.get("/console/assets/other").send().await.status, 404);
}

#[tokio::test]
async fn bad_input_is_told_by_its_field_with_what_is_accepted() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let cases = [
        ("/console?state=asleep", ["state", "asleep", "ringing"]),
        ("/console?account=2001", ["account", "2001", "one of your accounts"]),
        ("/console?page=many", ["page", "many", "whole number"]),
        ("/console/history?from=yesterday", ["from", "yesterday", "2026-01-02T12:00"]),
        ("/console/history?column=shoe", ["column", "shoe", "started"]),
        ("/console/charts?step=minute&last=year", ["step", "minute", "1500"]),
    ];
    for (path, parts) in cases {
        let page = person.page(path).await;
        assert_eq!(page.status, 400, "{path}");
        for part in parts {
            assert!(page.text().contains(part), "{path} does not say {part}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn a_full_page_is_below_a_hundred_kilobytes() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    for number in 0..60 {
        let talk = Talk {
            began_at: NOW - Duration::from_secs(90 + number),
            answered_after: Duration::from_secs(5),
            talked: Duration::from_secs(30),
        };
        let (phone, outside) = (server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"));
        server.talked_call(phone.clone(), outside.clone(), talk).await;
        server.live_call(phone, outside, talk).await;
    }
    for (path, rows) in [("/console?group=state", 50), ("/console/history", 50)] {
        let page = person.page(path).await;
        assert_eq!(page.text().matches("<tr").count(), rows + 1, "{path}");
        assert!(page.body.len() < 100_000, "{path}: {} bytes", page.body.len());
    }
    assert!(person.page("/console?page=1").await.text().matches("<tr").count() == 11);
    assert!(person.page("/console/charts").await.body.len() < 100_000);
}

#[tokio::test]
async fn the_first_page_is_found_with_a_stroke_behind_it_too() {
    let page = Server::start().await.get("/console/").send().await;
    assert_eq!((page.status.as_u16(), page.header("location")), (308, "/console"));
}

#[tokio::test]
async fn a_day_of_active_calls_ends_within_a_minute_of_now() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let began_at = NOW - Duration::from_secs(70);
    let talk = Talk { began_at, answered_after: Duration::from_secs(5), talked: Duration::from_secs(30) };
    server.live_call(server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"), talk).await;
    assert!(person.page("/console/charts").await.text().contains("this time <strong>1</strong>"));
}

#[tokio::test]
async fn how_the_server_is_is_for_users_from_the_operators_networks() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    assert_eq!(person.page("/console/health").await.status, 403);
    assert!(!person.page("/console").await.text().contains("/console/health"));
    let page = person.asks("/console/health").from([127, 0, 0, 1]).send().await;
    assert_eq!(page.status, 200);
    for part in ["takes new calls", "Webhooks", "Refused since the start"] {
        assert!(page.text().contains(part), "{part} is not in {}", page.text());
    }
}

#[tokio::test]
async fn a_trunk_has_the_calls_that_go_over_it() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let began_at = NOW - Duration::from_secs(70);
    let talk = Talk { began_at, answered_after: Duration::from_secs(5), talked: Duration::from_secs(30) };
    server.live_call(server.phone("acme-101"), server.outside("acme-trunk", "+14155550199"), talk).await;
    server.live_call(server.phone("acme-101"), server.phone("acme-102"), talk).await;
    let page = person.page("/console/phones").await;
    let text = page.text();
    let (_, of_trunk) = text.split_once("<td>acme-trunk</td>").unwrap();
    let (_, count) = of_trunk.split_once("class=\"number\">").unwrap();
    assert!(count.starts_with('1'), "{count}");
}

/// A directory whose user `ann` may see so many accounts.
fn directory_of(accounts: usize) -> String {
    let accounts = (1..=accounts)
        .map(|id| format!("[[accounts]]\nid = {id}\ncustomer = \"Acme\"\nname = \"Branch {id}\"\n\n"));
    let user = format!(
        "[[users]]\nlogin = \"ann\"\ncustomer = \"Acme\"\npassword = \"{PASSWORD}\"\nname = \"Ann\"\nrole = \"manager\"\n"
    );
    format!("realm = \"x\"\n\n[[customers]]\nname = \"Acme\"\n\n{}{user}", accounts.collect::<String>())
}

#[tokio::test]
async fn a_chart_and_an_export_take_so_many_accounts_together() {
    const TOO_MANY: &str = "There are too many accounts for one answer: choose an account.";
    for (accounts, has_chart, may_export) in
        [(12, true, true), (13, false, true), (20, false, true), (21, false, false)]
    {
        let server = Server::start_in(&directory_of(accounts), |_| {}).await;
        let person = server.sign_in("ann").await;
        assert_eq!(!person.page("/console").await.text().contains(TOO_MANY), has_chart, "{accounts}");
        let export = person.sends("/console/exports", &[("search", "")]).await;
        let status = if may_export { 303 } else { 400 };
        assert_eq!(export.status, status, "{accounts}: {}", export.text());
    }
}
