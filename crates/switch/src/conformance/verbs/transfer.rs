//! Handing a call over, with and without asking first.

use call::{
    CallId, EventKind, LegId, Number,
    command::{LegCommand, Target},
    event::TransferMode,
    record::{CallRecord, InteractionKind, Transfer},
};

use super::talk::{Talk, is_bridge, is_bridge_of, is_end_of};
use crate::{
    SwitchError,
    conformance::{Manner, Stage},
};

/// The far party talks to the target, and who handed over has left. One call, one record.
pub async fn transferring_a_call(stage: &mut impl Stage) {
    let target = stage.phone(Manner::Answers).await;
    let mut talk = Talk::begin(stage).await;
    let (from, far) = (talk.called, talk.caller);
    talk.ok(from, LegCommand::Transfer(target)).await;
    assert_eq!(started(&mut talk).await, (from, TransferMode::Blind));
    let recipient = talk.newcomer().await;
    talk.witness.told(|kind| is_bridge_of(kind, far, recipient)).await;
    let completed = EventKind::TransferCompleted { initiator: from, recipient };
    talk.witness.told(|kind| *kind == completed).await;
    talk.handed_over(from).await;
    let record = talk.hang_up().await;
    assert!(record.transferred_to.is_some());
    assert_eq!(record.legs.len(), 3);
    assert_roles(&record, from, far, Some(recipient));
    assert_transfers(&record, &[InteractionKind::TransferAttempted, InteractionKind::TransferCompleted]);
}

/// The two talk on, and the record says that it was tried.
pub async fn transferring_to_a_busy_phone(stage: &mut impl Stage) {
    let target = stage.phone(Manner::Busy).await;
    let mut talk = Talk::begin(stage).await;
    let from = talk.caller;
    talk.ok(from, LegCommand::Transfer(target)).await;
    assert_eq!(started(&mut talk).await, (from, TransferMode::Blind));
    talk.witness.told(|kind| *kind == EventKind::TransferFailed { initiator: from }).await;
    let call = talk.witness.call(talk.call_id);
    assert_eq!(call.leg(from).and_then(|leg| leg.peer), Some(talk.called));
    talk.ok(from, LegCommand::Hold).await;
    talk.witness.told(|kind| *kind == EventKind::LegHeld { leg: from }).await;
    let (far, record) = (talk.called, talk.hang_up().await);
    assert_eq!(record.transferred_to, None);
    assert_roles(&record, from, far, None);
    assert_transfers(&record, &[InteractionKind::TransferAttempted, InteractionKind::TransferStopped]);
}

/// Refused, and nothing is told of it.
pub async fn transferring_to_nobody(stage: &mut impl Stage) {
    let talk = Talk::begin(stage).await;
    let nobody = Target::Extension(Number::from("0000"));
    let refused = talk.order(talk.called, LegCommand::Transfer(nobody)).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    let record = talk.hang_up().await;
    assert_transfers(&record, &[]);
    assert_eq!(record.legs.len(), 2);
}

/// While a target rings, neither party can be handed over, parked or held.
pub async fn wishes_during_a_transfer(stage: &mut impl Stage) {
    let (target, other) = (stage.phone(Manner::Rings).await, stage.phone(Manner::Answers).await);
    let mut talk = Talk::begin(stage).await;
    talk.ok(talk.called, LegCommand::Transfer(target)).await;
    let newcomer = talk.newcomer().await;
    talk.witness.told(|kind| *kind == EventKind::LegRinging { leg: newcomer }).await;
    let wishes = [LegCommand::Transfer(other), LegCommand::Park { slot: None }, LegCommand::Hold];
    for wish in wishes {
        talk.assert_conflict(talk.called, wish.clone()).await;
        talk.assert_conflict(talk.caller, wish).await;
    }
    talk.ok(newcomer, LegCommand::Hangup).await;
    talk.witness.told(|kind| *kind == EventKind::TransferFailed { initiator: talk.called }).await;
    let record = talk.hang_up().await;
    assert_transfers(&record, &[InteractionKind::TransferAttempted, InteractionKind::TransferStopped]);
}

