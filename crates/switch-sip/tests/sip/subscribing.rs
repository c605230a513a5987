//! SUBSCRIBE and NOTIFY (RFC 6665): lamps of colleagues and parking slots, mailboxes, presence.

use std::time::Duration;

use call::{CallCommand, Number, command::LegCommand};
use directory::mailboxes::Mailbox;
use switch::Switch;

use crate::support::{
    Agent, Message, Office, Talk,
    agent::{Dialog, SDP},
    digest::Challenge,
    office::{CARRIER, OFFICE, SHORT},
    talk::sdp_of_c,
};

/// A SUBSCRIBE as text, in the dialog that the request before began.
fn subscribe(agent: &Agent, to: &str, cseq: u32, more: &[String]) -> String {
    let uri = format!("sip:{to}@{}", agent.server());
    let contact = format!("Contact: {}", agent.contact());
    agent.outside("SUBSCRIBE", &uri, cseq, &[&[contact], more].concat(), "")
}

fn event(package: &str, expires: u32) -> Vec<String> {
    vec![format!("Event: {package}"), format!("Expires: {expires}")]
}

/// Subscribes and answers the challenge; what comes of it.
async fn ask(agent: &Agent, to: &str, headers: &[String]) -> (String, Message) {
    agent.send(&subscribe(agent, to, 1, headers)).await;
    let challenge = Challenge::of(&agent.expect_status(407).await);
    let uri = format!("sip:{to}@{}", agent.server());
    let who = (&*agent.user, &*agent.secret);
    let answer = challenge.answer("Proxy-Authorization", who, "SUBSCRIBE", &uri, 1);
    let asked = subscribe(agent, to, 2, &[headers, &[answer]].concat());
    agent.send(&asked).await;
    (asked, agent.receive().await)
}

/// A subscription, as its phone sees it.
struct Watching<'a> {
    phone: &'a Agent,
    dialog: Dialog,
    headers: Vec<String>,
}

impl<'a> Watching<'a> {
    /// Subscribes; what the first NOTIFY says.
    async fn begin(phone: &'a Agent, to: &str, package: &str) -> (Self, Message) {
        Self::with(phone, to, &event(package, 600)).await
    }

    async fn with(phone: &'a Agent, to: &str, headers: &[String]) -> (Self, Message) {
        let (asked, taken) = ask(phone, to, headers).await;
        assert_eq!(taken.status(), 200, "{taken:#?}");
        let asked = Message::parse(asked.as_bytes());
        let dialog = Dialog {
            call_id: asked.header("Call-ID").into(),
            local: asked.header("From").into(),
            remote: taken.header("To").into(),
            target: taken.uri_of("Contact").into(),
            cseq: 2,
            invite: String::new(),
            branch: String::new(),
        };
        let watching = Self { phone, dialog, headers: headers.to_vec() };
        let first = watching.notified().await;
        (watching, first)
    }

    /// The next NOTIFY, which is taken.
    async fn notified(&self) -> Message {
        let notify = self.phone.expect("NOTIFY").await;
        assert_eq!(notify.header("Call-ID"), self.dialog.call_id);
        self.phone.reply(&notify, "200 OK", "").await;
        notify
    }

    /// The next NOTIFY that says this, past others.
    async fn until(&self, text: &str) -> Message {
        loop {
            let notify = self.notified().await;
            if notify.body.contains(text) {
                return notify;
            }
        }
    }

    /// Asks for it once more; the answer.
    async fn again(&mut self, expires: u32) -> Message {
        let headers = [self.headers[0].clone(), format!("Expires: {expires}")];
        self.phone.within(&mut self.dialog, "SUBSCRIBE", &headers, "").await;
        let challenge = Challenge::of(&self.phone.expect_status(407).await);
        let who = (&*self.phone.user, &*self.phone.secret);
        let uri = self.dialog.target.clone();
        let answer = challenge.answer("Proxy-Authorization", who, "SUBSCRIBE", &uri, 1);
        self.phone.within(&mut self.dialog, "SUBSCRIBE", &[&headers[..], &[answer]].concat(), "").await;
        self.phone.receive().await
    }
}

