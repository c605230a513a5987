//! Having a ringing phone answer by itself.

use call::{CallCommand, command::LegCommand, event::Side, record::ReleasedBy};

use super::talk::order;
use crate::{
    SwitchError,
    conformance::{
        Play, Stage,
        commands::{is_ringing, is_talking, up},
    },
};

/// The called phone answers, the two talk; a second wish changes nothing. Who calls cannot answer.
pub async fn answering_a_ringing_phone(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::AnswersWhenTold, is_ringing).await;
    let call_id = call.id();
    let [caller, called] = [Side::Origination, Side::Termination]
        .map(|side| call.legs().iter().find(|leg| leg.offer.side == side).map(|leg| leg.id));
    let (caller, called) = caller.zip(called).expect("a call that rings has both");
    let refused = order(&witness, call_id, caller, LegCommand::Answer).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    witness.command(CallCommand::Leg { call_id, leg_id: called, command: LegCommand::Answer }).await;
    let call = witness.call_that(is_talking).await;
    let answered = call.called_leg().expect("somebody answered").id;
    witness.command(CallCommand::Leg { call_id, leg_id: answered, command: LegCommand::Answer }).await;
    witness.command(CallCommand::HangupCall { call_id }).await;
    let record = witness.record().await;
    assert!(record.answered_at.is_some());
    assert_eq!(record.released_by, ReleasedBy::Command);
    assert!(witness.stop().await.is_empty());
}
