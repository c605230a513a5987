//! Digits, sounds and recordings.

use call::{
    CallCommand, EventKind,
    command::{Digits, LegCommand, Originate, RecordingKind},
    event::Digit,
};

use super::talk::{Talk, is_bridge};
use crate::conformance::{
    Originated, Play, Stage,
    commands::{is_talking, originate, up},
    witness::Witness,
};

/// Taken for both parties; nothing is told of them.
pub async fn sending_digits(stage: &mut impl Stage) {
    let talk = Talk::begin(stage).await;
    let digits = Digits::parse("12*#a").expect("they are digits");
    for leg in [talk.caller, talk.called] {
        talk.ok(leg, LegCommand::SendDigits(digits.clone())).await;
    }
    let digits = talk.witness.all(|kind| matches!(kind, EventKind::DigitReceived { .. }));
    assert!(digits.is_empty());
    talk.hang_up().await;
}

/// Told once, of the leg whose party pressed it.
pub async fn a_phone_that_presses_a_key(stage: &mut impl Stage) {
    let (mut witness, call) = up(stage, Play::PressesKey, is_talking).await;
    let leg = call.legs()[0].id;
    witness.told(|kind| *kind == EventKind::DigitReceived { leg, digit: Digit('5') }).await;
    witness.command(CallCommand::HangupCall { call_id: call.id() }).await;
    witness.record().await;
    assert_eq!(witness.all(|kind| matches!(kind, EventKind::DigitReceived { .. })).len(), 1);
    assert!(witness.stop().await.is_empty());
}

/// Told when it begins and ends; another one takes the place of the first, and the two talk on after it.
pub async fn playing_a_sound(stage: &mut impl Stage) {
    let sound = stage.sound();
    let mut talk = Talk::begin(stage).await;
    let leg = talk.called;
    talk.ok(leg, LegCommand::StopPlaying).await;
    for _ in 0..2 {
        talk.ok(leg, LegCommand::Play(sound.clone())).await;
        talk.witness.told(|kind| *kind == EventKind::PlaybackStarted { leg }).await;
    }
    talk.ok(leg, LegCommand::StopPlaying).await;
    let (begins, ends) = (EventKind::PlaybackStarted { leg }, EventKind::PlaybackEnded { leg });
    while talk.witness.all(|kind| *kind == ends).len() < 2 {
        talk.witness.told(|kind| *kind == ends).await;
    }
    talk.ok(leg, LegCommand::StopPlaying).await;
    assert_eq!(
        talk.witness.all(|kind| *kind == begins || *kind == ends),
        [begins.clone(), ends.clone(), begins.clone(), ends.clone()]
    );
    let call = talk.witness.call(talk.call_id);
    assert_eq!(call.leg(leg).and_then(|leg| leg.peer), Some(talk.caller));
    talk.hang_up().await;
}

/// Told once each, however often it is wished for; each recording is in the record, in a file of its own.
pub async fn recording_a_leg(stage: &mut impl Stage) {
    let mut talk = Talk::begin(stage).await;
    let leg = talk.called;
    let start = |kind| LegCommand::StartRecording(kind);
    talk.ok(leg, LegCommand::StopRecording).await;
    talk.ok(leg, start(RecordingKind::OnDemand)).await;
    talk.witness.told(|kind| is_recording_of(kind, RecordingKind::OnDemand)).await;
    talk.ok(leg, start(RecordingKind::OnDemand)).await;
    talk.ok(leg, LegCommand::StopRecording).await;
    talk.witness.told(|kind| *kind == EventKind::RecordingEnded { leg }).await;
    talk.ok(leg, LegCommand::StopRecording).await;
    talk.ok(leg, start(RecordingKind::Standing)).await;
    talk.witness.told(|kind| is_recording_of(kind, RecordingKind::Standing)).await;
    let record = talk.hang_up().await;
    let [first, second] = &record.recordings[..] else { panic!("{:?}", record.recordings) };
    assert_eq!((first.leg, first.kind), (leg, RecordingKind::OnDemand));
    assert_eq!((second.leg, second.kind), (leg, RecordingKind::Standing));
    assert_ne!(first.file, second.file);
    assert!(first.started_at <= first.ended_at && first.ended_at <= second.started_at);
}

/// Recorded from the moment when the two talk.
pub async fn placing_a_recorded_call(stage: &mut impl Stage) {
    let mut witness = Witness::of(stage);
    let parties: Originated = stage.ready_to_originate().await;
    let CallCommand::Originate(order) = originate(parties) else { unreachable!("it is one") };
    let call_id = order.call_id;
    let order = Originate { recording: Some(RecordingKind::OnDemand), ..order };
    witness.command(CallCommand::Originate(order)).await;
    witness.told(|kind| is_recording_of(kind, RecordingKind::OnDemand)).await;
    assert_eq!(witness.all(is_bridge).len(), 1);
    witness.command(CallCommand::HangupCall { call_id }).await;
    let record = witness.record().await;
    assert_eq!(record.recordings.len(), 1);
    assert!(Some(record.recordings[0].started_at) >= record.answered_at);
    assert!(witness.stop().await.is_empty());
}

fn is_recording_of(kind: &EventKind, wanted: RecordingKind) -> bool {
    matches!(kind, EventKind::RecordingStarted { kind, .. } if *kind == wanted)
}