fn version(notify: &Message) -> u32 {
    let number = notify.body.split("dialog-info\" version=\"").nth(1).and_then(|rest| rest.split('"').next());
    number.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_lamp_follows_the_calls_of_a_colleague() {
    let office = Office::without_time(|_| {}).await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let (watching, first) = Watching::begin(&c, "1002", "dialog").await;
    assert_eq!(first.header("Event"), "dialog");
    assert_eq!(first.header("Content-Type"), "application/dialog-info+xml");
    assert!(first.header("Subscription-State").starts_with("active;expires="), "{first:#?}");
    assert!(first.body.contains("state=\"full\"") && !first.body.contains("<dialog "), "{}", first.body);
    assert!(first.body.contains("entity=\"sip:1002@127.0.0.1\""), "{}", first.body);

    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let rings = office.hasten(watching.until("<state>early</state>")).await;
    assert!(
        rings.body.contains("direction=\"recipient\"") && rings.body.contains("sip:1001@"),
        "{}",
        rings.body
    );
    assert!(rings.body.contains("state=\"partial\""), "{}", rings.body);
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    let talks = office.hasten(watching.until("<state>confirmed</state>")).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let over = office.hasten(watching.until("<state>terminated</state>")).await;
    assert!(version(&first) < version(&rings));
    assert_eq!((version(&rings) + 1, version(&talks) + 1), (version(&talks), version(&over)));
}

#[tokio::test]
async fn who_subscribes_in_mid_call_is_told_of_it() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let (_watching, first) = Watching::begin(&c, "1001", "dialog").await;
    assert!(
        first.body.contains("state=\"full\"") && first.body.contains("<state>confirmed</state>"),
        "{}",
        first.body
    );
    assert!(first.body.contains("direction=\"initiator\""), "{}", first.body);
    drop(talk);
}

#[tokio::test]
async fn the_lamp_of_a_slot_is_lit_while_somebody_waits_there() {
    let office = Office::without_time(|_| {}).await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let (watching, first) = Watching::begin(&c, "701", "dialog").await;
    assert!(!first.body.contains("<dialog "), "{}", first.body);
    let park = LegCommand::Park { slot: Some("701".into()) };
    let command = CallCommand::Leg { call_id: talk.call_id, leg_id: talk.called, command: park };
    let parking = office.switch.command(command);
    let (taken, lit) = tokio::join!(parking, office.hasten(watching.until("<state>confirmed</state>")));
    taken.unwrap();
    assert!(lit.body.contains("entity=\"sip:701@127.0.0.1\""), "{}", lit.body);
    let hangup = CallCommand::HangupCall { call_id: talk.call_id };
    office.switch.command(hangup).await.unwrap();
    office.hasten(watching.until("<state>terminated</state>")).await;
}

#[tokio::test]
async fn changes_come_at_most_once_a_second() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let (watching, _) = Watching::begin(&c, "1002", "dialog").await;
    let began = std::time::Instant::now();
    for _ in 0..3 {
        let call = a.call("1002", SDP).await;
        let invite = b.expect("INVITE").await;
        b.refuse(&invite, "486 Busy Here").await;
        a.expect_refusal(&call, 486).await;
    }
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    watching.until("<state>early</state>").await;
    let (told, took) = (version(&watching.phone_told().await), began.elapsed().as_secs());
    assert!(u64::from(told) <= took + 2, "{told} in {took} s");
    drop(call);
}

impl Watching<'_> {
    /// All that is known now, as a new subscriber is told it: its version is this subscription's count.
    async fn phone_told(&self) -> Message {
        let mut again =
            Watching { phone: self.phone, dialog: self.dialog.clone(), headers: self.headers.clone() };
        assert_eq!(again.again(600).await.status(), 200);
        again.until("state=\"full\"").await
    }
}

