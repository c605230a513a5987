//! What every switch must do: the suite that each adapter's tests run, by one line of
//! [`conformance_suite!`](crate::conformance_suite).
//!
//! An adapter brings a [`Stage`]: a switch with phones around it that can act out a [`Play`]. The suite
//! judges by the events alone. Every case ends with a stop of the switch, after which nothing may be left.

mod commands;
mod plays;
mod verbs;
mod witness;

use std::time::Duration;

use async_trait::async_trait;
use call::{
    AccountId,
    command::{Sound, Target},
};

pub use commands::*;
pub use plays::*;
pub use verbs::*;

pub use crate::simulated::Manner;
use crate::{EventSource, SharedSwitch};

/// How long the suite waits for the next event before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A switch, phones around it, and the events that it sends.
#[async_trait]
pub trait Stage: Send {
    /// The switch. It has a no-answer limit of a few seconds.
    fn switch(&self) -> SharedSwitch;

    /// Where the switch's events come out. Asked once.
    fn events(&mut self) -> EventSource;

    /// Lets a registered phone call another one, and both act as the play says. May return as soon as
    /// that is under way.
    async fn play(&mut self, play: Play);

    /// Makes two phones ready that ring, answer, and talk until the switch hangs up.
    async fn ready_to_originate(&mut self) -> Originated;

    /// Makes a phone ready that nobody calls but the suite, and that behaves in this manner then. It is of
    /// the account of all other phones.
    async fn phone(&mut self, manner: Manner) -> Target;

    /// A sound of the switch that lasts longer than the suite looks.
    fn sound(&self) -> Sound;

    /// Checks that the phones of the plays so far saw what they should. Called after the switch has
    /// stopped.
    async fn settle(&mut self) {}
}

/// Whom an `Originate` of the suite is to join.
#[derive(Clone, Debug)]
pub struct Originated {
    /// The account that places the call.
    pub account: AccountId,
    /// Who is rung first.
    pub from: Target,
    /// Who is dialled then.
    pub to: Target,
}

/// What a caller and a called phone do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// The phone rings and answers; the caller hangs up.
    CallerHangsUp,
    /// The phone rings and answers, and then hangs up.
    CalleeHangsUp,
    /// The phone answers 486.
    Busy,
    /// The phone rings and answers 603.
    Rejected,
    /// The phone rings for longer than the switch allows.
    NoAnswer,
    /// The phone rings; the caller cancels.
    Cancelled,
    /// The caller dials a number that nobody has.
    NoRoute,
    /// The caller dials an extension whose phone is not registered.
    Unregistered,
    /// The phone rings until the switch ends it, within the no-answer limit.
    Rings,
    /// The phone answers, and both talk until the switch ends it.
    Talks,
    /// The phone answers, holds the caller, takes it back, and hangs up.
    HoldsAndResumes,
    /// The phone answers; the caller presses the key 5, and both talk until the switch ends it.
    PressesKey,
    /// The phone rings, and answers by itself when the switch wants it to; both talk until the switch ends it.
    AnswersWhenTold,
    /// The phone rings and answers; the caller hangs up. Then the phone says that it is done with its work
    /// after that.
    EndsWork,
}

/// The cases of the suite that need a verb, a way of phones or a recording beyond calls that come and go.
pub const VERBS: &[&str] = &[
    "holding_and_resuming",
    "a_phone_that_holds",
    "answering_a_ringing_phone",
    "transferring_a_call",
    "transferring_to_a_busy_phone",
    "transferring_to_nobody",
    "wishes_during_a_transfer",
    "losing_the_transferred_party",
    "transferring_to_a_leg_of_another_call",
    "legs_that_cannot_be_joined",
    "parking_and_retrieving",
    "slots_that_are_taken",
    "sending_digits",
    "a_phone_that_presses_a_key",
    "playing_a_sound",
    "recording_a_leg",
    "placing_a_recorded_call",
    "ending_after_call_work",
    "verbs_for_legs_that_ring",
    "verbs_for_legs_that_have_ended",
    "many_wishes_at_once",
];

/// Checks that a switch either runs each verb's case or owns up to lacking it.
pub fn assert_complete(run: &[&str], lacking: &[&str]) {
    let mut listed: Vec<_> = run.iter().chain(lacking).collect();
    let mut all: Vec<_> = VERBS.iter().collect();
    listed.sort_unstable();
    all.sort_unstable();
    assert_eq!(listed, all, "each verb's case is to be listed once");
}

/// Runs the suite against a stage: `conformance_suite!(new_stage, verbs: [..], lacking: [..]);`, where
/// `new_stage` is an async function that makes one, `verbs` names those of [`VERBS`](crate::conformance::VERBS) that
/// the switch masters, and `lacking` the others. Each case has a stage of its own.
#[macro_export]
macro_rules! conformance_suite {
    ($new_stage:path, verbs: [$($verb:ident),* $(,)?], lacking: [$($lacking:ident),* $(,)?]) => {
        $crate::conformance_suite! { @cases $new_stage:
            a_call_that_the_caller_ends,
            a_call_that_the_called_party_ends,
            a_busy_phone,
            a_phone_that_refuses,
            a_phone_that_is_not_answered,
            a_caller_who_cancels,
            a_number_that_nobody_has,
            an_extension_without_a_registered_phone,
            calls_one_after_the_other,
            many_calls_at_once,
            hanging_up_a_talking_call,
            hanging_up_a_ringing_call,
            hanging_up_one_leg,
            commands_for_what_is_not_there,
            placing_a_call,
            placing_a_call_from_nobody,
            stopping_with_a_call_up,
        }
        $crate::conformance_suite! { @cases $new_stage: $($verb,)* }

        #[test]
        fn every_verb_is_run_or_known_to_be_lacking() {
            $crate::conformance::assert_complete(&[$(stringify!($verb)),*], &[$(stringify!($lacking)),*]);
        }
    };
    (@cases $new_stage:path: $($case:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let mut stage = $new_stage().await;
                $crate::conformance::$case(&mut stage).await;
                $crate::conformance::Stage::settle(&mut stage).await;
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    use super::VERBS;

    #[test]
    fn every_case_of_a_verb_is_in_the_list() {
        let sources = [
            include_str!("conformance/verbs/hold.rs"),
            include_str!("conformance/verbs/answer.rs"),
            include_str!("conformance/verbs/transfer.rs"),
            include_str!("conformance/verbs/parking.rs"),
            include_str!("conformance/verbs/media.rs"),
            include_str!("conformance/verbs/limits.rs"),
            include_str!("conformance/verbs/work.rs"),
        ];
        let cases = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter_map(|line| line.strip_prefix("pub async fn ").and_then(|rest| rest.split('(').next()));
        let (mut cases, mut listed): (Vec<_>, Vec<_>) = (cases.collect(), VERBS.to_vec());
        cases.sort_unstable();
        listed.sort_unstable();
        assert_eq!(cases, listed);
    }
}
