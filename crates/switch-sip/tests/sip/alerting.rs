//! Which contacts of a phone ring first, how they are told to ring, and what they may show.

use std::time::Duration;

use directory::model::{RingRule, TrunkIdentity};
use switch_sip::SipConfig;

use crate::support::{Agent, Office, agent::SDP};

fn soon_over(config: &mut SipConfig) {
    config.no_answer = Duration::from_secs(2);
}

fn ring_by_origin(config: &mut SipConfig) {
    soon_over(config);
    config.rings_by_origin = true;
}

async fn registered_with(office: &Office, user: &str, q: &str) -> Agent {
    let phone = office.phone(user).await;
    let contact = format!("Contact: {};q={q}", phone.contact());
    let answer =
        phone.register_with(&format!("r{}", phone.address().port()), &[contact, "Expires: 300".into()]).await;
    assert_eq!(answer.status(), 200);
    phone
}

#[tokio::test]
async fn contacts_ring_by_their_preference_and_those_of_one_preference_at_once() {
    let office = Office::without_time(soon_over).await;
    let a = office.registered("a").await;
    let last = registered_with(&office, "b", "0.2").await;
    let first = [registered_with(&office, "b", "0.7").await, registered_with(&office, "b", "0.7").await];
    let mut at_a = a.call("1002", SDP).await;
    let invites = [first[0].expect("INVITE").await, first[1].expect("INVITE").await];
    first[0].refuse(&invites[0], "486 Busy Here").await;
    // The others ring once the second has had its time.
    first[1].reply(&invites[1], "180 Ringing", "").await;
    a.expect_status(180).await;
    office.pass(Duration::from_secs(1));
    let cancel = first[1].expect("CANCEL").await;
    first[1].reply(&cancel, "200 OK", "").await;
    first[1].refuse(&invites[1], "487 Request Terminated").await;
    let invite = last.expect("INVITE").await;
    last.reply(&invite, "200 OK", SDP).await;
    a.expect_answer(&mut at_a).await;
    last.expect("ACK").await;
    a.hang_up(&mut at_a).await;
    last.expect_bye().await;
}

#[tokio::test]
async fn what_a_phone_says_of_how_to_ring_reaches_its_colleagues() {
    let office = Office::with(ring_by_origin).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = [
        "Alert-Info: <urn:alert:priority:high>",
        "Call-Info: <http://phones.test/a.png>;purpose=icon",
        "Answer-Mode: Auto",
    ];
    a.call_with("1002", &more, SDP).await;
    let invite = b.expect("INVITE").await;
    let alerts: Vec<_> = invite.all("Alert-Info").collect();
    assert_eq!(alerts, ["<urn:alert:priority:high>", "<urn:alert:source:internal>"]);
    assert_eq!(invite.header("Call-Info"), "<http://phones.test/a.png>;purpose=icon");
    assert_eq!(invite.header("Answer-Mode"), "Auto");
}

#[tokio::test]
async fn nobody_outside_says_how_a_phone_rings() {
    let office = Office::with(ring_by_origin).await;
    let (a, b, carrier) = (office.registered("a").await, office.registered("b").await, office.trunk(1).await);
    let more = ["Alert-Info: <http://evil.test/a.wav>", "Answer-Mode: Auto"].map(str::to_owned);
    carrier.dial("+14155550100", &more, SDP).await;
    let invite = b.expect("INVITE").await;
    assert_eq!(invite.all("Alert-Info").collect::<Vec<_>>(), ["<urn:alert:source:external>"]);
    assert_eq!(invite.find("Answer-Mode"), None);
    a.call_with("+14155550123", &["Alert-Info: <urn:alert:priority:high>"], SDP).await;
    let outside = loop {
        let message = carrier.next().await;
        if message.method() == "INVITE" {
            break message;
        }
    };
    assert_eq!(outside.find("Alert-Info"), None);
}

/// The Alert-Info and Call-Info of a call to a phone that does not take it.
async fn rung(from: &Agent, to: &Agent, number: &str, more: &[String]) -> Vec<String> {
    let dialog = from.dial(number, more, SDP).await;
    let invite = to.expect("INVITE").await;
    to.refuse(&invite, "486 Busy Here").await;
    let refusal = from.next_with_status(486).await;
    from.acknowledge_failure(&dialog, &refusal).await;
    ["Alert-Info", "Call-Info"].iter().flat_map(|name| invite.all(name).map(str::to_owned)).collect()
}

#[tokio::test]
async fn phones_ring_as_the_rules_of_the_directory_say() {
    let office = Office::with(ring_by_origin).await;
    let (b, carrier) = (office.registered("b").await, office.trunk(1).await);
    let rule = |callers: &[&str], alert: &str| RingRule {
        callers: callers.iter().map(|prefix| (*prefix).to_owned()).collect(),
        alert_info: Some(alert.into()),
        ..RingRule::default()
    };
    let sales = RingRule {
        dialed: vec!["+14155550100".into()],
        call_info: Some("<http://127.0.0.1/sales.png>;purpose=icon".into()),
        ..rule(&[], "<http://127.0.0.1>;info=sales")
    };
    office.change(|entries| {
        entries.accounts[0].rings = vec![sales];
        entries.devices[1].rings = vec![rule(&["1415"], "Bellcore-dr3")];
    });
    let from = |number: &str| format!("P-Asserted-Identity: <sip:{number}@carrier.test>");
    office.change(|entries| entries.trunks[0].identity = TrunkIdentity::Asserted);
    let more = [from("+442071838750")];
    let sales = ["<http://127.0.0.1>;info=sales", "<http://127.0.0.1/sales.png>;purpose=icon"];
    assert_eq!(rung(&carrier, &b, "+14155550100", &more).await, sales);
    assert_eq!(rung(&carrier, &b, "+14155550100", &[from("+14155550177")]).await, ["Bellcore-dr3"]);
    office.change(|entries| entries.accounts[0].rings.clear());
    assert_eq!(rung(&carrier, &b, "+14155550100", &more).await, ["<urn:alert:source:external>"]);
}
