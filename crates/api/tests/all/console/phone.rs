//! The phone in the browser: its page, its modules, and what it is given.

use std::time::Duration;

use call::DeviceId;

use crate::harness::{Server, between};

#[tokio::test]
async fn a_page_connects_to_the_switch_and_to_nobody_else() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let page = person.page("/phone").await;
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self' ws://example.org:5066; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    );
    assert_eq!((page.status.as_u16(), page.header("x-frame-options")), (200, "DENY"));
}

#[tokio::test]
async fn a_module_names_the_others_where_they_are() {
    let server = Server::start().await;
    let page = server.sign_in("ann").await.page("/phone").await;
    let first = between(page.text(), "<script type=\"module\" src=\"", "\"").to_owned();
    let (folder, _) = first.rsplit_once('/').unwrap();
    let (mut wanted, mut seen) = (vec![first.clone()], Vec::new());
    while let Some(place) = wanted.pop() {
        let module = server.get(&place).send().await;
        assert_eq!(
            (module.status.as_u16(), module.header("content-type"), module.header("cache-control")),
            (200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
            "{place}"
        );
        let named = module.text().split("from \"./").skip(1).map(|rest| rest.split('"').next().unwrap());
        let named: Vec<_> = named.map(|name| format!("{folder}/{name}")).collect();
        seen.push(place);
        wanted.extend(named.into_iter().filter(|place| !seen.contains(place)));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert_eq!(server.get(&format!("{folder}/other.js")).send().await.status, 404);
}

#[tokio::test]
async fn a_user_is_let_be_their_own_phone_for_an_hour() {
    let server = Server::start_with(|config| {
        config.http.browser_phones.stun = vec!["stun:stun.example.org".to_owned()];
    })
    .await;
    let given = server.sign_in("ann").await.sends("/phone/settings", &[]).await.json();
    assert_eq!(
        (&given["address"], &given["web_socket"], &given["ice_servers"]),
        (
            &"sip:acme-101@sip.test".into(),
            &"ws://example.org:5066".into(),
            &serde_json::json!([{ "urls": ["stun:stun.example.org"] }])
        )
    );
    let bearers = server.config.http.browser_phones.bearers.clone();
    let directory = server.directory();
    let device = |after: u64| {
        let at = server.app.monotonic() + Duration::from_secs(after);
        bearers.device(given["bearer"].as_str().unwrap(), &directory, at).map(|device| device.id)
    };
    let own = directory.device_by_sip_user("acme-101").map(|device| device.id);
    assert_eq!((device(3_500), device(3_601)), (own, None::<DeviceId>));
}

#[tokio::test]
async fn who_has_no_extension_is_told_so() {
    let server = Server::start().await;
    let page = server.sign_in("cleo").await.page("/phone").await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("No extension is yours"), "{}", page.text());
}
