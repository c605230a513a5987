//! What every switch must do: the suite that each adapter's tests run, by one line of
//! [`conformance_suite!`](crate::conformance_suite).
//!
//! An adapter brings a [`Stage`]: a switch with phones around it that can act out a [`Play`]. The suite
//! judges by the events alone. Every case ends with a stop of the switch, after which nothing may be left.

mod commands;
mod plays;
mod witness;

use std::time::Duration;

use async_trait::async_trait;
use call::{AccountId, command::Target};

pub use commands::*;
pub use plays::*;

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
}

/// Runs the whole suite against a stage: `conformance_suite!(new_stage);`, where `new_stage` is an async
/// function that makes one. Each case has a stage of its own.
#[macro_export]
macro_rules! conformance_suite {
    ($new_stage:path) => {
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
