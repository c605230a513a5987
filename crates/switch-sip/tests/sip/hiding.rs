//! Who calls, and who may know it (RFC 3323, RFC 3325, RFC 5806, RFC 7044).

use call::EventKind;
use directory::model::TrunkIdentity;

use crate::support::{Agent, Message, Office, agent::SDP};

const NOBODY: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=";

/// An office, its phones `a` and `b`, and a trunk that tells and is told callers so.
async fn office(identity: TrunkIdentity) -> (Office, Agent, Agent, Agent) {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let carrier = office.trunk(1).await;
    office.change(|entries| entries.trunks[0].identity = identity);
    (office, a, b, carrier)
}

/// The INVITE that reaches `called` when `caller` dials so, and is refused.
async fn invite(caller: &Agent, called: &Agent, number: &str, headers: &[&str]) -> Message {
    let dialog = match caller.secret.is_empty() {
        true => {
            caller.dial(number, &headers.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), SDP).await
        }
        false => caller.call_with(number, headers, SDP).await,
    };
    let invite = called.expect("INVITE").await;
    called.refuse(&invite, "486 Busy Here").await;
    caller.expect_refusal(&dialog, 486).await;
    invite
}

#[tokio::test]
async fn a_trunk_sees_nobody_where_the_caller_hides_and_the_number_only_if_it_is_trusted() {
    for (trust, identity) in [
        (TrunkIdentity::None, None),
        (TrunkIdentity::Asserted, Some(("P-Asserted-Identity", "\"Ann\" <sip:+14155550199@127.0.0.1>"))),
        (
            TrunkIdentity::RemoteParty,
            Some((
                "Remote-Party-ID",
                "\"Ann\" <sip:+14155550199@127.0.0.1>;party=calling;screen=yes;privacy=full",
            )),
        ),
    ] {
        let (office, a, _b, carrier) = office(trust).await;
        for asked in ["id", "user;header", "id;critical"] {
            let invite = invite(&a, &carrier, "+14155550123", &[&format!("Privacy: {asked}")]).await;
            assert!(invite.header("From").starts_with(NOBODY), "{}", invite.header("From"));
            assert_eq!(invite.header("Privacy"), asked);
            for name in ["P-Asserted-Identity", "Remote-Party-ID"] {
                let expected = identity.filter(|(known, _)| *known == name).map(|(_, value)| value);
                assert_eq!(invite.find(name), expected, "{trust:?}");
            }
        }
        drop(office);
    }
}

#[tokio::test]
async fn a_caller_who_is_not_hidden_is_shown() {
    let (_office, a, _b, carrier) = office(TrunkIdentity::Asserted).await;
    for headers in
        [&[][..], &["Privacy: none"], &["Privacy: critical"], &["P-Preferred-Identity: <sip:666@x>"]]
    {
        let invite = invite(&a, &carrier, "+14155550123", headers).await;
        assert!(invite.header("From").contains("<sip:+14155550199@"), "{}", invite.header("From"));
        assert_eq!(invite.find("Privacy"), None);
        assert!(invite.header("P-Asserted-Identity").contains("<sip:+14155550199@"));
    }
}

#[tokio::test]
async fn an_anonymous_from_is_a_wish_too_and_the_record_keeps_the_number() {
    let (office, mut a, _b, carrier) = office(TrunkIdentity::Asserted).await;
    let user = std::mem::replace(&mut a.user, "anonymous".to_owned());
    let dialog = a.dial("+14155550123", &[], SDP).await;
    let challenge = a.expect_status(407).await;
    a.acknowledge_failure(&dialog, &challenge).await;
    let answer = crate::support::digest::Challenge::of(&challenge).answer(
        "Proxy-Authorization",
        (&user, &a.secret),
        "INVITE",
        &dialog.target,
        1,
    );
    let mut dialog = dialog;
    a.redial(&mut dialog, &[answer], SDP).await;
    let invite = carrier.expect("INVITE").await;
    assert!(invite.header("From").starts_with(NOBODY), "{}", invite.header("From"));
    assert_eq!(invite.header("Privacy"), "id");
    assert!(invite.header("P-Asserted-Identity").contains("<sip:+14155550199@"));
    carrier.refuse(&invite, "486 Busy Here").await;
    a.expect_refusal(&dialog, 486).await;
    let events = office.story.next_events().await;
    let EventKind::CallStarted(started) = &events[0].kind else { panic!("{:?}", events[0]) };
    assert_eq!(started.caller.as_str(), "anonymous", "what was received is kept");
    let EventKind::LegOffered { offer, .. } = &events[1].kind else { panic!("{:?}", events[1]) };
    assert_eq!(offer.from.as_str(), "1001");
}

