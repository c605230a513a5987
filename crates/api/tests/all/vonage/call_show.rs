//! `GET …/calls/{call}`.

use std::time::Duration;

use call::event::{EndCause, Side};
use switch::{Clock, simulated::SimulatedCall};

use super::{
    CALLS, answered, call_path, finish, get, ok, refused, ringing, start, start_with, texts, until_ringing,
    until_settled,
};
use crate::harness::{NOW, Server};

/// What ends a call.
type End = fn(&SimulatedCall);

#[tokio::test]
async fn a_live_call_is_shown_as_the_list_shows_it() {
    let server = start().await;
    let call = answered(&server).await;
    let shown = ok(&get(&server, &call_path(call.id())).await);
    assert_eq!(ok(&get(&server, CALLS).await)["calls"][0], shown);
}

#[tokio::test]
async fn what_is_no_id_or_no_call_of_the_account_is_not_there() {
    let server = start().await;
    let globex = server.switch.ringing_call(server.phone("globex-201"), server.phone("globex-201")).unwrap();
    until_ringing(&server, &globex).await;
    let foreign = globex.id().to_string();
    for id in ["nothing", "1", "3fa85f64-5717-4562-b3fc-2c963f66afa6", "%FF", &foreign] {
        refused(&get(&server, &format!("{CALLS}/{id}")).await, 404);
    }
}

#[tokio::test]
async fn a_call_that_was_talked_on_is_gone_when_it_ends() {
    let server = start().await;
    let call = answered(&server).await;
    finish(&server, &call, |call| _ = call.end(Side::Termination)).await;
    refused(&get(&server, &call_path(call.id())).await, 404);
    refused(&get(&server, &format!("{}/legs", call_path(call.id()))).await, 404);
}

#[tokio::test]
async fn a_call_that_was_not_talked_on_lingers_with_its_end_and_outcome() {
    let server = start().await;
    let outcomes: [(&str, End); 6] = [
        ("busy", |call| _ = call.busy()),
        ("unanswered", |call| _ = call.no_answer()),
        ("unanswered", |call| _ = call.end(Side::Origination)),
        ("failed", |call| _ = call.refuse(EndCause::Rejected)),
        ("failed", |call| _ = call.refuse(EndCause::NoRoute)),
        ("failed", |call| _ = call.cut(EndCause::Failed)),
    ];
    for (status, end) in outcomes {
        let call = ringing(&server, Duration::from_secs(30)).await;
        call.after(Duration::from_secs(20));
        finish(&server, &call, end).await;
        let shown = ok(&get(&server, &call_path(call.id())).await);
        let (began_at, ended_at) = (NOW.as_seconds() - 30, NOW.as_seconds() - 10);
        assert_eq!(
            (&shown["status"], &shown["start_time"], &shown["end_time"]),
            (&status.into(), &began_at.into(), &ended_at.into())
        );
        assert_eq!(texts(&shown["legs"], "status"), [status, status]);
        assert!(shown["legs"].as_array().unwrap().iter().all(|leg| leg["end_time"] == ended_at), "{shown}");
        assert_eq!(
            (&shown["from"], &shown["to"], &shown["direction"]),
            (&101.into(), &"+14155550199".into(), &"outbound".into())
        );
    }
}

#[tokio::test]
async fn it_lingers_for_the_configured_time_and_no_longer() {
    let server = start_with(|config| config.vonage.linger = Duration::from_secs(5)).await;
    let call = ended_busy(&server).await;
    server.clock.advance(Duration::from_millis(4_999));
    ok(&get(&server, &call_path(call.id())).await);
    server.clock.advance(Duration::from_millis(1));
    refused(&get(&server, &call_path(call.id())).await, 404);
}

#[tokio::test]
async fn without_lingering_it_is_gone_at_once() {
    let server = start_with(|config| config.vonage.linger = Duration::ZERO).await;
    let call = ended_busy(&server).await;
    refused(&get(&server, &call_path(call.id())).await, 404);
}

#[tokio::test]
async fn a_lingering_call_is_shown_to_both_of_its_accounts_and_to_no_other() {
    let server = start().await;
    let call = server.switch.ringing_call(server.phone("acme-101"), server.phone("shop-301")).unwrap();
    finish(&server, &call, |call| _ = call.busy()).await;
    let direction = async |account: u32, token: &str| {
        let path = format!("/cc/accounts/{account}/calls/{}", call.id());
        server.get(&path).header("authorization", &format!("Bearer {token}")).send().await
    };
    assert_eq!(ok(&direction(1001, "acme-office").await)["direction"], "outbound");
    assert_eq!(ok(&direction(1002, "acme-shop").await)["direction"], "inbound");
    refused(&direction(2001, "globex-office").await, 404);
}

#[tokio::test]
async fn a_leg_that_was_not_answered_stays_with_its_outcome_while_the_call_goes_on() {
    let server = start().await;
    let (ann, ben) = (server.phone("acme-101"), server.phone("acme-102"));
    let spec = server.call(server.outside("acme-trunk", "+14155550199"), ann, server.clock.now());
    let call = server.switch.place(spec.also_rings(ben)).unwrap();
    call.ring().answer();
    until_settled(&server, &call).await;
    let shown = ok(&get(&server, &call_path(call.id())).await);
    assert_eq!(shown["status"], "on-call");
    assert_eq!(texts(&shown["legs"], "status"), ["on-call", "on-call", "unanswered"]);
    assert_eq!(shown["legs"][2]["end_time"], NOW.as_seconds());
}

async fn ended_busy(server: &Server) -> SimulatedCall {
    let call = ringing(server, Duration::ZERO).await;
    finish(server, &call, |call| _ = call.busy()).await;
    call
}
