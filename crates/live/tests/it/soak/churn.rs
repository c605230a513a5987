//! Calls that come, do something, and go, by chance.

use std::{sync::Arc, time::Duration};

use call::{
    CallCommand, CallId, DeviceId, LegId, Registry,
    command::{Digits, LegCommand, Originate, RecordingKind, Sound, Target},
    event::Side,
};
use live::Live;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use switch::{
    SimulatedSwitch, Switch,
    simulated::{CallSpec, SimulatedCall},
};
use tokio::time::{Instant, MissedTickBehavior};

use super::cast;

/// How many calls are up at once, about.
const AT_ONCE: usize = 60;
/// How many steps and commands are tried in a second.
const PACE: u32 = 2_000;
/// Steps that are taken at a time.
const AT_A_TIME: u32 = 20;
/// How long the last events may take to be written.
const PATIENCE: Duration = Duration::from_secs(30);

/// How it went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Calls that began.
    pub calls: u64,
    /// Calls that were merged into others.
    pub merged: u64,
    /// Commands that were carried out.
    pub obeyed: u64,
    /// Commands that were refused, as they did not fit.
    pub refused: u64,
    /// The greatest number of calls at one time.
    pub most_at_once: usize,
}

pub struct Churn {
    switch: SimulatedSwitch,
    live: Arc<Live>,
    random: StdRng,
    calls: Vec<CallId>,
    outcome: Outcome,
}

impl Churn {
    pub fn new(switch: SimulatedSwitch, live: Arc<Live>, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { switch, live, random, calls: Vec::new(), outcome: Outcome::default() }
    }

    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Lets calls come and go so long, then ends every call and waits until that is written.
    pub async fn turn(&mut self, length: Duration) {
        let until = Instant::now() + length;
        let mut ticks = tokio::time::interval(Duration::from_secs(1) * AT_A_TIME / PACE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while Instant::now() < until {
            ticks.tick().await;
            for _ in 0..AT_A_TIME {
                self.step().await;
            }
        }
        self.end_all().await;
    }

    async fn end_all(&mut self) {
        for call_id in self.calls.drain(..) {
            // It may be over by itself.
            let _ = self.switch.command(CallCommand::HangupCall { call_id }).await;
        }
        assert!(self.live.settle(PATIENCE, Registry::is_empty).await, "calls go on");
    }

    async fn step(&mut self) {
        let is_missing = self.calls.len() < AT_ONCE;
        if is_missing && self.random.random_bool(0.2) {
            self.begin().await;
            return;
        }
        let Some(call) = self.some_call() else { return };
        if self.random.random_bool(0.5) {
            self.act(&call);
        } else {
            self.order(&call).await;
        }
    }

    async fn begin(&mut self) {
        let begun = if self.random.random_bool(0.3) {
            self.originate().await
        } else {
            let (caller, called) = (self.phone(), self.phone());
            let spec = CallSpec::new(cast::phone(caller), cast::phone(called));
            self.switch.place(spec).ok().map(|call| call.id())
        };
        self.outcome.calls += u64::from(begun.is_some());
        self.calls.extend(begun);
        self.outcome.most_at_once = self.outcome.most_at_once.max(self.switch.call_count());
    }

    async fn originate(&mut self) -> Option<CallId> {
        let call_id = CallId::new(self.live.clock().now(), self.random.random());
        let (from, to) = (self.target(), self.target());
        let account = cast::phone(0).owner.account;
        let recording = self.random.random_bool(0.5).then_some(RecordingKind::Standing);
        let originate = Originate { call_id, account, from, to, recording };
        self.switch.command(CallCommand::Originate(originate)).await.ok().map(|()| call_id)
    }

    /// One of the calls that are up.
    fn some_call(&mut self) -> Option<SimulatedCall> {
        while !self.calls.is_empty() {
            let nth = self.random.random_range(0..self.calls.len());
            match self.switch.call(self.calls[nth]) {
                Some(call) => return Some(call),
                None => self.calls.swap_remove(nth),
            };
        }
        None
    }

    /// A party of the call does something.
    fn act(&mut self, call: &SimulatedCall) {
        let side = if self.random.random_bool(0.5) { Side::Origination } else { Side::Termination };
        let other = cast::phone(self.phone());
        match self.random.random_range(0..16) {
            0..4 => call.ring().answer(),
            4 => call.busy(),
            5 => call.no_answer(),
            6 => call.fail_over(other),
            7 => call.hold(side),
            8 => call.resume(side),
            9 => call.press(side, "1*#"),
            10 => call.transfer(side, other),
            11 => call.park(side, None),
            12 => call.pick_up(&other),
            13 => call.sound_ends(side),
            _ => call.end(side),
        };
    }

    /// A client wishes something of a leg of the call.
    async fn order(&mut self, call: &SimulatedCall) {
        let legs = call.legs();
        if legs.is_empty() {
            return;
        }
        let leg_id = legs[self.random.random_range(0..legs.len())];
        let Some(command) = self.verb() else { return };
        let merges = matches!(command, LegCommand::TransferToLeg { .. });
        let order = CallCommand::Leg { call_id: call.id(), leg_id, command };
        match self.switch.command(order).await {
            Ok(()) => {
                self.outcome.obeyed += 1;
                self.outcome.merged += u64::from(merges);
            }
            Err(_) => self.outcome.refused += 1,
        }
    }

    fn verb(&mut self) -> Option<LegCommand> {
        Some(match self.random.random_range(0..14) {
            0 => LegCommand::Hangup,
            1 => LegCommand::Answer,
            2 => LegCommand::Hold,
            3 => LegCommand::Resume,
            4 => LegCommand::Transfer(self.target()),
            5..7 => {
                let (call_id, leg_id) = self.some_leg()?;
                LegCommand::TransferToLeg { call_id, leg_id }
            }
            7 => LegCommand::Park { slot: None },
            8 => LegCommand::Retrieve(self.target()),
            9 => LegCommand::SendDigits(Digits::parse("12#")?),
            10 => LegCommand::Play(Sound::Local("music".into())),
            11 => LegCommand::StopPlaying,
            12 => LegCommand::StartRecording(RecordingKind::OnDemand),
            _ => LegCommand::StopRecording,
        })
    }

    fn some_leg(&mut self) -> Option<(CallId, LegId)> {
        let call = self.some_call()?;
        Some((call.id(), call.legs().pop()?))
    }

    fn target(&mut self) -> Target {
        let id = self.phone();
        if self.random.random_bool(0.5) {
            Target::Device(DeviceId(id))
        } else {
            Target::Extension(id.to_string().as_str().into())
        }
    }

    fn phone(&mut self) -> u32 {
        self.random.random_range(0..cast::PHONES)
    }
}
