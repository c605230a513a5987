//! What the verbs for legs do to a simulated call, event by event.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallCommand, CallEvent, EventKind, LegId,
    command::{Digits, LegCommand, Originate, RecordingKind, Sound, Target},
    event::Side,
};
use switch::{Switch, SwitchError, simulated::SimulatedCall};

use crate::stage::{Stage, anna, ben, carla, other_account, outside};

use Side::{Origination, Termination};

/// Legs by letter, in the order in which they were offered.
#[derive(Default)]
struct Letters(Vec<LegId>);

impl Letters {
    fn of(&mut self, leg: LegId) -> char {
        let known = self.0.iter().position(|known| *known == leg);
        let nth = known.unwrap_or_else(|| {
            self.0.push(leg);
            self.0.len() - 1
        });
        char::from(b'A' + u8::try_from(nth).unwrap())
    }

    fn line(&mut self, event: &CallEvent) -> String {
        match &event.kind {
            EventKind::CallStarted(_) => "started".into(),
            EventKind::CallRouted(_) => "routed".into(),
            EventKind::CallMerged { .. } => "merged".into(),
            EventKind::CallInterrupted => "interrupted".into(),
            EventKind::LegOffered { leg, .. } => format!("{} offered", self.of(*leg)),
            EventKind::LegRinging { leg } => format!("{} rings", self.of(*leg)),
            EventKind::LegAnswered { leg, .. } => format!("{} answers", self.of(*leg)),
            EventKind::LegsBridged { a, b } => format!("{}+{} talk", self.of(*a), self.of(*b)),
            EventKind::LegSecured { leg, .. } => format!("{} secured", self.of(*leg)),
            EventKind::LegHeld { leg } => format!("{} holds", self.of(*leg)),
            EventKind::LegResumed { leg } => format!("{} resumes", self.of(*leg)),
            EventKind::TransferStarted { initiator, target, mode } => {
                format!("{} transfers {mode:?} to {}", self.of(*initiator), target.number.as_str())
            }
            EventKind::TransferCompleted { initiator, recipient } => {
                format!("{} transferred to {}", self.of(*initiator), self.of(*recipient))
            }
            EventKind::TransferFailed { initiator } => format!("{} failed to transfer", self.of(*initiator)),
            EventKind::LegParked { leg, slot, .. } => format!("{} parked in {slot}", self.of(*leg)),
            EventKind::LegRetrieved { leg, by } => format!("{} retrieved by {}", self.of(*leg), self.of(*by)),
            EventKind::DigitReceived { leg, digit } => format!("{} pressed {}", self.of(*leg), digit.0),
            EventKind::PlaybackStarted { leg } => format!("{} hears a sound", self.of(*leg)),
            EventKind::PlaybackEnded { leg } => format!("{} hears no sound", self.of(*leg)),
            EventKind::RecordingStarted { leg, kind, .. } => format!("{} recorded {kind:?}", self.of(*leg)),
            EventKind::RecordingEnded { leg } => format!("{} recorded no more", self.of(*leg)),
            EventKind::WorkEnded { leg, work, .. } => format!("{} worked {work:?}", self.of(*leg)),
            EventKind::LegEnded { leg, end } => {
                format!("{} ended {:?} {:?}", self.of(*leg), end.by, end.cause)
            }
        }
    }
}

struct Act {
    stage: Stage,
    letters: Letters,
}

impl Act {
    fn new() -> Self {
        Self { stage: Stage::new(), letters: Letters::default() }
    }

    /// Two who talk; what led there is not told again.
    async fn talk(&mut self) -> SimulatedCall {
        let call = self.stage.switch.answered_call(anna(), ben()).unwrap();
        self.told().await;
        call
    }

    /// What has happened since this was last asked.
    async fn told(&mut self) -> Vec<String> {
        let (events, _) = self.stage.told().await;
        events.iter().map(|event: &Arc<CallEvent>| self.letters.line(event)).collect()
    }

    async fn order(
        &self,
        call: &SimulatedCall,
        leg: Option<LegId>,
        command: LegCommand,
    ) -> Result<(), SwitchError> {
        let command = CallCommand::Leg { call_id: call.id(), leg_id: leg.unwrap(), command };
        self.stage.switch.command(command).await
    }

    async fn ok(&self, call: &SimulatedCall, leg: Option<LegId>, command: LegCommand) {
        self.order(call, leg, command).await.unwrap();
    }

