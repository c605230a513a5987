//! Where verbs have no place, and what they do to each other.

use call::{
    CallCommand, LegId,
    command::{Digits, LegCommand, RecordingKind, Sound, Target},
    event::Side,
};

use super::talk::{Talk, order};
use crate::{
    SwitchError,
    conformance::{
        Manner, Play, Stage,
        commands::{is_ringing, up},
    },
};

/// How many wishes come at once.
const MANY: usize = 200;

/// Conflicts on both legs; the call rings on. What is to end nothing that goes on may be taken as well.
pub async fn verbs_for_legs_that_ring(stage: &mut impl Stage) {
    let (target, sound) = (stage.phone(Manner::Answers).await, stage.sound());
    let (mut witness, call) = up(stage, Play::Rings, is_ringing).await;
    for leg in call.legs() {
        for verb in verbs(&target, &sound).into_iter().filter(|verb| !ends_something(verb)) {
            let outcome = order(&witness, call.id(), leg.id, verb.clone()).await;
            assert!(matches!(outcome, Err(SwitchError::Conflict(_))), "{verb:?}: {outcome:?}");
        }
    }
    witness.command(CallCommand::HangupCall { call_id: call.id() }).await;
    let record = witness.record().await;
    assert_eq!((record.answered_at, record.legs.len()), (None, 2));
    assert!(witness.stop().await.is_empty());
}

/// Not found: a leg that has left a call that goes on, and the legs of a call that is over.
pub async fn verbs_for_legs_that_have_ended(stage: &mut impl Stage) {
    let (target, sound) = (stage.phone(Manner::Answers).await, stage.sound());
    let mut talk = Talk::begin(stage).await;
    let (gone, left) = (talk.called, talk.caller);
    talk.ok(gone, LegCommand::Park { slot: None }).await;
    talk.handed_over(gone).await;
    assert_gone(&talk, gone, &target, &sound).await;
    talk.ok(left, LegCommand::Hangup).await;
    assert_eq!(talk.witness.record().await.legs.len(), 2);
    assert_gone(&talk, left, &target, &sound).await;
    assert!(talk.witness.stop().await.is_empty());
}

/// However they interleave: each is taken or refused, and one call gives one record.
pub async fn many_wishes_at_once(stage: &mut impl Stage) {
    let (target, sound) = (stage.phone(Manner::Answers).await, stage.sound());
    let mut talk = Talk::begin(stage).await;
    let end = CallCommand::HangupCall { call_id: talk.call_id };
    let wishes = verbs(&target, &sound).into_iter().cycle().take(MANY).enumerate().map(|(nth, command)| {
        let leg_id = if nth % 2 == 0 { talk.caller } else { talk.called };
        CallCommand::Leg { call_id: talk.call_id, leg_id, command }
    });
    let under_way: Vec<_> = wishes
        .chain([end])
        .map(|wish| {
            let switch = talk.witness.switch.clone();
            tokio::spawn(async move { switch.command(wish).await })
        })
        .collect();
    for wish in under_way {
        let outcome = wish.await.expect("a command does not panic");
        let is_foreseen = matches!(outcome, Ok(()) | Err(SwitchError::Conflict(_) | SwitchError::NotFound));
        assert!(is_foreseen, "{outcome:?}");
    }
    let record = talk.witness.record().await;
    assert_eq!(record.call_id, talk.call_id);
    assert!(record.legs.iter().any(|leg| leg.side == Side::Origination));
    assert!(talk.witness.stop().await.is_empty());
}

async fn assert_gone(talk: &Talk, leg: LegId, target: &Target, sound: &Sound) {
    for verb in verbs(target, sound).into_iter().chain([LegCommand::Answer, LegCommand::Hangup]) {
        talk.assert_not_found(leg, verb).await;
    }
}

fn ends_something(verb: &LegCommand) -> bool {
    matches!(verb, LegCommand::Resume | LegCommand::StopPlaying | LegCommand::StopRecording)
}

/// The verbs for legs whose parties talk.
fn verbs(target: &Target, sound: &Sound) -> Vec<LegCommand> {
    vec![
        LegCommand::Hold,
        LegCommand::StartRecording(RecordingKind::OnDemand),
        LegCommand::Play(sound.clone()),
        LegCommand::SendDigits(Digits::parse("1").expect("it is a digit")),
        LegCommand::Resume,
        LegCommand::StopPlaying,
        LegCommand::StopRecording,
        LegCommand::Transfer(target.clone()),
        LegCommand::Park { slot: None },
        LegCommand::Retrieve(target.clone()),
    ]
}
