//! The service examples of RFC 5359 with real softphones, written as text tables in `flows/`.
//!
//! A table says what is done, line by line; then, for each phone, the requests that it sent (`>`) and received
//! (`<`) and how they were answered; and at last the call's record. The lines of a block are compared with what
//! really was.

mod stage;

use stage::Stage;

use crate::scene::Scene;

/// Does what the table of this name says, and compares.
async fn assert_flow(name: &str) {
    let path = format!("{}/tests/e2e/flows/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(&path).unwrap();
    let mut blocks = table.split("\n\n").map(str::trim_end);
    let done = blocks.next().unwrap();
    let lines = done.lines().filter(|line| !line.starts_with('#'));
    let mut stage = Stage::new(Scene::with(&[("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "60")]));
    for line in lines {
        stage.carry_out(line).await;
    }
    let expected: Vec<_> = blocks.collect();
    let records = expected.iter().filter(|block| block.starts_with("record")).count();
    let found = stage.end(records).await;
    assert!(found == expected, "{name} is not what happens, but:\n\n{}", found.join("\n\n"));
}

macro_rules! flows {
    ($($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                assert_flow(stringify!($name)).await;
            }
        )*
    };
}

flows! {
    rfc_5359_2_1_call_hold
    rfc_5359_2_2_consultation_hold
    rfc_5359_2_4_unattended_transfer
    rfc_5359_2_4_unattended_transfer_to_a_busy_party
    rfc_5359_2_5_attended_transfer
    rfc_5359_2_15_call_park
    rfc_5359_2_16_call_pick_up
    rfc_5359_2_18_click_to_dial
}
