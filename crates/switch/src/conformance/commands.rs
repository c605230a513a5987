//! What commands, and a stop, do to calls.

use std::sync::Arc;

use call::{
    Call, CallCommand, CallId, CallRecord, DeviceId, LegId, Timestamp,
    command::{LegCommand, Originate, Target},
    event::{EndCause, LegDirection, Origin, Releaser, Side},
    record::ReleasedBy,
    state::{LegState, Phase},
};

use super::{Originated, Play, Stage, witness::Witness};
use crate::SwitchError;

/// How many calls are up at once.
const MANY: usize = 20;

/// Events of calls that are up together do not disturb each other.
pub async fn many_calls_at_once(stage: &mut impl Stage) {
    let mut witness = Witness::of(stage);
    for _ in 0..MANY {
        stage.play(Play::Talks).await;
    }
    for call_id in witness.calls_that(MANY, is_talking).await {
        witness.command(CallCommand::HangupCall { call_id }).await;
    }
    for _ in 0..MANY {
        assert_eq!(witness.record().await.legs.len(), 2);
    }
    assert!(witness.stop().await.is_empty());
}

/// Every leg ends by the command.
pub async fn hanging_up_a_talking_call(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::Talks, is_talking).await;
    witness.command(CallCommand::HangupCall { call_id: call.id() }).await;
    let ends = call.legs().iter().map(|leg| (leg.id, Releaser::Command)).collect();
    let record = witness.record_with_ends(ends).await;
    assert_eq!((record.cause, record.released_by), (EndCause::Normal, ReleasedBy::Command));
    assert!(witness.stop().await.is_empty());
}

/// Every leg ends by the command, unanswered.
pub async fn hanging_up_a_ringing_call(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::Rings, is_ringing).await;
    witness.command(CallCommand::HangupCall { call_id: call.id() }).await;
    let ends = call.legs().iter().map(|leg| (leg.id, Releaser::Command)).collect();
    let record = witness.record_with_ends(ends).await;
    assert_eq!((record.answered_at, record.released_by), (None, ReleasedBy::Command));
    assert!(witness.stop().await.is_empty());
}

/// The leg ends by the command, and the other one with it, by the switch.
pub async fn hanging_up_one_leg(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::Talks, is_talking).await;
    let (caller, called) = (call.legs()[0].id, call.legs()[1].id);
    witness
        .command(CallCommand::Leg { call_id: call.id(), leg_id: called, command: LegCommand::Hangup })
        .await;
    let ends = vec![(called, Releaser::Command), (caller, Releaser::Switch)];
    let record = witness.record_with_ends(ends).await;
    assert_eq!((record.cause, record.released_by), (EndCause::Normal, ReleasedBy::Command));
    assert!(witness.stop().await.is_empty());
}

/// Calls and legs that are not there, or no longer, are not found; nothing happens to those that are.
pub async fn commands_for_what_is_not_there(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::Talks, is_talking).await;
    let (call_id, leg_id) = (call.id(), call.legs()[0].id);
    let stranger = LegId::new(Timestamp::from_seconds(1), [3; 10]);
    assert_not_found(&witness, CallCommand::HangupCall { call_id: other_call() }).await;
    assert_not_found(
        &witness,
        CallCommand::Leg { call_id: other_call(), leg_id, command: LegCommand::Hangup },
    )
    .await;
    assert_not_found(&witness, CallCommand::Leg { call_id, leg_id: stranger, command: LegCommand::Hangup })
        .await;
    witness.command(CallCommand::HangupCall { call_id }).await;
    assert_eq!(witness.record().await.released_by, ReleasedBy::Command);
    assert_not_found(&witness, CallCommand::HangupCall { call_id }).await;
    assert_not_found(&witness, CallCommand::Leg { call_id, leg_id, command: LegCommand::Hangup }).await;
    assert!(witness.stop().await.is_empty());
}

