//! Finished calls: the search, a call's page, exports and charts.

use std::{io::Read, time::Duration};

use flate2::read::GzDecoder;

use crate::harness::{NOW, Server, Talk};

async fn talked(server: &Server, phone: &str, number: &str, minutes_ago: u64) -> String {
    let talk = Talk {
        began_at: NOW - Duration::from_secs(60 * minutes_ago),
        answered_after: Duration::from_secs(5),
        talked: Duration::from_secs(65),
    };
    let trunk = if phone.starts_with("globex") { "globex-trunk" } else { "acme-trunk" };
    server.talked_call(server.phone(phone), server.outside(trunk, number), talk).await.id().to_string()
}

#[tokio::test]
async fn a_search_finds_what_its_fields_say_and_counts_it() {
    let server = Server::start().await;
    let first = talked(&server, "acme-101", "+14155550199", 30).await;
    let second = talked(&server, "acme-102", "+15005550006", 20).await;
    let foreign = talked(&server, "globex-201", "+15005550006", 20).await;
    let person = server.sign_in("ann").await;
    for (query, found) in [
        ("", [true, true]),
        ("called=4155", [true, false]),
        ("outcome=unanswered", [false, false]),
        ("from=2026-01-02T11:35", [false, true]),
        ("to=2026-01-02T11:35", [true, false]),
        ("direction=inbound&account=1001", [false, false]),
        ("least=65", [true, true]),
        ("least=66", [false, false]),
        ("account=1002", [false, false]),
    ] {
        let page = person.page(&format!("/console/history?{query}")).await;
        assert_eq!([&first, &second].map(|id| page.text().contains(id.as_str())), found, "{query}");
        let count = found.iter().filter(|is| **is).count();
        assert!(page.text().contains(&format!("<strong>{count}</strong> calls")), "{query}");
        assert!(!page.text().contains(&foreign), "{query}");
    }
}

#[tokio::test]
async fn what_is_found_is_summed_up() {
    let server = Server::start().await;
    talked(&server, "acme-101", "+14155550199", 30).await;
    talked(&server, "acme-101", "+14155550199", 20).await;
    talked(&server, "globex-201", "+15005550006", 20).await;
    let person = server.sign_in("ann").await;
    let page = person.page("/console/history").await;
    assert!(page.text().contains("<strong>2:10</strong> connected"), "{}", page.text());
    assert!(page.text().contains("</strong> charged") && !page.text().contains("<strong>0</strong> charged"));
    let one = person.page("/console/history?from=2026-01-02T11:35").await;
    assert!(one.text().contains("<strong>1:05</strong> connected"), "{}", one.text());
}

#[tokio::test]
async fn pages_hold_still_while_calls_end() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for minutes in (10..70).rev() {
        ids.push(talked(&server, "acme-101", "+14155550199", minutes).await);
    }
    let person = server.sign_in("ann").await;
    let first = person.page("/console/history").await;
    let next = crate::harness::between(first.text(), "rel=\"next\" href=\"", "\"").replace("&amp;", "&");
    talked(&server, "acme-101", "+14155550199", 5).await;
    let second = person.page(&next).await;
    let seen = |text: &str| ids.iter().filter(|id| text.contains(id.as_str())).count();
    assert_eq!((seen(first.text()), seen(second.text())), (50, 10));
    assert!(ids.iter().all(|id| first.text().contains(id.as_str()) != second.text().contains(id.as_str())));
}

#[tokio::test]
async fn a_calls_page_tells_its_legs_in_order_and_takes_notes() {
    let server = Server::start().await;
    let id = talked(&server, "acme-101", "+14155550199", 30).await;
    let person = server.sign_in("ann").await;
    let place = format!("/console/calls/{id}");
    let page = person.page(&place).await;
    let order = ["0.000 s", "calls", "1.000 s", "rings", "5.000 s", "answers", "70.000 s", "hung up"];
    let ladder = page.text().split_once("class=\"ladder\"").unwrap().1;
    let places: Vec<_> =
        order.iter().map(|part| ladder.find(part).unwrap_or_else(|| panic!("no {part}"))).collect();
    assert!(places.is_sorted(), "{places:?} {ladder}");
    let noted = person.sends(&format!("{place}/notes"), &[("notes", "a <b> note"), ("flagged", "yes")]).await;
    assert_eq!(noted.status, 303);
    let page = person.page(&place).await;
    assert!(page.text().contains("a &lt;b&gt; note") && page.text().contains(" checked"), "{}", page.text());
    assert!(person.page("/console/history?notes=note&flag=flagged").await.text().contains(&id));
    let list = person.page("/console/history?column=notes&column=flag").await;
    assert!(list.text().contains("a &lt;b&gt; note") && list.text().contains(">Flagged<"), "{}", list.text());
    assert_eq!(server.sign_in("gil").await.page(&place).await.status, 404);
}

#[tokio::test]
async fn a_search_is_exported_as_it_was_seen() {
    let server = Server::start().await;
    talked(&server, "acme-101", "+14155550199", 30).await;
    talked(&server, "acme-102", "+15005550006", 20).await;
    let person = server.sign_in("ann").await;
    let page = person
        .page("/console/history?account=1001&called=4155&column=started&column=called&column=connected")
        .await;
    let search = crate::harness::between(page.text(), "name=\"search\" value=\"", "\"").replace("&amp;", "&");
    let search = format!("{search}&account=1001");
    assert_eq!(person.sends("/console/exports", &[("search", &search)]).await.status, 303);
    let mut list = person.page("/console/exports").await;
    while list.text().contains("in progress") {
        tokio::task::yield_now().await;
        list = person.page("/console/exports").await;
    }
    let file = crate::harness::between(list.text(), "href=\"/console/exports/", "\"");
    let file = person.page(&format!("/console/exports/{file}")).await;
    let mut text = String::new();
    GzDecoder::new(&*file.body).read_to_string(&mut text).unwrap();
    let expected = "\"started\",\"called\",\"connected\"\r\n\"2026-01-02T11:30:00.000000Z\",\"+14155550199\",\"65.000\"\r\n";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_chart_tells_the_figures_of_a_stretch_beside_the_week_before() {
    let server = Server::start().await;
    talked(&server, "acme-101", "+14155550199", 30).await;
    talked(&server, "acme-101", "+14155550199", 30 + 7 * 24 * 60).await;
    talked(&server, "acme-101", "+14155550199", 31 + 7 * 24 * 60).await;
    let person = server.sign_in("ann").await;
    let query = "measure=calls&account=1001&step=hour&from=2026-01-02T11:00&to=2026-01-02T12:00";
    let figures = person.page(&format!("/console/charts.csv?{query}")).await;
    let first = figures.text().lines().nth(1).unwrap();
    assert_eq!(first, "2026-01-02T11:00:00.000000Z,1,2,", "{}", figures.text());
    // At eleven nobody talked, and somebody did until twelve.
    let active = person.page(&format!("/console/charts.csv?{}", query.replace("calls", "active"))).await;
    assert_eq!(active.text().lines().nth(1), Some("2026-01-02T11:00:00.000000Z,0,0,1"), "{}", active.text());
    let elsewhere = query.replace("calls", "active") + "&country=DE";
    let none = person.page(&format!("/console/charts.csv?{elsewhere}")).await;
    assert_eq!(none.text().lines().nth(1), Some("2026-01-02T11:00:00.000000Z,0,0,0"), "{}", none.text());
    let page = person.page(&format!("/console/charts?{query}")).await;
    assert!(page.text().contains("<svg") && page.text().contains("the week before"));
}
