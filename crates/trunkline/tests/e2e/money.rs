//! Who pays for what over real SIP, in every dialect: what was sent on within a call, and each trunk that was tried.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::sipp::Sipp;

use crate::{
    directory,
    harness::{Records, Row, Setup, Yeti, free_port, vonage},
    scene::{OUTSIDE, RECORDED, Scene},
};

/// The other ids of the carriers' accounts.
const EAST: &str = "0b0e5b0a-8d43-4f4a-9c1b-0f8d8a1c9001";
const WEST: &str = "0b0e5b0a-8d43-4f4a-9c1b-0f8d8a1c9002";

/// The office, and two carriers of one customer that are paid by the second; the office pays twice as much.
fn scene() -> Scene {
    let (first_trunk, second_trunk) = (free_port(), free_port());
    let text = directory::text(first_trunk, second_trunk)
        .replace(
            "[[accounts]]\nid = 9001\n",
            &format!("{RATES}[[accounts]]\nid = 9002\nuuid = \"{WEST}\"\ncustomer = \"Carrier\"\nname = \"West\"\nbilling = {{ termination_rateplan = \"wholesale\" }}\n\n[[accounts]]\nid = 9001\nuuid = \"{EAST}\"\nbilling = {{ termination_rateplan = \"wholesale\" }}\n"),
        )
        .replace(
            "initial_interval = 60, initial_rate = \"0.06\"",
            "initial_interval = 1, initial_rate = \"1.2\", next_interval = 1, next_rate = \"1.2\"",
        )
        .replace("name = \"second\"\naccount = 9001", "name = \"second\"\naccount = 9002");
    let setup = Setup::new(&text, &[]);
    let server = setup.start();
    Scene { setup, server, first_trunk, second_trunk }
}

const RATES: &str = "[[rateplans]]\nname = \"wholesale\"\nrates = [{ prefix = \"1\", initial_interval = 1, initial_rate = \"0.6\", next_interval = 1, next_rate = \"0.6\" }]\n\n";

/// The items of a list of the customer API.
async fn list(client: &Yeti<'_>, path: &str) -> Vec<Value> {
    let mut list = client.json(path).await;
    list["data"].as_array_mut().unwrap().split_off(0)
}

fn number(value: &Value) -> f64 {
    value.as_str().map_or_else(|| value.as_f64().unwrap_or_default(), |text| text.parse().unwrap())
}

/// The balance of an account.
async fn balance(client: &Yeti<'_>, uuid: &str) -> f64 {
    number(&client.json(&format!("accounts/{uuid}")).await["data"]["attributes"]["balance"])
}

/// The totals of a side of an account since yesterday.
async fn totals(client: &Yeti<'_>, side: &str, uuid: &str) -> Value {
    let from = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let from = from.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let path = format!("{side}-statistics?account-id={uuid}&from-time={from}&sampling=day");
    client.json(&path).await["totals"].take()
}

fn attribute<'a>(item: &'a Value, name: &str) -> &'a Value {
    &item["attributes"][name]
}

/// What the office and the carriers are told, as it must be with one outside leg that was answered by `carrier`.
async fn assert_told(scene: &Scene, carrier: &str) -> (Vec<Value>, Vec<Value>) {
    let office = Yeti::login(&scene.server).await;
    let carriers = Yeti::login_as(&scene.server, "carl").await;
    let (cdrs, incoming) = (list(&office, "cdrs").await, list(&carriers, "incoming-cdrs").await);

    let paid: f64 = cdrs.iter().map(|cdr| number(attribute(cdr, "customer-price"))).sum();
    let earned: f64 = incoming.iter().map(|cdr| number(attribute(cdr, "vendor-price"))).sum();
    let seconds: Vec<_> = incoming.iter().map(|cdr| number(attribute(cdr, "duration"))).collect();
    let seconds: f64 = seconds.iter().sum();
    assert!(seconds >= 1.0, "{incoming:?}");
    let is = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
    is(paid, seconds * 0.02);
    is(earned, seconds * 0.01);
    is(balance(&office, directory::ACCOUNT_UUID).await, -paid);
    is(balance(&carriers, carrier).await, earned);

    let exported: Vec<Row> = office.export().await;
    is(exported.iter().map(|row| row["Customer Price"].parse().unwrap_or(0.0)).sum(), paid);
    assert_eq!(exported.len(), cdrs.len());
    let sent = totals(&office, "origination", directory::ACCOUNT_UUID).await;
    assert_eq!((&sent["total_calls"], &sent["successful_calls"]), (&json!(1), &json!(1)), "{sent}");
    is(number(&sent["total_price"]), (paid * 100.0).round() / 100.0);
    let taken = totals(&carriers, "termination", carrier).await;
    assert_eq!((&taken["total_calls"], &taken["successful_calls"]), (&json!(1), &json!(1)), "{taken}");
    is(number(&taken["total_price"]), (earned * 100.0).round() / 100.0);

    let records = Records::all(&scene.server).await;
    assert_eq!(records.len(), 1, "one call stays one call");
    assert_logged(scene, &cdrs, paid).await;
    (cdrs, incoming)
}

