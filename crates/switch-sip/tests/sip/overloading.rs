//! Beyond what can be handled, and while there is no room, what begins something is refused early.

use std::time::Duration;

use tokio::{sync::mpsc, time::timeout};

use crate::support::{
    Agent, Office,
    agent::{PATIENCE, SDP},
    message::Message,
    office::OFFICE,
};

/// Requests under way at a time: what they wait for one another is far longer than anything may wait.
const MANY: usize = 1_500;

/// A call that comes to nothing at once; whoever sends it is not asked who they are.
fn hopeless(carrier: &Agent) -> String {
    let uri = format!("sip:14155550100@{}", carrier.server());
    let contact = format!("Contact: {}", carrier.contact());
    carrier.outside("INVITE", &uri, 1, &[contact], SDP).replace("Max-Forwards: 70", "Max-Forwards: 0")
}

/// Keeps so many requests waiting, for ever; gives each refusal for overload to `note`.
async fn flood(carrier: &Agent, note: impl Fn(Message)) {
    for _ in 0..MANY {
        carrier.send(&hopeless(carrier)).await;
    }
    loop {
        // What was lost on the way is sent anew.
        let heard = timeout(Duration::from_millis(100), carrier.next()).await;
        let answers = if heard.is_ok() { 1 } else { MANY / 2 };
        if let Ok(message) = heard
            && message.status() == 503
        {
            note(message);
        }
        for _ in 0..answers {
            carrier.send(&hopeless(carrier)).await;
        }
    }
}

fn refused_for_overload(office: &Office) -> u64 {
    use switch::Switch;
    office.switch.refused().into_iter().find(|(reason, _)| *reason == "overload").unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn while_more_comes_than_can_be_handled_new_calls_are_refused_and_those_that_are_up_go_on() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let carrier = office.trunk(9).await;
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let (heard, mut refusals) = mpsc::unbounded_channel::<Message>();
    let talk = async {
        let refusal = timeout(PATIENCE, refusals.recv()).await.expect("a call is refused").unwrap();
        let later: u64 = refusal.header("Retry-After").parse().unwrap();
        assert!((5..=15).contains(&later), "{later}");
        assert!(refused_for_overload(&office) > 0);
        // A request within a call is heard and obeyed while calls are refused.
        a.within(&mut call, "BYE", &[], "").await;
        tokio::join!(a.next_with_status(200), b.expect_bye());
    };
    tokio::select! {
        () = talk => {}
        () = flood(&carrier, |refusal| drop(heard.send(refusal))) => {}
    }
    // Once what has come is handled, calls are taken again.
    let asks = async {
        loop {
            a.send(&a.outside("OPTIONS", "sip:test", 1, &[], "")).await;
            if a.receive().await.status() == 200 {
                return;
            }
        }
    };
    timeout(PATIENCE, asks).await.unwrap();
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
}

#[tokio::test]
async fn without_room_a_call_is_refused_alike_each_time_and_nothing_is_kept_of_it() {
    use switch::Switch;
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let switch = office.switch.clone();
    let stop = tokio::spawn(async move { switch.stop(PATIENCE).await });
    let c = office.phone("c").await;
    c.call_refused_at_once("1001").await;
    let before = office.switch.usage().transactions;
    let dialog = c.dial("1001", &[], SDP).await;
    let first = c.next().await;
    c.send(&dialog.invite).await;
    let second = c.next().await;
    assert_eq!((first.status(), format!("{first:?}")), (503, format!("{second:?}")));
    c.acknowledge_failure(&dialog, &second).await;
    // What was sent before this was handled before its answer came.
    c.send(&c.outside("OPTIONS", &format!("sip:{}@test", OFFICE.0), 1, &[], "")).await;
    c.expect_status(503).await;
    assert!(office.switch.usage().transactions <= before + 1);
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    stop.await.unwrap();
}
