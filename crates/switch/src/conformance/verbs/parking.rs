//! Park and retrieve.

use std::sync::Arc;

use call::{
    CallCommand, EventKind, LegId, Number,
    command::{LegCommand, Target},
    record::InteractionKind,
};

use super::talk::{Talk, is_end_of, order};
use crate::{
    SwitchError,
    conformance::{Manner, Stage},
};

const PARK: LegCommand = LegCommand::Park { slot: None };

/// The far party waits, who parked it has left; whoever is rung for it and answers talks to it.
pub async fn parking_and_retrieving(stage: &mut impl Stage) {
    let (busy, taker) = (stage.phone(Manner::Busy).await, stage.phone(Manner::Answers).await);
    let mut talk = Talk::begin(stage).await;
    let (from, waiting) = (talk.called, talk.caller);
    talk.assert_conflict(waiting, LegCommand::Retrieve(taker.clone())).await;
    talk.ok(from, PARK).await;
    parked(&mut talk, waiting).await;
    talk.handed_over(from).await;
    talk.assert_conflict(waiting, PARK).await;
    let nobody = Target::Extension(Number::from("0000"));
    let refused = talk.order(waiting, LegCommand::Retrieve(nobody)).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    talk.ok(waiting, LegCommand::Retrieve(busy)).await;
    let failed = talk.newcomer().await;
    talk.witness.told(|kind| is_end_of(kind, failed)).await;
    assert!(talk.witness.call(talk.call_id).leg(waiting).is_some_and(|leg| leg.is_parked()));
    talk.ok(waiting, LegCommand::Retrieve(taker)).await;
    let by = talk.newcomer().await;
    talk.witness.told(|kind| *kind == EventKind::LegRetrieved { leg: waiting, by }).await;
    let record = talk.hang_up().await;
    assert_eq!((record.legs.len(), record.transferred_to), (4, None));
    let kinds: Vec<_> = record.interactions.iter().map(|interaction| interaction.kind).collect();
    let told = |kind| kinds.iter().filter(|known| **known == kind).count();
    assert_eq!((told(InteractionKind::Parked), told(InteractionKind::Retrieved)), (1, 1));
    assert!(record.times.hold > std::time::Duration::ZERO);
}

/// Each waits in a slot of its own; a slot is free again when its party has left it.
pub async fn slots_that_are_taken(stage: &mut impl Stage) {
    let mut talk = Talk::begin(stage).await;
    let (second, its_caller, its_called) = talk.another(stage).await;
    talk.ok(talk.called, PARK).await;
    let waiting = talk.caller;
    let slot = parked(&mut talk, waiting).await;
    let named = LegCommand::Park { slot: Some(slot.clone()) };
    let refused = order(&talk.witness, second, its_called, named.clone()).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    talk.witness.command(CallCommand::HangupCall { call_id: talk.call_id }).await;
    assert_eq!(talk.witness.record().await.call_id, talk.call_id);
    talk.witness.command(CallCommand::Leg { call_id: second, leg_id: its_called, command: named }).await;
    assert_eq!(parked(&mut talk, its_caller).await, slot);
    talk.witness
        .command(CallCommand::Leg { call_id: second, leg_id: its_caller, command: LegCommand::Hangup })
        .await;
    assert_eq!(talk.witness.record().await.call_id, second);
    assert!(talk.witness.stop().await.is_empty());
}

/// Waits until the leg is parked; says where.
async fn parked(talk: &mut Talk, waiting: LegId) -> Arc<str> {
    match talk.witness.told(|kind| matches!(kind, EventKind::LegParked { .. })).await {
        EventKind::LegParked { leg, slot, .. } if leg == waiting => slot,
        other => panic!("{other:?} is not of {waiting}"),
    }
}