/// The office's call logs of Vonage, and `/v1`: the call once, at the price of all that the office paid for within it.
async fn assert_logged(scene: &Scene, cdrs: &[Value], paid: f64) {
    let logs = vonage::call_logs(&scene.server).await;
    let [log] = &logs[..] else { panic!("one call stays one call: {logs:?}") };
    let is_called = |cdr: &&Value| attribute(cdr, "dst-prefix-in") == &log["to"];
    let same = cdrs.iter().find(is_called).unwrap_or_else(|| panic!("{log} is none of {cdrs:?}"));
    assert_eq!((&log["result"], &log["direction"]), (&json!("Answered"), &json!("Outbound")), "{log}");
    assert!((number(&log["charge"]) - paid).abs() < 1e-9, "{paid} was paid: {log}");
    assert_eq!(number(&log["length"]), number(attribute(same, "duration")), "{log}");

    let path = format!("/v1/calls/{}", log["id"].as_str().unwrap());
    let call: Value = vonage::get(&scene.server, &path).await.json().await.unwrap();
    assert!((number(&call["end"]["price"]) - paid).abs() < 1e-9, "{paid} was paid: {call}");
}

/// The outside leg, of what the office and the carrier are told.
fn assert_outside_leg(cdrs: &[Value], incoming: &[Value], called: &str) {
    let [leg] = incoming else { panic!("not one attempt: {incoming:?}") };
    assert_eq!(attribute(leg, "success"), &json!(true));
    assert_eq!(attribute(leg, "dst-prefix-routing"), called, "{leg}");
    let same = cdrs.iter().find(|cdr| attribute(cdr, "dst-prefix-routing") == called).unwrap();
    for name in ["time-start", "time-connect", "time-end", "duration"] {
        assert_eq!(attribute(leg, name), attribute(same, name), "{name}");
    }
    let by_id = cdrs.iter().filter(|cdr| cdr["id"] == same["id"]).count();
    assert_eq!(by_id, 1, "each row has an id of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_transfers_the_caller_out_and_both_accounts_are_told() {
    let scene = scene();
    let parties = scene.transferred_out().await;
    let office = Yeti::login(&scene.server).await;
    let live = office.json(&format!("outgoing-active-calls?account-id={}", directory::ACCOUNT_UUID)).await;
    let outside = live["data"].as_array().unwrap().iter().find(|call| call["dst_prefix_routing"] == OUTSIDE);
    assert_eq!(outside.unwrap()["destination_next_rate"], "1.2", "{live}");
    let carriers = Yeti::login_as(&scene.server, "carl").await;
    assert_eq!(carriers.last_point_of(EAST, "terminated-calls").await, 1);
    tokio::time::sleep(Duration::from_millis(2_600)).await;
    let call = vonage::calls(&scene.server).await.remove(0);
    let path = format!("/cc/accounts/1234/calls/{}", call["call_id"].as_str().unwrap());
    assert_eq!(vonage::delete(&scene.server, &path).await, 200);
    scene.server.wait_for_metric(RECORDED, 1).await;
    drop(parties);
    let (cdrs, incoming) = assert_told(&scene, EAST).await;
    assert_eq!(cdrs.len(), 2);
    assert_outside_leg(&cdrs, &incoming, OUTSIDE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_on_is_paid_for_after_kill_9_too() {
    let mut scene = scene();
    let parties = scene.transferred_out().await;
    tokio::time::sleep(Duration::from_millis(2_600)).await;
    let restarted = scene.setup.start_after(scene.server);
    scene.server = restarted;
    drop(parties);
    let (cdrs, incoming) = assert_told(&scene, EAST).await;
    assert_eq!(cdrs.len(), 2);
    assert_outside_leg(&cdrs, &incoming, OUTSIDE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_refuses_is_an_attempt_of_its_carrier() {
    let mut scene = scene();
    let east = scene.first(Sipp::scenario("uas-503")).await;
    let west = Sipp::scenario("uas-answer").port(scene.second_trunk).spawn().await.unwrap();
    let caller = scene.caller("uac-answered").talk(Duration::from_millis(1_600));
    caller.spawn().await.unwrap().wait().await.unwrap();
    east.wait().await.unwrap();
    west.wait().await.unwrap();
    scene.server.wait_for_metric(RECORDED, 1).await;
    for round in 0..2 {
        if round == 1 {
            let restarted = scene.setup.start_after(scene.server);
            scene.server = restarted;
        }
        let (cdrs, incoming) = assert_told(&scene, WEST).await;
        let carriers = Yeti::login_as(&scene.server, "carl").await;
        let failed = totals(&carriers, "termination", EAST).await;
        assert_eq!((&failed["total_calls"], &failed["failed_calls"]), (&json!(1), &json!(1)), "{failed}");
        assert_eq!(cdrs.len(), 1);
        let mut codes: Vec<_> = incoming.iter().map(|cdr| attribute(cdr, "legb-disconnect-code")).collect();
        codes.sort_by_key(|code| code.as_u64());
        assert_eq!(codes, [&json!(200), &json!(503)]);
        let tags: Vec<_> = incoming.iter().map(|cdr| attribute(cdr, "local-tag")).collect();
        assert_eq!(tags[0], tags[1], "the attempts of one call");
    }
}