    async fn assert_conflict(&self, call: &SimulatedCall, leg: Option<LegId>, command: LegCommand) {
        let outcome = self.order(call, leg, command.clone()).await;
        assert!(matches!(outcome, Err(SwitchError::Conflict(_))), "{command:?}: {outcome:?}");
    }

    async fn assert_not_found(&self, call: &SimulatedCall, leg: Option<LegId>, command: LegCommand) {
        let outcome = self.order(call, leg, command.clone()).await;
        assert!(matches!(outcome, Err(SwitchError::NotFound)), "{command:?}: {outcome:?}");
    }
}

fn to_carla() -> LegCommand {
    LegCommand::Transfer(Target::Extension("1003".into()))
}

fn retrieve_by_carla() -> LegCommand {
    LegCommand::Retrieve(Target::Extension("1003".into()))
}

fn sound() -> LegCommand {
    LegCommand::Play(Sound::Local("music".into()))
}

fn park() -> LegCommand {
    LegCommand::Park { slot: None }
}

#[tokio::test]
async fn holding_and_resuming_are_told_once() {
    let mut act = Act::new();
    let call = act.talk().await;
    for command in [LegCommand::Hold, LegCommand::Hold, LegCommand::Resume, LegCommand::Resume] {
        act.ok(&call, call.called_leg(), command).await;
    }
    assert_eq!(act.told().await, ["B holds", "B resumes"]);
}

#[tokio::test]
async fn a_phone_answers_by_itself_once() {
    let mut act = Act::new();
    let call = act.stage.switch.ringing_call(anna(), ben()).unwrap();
    act.told().await;
    act.assert_conflict(&call, call.caller_leg(), LegCommand::Answer).await;
    act.ok(&call, call.called_leg(), LegCommand::Answer).await;
    act.ok(&call, call.called_leg(), LegCommand::Answer).await;
    assert_eq!(act.told().await, ["B answers", "A answers", "A+B talk"]);
}

#[tokio::test]
async fn a_transfer_takes_the_far_party_to_the_target_and_lets_its_initiator_go() {
    let mut act = Act::new();
    let call = act.talk().await;
    act.ok(&call, call.called_leg(), to_carla()).await;
    act.assert_conflict(&call, call.called_leg(), to_carla()).await;
    act.assert_conflict(&call, call.called_leg(), LegCommand::Hold).await;
    act.assert_conflict(&call, call.caller_leg(), park()).await;
    call.ring().answer();
    let expected = [
        "B transfers Blind to 1003",
        "C offered",
        "C rings",
        "C answers",
        "A+C talk",
        "B transferred to C",
        "B ended Switch Transferred",
    ];
    assert_eq!(act.told().await, expected);
    call.end(Termination);
    assert_eq!(act.told().await, ["C ended Party Normal", "A ended Switch Normal"]);
}

#[tokio::test]
async fn the_two_talk_on_when_the_target_cannot_be_had() {
    let mut act = Act::new();
    let call = act.talk().await;
    act.ok(&call, call.caller_leg(), to_carla()).await;
    call.busy();
    let expected = ["A transfers Blind to 1003", "C offered", "C ended Party Busy", "A failed to transfer"];
    assert_eq!(act.told().await, expected);
    act.ok(&call, call.caller_leg(), LegCommand::Hold).await;
    assert_eq!(act.told().await, ["A holds"]);
}

#[tokio::test]
async fn a_transfer_to_somebody_unknown_is_refused() {
    let mut act = Act::new();
    let call = act.talk().await;
    let unknown = LegCommand::Transfer(Target::Extension("9999".into()));
    let refused = act.order(&call, call.called_leg(), unknown).await;
    assert!(matches!(refused, Err(SwitchError::Unreachable(_))));
    assert!(act.told().await.is_empty());
}

#[tokio::test]
async fn a_transferred_party_that_hangs_up_ends_the_transfer_and_the_call() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.transfer(Termination, carla());
    act.told().await;
    call.end(Origination);
    let expected =
        ["A ended Party Normal", "B failed to transfer", "B ended Switch Normal", "C ended Switch Cancelled"];
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn who_transfers_may_leave_before_the_target_answers() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.transfer(Termination, carla());
    act.told().await;
    call.end(Termination).ring().answer();
    let expected = ["B ended Party Normal", "C rings", "C answers", "A+C talk", "B transferred to C"];
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn a_transferred_party_whom_nobody_wants_is_not_left_alone() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.transfer(Termination, carla()).end(Termination);
    act.told().await;
    call.no_answer();
    let expected = ["C ended Party NoAnswer", "B failed to transfer", "A ended Switch Normal"];
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn a_target_that_a_command_hangs_up_is_a_transfer_that_failed() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.transfer(Termination, carla());
    let target = call.legs().last().copied();
    act.told().await;
    act.ok(&call, target, LegCommand::Hangup).await;
    assert_eq!(act.told().await, ["C ended Command Cancelled", "B failed to transfer"]);
    assert_eq!(call.legs().len(), 2);
}

