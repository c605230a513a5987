//! The samples of the vendor's page, made from their values by the code that answers.

mod seed;

use axum::http::StatusCode;
use serde::Serialize;
use vonage::wire::{
    CallStateWire, CallWire, CallsPageWire, DeviceWire, DevicesPageWire, Digits, DirectionWire, LegWire,
    MacWire, ModifiedCallWire, PagesWire, ProvisionedWire, RegisteredWire, StatusWire,
};

use seed::Seed;

const CALLS: &str = include_str!("samples/calls.json");
const CALL: &str = include_str!("samples/call.json");
const LEGS: &str = include_str!("samples/legs.json");
const LEG: &str = include_str!("samples/leg.json");
const NEW_CALL: &str = include_str!("samples/new_call.json");
const MODIFIED_CALL: &str = include_str!("samples/modified_call.json");
const DEVICES: &str = include_str!("samples/devices.json");
const DEVICE: &str = include_str!("samples/device.json");

const ID: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

/// A sample as a server sends it. No text in the samples has a blank.
fn compact(sample: &str) -> String {
    sample.split_whitespace().collect()
}

#[track_caller]
fn assert_prints(value: &impl Serialize, sample: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), compact(sample));
}

fn leg() -> LegWire {
    LegWire {
        account_id: Digits::Number(1234),
        call_id: ID.parse().unwrap(),
        direction: DirectionWire::Inbound,
        end_time: Some(Digits::Number(1_595_959_736)),
        from: Digits::Number(1_231_112_222),
        leg_id: ID.parse().unwrap(),
        start_time: Digits::Number(1_595_959_736),
        status: StatusWire::Busy,
        to: Digits::Number(1_234_567_890),
    }
}

fn call() -> CallWire {
    CallWire {
        account_id: Digits::Number(1234),
        call_id: ID.parse().unwrap(),
        direction: DirectionWire::Inbound,
        end_time: Some(Digits::Number(1_595_959_736)),
        from: Digits::Number(1_235_551_111),
        legs: vec![leg()],
        start_time: Digits::Number(1_595_959_736),
        status: StatusWire::Busy,
        to: Digits::Number(1_234_567_890),
    }
}

fn device() -> DeviceWire {
    let time = || Some(Digits::Number(1_595_937_421));
    DeviceWire {
        account_id: Digits::Number(1234),
        device_ip: Some([150, 24, 83, 17].into()),
        last_request: time(),
        last_success: time(),
        mac_address: MacWire([0x79, 0x5C, 0x7D, 0x28, 0x1B, 0xB3]),
        registration: RegisteredWire { last_success: time() },
        provisioned: ProvisionedWire { last_success: time(), last_request: time() },
    }
}

fn pages(link: &str, next: Digits, size: u64, count: u64) -> PagesWire {
    PagesWire {
        first_page_uri: link.to_owned(),
        next_page: Some(next),
        next_page_uri: Some(link.to_owned()),
        order: "desc",
        page_size: Digits::Number(size),
        pages: Digits::Number(count),
        previous_page_uri: Some(link.to_owned()),
    }
}

#[test]
fn every_sample_is_printed_byte_for_byte_from_its_values() {
    assert_prints(&leg(), LEG);
    assert_prints(&[leg()], LEGS);
    assert_prints(&call(), CALL);
    assert_prints(&device(), DEVICE);
    let link = "/cc/accounts/1234/calls?page_size=0&order=desc";
    let pages_of_calls = pages(link, Digits::Number(1), 1, 1);
    let calls = vec![call()];
    assert_prints(&CallsPageWire { calls, current_page: Digits::Number(0), pages: pages_of_calls }, CALLS);
    let link = "/registration/accounts/1234/devices?page_size=100&order=desc";
    let pages_of_devices = pages(link, Digits::Text("string".to_owned()), 10, 2);
    let devices = vec![device()];
    let page = DevicesPageWire { current_page: Digits::Number(1), devices, pages: pages_of_devices };
    assert_prints(&page, DEVICES);
}

#[test]
fn the_answer_to_a_change_has_the_members_of_its_sample() {
    let answer = ModifiedCallWire {
        account_id: Digits::Number(1234),
        call_id: ID.parse().unwrap(),
        call_state: CallStateWire::Disconnected,
        destination: "string".to_owned(),
    };
    assert_prints(&answer, &MODIFIED_CALL.replacen("string", "disconnected", 1));
}

#[tokio::test]
async fn a_call_of_the_samples_values_is_answered_with_the_samples_bytes() {
    let seed = Seed::start().await;
    seed.remember_the_samples_call(ID).await;
    let call = format!("/cc/accounts/1234/calls/{ID}");
    assert_eq!(seed.get(&call).await, compact(CALL));
    assert_eq!(seed.get(&format!("{call}/legs")).await, compact(LEGS));
    assert_eq!(seed.get(&format!("{call}/legs/{ID}")).await, compact(LEG));
}

#[tokio::test]
async fn a_device_of_the_samples_values_is_answered_with_what_is_known_of_it() {
    let seed = Seed::start().await;
    seed.register_the_samples_device();
    // Configuration fetches are not served, so nothing is known of them.
    let fetched = r#""provisioned":{"last_success":1595937421,"last_request":1595937421}"#;
    let sample = compact(DEVICE).replace(fetched, r#""provisioned":{}"#);
    assert_eq!(seed.get("/registration/accounts/1234/devices/79-5C-7D-28-1B-B3").await, sample);
}

#[tokio::test]
async fn the_samples_request_places_a_call() {
    let seed = Seed::start().await;
    let (status, body) = seed.post("/cc/accounts/1234/calls", NEW_CALL).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let id: String = serde_json::from_str(&body).unwrap();
    let call = seed.get(&format!("/cc/accounts/1234/calls/{id}")).await;
    assert!(call.contains(r#""to":1234567890"#), "{call}");
}
