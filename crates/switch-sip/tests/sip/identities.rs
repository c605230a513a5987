//! Who a party is shown: number and name are those of the same one, and whoever stays learns whom it talks to.

use std::sync::Arc;

use call::{
    CallCommand, CallId, Number, Timestamp,
    command::{LegCommand, Originate, Target},
};
use directory::model::TrunkIdentity;
use switch::Switch;

use crate::support::{
    Agent, Message, Office, Talk,
    agent::{Dialog, SDP},
    office::OFFICE,
    talk::{sdp_of_b, sdp_of_c},
};

/// An office where everybody has a name.
async fn office() -> Office {
    let office = Office::open().await;
    name(&office);
    office
}

/// Gives everybody a name: Ann (1001), Bob (1002), Carl (1003).
pub fn name(office: &Office) {
    office.change(|entries| {
        entries.extensions[1].name = Some("Bob".into());
        entries.extensions[2].name = Some("Carl".into());
        entries.devices[1].caller_id = Some(Number::from("+14155550102"));
    });
}

/// The name and the number of a name-addr.
fn who(value: &str) -> (String, String) {
    let (name, rest) = value.split_once('<').unwrap();
    let number = rest.strip_prefix("sip:").unwrap().split('@').next().unwrap();
    (name.trim().trim_matches('"').to_owned(), number.to_owned())
}

fn is(name: &str, number: &str) -> (String, String) {
    (name.to_owned(), number.to_owned())
}

/// Whom a re-INVITE says that the phone talks to; it is answered.
async fn connected(agent: &Agent, sdp: &str) -> (String, String) {
    let invite = agent.expect("INVITE").await;
    agent.reply(&invite, "200 OK", sdp).await;
    agent.expect("ACK").await;
    who(invite.header("P-Asserted-Identity"))
}

async fn take(agent: &Agent, sdp: &str) -> Message {
    let invite = agent.expect("INVITE").await;
    agent.reply(&invite, "200 OK", sdp).await;
    agent.expect("ACK").await;
    invite
}

fn transfer_to(number: &str) -> LegCommand {
    LegCommand::Transfer(Target::Number(number.into()))
}

#[tokio::test]
async fn a_recipient_sees_the_caller_that_the_called_party_hands_on() {
    let office = office().await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, transfer_to("1003")).await.unwrap();
    let invite = take(&c, &sdp_of_c()).await;
    assert_eq!(who(invite.header("From")), is("Ann", "1001"));
    assert_eq!(connected(&talk.a, SDP).await, is("Carl", "1003"));
}

#[tokio::test]
async fn a_recipient_sees_the_called_party_that_the_caller_hands_on() {
    let office = office().await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.caller, transfer_to("1003")).await.unwrap();
    let invite = take(&c, &sdp_of_c()).await;
    assert_eq!(who(invite.header("From")), is("Bob", "1002"));
    assert_eq!(connected(&talk.b, &sdp_of_b()).await, is("Carl", "1003"));
}

#[tokio::test]
async fn a_recipient_outside_sees_the_outside_number_of_who_is_handed_on() {
    for (is_by_caller, expected) in [(true, is("Bob", "+14155550102")), (false, is("Ann", "+14155550199"))] {
        let office = office().await;
        let carrier = office.trunk(1).await;
        let talk = Talk::begin(&office).await;
        let initiator = if is_by_caller { talk.caller } else { talk.called };
        talk.command(&office, initiator, transfer_to("+14155550123")).await.unwrap();
        let invite = take(&carrier, &sdp_of_c()).await;
        assert_eq!(who(invite.header("From")), expected);
        let (stays, sdp) = if is_by_caller { (&talk.b, sdp_of_b()) } else { (&talk.a, SDP.to_owned()) };
        assert_eq!(connected(stays, &sdp).await, is("", "+14155550123"));
    }
}

#[tokio::test]
async fn a_caller_from_outside_is_shown_as_it_came_wherever_it_is_handed_on() {
    let office = office().await;
    let (b, c, carrier) = (office.registered("b").await, office.registered("c").await, office.trunk(1).await);
    let mut at_carrier = carrier.dial("14155550100", &[], SDP).await;
    let invite = take(&b, &sdp_of_b()).await;
    let from = who(invite.header("From"));
    assert_eq!(from, is("Test", "trunk1"));
    carrier.expect_answer(&mut at_carrier).await;
    let mut at_b = b.dialog_of(&invite);
    b.within(&mut at_b, "REFER", &["Refer-To: <sip:1003@test>".to_owned()], "").await;
    assert_eq!(who(take(&c, &sdp_of_c()).await.header("From")), from);
    // The carrier is told nothing that it has not asked for.
    let joined = carrier.expect("INVITE").await;
    assert_eq!(joined.find("P-Asserted-Identity"), None);
}