#[tokio::test]
async fn a_consultation_becomes_part_of_the_call_that_it_was_for() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.hold(Termination);
    let consultation = act.stage.switch.answered_call(ben(), carla()).unwrap();
    act.told().await;
    let second = consultation.caller_leg().unwrap();
    let command = LegCommand::TransferToLeg { call_id: consultation.id(), leg_id: second };
    act.ok(&call, call.called_leg(), command.clone()).await;
    let expected = [
        "B transfers Attended to 1003",
        "merged",
        "A+D talk",
        "B transferred to D",
        "B ended Switch Transferred",
        "C ended Switch Transferred",
    ];
    assert_eq!(act.told().await, expected);
    assert!(consultation.is_over());
    assert!(act.stage.switch.call(consultation.id()).is_none());
    act.assert_not_found(&call, call.called_leg(), command).await;
    call.end(Origination);
    assert_eq!(act.told().await, ["A ended Party Normal", "D ended Switch Normal"]);
    assert_eq!(act.stage.switch.call_count(), 0);
}

#[tokio::test]
async fn a_leg_of_somebody_else_takes_the_party_over_itself() {
    let mut act = Act::new();
    let call = act.talk().await;
    let other = act.stage.switch.answered_call(outside(), carla()).unwrap();
    act.told().await;
    let command = LegCommand::TransferToLeg { call_id: other.id(), leg_id: other.called_leg().unwrap() };
    act.ok(&call, call.called_leg(), command).await;
    let expected = [
        "B transfers Attended to 1003",
        "merged",
        "A+D talk",
        "B transferred to D",
        "B ended Switch Transferred",
        "C ended Switch Transferred",
    ];
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn a_phone_joins_its_two_calls() {
    let mut act = Act::new();
    let call = act.talk().await;
    let consultation = act.stage.switch.answered_call(ben(), carla()).unwrap();
    call.transfer_to(Termination, &consultation);
    call.transfer_to(Termination, &call).transfer_to(Termination, &consultation);
    assert_eq!(call.legs().len(), 2);
    call.end(Termination);
    assert_eq!(act.told().await.last().unwrap(), "A ended Switch Normal");
}

#[tokio::test]
async fn legs_that_cannot_be_joined_are_left_as_they_are() {
    let mut act = Act::new();
    let call = act.talk().await;
    let ringing = act.stage.switch.ringing_call(ben(), carla()).unwrap();
    act.told().await;
    let join = |call: &SimulatedCall, leg: Option<LegId>| LegCommand::TransferToLeg {
        call_id: call.id(),
        leg_id: leg.unwrap(),
    };
    act.assert_conflict(&call, call.called_leg(), join(&call, call.caller_leg())).await;
    act.assert_conflict(&call, call.called_leg(), join(&call, call.called_leg())).await;
    act.assert_conflict(&call, call.called_leg(), join(&ringing, ringing.called_leg())).await;
    act.assert_conflict(&ringing, ringing.called_leg(), join(&call, call.called_leg())).await;
    act.assert_not_found(&call, call.called_leg(), join(&call, ringing.called_leg())).await;
    act.assert_not_found(&call, call.called_leg(), join(&ringing, call.called_leg())).await;
    assert!(act.told().await.is_empty());
}

#[tokio::test]
async fn a_parked_party_waits_until_somebody_takes_it_out() {
    let mut act = Act::new();
    let call = act.talk().await;
    let waiting = call.caller_leg();
    act.assert_conflict(&call, waiting, retrieve_by_carla()).await;
    act.ok(&call, call.called_leg(), park()).await;
    assert_eq!(act.told().await, ["A parked in 701", "B ended Switch Transferred"]);
    act.ok(&call, waiting, retrieve_by_carla()).await;
    act.assert_conflict(&call, waiting, retrieve_by_carla()).await;
    call.ring().busy();
    assert_eq!(act.told().await, ["C offered", "C rings", "C ended Party Busy"]);
    act.ok(&call, waiting, retrieve_by_carla()).await;
    call.answer();
    assert_eq!(act.told().await, ["D offered", "D answers", "A retrieved by D"]);
    assert_eq!(act.stage.switch.parked_count(), 0);
    act.ok(&call, waiting, LegCommand::Hold).await;
    call.end(Termination);
    assert_eq!(act.told().await, ["A holds", "D ended Party Normal", "A ended Switch Normal"]);
}

#[tokio::test]
async fn who_dials_the_slot_has_the_parked_party() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.pick_up(&carla()).park(Termination, Some("705")).pick_up(&carla()).pick_up(&carla());
    let expected =
        ["A parked in 705", "B ended Switch Transferred", "C offered", "C answers", "A retrieved by C"];
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn slots_are_an_accounts_own_and_free_again_when_left() {
    let mut act = Act::new();
    let slot = |name: &str| LegCommand::Park { slot: Some(name.into()) };
    let (first, second) = (act.talk().await, act.talk().await);
    let foreign = act.stage.switch.answered_call(anna(), other_account()).unwrap();
    act.told().await;
    act.ok(&first, first.called_leg(), park()).await;
    act.assert_conflict(&second, second.called_leg(), slot("701")).await;
    act.assert_conflict(&second, second.called_leg(), slot("9")).await;
    act.ok(&foreign, foreign.called_leg(), slot("701")).await;
    first.end(Origination);
    act.ok(&second, second.called_leg(), slot("701")).await;
    assert_eq!(act.stage.switch.parked_count(), 2);
    for call in [second, foreign] {
        act.ok(&call, call.caller_leg(), LegCommand::Hangup).await;
        assert!(call.is_over());
    }
    assert_eq!(act.stage.switch.parked_count(), 0);
}

#[tokio::test]
async fn who_retrieves_is_looked_up_in_the_account_of_the_slot() {
    let mut act = Act::new();
    let call = act.stage.switch.answered_call(outside(), ben()).unwrap();
    act.ok(&call, call.called_leg(), park()).await;
    act.told().await;
    act.ok(&call, call.caller_leg(), retrieve_by_carla()).await;
    call.answer();
    assert_eq!(act.told().await, ["C offered", "C answers", "A retrieved by C"]);
}

#[tokio::test]
async fn an_account_runs_out_of_slots() {
    let act = Act::new();
    for _ in 701..=799 {
        act.stage.switch.answered_call(anna(), ben()).unwrap().park(Termination, None);
    }
    assert_eq!(act.stage.switch.parked_count(), 99);
    let call = act.stage.switch.answered_call(anna(), ben()).unwrap();
    act.assert_conflict(&call, call.called_leg(), park()).await;
    assert_eq!(call.legs().len(), 2);
}

#[tokio::test]
async fn a_parked_party_that_gives_up_takes_those_who_ring_for_it_along() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.park(Termination, None);
    act.ok(&call, call.caller_leg(), retrieve_by_carla()).await;
    act.told().await;
    call.end(Origination);
    assert_eq!(act.told().await, ["A ended Party Normal", "C ended Switch Cancelled"]);
}