#[tokio::test]
async fn a_colleague_does_not_see_who_hides() {
    let (_office, a, b, _carrier) = office(TrunkIdentity::None).await;
    let invite = invite(&a, &b, "1002", &["Privacy: id"]).await;
    assert!(invite.header("From").starts_with(NOBODY), "{}", invite.header("From"));
    assert!(!format!("{invite:?}").contains("1001"), "{invite:#?}");
}

#[tokio::test]
async fn a_trusted_trunk_is_believed_and_another_is_not() {
    let said = [
        "P-Asserted-Identity: \"Cora\" <sip:+49-30-1234;npdi@carrier.example>",
        "Remote-Party-ID: <sip:+4989777@carrier.example>;party=calling;privacy=off",
    ];
    for (trust, number) in [
        (TrunkIdentity::None, "trunk1"),
        (TrunkIdentity::Asserted, "+49301234"),
        (TrunkIdentity::RemoteParty, "+4989777"),
    ] {
        let (office, _a, b, carrier) = office(trust).await;
        let invite = invite(&carrier, &b, "+14155550100", &said).await;
        assert!(invite.header("From").contains(&format!("<sip:{number}@")), "{}", invite.header("From"));
        assert_eq!((invite.find("P-Asserted-Identity"), invite.find("Remote-Party-ID")), (None, None));
        let events = office.story.next_events().await;
        let EventKind::CallStarted(started) = &events[0].kind else { panic!("{:?}", events[0]) };
        assert_eq!(started.caller.as_str(), number);
    }
}

#[tokio::test]
async fn a_caller_whom_a_trunk_hides_is_known_to_the_record_alone() {
    for (trust, said) in [
        (TrunkIdentity::Asserted, &["Privacy: id", "P-Asserted-Identity: <tel:+49301234>"][..]),
        (TrunkIdentity::RemoteParty, &["Remote-Party-ID: <sip:+49301234@x>;privacy=full"]),
    ] {
        let (office, _a, b, carrier) = office(trust).await;
        let invite = invite(&carrier, &b, "+14155550100", said).await;
        assert!(invite.header("From").starts_with(NOBODY), "{}", invite.header("From"));
        let events = office.story.next_events().await;
        let EventKind::CallStarted(started) = &events[0].kind else { panic!("{:?}", events[0]) };
        assert_eq!(started.caller.as_str(), "+49301234");
    }
}

#[tokio::test]
async fn a_phone_may_say_only_numbers_of_its_own_account_in_a_diversion() {
    let (_office, a, _b, carrier) = office(TrunkIdentity::None).await;
    for (said, passed) in [
        ("<sip:1002@x>;reason=no-answer", Some("<sip:1002@x>;reason=no-answer")),
        ("<tel:+1-415-555-0100>;reason=unknown", Some("<tel:+1-415-555-0100>;reason=unknown")),
        ("<sip:+4930666@x>;reason=unknown", None),
        ("<sip:+4930666@x>, <sip:1003@x>;reason=away", Some("<sip:1003@x>;reason=away")),
        ("junk", None),
    ] {
        let invite = invite(&a, &carrier, "+14155550123", &[&format!("Diversion: {said}")]).await;
        assert_eq!(invite.find("Diversion"), passed, "{said}");
    }
}

#[tokio::test]
async fn the_way_of_a_call_goes_on_to_a_trusted_trunk() {
    for (trust, expected) in [(TrunkIdentity::None, false), (TrunkIdentity::Asserted, true)] {
        let (office, _a, b, carrier) = office(trust).await;
        let way = "<sip:+4930666@x>;index=1,<sip:+14155550100@y>;index=1.1";
        let call = carrier.dial("+14155550100", &[format!("History-Info: {way}")], SDP).await;
        let first = b.expect("INVITE").await;
        let target = format!("Contact: <sip:+14155550123@{}>", office.server);
        b.send(&first.response("302 Moved Temporarily", "b", &[target], "")).await;
        b.expect("ACK").await;
        let invite = carrier.expect("INVITE").await;
        let sent_on = "<sip:1002@127.0.0.1>;index=1.1.1, <sip:+14155550123@127.0.0.1>;index=1.1.1.1";
        let expected = expected.then(|| format!("{way}, {sent_on}"));
        assert_eq!(invite.find("History-Info"), expected.as_deref());
        carrier.refuse(&invite, "486 Busy Here").await;
        carrier.expect_refusal(&call, 486).await;
    }
}