#[tokio::test]
async fn both_far_parties_of_an_attended_transfer_learn_of_each_other() {
    let office = office().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let mut at_b = talk.b.call("1003", &sdp_of_b()).await;
    let asked = take(&c, &sdp_of_c()).await;
    assert_eq!(who(asked.header("From")), is("Bob", "1002"));
    talk.b.expect_answer(&mut at_b).await;
    talk.b.within(&mut talk.at_b, "REFER", &[replacing(&at_b)], "").await;
    assert_eq!(connected(&c, &sdp_of_c()).await, is("Ann", "1001"));
    assert_eq!(connected(&talk.a, SDP).await, is("Carl", "1003"));
}

fn replacing(dialog: &Dialog) -> String {
    let tag = |value: &str| value.split_once(";tag=").unwrap().1.to_owned();
    let (to, from) = (tag(&dialog.remote), tag(&dialog.local));
    format!("Refer-To: <sip:1003@test?Replaces={}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}>", dialog.call_id)
}

#[tokio::test]
async fn who_takes_a_party_out_of_its_slot_and_that_party_learn_of_each_other() {
    let office = office().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    let invite = talk.a.expect("INVITE").await;
    talk.a.reply(&invite, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    let c = office.registered("c").await;
    let mut at_c = c.call("701", &sdp_of_c()).await;
    assert_eq!(connected(&talk.a, SDP).await, is("Carl", "1003"));
    let answer = c.expect_answer(&mut at_c).await;
    assert_eq!(who(answer.header("P-Asserted-Identity")), is("Ann", "1001"));
    talk.a.hang_up(&mut talk.at_a).await;
}

#[tokio::test]
async fn a_caller_learns_who_has_picked_up_its_call_or_was_forwarded_to() {
    let office = office().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1002", SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    a.expect_status(180).await;
    let mut at_c = c.call("*8", &sdp_of_c()).await;
    assert_eq!(who(c.expect_answer(&mut at_c).await.header("P-Asserted-Identity")), is("Ann", "1001"));
    assert_eq!(who(a.expect_answer(&mut at_a).await.header("P-Asserted-Identity")), is("Carl", "1003"));
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    b.expect("CANCEL").await;

    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.send(&invite.response("302 Moved", "b", &["Contact: <sip:1003@test>".to_owned()], "")).await;
    take(&c, &sdp_of_c()).await;
    assert_eq!(who(a.expect_answer(&mut at_a).await.header("P-Asserted-Identity")), is("Carl", "1003"));
}

#[tokio::test]
async fn who_is_reached_as_called_is_not_told_of() {
    let office = office().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    assert_eq!(a.expect_answer(&mut at_a).await.find("P-Asserted-Identity"), None);
}

#[tokio::test]
async fn a_phone_that_takes_another_identity_is_shown_one_in_from() {
    let office = office().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call_with("1002", &["Supported: from-change"], SDP).await;
    let invite = take(&b, &sdp_of_b()).await;
    a.expect_answer(&mut at_a).await;
    let mut at_b = b.dialog_of(&invite);
    b.within(&mut at_b, "REFER", &["Refer-To: <sip:1003@test>".to_owned()], "").await;
    take(&c, &sdp_of_c()).await;
    let joined = take(&a, SDP).await;
    assert_eq!(who(joined.header("From")), is("Carl", "1003"));
    assert_eq!(joined.tag_of("From"), at_a.remote.split_once(";tag=").map(|(_, tag)| tag));
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
}

#[tokio::test]
async fn the_first_party_of_a_placed_call_is_not_shown_its_own_name() {
    for to in [Target::Extension("1002".into()), Target::FeatureCode("701".into())] {
        let office = office().await;
        let a = office.registered("a").await;
        let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
        let from = Target::Extension("1001".into());
        let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
        office.switch.command(CallCommand::Originate(originate)).await.unwrap();
        let invite = a.expect("INVITE").await;
        assert_eq!(who(invite.header("From")).0, "");
        a.refuse(&invite, "486 Busy Here").await;
    }
}

#[tokio::test]
async fn a_name_with_quotes_stays_one_name() {
    let office = office().await;
    office.change(|entries| entries.extensions[2].name = Some(Arc::from(r#"Carl "C" <x>; y"#)));
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.command(&office, talk.called, transfer_to("1003")).await.unwrap();
    take(&c, &sdp_of_c()).await;
    let joined = take(&talk.a, SDP).await;
    let shown = joined.header("P-Asserted-Identity");
    assert!(shown.starts_with(r#""Carl \"C\" <x>; y" <sip:1003@"#), "{shown}");
}

#[tokio::test]
async fn a_phone_is_believed_that_a_call_was_diverted_by_numbers_of_its_own_account() {
    let office = office().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let [own, owned, foreign] =
        ["<sip:1002@test>;reason=user-busy", "<sip:+14155550100@test>", "<sip:+19005550100@test>"];
    for (said, passed) in [
        (own.to_owned(), Some(own.to_owned())),
        (owned.to_owned(), Some(owned.to_owned())),
        (foreign.to_owned(), None),
        (format!("{foreign}, {own}, {owned}"), Some(format!("{own}, {owned}"))),
        ("nonsense".to_owned(), None),
    ] {
        let at_a = a.call_with("+14155550123", &[&format!("Diversion: {said}")], SDP).await;
        let invite = carrier.expect("INVITE").await;
        assert_eq!(invite.find("Diversion").map(str::to_owned), passed, "{said}");
        carrier.refuse(&invite, "486 Busy Here").await;
        a.expect_refusal(&at_a, 486).await;
    }
}

#[tokio::test]
async fn a_trusted_trunk_tells_that_its_party_has_become_another() {
    let office = office().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    office.change(|entries| entries.trunks[0].identity = TrunkIdentity::Asserted);
    let mut call = a.call("+14155550123", SDP).await;
    let mut at_carrier = carrier.answer(&carrier.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let says = |who: &str| [format!("P-Asserted-Identity: {who}")];
    carrier.within(&mut at_carrier, "INVITE", &says("\"Cora\" <sip:+4930777@x>"), SDP).await;
    assert_eq!(connected(&a, SDP).await, is("Cora", "+4930777"));
    carrier.expect_status(200).await;
    carrier.acknowledge(&at_carrier, "").await;
    // Without an offer, and once more the same, which is no news.
    for _ in 0..2 {
        carrier.within(&mut at_carrier, "UPDATE", &says("\"Dora\" <tel:+4930888>"), "").await;
        carrier.expect_status(200).await;
    }
    assert_eq!(connected(&a, SDP).await, is("Dora", "+4930888"));
    a.hang_up(&mut call).await;
    carrier.expect_bye().await;
}

#[tokio::test]
async fn a_caller_is_shown_who_has_answered_as_a_trusted_trunk_says() {
    let (cora, hidden) = ("\"Cora\" <sip:+4930777@x>", "Privacy: id");
    let of_called = format!("Remote-Party-ID: {cora};party=called;privacy=off");
    let of_caller = format!("Remote-Party-ID: {cora};party=calling");
    let asserted = format!("P-Asserted-Identity: {cora}");
    let cora = Some(is("Cora", "+4930777"));
    for (trust, says, expected) in [
        (TrunkIdentity::Asserted, vec![&*asserted], cora.clone()),
        (TrunkIdentity::RemoteParty, vec![&*of_called], cora),
        (TrunkIdentity::RemoteParty, vec![&*of_caller], None),
        (TrunkIdentity::Asserted, vec![&*asserted, hidden], Some(is("Anonymous", "anonymous"))),
        (TrunkIdentity::None, vec![&*asserted, &*of_called], None),
    ] {
        let office = office().await;
        let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
        office.change(|entries| entries.trunks[0].identity = trust);
        let call = a.call("+14155550123", SDP).await;
        carrier.reply_with(&carrier.expect("INVITE").await, "200 OK", &says, SDP).await;
        let answer = a.expect_status(200).await;
        assert_eq!(answer.find("P-Asserted-Identity").map(who), expected, "{trust:?} {says:?}");
        drop(call);
    }
}
