//! Signing in and out, and what keeps strangers' pages from using somebody's session.

use crate::harness::{PASSWORD, Server, form};

const SIGN_IN: &str = "/console/sign-in";

async fn signs_in(server: &Server, fields: &[(&str, &str)]) -> crate::harness::Answer {
    server.post(SIGN_IN).body(form(fields)).await
}

#[tokio::test]
async fn one_signs_in_and_comes_to_the_page_that_was_wanted() {
    let server = Server::start().await;
    let wanted = server.get("/console/history?caller=49").send().await;
    assert_eq!(
        (wanted.status.as_u16(), wanted.header("location")),
        (303, "/console/sign-in?next=%2Fconsole%2Fhistory%3Fcaller%3D49")
    );
    let form = server.get(wanted.header("location")).send().await;
    assert!(form.text().contains("name=\"next\" value=\"/console/history?caller=49\""));
    let fields = [("login", "ann"), ("password", PASSWORD), ("next", "/console/history?caller=49")];
    let answer = signs_in(&server, &fields).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/console/history?caller=49"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let server = Server::start().await;
    for next in ["https://evil.example/", "//evil.example", "/consoles", "/\\evil.example"] {
        let answer = signs_in(&server, &[("login", "ann"), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(answer.header("location"), "/console", "{next}");
    }
}

#[tokio::test]
async fn the_cookie_is_for_https_alone_where_the_server_is_reached_by_it() {
    let url = Some("https://pbx.example".to_owned());
    let server = Server::start_with(|config| config.http.public_url = url).await;
    let answer = signs_in(&server, &[("login", "ann"), ("password", PASSWORD)]).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_wrong_password_is_told_and_guessing_is_slowed() {
    let server = Server::start().await;
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let answer = signs_in(&server, &[("login", "ann"), ("password", "wrong")]).await;
        assert!(answer.text().contains("role=\"alert\"") && answer.header("set-cookie").is_empty());
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[0], 401);
    assert!(statuses.contains(&429), "{statuses:?}");
}

/// A link that signs Ann in and leads to the phone.
fn link(server: &Server) -> String {
    let ann = server.directory().user_by_login("ann").unwrap().id;
    let until = server.app.monotonic() + std::time::Duration::from_secs(60);
    format!("{SIGN_IN}/{}?next=/phone", server.config.http.sign_in_links.issue(ann, until))
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let server = Server::start().await;
    let link = link(&server);
    let answer = server.get(&link).from([127, 0, 0, 1]).send().await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/phone"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    for place in [link, format!("{SIGN_IN}/nothing?next=https://evil.example")] {
        let answer = server.get(&place).from([127, 0, 0, 1]).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (303, ""), "{place}");
        assert!(answer.header("location").starts_with('/'), "{place}");
    }
}

#[tokio::test]
async fn a_link_signs_nobody_in_who_is_not_at_the_server_and_stays_good() {
    let server = Server::start_with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.2/32".parse().unwrap()].into();
    });
    let server = server.await;
    let link = link(&server);
    let elsewhere = server.get(&link).from([192, 0, 2, 7]).send().await;
    let proxied = server.get(&link).from([127, 0, 0, 2]).send().await;
    let told = server.get(&link).from([127, 0, 0, 2]).header("x-real-ip", "127.0.0.1").send().await;
    for answer in [elsewhere, proxied, told] {
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (303, ""));
        assert_eq!(answer.header("location"), "/phone");
    }
    let answer = server.get(&link).from([127, 0, 0, 1]).send().await;
    assert!(!answer.header("set-cookie").is_empty());
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    assert_eq!(person.page("/console").await.status, 200);
    let answer = person.sends("/console/sign-out", &[]).await;
    assert!(answer.header("set-cookie").starts_with("trunkline_console=; "));
    assert_eq!(person.page("/console").await.status, 303);
}

#[tokio::test]
async fn with_another_password_nobody_is_signed_in_any_more() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    server.change_directory(|text| text.replacen(PASSWORD, "another secret", 1));
    assert_eq!(person.page("/console").await.status, 303);
}

#[tokio::test]
async fn a_session_is_over_after_half_a_day() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    server.clock.advance(std::time::Duration::from_secs(12 * 3_600));
    assert_eq!(person.page("/console").await.status, 303);
}

#[tokio::test]
async fn a_form_of_somebody_elses_page_is_refused() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let hang_up = "/console/calls/018f0000-0000-7000-8000-000000000000/hang-up";
    let without = server.post(hang_up).header("cookie", person.cookie()).send().await;
    assert_eq!(without.status, 403);
    let other = server.sign_in("ann").await;
    let others = between_tokens(&other.page("/console").await);
    let foreign =
        server.post(hang_up).header("cookie", person.cookie()).body(form(&[("token", &others)])).await;
    assert_eq!(foreign.status, 403);
    let own = between_tokens(&person.page("/console").await);
    let asking =
        server.post(hang_up).header("cookie", person.cookie()).header("sec-fetch-site", "cross-site");
    assert_eq!(asking.body(form(&[("token", &own)])).await.status, 403);
    // With all that is wanted it is refused for what it names.
    assert_eq!(person.sends(hang_up, &[]).await.status, 404);
}

fn between_tokens(page: &crate::harness::Answer) -> String {
    crate::harness::between(page.text(), "name=\"token\" value=\"", "\"").to_owned()
}

#[tokio::test]
async fn one_comes_to_the_first_page_that_one_is_let_near() {
    let server = Server::start().await;
    server
        .change_directory(|text| text.replace("login = \"ann\"", "login = \"ann\"\nscopes = [\"exports\"]"));
    let fields = form(&[("login", "ann"), ("password", PASSWORD), ("next", "/console")]);
    let answer = server.post("/console/sign-in").body(fields).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/console/exports"));
    let person = server.sign_in("ann").await;
    let page = person.page("/console/exports").await;
    assert!(!page.text().contains("href=\"/console/history\""), "{}", page.text());
    assert_eq!(person.page("/console/history").await.status, 403);
}
