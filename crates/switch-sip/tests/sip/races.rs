//! Things that happen at once: each leg ends once, and nothing is left.

use call::{
    CallCommand,
    command::{LegCommand, Target},
};
use switch::{Switch, SwitchError};

use crate::support::{Office, Talk};

#[tokio::test]
async fn two_hundred_commands_at_once_on_one_call_end_it_once() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let wishes = [
        LegCommand::Hold,
        LegCommand::Resume,
        LegCommand::Transfer(Target::Extension("1003".into())),
        LegCommand::Park { slot: None },
        LegCommand::Hangup,
    ];
    let orders = (0..200).map(|number| {
        let (switch, call_id) = (office.switch.clone(), talk.call_id);
        let leg_id = if number % 2 == 0 { talk.caller } else { talk.called };
        let command = wishes[number % wishes.len()].clone();
        tokio::spawn(async move { switch.command(CallCommand::Leg { call_id, leg_id, command }).await })
    });
    let orders: Vec<_> = orders.collect();
    for order in orders {
        let outcome = order.await.unwrap();
        let is_sound = matches!(
            outcome,
            Ok(()) | Err(SwitchError::NotFound | SwitchError::Conflict(_) | SwitchError::Unreachable(_))
        );
        assert!(is_sound, "{outcome:?}");
    }
    let told = office.story.next().await;
    assert_eq!(told.iter().filter(|line| line.contains(" ended ")).count(), 2, "{told:?}");
    let gone = office.switch.command(CallCommand::HangupCall { call_id: talk.call_id }).await;
    assert!(matches!(gone, Err(SwitchError::NotFound)));
}

#[tokio::test]
async fn two_byes_that_cross_end_each_leg_once() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.within(&mut talk.at_a, "BYE", &[], "").await;
    talk.b.within(&mut talk.at_b, "BYE", &[], "").await;
    assert_eq!(talk.a.expect_status(200).await.cseq().1, "BYE");
    let told = talk.rest(&office).await;
    assert_eq!(told, ["A ended party normal 200", "B ended switch normal 200"]);
}