#[tokio::test]
async fn digits_go_both_ways() {
    let mut act = Act::new();
    let call = act.talk().await;
    let digits = LegCommand::SendDigits(Digits::parse("12#").unwrap());
    act.ok(&call, call.called_leg(), digits.clone()).await;
    act.ok(&call, call.called_leg(), digits).await;
    assert_eq!(call.digits_sent_to(call.called_leg().unwrap()), "12#12#");
    call.press(Origination, "*9");
    assert_eq!(act.told().await, ["A pressed *", "A pressed 9"]);
}

#[tokio::test]
async fn a_sound_is_followed_by_another_and_is_over_once() {
    let mut act = Act::new();
    let call = act.talk().await;
    let leg = call.caller_leg();
    for command in [sound(), sound(), LegCommand::StopPlaying, LegCommand::StopPlaying, sound()] {
        act.ok(&call, leg, command).await;
    }
    call.sound_ends(Origination).sound_ends(Origination);
    let expected = ["A hears a sound", "A hears no sound"].repeat(3);
    assert_eq!(act.told().await, expected);
}

#[tokio::test]
async fn recordings_are_told_once_and_each_has_a_file_of_its_own() {
    let mut act = Act::new();
    let call = act.talk().await;
    let start = || LegCommand::StartRecording(RecordingKind::OnDemand);
    let (leg, stop) = (call.called_leg(), || LegCommand::StopRecording);
    for command in [stop(), start(), start(), stop(), stop(), start(), sound()] {
        act.ok(&call, leg, command).await;
    }
    call.end(Origination);
    let (events, records) = act.stage.told().await;
    let told: Vec<_> = events.iter().map(|event| act.letters.line(event)).collect();
    let expected = [
        "B recorded OnDemand",
        "B recorded no more",
        "B recorded OnDemand",
        "B hears a sound",
        "A ended Party Normal",
        "B hears no sound",
        "B recorded no more",
        "B ended Switch Normal",
    ];
    assert_eq!(told, expected);
    let [first, second] = &records[0].recordings[..] else { panic!("{:?}", records[0].recordings) };
    assert_ne!(first.file, second.file);
}