/// A party that leaves while the target rings takes everybody along.
pub async fn losing_the_transferred_party(stage: &mut impl Stage) {
    let target = stage.phone(Manner::Rings).await;
    let mut talk = Talk::begin(stage).await;
    talk.ok(talk.called, LegCommand::Transfer(target)).await;
    let newcomer = talk.newcomer().await;
    talk.witness.told(|kind| *kind == EventKind::LegRinging { leg: newcomer }).await;
    talk.ok(talk.caller, LegCommand::Hangup).await;
    let record = talk.witness.record().await;
    assert_eq!((record.legs.len(), record.transferred_to), (3, None));
    assert!(talk.witness.stop().await.is_empty());
}

/// The two calls become one, in which the far party talks to that leg; the two others leave.
pub async fn transferring_to_a_leg_of_another_call(stage: &mut impl Stage) {
    let mut talk = Talk::begin(stage).await;
    let (other, its_caller, its_called) = talk.another(stage).await;
    let (from, far) = (talk.called, talk.caller);
    talk.ok(from, join(other, its_called)).await;
    assert_eq!(started(&mut talk).await, (from, TransferMode::Attended));
    talk.witness.told(|kind| *kind == EventKind::CallMerged { absorbed: other }).await;
    talk.witness.told(|kind| is_bridge_of(kind, far, its_called)).await;
    let completed = EventKind::TransferCompleted { initiator: from, recipient: its_called };
    talk.witness.told(|kind| *kind == completed).await;
    for leg in [from, its_caller] {
        while talk.witness.releaser(leg).is_none() {
            talk.witness.told(|kind| is_end_of(kind, from) || is_end_of(kind, its_caller)).await;
        }
    }
    talk.assert_not_found(its_called, join(other, its_called)).await;
    let record = talk.hang_up().await;
    assert_eq!(record.absorbed, [other]);
    assert_eq!(record.legs.len(), 4);
    assert_roles(&record, from, far, Some(its_called));
    assert_transfers(&record, &[InteractionKind::TransferAttempted, InteractionKind::TransferCompleted]);
}

/// Legs of one call, legs that are not there, and nothing told of the attempts.
pub async fn legs_that_cannot_be_joined(stage: &mut impl Stage) {
    let mut talk = Talk::begin(stage).await;
    let (other, _, its_called) = talk.another(stage).await;
    talk.assert_conflict(talk.called, join(talk.call_id, talk.called)).await;
    talk.assert_conflict(talk.called, join(talk.call_id, talk.caller)).await;
    talk.assert_not_found(talk.called, join(talk.call_id, its_called)).await;
    talk.assert_not_found(talk.called, join(other, talk.caller)).await;
    talk.assert_not_found(its_called, join(other, talk.caller)).await;
    assert_eq!(talk.witness.all(is_bridge).len(), 2);
    talk.witness.command(call::CallCommand::HangupCall { call_id: other }).await;
    assert_transfers(&talk.witness.record().await, &[]);
    assert_transfers(&talk.hang_up().await, &[]);
}

fn join(call_id: CallId, leg_id: LegId) -> LegCommand {
    LegCommand::TransferToLeg { call_id, leg_id }
}

async fn started(talk: &mut Talk) -> (LegId, TransferMode) {
    match talk.witness.told(|kind| matches!(kind, EventKind::TransferStarted { .. })).await {
        EventKind::TransferStarted { initiator, mode, .. } => (initiator, mode),
        other => unreachable!("{other:?} was not asked for"),
    }
}

fn assert_roles(record: &CallRecord, initiator: LegId, transferred: LegId, recipient: Option<LegId>) {
    let roles = |transfer: &Transfer| (transfer.initiator, transfer.transferred, transfer.recipient);
    let told: Vec<_> = record.transfers.iter().map(roles).collect();
    assert_eq!(told, [(initiator, Some(transferred), recipient)]);
}

fn assert_transfers(record: &CallRecord, expected: &[InteractionKind]) {
    let is_of_transfer = |kind: &InteractionKind| {
        matches!(
            kind,
            InteractionKind::TransferAttempted
                | InteractionKind::TransferCompleted
                | InteractionKind::TransferStopped
        )
    };
    let kinds = record.interactions.iter().map(|interaction| interaction.kind);
    assert_eq!(kinds.filter(is_of_transfer).collect::<Vec<_>>(), expected);
}
