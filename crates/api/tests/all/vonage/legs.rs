//! `GET …/legs` and `GET …/legs/{leg}`.

use std::time::Duration;

use call::event::Side;
use serde_json::json;
use switch::Clock;

use super::{CALLS, answered, call_path, finish, get, ok, refused, ringing, start, texts};

#[tokio::test]
async fn the_legs_are_a_bare_array_oldest_first() {
    let server = start().await;
    let call = answered(&server).await;
    let legs = ok(&get(&server, &format!("{}/legs", call_path(call.id()))).await);
    let expected = [call.caller_leg(), call.called_leg()].map(|leg| leg.unwrap().to_string());
    assert_eq!(texts(&legs, "leg_id"), expected);
    assert_eq!(ok(&get(&server, &call_path(call.id())).await)["legs"], legs);
}

#[tokio::test]
async fn a_leg_carries_its_own_account() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let legs = ok(&get(&server, &format!("{}/legs", call_path(call.id()))).await);
    assert_eq!((&legs[0]["account_id"], &legs[1]["account_id"]), (&json!(1001), &json!(1009)));
}

#[tokio::test]
async fn what_another_customers_phones_are_called_by_inside_is_not_shown() {
    let server = start().await;
    let mut spec = server.call(server.phone("acme-101"), server.phone("globex-201"), server.clock.now());
    spec.started.dialed = "+493022220201".into();
    spec.routed.called = "+493022220201".into();
    let call = server.switch.place(spec).unwrap();
    call.ring().answer();
    call.transfer(Side::Termination, server.outside("globex-trunk", "+447700900123")).ring().answer();
    server.until(|calls| calls.get(call.id()).is_some_and(|call| call.legs().len() == 3)).await;
    let shown = ok(&get(&server, &call_path(call.id())).await);
    let theirs = shown["legs"].as_array().unwrap().last().unwrap();
    assert_eq!((&theirs["account_id"], &theirs["to"]), (&json!(1001), &json!("+493022220201")));
    let text = shown.to_string();
    for secret in ["2001", "2009", "\"201\"", ":201", "447700900123"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    for (number, count) in [("201", 0), ("%2B447700900123", 0), ("%2B493022220201", 1), ("101", 1)] {
        let page = ok(&get(&server, &format!("{CALLS}?extension={number}")).await);
        assert_eq!(page["calls"].as_array().unwrap().len(), count, "{number}");
    }
    let theirs = server.get("/cc/accounts/2001/calls").header("authorization", "Bearer globex-office");
    let theirs = ok(&theirs.send().await).to_string();
    assert!(theirs.contains("447700900123") && theirs.contains("2009"));
    assert!(!theirs.contains("1001"), "{theirs}");
}

#[tokio::test]
async fn one_leg_is_shown_as_among_the_others() {
    let server = start().await;
    let call = answered(&server).await;
    let path = format!("{}/legs", call_path(call.id()));
    let legs = ok(&get(&server, &path).await);
    for leg in legs.as_array().unwrap() {
        let id = leg["leg_id"].as_str().unwrap();
        assert_eq!(&ok(&get(&server, &format!("{path}/{id}")).await), leg);
    }
}

#[tokio::test]
async fn a_leg_of_another_call_or_no_leg_at_all_is_not_there() {
    let server = start().await;
    let (call, other) = (answered(&server).await, answered(&server).await);
    let foreign = other.caller_leg().unwrap().to_string();
    for leg in ["nothing", "3fa85f64-5717-4562-b3fc-2c963f66afa6", &foreign] {
        refused(&get(&server, &format!("{}/legs/{leg}", call_path(call.id()))).await, 404);
    }
    let nowhere = format!("{CALLS}/3fa85f64-5717-4562-b3fc-2c963f66afa6/legs");
    refused(&get(&server, &nowhere).await, 404);
    refused(&get(&server, &format!("{CALLS}/nothing/legs/{foreign}")).await, 404);
}

#[tokio::test]
async fn the_legs_of_a_lingering_call_linger_with_it() {
    let server = start().await;
    let call = ringing(&server, Duration::ZERO).await;
    let leg = call.called_leg().unwrap();
    finish(&server, &call, |call| _ = call.busy()).await;
    let path = format!("{}/legs", call_path(call.id()));
    assert_eq!(texts(&ok(&get(&server, &path).await), "status"), ["busy", "busy"]);
    assert_eq!(ok(&get(&server, &format!("{path}/{leg}")).await)["status"], "busy");
    server.clock.advance(Duration::from_secs(60));
    refused(&get(&server, &path).await, 404);
    refused(&get(&server, &format!("{path}/{leg}")).await, 404);
}