#[tokio::test]
async fn a_mailbox_lights_the_lamp_of_its_phone() {
    let mut mailboxes = None;
    let office = Office::with(|config| mailboxes = Some(config.mailboxes.clone())).await;
    let (mailboxes, a) = (mailboxes.unwrap(), office.registered("a").await);
    // By the phone's own name, as phones ask.
    let (watching, first) = Watching::begin(&a, "a", "message-summary").await;
    assert_eq!(first.header("Content-Type"), "application/simple-message-summary");
    assert!(first.body.starts_with("Messages-Waiting: no\r\n"), "{}", first.body);
    let mailbox = Mailbox { new: 2, old: 8, urgent_new: 1, urgent_old: 0 };
    assert!(mailboxes.set(CARRIER, &Number::from("1001"), Mailbox { new: 9, ..mailbox }).await);
    assert!(mailboxes.set(OFFICE, &Number::from("1001"), mailbox).await);
    let told = watching.notified().await;
    assert!(told.body.contains("Voice-Message: 2/8 (1/0)"), "{}", told.body);
}

#[tokio::test]
async fn presence_follows_registration_and_calls() {
    let office = Office::without_time(|_| {}).await;
    let (a, b) = (office.registered("a").await, office.phone("b").await);
    let (watching, first) = Watching::begin(&a, "1002", "presence").await;
    assert!(first.body.contains("<basic>closed</basic>"), "{}", first.body);
    assert_eq!(b.register().await.status(), 200);
    office.hasten(watching.until("<basic>open</basic>")).await;
    let c = office.registered("c").await;
    let mut call = c.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    c.expect_answer(&mut call).await;
    office.hasten(watching.until("On the phone")).await;
    c.hang_up(&mut call).await;
    b.expect_bye().await;
    office.hasten(watching.until("<note>Ready</note>")).await;
    b.register_with("r9", &["Contact: *".into(), "Expires: 0".into()]).await;
    office.hasten(watching.until("<basic>closed</basic>")).await;
}

#[tokio::test]
async fn a_subscription_is_refreshed_and_given_up() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    let (mut watching, _) = Watching::begin(&c, "1002", "dialog").await;
    assert_eq!(office.switch.usage().subscriptions, 1);
    let taken = watching.again(300).await;
    assert_eq!((taken.status(), taken.header("Expires")), (200, "300"));
    let told = watching.notified().await;
    assert!(told.body.contains("state=\"full\""), "{}", told.body);
    assert_eq!(watching.again(0).await.status(), 200);
    let last = watching.notified().await;
    assert_eq!(last.header("Subscription-State"), "terminated;reason=timeout");
    until_none(&office).await;
    assert_eq!(watching.again(300).await.status(), 481);
}

/// Waits until there is no subscription.
async fn until_none(office: &Office) {
    let is_gone = async {
        while office.switch.usage().subscriptions > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(crate::support::agent::PATIENCE, is_gone).await.expect("the subscription ends");
}

#[tokio::test]
async fn a_subscription_that_nobody_refreshes_ends() {
    let office = Office::with(|config| config.subscriptions.shortest = Duration::from_secs(1)).await;
    let c = office.registered("c").await;
    let (watching, _) = Watching::with(&c, "1002", &event("dialog", 1)).await;
    let last = watching.notified().await;
    assert_eq!(last.header("Subscription-State"), "terminated;reason=timeout");
    until_none(&office).await;
}

#[tokio::test]
async fn who_knows_a_subscription_no_more_is_told_no_more() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    let (_, taken) = ask(&c, "1002", &event("dialog", 600)).await;
    assert_eq!(taken.status(), 200);
    let notify = c.expect("NOTIFY").await;
    c.reply(&notify, "481 Call/Transaction Does Not Exist", "").await;
    until_none(&office).await;
}

#[tokio::test]
async fn a_phone_that_starts_anew_has_one_subscription() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    for _ in 0..3 {
        Watching::begin(&c, "1002", "dialog").await;
    }
    assert_eq!(office.switch.usage().subscriptions, 1);
}