#[tokio::test]
async fn a_call_that_is_placed_with_recording_is_recorded_once_its_parties_talk() {
    let mut act = Act::new();
    let call_id = call::CallId::new(call::Timestamp::from_seconds(1), [9; 10]);
    let [from, to] = ["1001", "1002"].map(|number| Target::Extension(number.into()));
    let recording = Some(RecordingKind::Standing);
    let originate = Originate { call_id, account: AccountId(10), from, to, recording };
    act.stage.switch.command(CallCommand::Originate(originate)).await.unwrap();
    act.stage.switch.call(call_id).unwrap().answer().ring();
    act.told().await;
    act.stage.switch.call(call_id).unwrap().answer();
    assert_eq!(act.told().await, ["B answers", "A+B talk", "A recorded Standing"]);
}

#[tokio::test]
async fn verbs_for_talking_parties_conflict_with_a_leg_that_rings() {
    let mut act = Act::new();
    let call = act.stage.switch.ringing_call(anna(), ben()).unwrap();
    act.told().await;
    for leg in call.legs() {
        for command in verbs() {
            act.assert_conflict(&call, Some(leg), command).await;
        }
    }
    assert!(act.told().await.is_empty());
}

#[tokio::test]
async fn no_verb_finds_a_leg_that_has_ended() {
    let mut act = Act::new();
    let call = act.talk().await;
    let gone = call.called_leg();
    call.transfer(Termination, carla()).answer();
    act.told().await;
    for command in verbs().into_iter().chain([LegCommand::Answer, LegCommand::Hangup]) {
        act.assert_not_found(&call, gone, command).await;
    }
    let left = call.caller_leg();
    call.end(Origination);
    act.told().await;
    for command in verbs() {
        act.assert_not_found(&call, left, command).await;
    }
    assert!(act.told().await.is_empty());
}

#[tokio::test]
async fn a_phone_says_that_it_is_done_with_a_call_by_a_call_of_its_own() {
    let mut act = Act::new();
    let call = act.talk().await;
    call.end(Origination);
    act.told().await;
    act.stage.switch.end_work(ben(), call.id(), Duration::from_secs(45)).unwrap();
    let expected = ["started", "C offered", "C answers", "C worked 45s", "C ended Switch Normal"];
    assert_eq!(act.told().await, expected);
    assert_eq!(act.stage.switch.call_count(), 0);
}

fn verbs() -> Vec<LegCommand> {
    vec![
        LegCommand::Hold,
        to_carla(),
        park(),
        LegCommand::Park { slot: Some("701".into()) },
        LegCommand::SendDigits(Digits::parse("1").unwrap()),
        sound(),
        LegCommand::StopPlaying,
        LegCommand::StartRecording(RecordingKind::OnDemand),
        LegCommand::StopRecording,
        LegCommand::Resume,
        retrieve_by_carla(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_transfers_into_each_other_at_once_leave_one_call() {
    let act = Act::new();
    for _ in 0..200 {
        let one = act.stage.switch.answered_call(anna(), ben()).unwrap();
        let other = act.stage.switch.answered_call(ben(), carla()).unwrap();
        let legs = [one.called_leg().unwrap(), other.caller_leg().unwrap()];
        let threads = [(&one, &other, legs), (&other, &one, [legs[1], legs[0]])].map(|(call, into, legs)| {
            let switch = act.stage.switch.clone();
            let command = LegCommand::TransferToLeg { call_id: into.id(), leg_id: legs[1] };
            let command = CallCommand::Leg { call_id: call.id(), leg_id: legs[0], command };
            tokio::spawn(async move { switch.command(command).await.is_ok() })
        });
        let mut done = 0;
        for thread in threads {
            done += usize::from(thread.await.unwrap());
        }
        assert_eq!((done, act.stage.switch.call_count()), (1, 1));
        one.end(Origination);
        other.end(Origination);
        assert_eq!(act.stage.switch.call_count(), 0);
    }
}
