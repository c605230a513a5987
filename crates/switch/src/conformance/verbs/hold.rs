//! Hold and resume.

use std::time::Duration;

use call::{CallRecord, EventKind, command::LegCommand, record::InteractionKind};

use super::talk::Talk;
use crate::conformance::{Play, Stage, commands::up};

/// Told once each, however often it is wished for; the record counts one hold.
pub async fn holding_and_resuming(stage: &mut impl Stage) {
    let mut talk = Talk::begin(stage).await;
    let leg = talk.called;
    talk.ok(leg, LegCommand::Resume).await;
    talk.ok(leg, LegCommand::Hold).await;
    talk.witness.told(|kind| *kind == EventKind::LegHeld { leg }).await;
    assert!(talk.witness.call(talk.call_id).leg(leg).is_some_and(|leg| leg.is_held()));
    talk.ok(leg, LegCommand::Hold).await;
    talk.ok(leg, LegCommand::Resume).await;
    talk.witness.told(|kind| *kind == EventKind::LegResumed { leg }).await;
    talk.ok(leg, LegCommand::Resume).await;
    let record = talk.hang_up().await;
    assert_held_once(&record);
}

/// Told of the phone that holds.
pub async fn a_phone_that_holds(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::HoldsAndResumes, |call| call.hold_count() > 0).await;
    let leg = call.legs()[1].id;
    witness.told(|kind| *kind == EventKind::LegHeld { leg }).await;
    witness.told(|kind| *kind == EventKind::LegResumed { leg }).await;
    let record = witness.record().await;
    assert_held_once(&record);
    assert!(witness.stop().await.is_empty());
}

fn assert_held_once(record: &CallRecord) {
    let kinds = record.interactions.iter().map(|interaction| interaction.kind);
    let holds = kinds.filter(|kind| matches!(kind, InteractionKind::Held | InteractionKind::Retrieved));
    assert_eq!(holds.collect::<Vec<_>>(), [InteractionKind::Held, InteractionKind::Retrieved]);
    assert_eq!(record.hold_count, 1);
    assert!(record.times.hold > Duration::ZERO);
}