#[tokio::test]
async fn what_is_not_to_be_watched_is_refused() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    let dialog = event("dialog", 600);
    let other = vec!["Event: dialog".to_owned(), "Accept: text/plain".to_owned()];
    for (to, headers, status, header) in [
        ("1002", event("refer", 600), 489, "Allow-Events"),
        ("1002", vec!["Expires: 600".to_owned()], 489, "Allow-Events"),
        ("1002", event("dialog", 5), 423, "Min-Expires"),
        ("1002", other, 406, ""),
        ("1999", dialog.clone(), 404, ""),
        ("+14155550100", dialog, 404, ""),
        ("701", event("presence", 600), 404, ""),
    ] {
        let (_, refused) = ask(&c, to, &headers).await;
        assert_eq!(refused.status(), status, "{to} {headers:?}");
        assert!(header.is_empty() || !refused.header(header).is_empty(), "{refused:#?}");
    }
    assert_eq!(office.switch.usage().subscriptions, 0);
}

#[tokio::test]
async fn the_extensions_of_another_account_are_not_there() {
    let office = Office::open().await;
    office.change(|entries| {
        let mut foreign = entries.extensions[0].clone();
        (foreign.account, foreign.number, foreign.devices) = (CARRIER, "2001".into(), Vec::new());
        entries.extensions.push(foreign);
    });
    let c = office.registered("c").await;
    let (_, refused) = ask(&c, "2001", &event("dialog", 600)).await;
    assert_eq!(refused.status(), 404);
}

#[tokio::test]
async fn a_phone_that_moves_to_another_account_is_told_no_more() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let (watching, _) = Watching::begin(&c, "1002", "dialog").await;
    office.change(|entries| {
        entries.extensions[2].devices.retain(|device| device.0 != 3);
        entries.devices[2].account = CARRIER;
    });
    a.call("1002", SDP).await;
    b.expect("INVITE").await;
    let last = watching.notified().await;
    assert!(last.header("Subscription-State").starts_with("terminated"), "{last:#?}");
    until_none(&office).await;
}

#[tokio::test]
async fn there_is_room_for_so_many_subscriptions() {
    let office = Office::with(|config| {
        (config.subscriptions.of_device, config.subscriptions.total) = (2, 3);
    })
    .await;
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    for to in ["1001", "1002"] {
        Watching::begin(&c, to, "dialog").await;
    }
    let (_, refused) = ask(&c, "1003", &event("dialog", 600)).await;
    assert_eq!(refused.status(), 403);
    Watching::begin(&d, "1001", "dialog").await;
    let (_, refused) = ask(&d, "1002", &event("dialog", 600)).await;
    assert_eq!((refused.status(), refused.header("Retry-After").is_empty()), (503, false));
    assert!(office.switch.in_use().contains(&("subscriptions", 3)));
}

#[tokio::test]
async fn without_a_proof_nothing_is_told() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    c.send(&subscribe(&c, "1002", 1, &event("dialog", 600))).await;
    c.expect_status(407).await;
    assert!(c.hears_nothing_for(SHORT).await);
    assert_eq!(office.switch.usage().subscriptions, 0);
}

/// An attribute of the dialog that a document shows.
fn named<'a>(told: &'a Message, name: &str) -> &'a str {
    told.body.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap()
}

#[tokio::test]
async fn a_lit_key_takes_the_call_that_rings() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    let (watching, _) = Watching::begin(&c, "1002", "dialog").await;
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    let rings = watching.until("<state>early</state>").await;
    let [call_id, local, remote] = ["call-id", "local-tag", "remote-tag"].map(|name| named(&rings, name));
    assert_eq!((call_id, Some(remote)), (invite.header("Call-ID"), invite.tag_of("From")));
    // As RFC 3891 has it, seen from us, whose dialog it is.
    let replaces = format!("Replaces: {call_id};to-tag={remote};from-tag={local};early-only");
    let mut at_d = d.call_with("1002", &[&replaces], &sdp_of_c()).await;
    d.expect_answer(&mut at_d).await;
    assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
    b.expect("CANCEL").await;
    let again = d.call_with("1002", &[&replaces], SDP).await;
    d.expect_refusal(&again, 481).await;
    a.hang_up(&mut at_a).await;
    d.expect_bye().await;
}