/// An `Originate` rings its own party, then dials, then joins the two.
pub async fn placing_a_call(stage: &mut impl Stage) {
    let mut witness = Witness::of(stage);
    let parties = stage.ready_to_originate().await;
    witness.command(originate(parties.clone())).await;
    let call = witness.call_that(is_talking).await;
    assert_eq!((call.id(), call.started().origin), (other_call(), Origin::Api));
    assert_eq!(call.origination().account, parties.account);
    let [first, then] = call.legs() else { panic!("{} legs", call.legs().len()) };
    assert_eq!((first.offer.side, then.offer.side), (Side::Origination, Side::Termination));
    assert!([first, then].iter().all(|leg| leg.offer.direction == LegDirection::Outgoing));
    assert!(first.answered_at <= Some(then.offered_at));
    witness.command(CallCommand::HangupCall { call_id: other_call() }).await;
    assert_eq!(witness.record().await.released_by, ReleasedBy::Command);
    assert!(witness.stop().await.is_empty());
}

/// An `Originate` whose first party does not exist is refused, and no call begins.
pub async fn placing_a_call_from_nobody(stage: &mut impl Stage) {
    let witness = Witness::of(stage);
    let parties = stage.ready_to_originate().await;
    let nobody = Originated { from: Target::Device(DeviceId(u32::MAX)), ..parties };
    let refused = witness.switch.command(originate(nobody)).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))), "{refused:?}");
    assert!(witness.stop().await.is_empty());
}

/// Calls that are up when the grace is over are ended as interrupted, and no new ones begin.
pub async fn stopping_with_a_call_up(stage: &mut impl Stage) {
    let (witness, call) = up(stage, Play::Talks, is_talking).await;
    let parties = stage.ready_to_originate().await;
    let switch = witness.switch.clone();
    let records = witness.stop().await;
    assert_eq!(records.iter().map(|record| record.call_id).collect::<Vec<_>>(), [call.id()]);
    assert_eq!((records[0].cause, records[0].released_by), (EndCause::Interrupted, ReleasedBy::Switch));
    let refused = switch.command(originate(parties)).await;
    assert!(matches!(refused, Err(SwitchError::Unavailable)), "{refused:?}");
}

impl Witness {
    pub(super) async fn command(&self, command: CallCommand) {
        let outcome = self.switch.command(command.clone()).await;
        assert!(outcome.is_ok(), "{command:?}: {outcome:?}");
    }

    /// The next record, of a call whose legs must have been ended by these.
    async fn record_with_ends(&mut self, expected: Vec<(LegId, Releaser)>) -> CallRecord {
        let record = self.record().await;
        for (leg, by) in expected {
            assert_eq!(self.releaser(leg), Some(by), "of {leg}");
        }
        record
    }
}

pub(super) async fn up(
    stage: &mut impl Stage,
    play: Play,
    is_so: impl Fn(&Call) -> bool,
) -> (Witness, Arc<Call>) {
    let mut witness = Witness::of(stage);
    stage.play(play).await;
    let call = witness.call_that(is_so).await;
    (witness, call)
}

pub(super) async fn assert_not_found(witness: &Witness, command: CallCommand) {
    let outcome = witness.switch.command(command.clone()).await;
    assert!(matches!(outcome, Err(SwitchError::NotFound)), "{command:?}: {outcome:?}");
}

pub(super) fn originate(parties: Originated) -> CallCommand {
    let Originated { account, from, to } = parties;
    CallCommand::Originate(Originate { call_id: other_call(), account, from, to, recording: None })
}

fn other_call() -> CallId {
    CallId::new(Timestamp::from_seconds(1_700_000_000), [9; 10])
}

pub(super) fn is_talking(call: &Call) -> bool {
    call.phase() == Phase::Talking && call.legs().iter().all(|leg| leg.peer.is_some())
}

pub(super) fn is_ringing(call: &Call) -> bool {
    call.legs().iter().any(|leg| leg.offer.side == Side::Termination && leg.state() == LegState::Ringing)
}
