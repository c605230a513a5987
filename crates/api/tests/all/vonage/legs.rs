//! `GET …/legs` and `GET …/legs/{leg}`.

use std::time::Duration;

use serde_json::json;

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
