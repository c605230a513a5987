//! What the calls of an account may cost it: refused and cut off, whatever brings them.

use std::time::Duration;

use serde_json::json;
use testkit::sipp::Sipp;

use crate::{
    directory,
    harness::{Setup, Yeti, free_port, vonage, wait_until},
    scene::{OUTSIDE, RECORDED, Scene},
};

const CUT: &str = "trunkline_calls_cut_off_total";

/// The office pays 0.02 for each second, and has these terms besides.
fn scene(terms: &str) -> Scene {
    let (first_trunk, second_trunk) = (free_port(), free_port());
    let text = directory::text(first_trunk, second_trunk)
        .replace(
            "origination_rateplan = \"retail\" }",
            &format!("origination_rateplan = \"retail\", {terms} }}"),
        )
        .replace(
            "initial_interval = 60, initial_rate = \"0.06\"",
            "initial_interval = 1, initial_rate = \"1.2\", next_interval = 1, next_rate = \"1.2\"",
        );
    let setup = Setup::new(&text, &[]);
    let server = setup.start();
    Scene { setup, server, first_trunk, second_trunk }
}

/// What the office has left.
async fn balance(scene: &Scene) -> f64 {
    let client = Yeti::login(&scene.server).await;
    let account = client.json(&format!("accounts/{}", directory::ACCOUNT_UUID)).await;
    account["data"]["attributes"]["balance"].as_str().unwrap().parse().unwrap()
}

/// A call by a phone that nobody hangs up.
async fn talked_until_cut_off(scene: &Scene, recorded: u64) {
    let trunk = scene.first(Sipp::scenario("uas-talk")).await;
    let caller = scene.caller("uac-wait-bye").spawn().await.unwrap();
    scene.server.wait_for_metric(RECORDED, recorded).await;
    caller.wait().await.unwrap();
    trunk.wait().await.unwrap();
}

async fn is_refused(scene: &Scene) {
    scene.caller("uac-expect-403").spawn().await.unwrap().wait().await.unwrap();
    let order = json!({
        "from": { "destination": 1002, "type": "extension" },
        "to": { "destination": OUTSIDE, "type": "pstn" },
        "type": "connect"
    });
    let answer = vonage::try_post(&scene.server, "/cc/accounts/1234/calls", &order).await;
    assert!(answer.status().is_client_error(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepaid_account_talks_for_what_it_has_and_calls_again_once_it_has_paid() {
    let scene = scene("prepaid = true, starting_balance = \"0.08\"");
    talked_until_cut_off(&scene, 1).await;
    assert_eq!(scene.server.metric(CUT).await, 1);
    let left = balance(&scene).await;
    assert!((-0.05..=0.0).contains(&left), "{left}");
    is_refused(&scene).await;
    // What is free goes on.
    let colleague = scene.phone("1003", Sipp::scenario("uas-answer")).await;
    let inside = scene.caller("uac-answered").calling("1003").talk(Duration::from_millis(100));
    inside.spawn().await.unwrap().wait().await.unwrap();
    colleague.wait().await.unwrap();
    let paid = json!({ "account": 1234, "amount": "100" });
    let url = format!("http://{}/v1/payments", scene.server.http);
    let answer = reqwest::Client::new().post(url).json(&paid).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let gauge = "trunkline_accounts_stopped";
    wait_until("the account may call again", async || scene.server.metric(gauge).await == 0).await;
    let trunk = scene.first(Sipp::scenario("uas-answer")).await;
    let again = scene.caller("uac-answered").talk(Duration::from_millis(100));
    again.spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_transferred_out_is_cut_off_too_and_a_restart_forgets_nothing() {
    let mut scene = scene("spend_per_hour = \"0.08\"");
    let parties = scene.transferred_out().await;
    scene.server.wait_for_metric(RECORDED, 1).await;
    assert_eq!(scene.server.metric(CUT).await, 1);
    drop(parties);
    is_refused(&scene).await;
    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    wait_until("the account is stopped again", async || {
        scene.server.metric("trunkline_accounts_stopped").await == 1
    })
    .await;
    is_refused(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_of_a_day_are_counted() {
    let scene = scene("minutes_per_day = 0");
    wait_until("the account is stopped", async || {
        scene.server.metric("trunkline_accounts_stopped").await == 1
    })
    .await;
    is_refused(&scene).await;
}
