//! The live calls: the page, the stream and the commands.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use switch::simulated::SimulatedCall;

use crate::harness::{NOW, Server, Talk};

async fn call(server: &Server, phone: &str, number: &str) -> SimulatedCall {
    let talk = Talk {
        began_at: NOW - Duration::from_secs(95),
        answered_after: Duration::from_secs(5),
        talked: Duration::ZERO,
    };
    let trunk = if phone.starts_with("globex") { "globex-trunk" } else { "acme-trunk" };
    server.live_call(server.phone(phone), server.outside(trunk, number), talk).await
}

#[tokio::test]
async fn the_page_shows_the_calls_of_ones_own_accounts() {
    let server = Server::start().await;
    let own = call(&server, "acme-101", "+14155550199").await;
    let foreign = call(&server, "globex-201", "+442079460123").await;
    let page = server.sign_in("ann").await.page("/console").await;
    let text = page.text();
    for part in
        [&*own.id().to_string(), "+14155550199", "Ann Lee", "acme-trunk", "Acme office", "Talking", ">1:35<"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains(&foreign.id().to_string()) && !text.contains("+442079460123"));
}

#[tokio::test]
async fn calls_are_filtered_and_counted() {
    let server = Server::start().await;
    call(&server, "acme-101", "+14155550199").await;
    call(&server, "acme-102", "+15005550006").await;
    call(&server, "shop-301", "+15005550007").await;
    let person = server.sign_in("ann").await;
    let rows =
        async |query: &str| person.page(&format!("/console?{query}")).await.text().matches("<tr id").count();
    for (query, expected) in [
        ("", 3),
        ("text=ann+lee", 1),
        ("text=%2B1500", 2),
        ("account=1002", 1),
        ("state=talking", 3),
        ("state=ringing", 0),
        ("direction=inbound", 0),
        ("trunk=acme-trunk", 3),
        ("trunk=another", 0),
    ] {
        assert_eq!(rows(query).await, expected, "{query}");
    }
    let page = person.page("/console?group=account").await;
    assert!(
        page.text()
            .contains("href=\"/console?group=account&amp;account=1001\">Acme office</a> <strong>2</strong>"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn who_may_only_look_is_offered_nothing_to_do() {
    let server = Server::start().await;
    let own = call(&server, "acme-101", "+14155550199").await;
    let page = server.sign_in("sue").await.page("/console").await;
    assert!(
        page.text().contains(&own.id().to_string()) && !page.text().contains("hang-up"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_call_is_hung_up_from_its_row() {
    let server = Server::start().await;
    let own = call(&server, "acme-101", "+14155550199").await;
    let person = server.sign_in("ann").await;
    let place = format!("/console/calls/{}/hang-up", own.id());
    assert!(person.page("/console").await.text().contains(&place));
    let answer = person.sends(&place, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/console"));
    assert!(own.is_over());
}

#[tokio::test]
async fn a_call_is_held_taken_back_and_transferred() {
    let server = Server::start().await;
    let own = call(&server, "acme-101", "+14155550199").await;
    let person = server.sign_in("ann").await;
    let leg = format!("/console/calls/{}/legs/{}", own.id(), own.legs()[0]);
    assert_eq!(person.sends(&leg, &[("verb", "hold")]).await.status, 303);
    let held = person.page("/console").await;
    assert!(
        held.text().contains("On hold")
            && held.text().contains(&leg)
            && held.text().contains("value=\"resume\""),
        "{}",
        held.text()
    );
    assert_eq!(person.sends(&leg, &[("verb", "resume")]).await.status, 303);
    let unknown = person.sends(&leg, &[("verb", "sing")]).await;
    assert!(unknown.status == 400 && unknown.text().contains("stop-recording"), "{}", unknown.text());
    let nowhere = person.sends(&leg, &[("verb", "transfer"), ("to", "nobody")]).await;
    assert_eq!(nowhere.status, 400);
    assert!(nowhere.text().contains("nobody") && nowhere.text().contains("an extension"));
    assert_eq!(person.sends(&leg, &[("verb", "transfer"), ("to", "102")]).await.status, 303);
    let page = person.page("/console").await;
    assert!(page.text().contains("Ben Roe"), "{}", page.text());
}

#[tokio::test]
async fn the_module_is_told_what_became_of_a_command() {
    let server = Server::start().await;
    let own = call(&server, "acme-101", "+14155550199").await;
    let person = server.sign_in("ann").await;
    let leg = format!("/console/calls/{}/legs/{}", own.id(), own.legs()[0]);
    for (verb, told) in [
        ("record", "It is recorded."),
        ("stop-recording", "The recording is over."),
        ("play", "The sound is played."),
        ("stop-playing", "The sound is over."),
        ("hold", "On hold."),
    ] {
        let answer = person.sends_as_module(&leg, &[("verb", verb), ("sound", "welcome.wav")]).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, told), "{verb}");
    }
}

#[tokio::test]
async fn a_call_is_joined_with_the_only_other_one_of_its_phone() {
    let server = Server::start().await;
    let first = call(&server, "acme-101", "+14155550199").await;
    let person = server.sign_in("ann").await;
    let leg = format!("/console/calls/{}/legs/{}", first.id(), first.legs()[0]);
    let alone = person.sends(&leg, &[("verb", "join")]).await;
    assert_eq!(alone.status, 409);
    assert!(alone.text().contains("no other call"), "{}", alone.text());
    call(&server, "acme-101", "+15005550006").await;
    let joined = person.sends_as_module(&leg, &[("verb", "join")]).await;
    assert_eq!((joined.status.as_u16(), joined.text()), (200, "Transferred."));
    let page = person.page("/console").await;
    assert_eq!(page.text().matches("<tr id").count(), 1, "{}", page.text());
}

/// The next piece of a stream.
async fn piece(stream: &mut Body) -> String {
    loop {
        let frame = stream.frame().await.unwrap().unwrap();
        let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
        if let Some(data) = text.strip_prefix("data: ") {
            return data.trim_end().to_owned();
        }
    }
}

#[tokio::test]
async fn the_stream_tells_what_changes_and_nothing_else() {
    let server = Server::start().await;
    let first = call(&server, "acme-101", "+14155550199").await;
    let person = server.sign_in("ann").await;
    let (parts, mut stream) = person.asks("/console/live").stream("").await;
    assert_eq!(parts.headers["content-type"], "text/event-stream");
    let all = piece(&mut stream).await;
    assert!(all.contains(&first.id().to_string()) && all.contains("+14155550199"), "{all}");
    let second = call(&server, "acme-102", "+15005550006").await;
    let mut next = piece(&mut stream).await;
    while !next.contains("+15005550006") {
        next = piece(&mut stream).await;
    }
    // The first is as it was.
    assert!(next.contains(&format!("<tr id=\"c-{}\"></tr>", first.id())), "{next}");
    person.sends(&format!("/console/calls/{}/hang-up", second.id()), &[]).await;
    while next.contains(&second.id().to_string()) {
        next = piece(&mut stream).await;
    }
    assert!(next.contains("<strong>1</strong> active call"), "{next}");
}

#[tokio::test]
async fn the_stream_is_over_once_its_user_signs_out() {
    let server = Server::start().await;
    let person = server.sign_in("ann").await;
    let (_, mut stream) = person.asks("/console/live").stream("").await;
    piece(&mut stream).await;
    person.sends("/console/sign-out", &[]).await;
    while let Some(frame) = stream.frame().await {
        frame.unwrap();
    }
}
