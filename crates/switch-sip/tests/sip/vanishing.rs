//! Parties that vanish where media goes from end to end: the switch asks whether they are there.

use std::time::Duration;

use switch_sip::SipConfig;

use crate::support::{Office, agent::SDP};

fn watchful(config: &mut SipConfig) {
    config.silence_timeout = Some(Duration::from_millis(100));
}

#[tokio::test]
async fn a_party_that_is_not_there_any_more_ends_the_call_and_others_do_not() {
    let office = Office::with(watchful).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", SDP).await;
    b.expect("ACK").await;
    a.expect_answer(&mut at_a).await;
    // Whoever refuses the question has heard it.
    for status in ["200 OK", "405 Method Not Allowed"] {
        for phone in [&a, &b] {
            let question = phone.expect("OPTIONS").await;
            phone.reply(&question, status, "").await;
        }
    }
    let question = b.expect("OPTIONS").await;
    b.reply(&question, "481 Call/Transaction Does Not Exist", "").await;
    loop {
        let message = a.receive().await;
        a.reply(&message, "200 OK", "").await;
        if message.method() == "BYE" {
            break;
        }
    }
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["B ended switch failed 200", "A ended switch failed 200"]);
}
