//! Numbers with parameters behind them (RFC 3966, RFC 4694), and parameters in quotes.

use call::{EventKind, event::CallStarted};

use crate::support::{Agent, Office, agent::SDP};

/// What the call that just ended was begun with.
async fn started(office: &Office) -> std::sync::Arc<CallStarted> {
    let events = office.story.next_events().await;
    match &events[0].kind {
        EventKind::CallStarted(started) => started.clone(),
        other => panic!("a call starts with {other:?}"),
    }
}

async fn lets_ring(caller: &Agent, called: &Agent, number: &str) {
    let dialog = caller.dial(number, &[], SDP).await;
    called.refuse(&called.expect("INVITE").await, "486 Busy Here").await;
    caller.expect_refusal(&dialog, 486).await;
}

#[tokio::test]
async fn an_owned_number_is_found_whatever_stands_behind_it() {
    let office = Office::open().await;
    let (b, carrier) = (office.registered("b").await, office.trunk(1).await);
    for dialed in [
        "+14155550100;npdi",
        "+14155550100;npdi;rn=+14155559999",
        "+1-415-555-0100",
        "+1.415.555.0100;cpc=ordinary",
        "415-555-0100;phone-context=+1",
        "%2B14155550100;isub=7",
    ] {
        lets_ring(&carrier, &b, dialed).await;
        assert_eq!(started(&office).await.dialed.as_str(), "+14155550100", "{dialed}");
    }
}

#[tokio::test]
async fn a_tel_uri_is_a_number_too() {
    let office = Office::open().await;
    let (b, carrier) = (office.registered("b").await, office.trunk(1).await);
    let mut dialog = carrier.dial("+14155550100", &[], "").await;
    // The same once more, to a tel URI.
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    carrier.expect_refusal(&dialog, 486).await;
    let text = carrier.outside("INVITE", "tel:415-555-0100;phone-context=+1", 1, &[contact(&carrier)], SDP);
    carrier.send(&text).await;
    b.refuse(&b.expect("INVITE").await, "486 Busy Here").await;
    dialog.invite = text;
    carrier.expect_status(486).await;
    office.story.next().await;
}

fn contact(agent: &Agent) -> String {
    format!("Contact: {}", agent.contact())
}

#[tokio::test]
async fn the_caller_of_a_trunk_is_the_number_alone() {
    let office = Office::open().await;
    let (b, mut carrier) = (office.registered("b").await, office.trunk(1).await);
    for (shown, caller) in [
        ("+49-30-1234;npdi;rn=+4930999", "+49301234"),
        ("+49301234;cpc=payphone", "+49301234"),
        ("030-1234;phone-context=+49", "+49301234"),
        ("anna.b", "anna.b"),
    ] {
        carrier.user = shown.to_owned();
        let dialog = carrier.dial("+14155550100", &[], SDP).await;
        let invite = b.expect("INVITE").await;
        assert!(invite.header("From").contains(&format!("<sip:{caller}@")), "{}", invite.header("From"));
        b.refuse(&invite, "486 Busy Here").await;
        carrier.expect_refusal(&dialog, 486).await;
        assert_eq!(started(&office).await.caller.as_str(), caller, "{shown}");
    }
}

#[tokio::test]
async fn a_phone_may_write_an_extension_with_parameters() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002;cpc=ordinary", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_party_can_be_transferred_to_a_number_with_parameters() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let refer = format!("Refer-To: <sip:1003;cpc=ordinary@{};user=phone>", a.server());
    a.within(&mut call, "REFER", &[refer], "").await;
    let invite = c.expect("INVITE").await;
    assert!(invite.header("To").contains("<sip:1003@"), "{}", invite.header("To"));
}

#[tokio::test]
async fn a_tag_in_a_quoted_parameter_is_none() {
    let office = Office::open().await;
    let (b, carrier) = (office.registered("b").await, office.trunk(1).await);
    let from = r#"From: <sip:+49301234@test>;note="x;tag=evil";tag=real"#;
    let plain = carrier.outside(
        "INVITE",
        &format!("sip:+14155550100@{}", office.server),
        1,
        &[contact(&carrier)],
        SDP,
    );
    let text: String = plain
        .split_inclusive("\r\n")
        .map(|line| if line.starts_with("From: ") { format!("{from}\r\n") } else { line.to_owned() })
        .collect();
    carrier.send(&text).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", SDP).await;
    b.expect("ACK").await;
    let answer = carrier.expect_status(200).await;
    // The BYE of the switch goes to the tag that the caller has.
    let mut dialog = b.dialog_of(&invite);
    assert!(answer.header("From").ends_with(";tag=real"));
    let call_id = answer.header("Call-ID").to_owned();
    let ack = carrier.outside("ACK", answer.uri_of("Contact"), 1, &[], "");
    let ack: String = ack
        .split_inclusive("\r\n")
        .map(|line| match line.split(':').next() {
            Some("From") => format!("{from}\r\n"),
            Some("To") => format!("To: {}\r\n", answer.header("To")),
            Some("Call-ID") => format!("Call-ID: {call_id}\r\n"),
            _ => line.to_owned(),
        })
        .collect();
    carrier.send(&ack).await;
    b.hang_up(&mut dialog).await;
    let bye = carrier.expect("BYE").await;
    assert!(bye.header("To").ends_with(";tag=real"), "{}", bye.header("To"));
}
