//! The simulated switch does what every switch must do.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use async_trait::async_trait;
use call::{
    AccountId, CustomerId, DeviceId,
    command::{Sound, Target},
    event::{EndCause, Side},
    party::{Endpoint, Owner},
};
use switch::{
    EventSource, SharedSwitch, SimulatedSwitch,
    conformance::{Manner, Originated, Play, Stage},
    conformance_suite, event_channel,
    simulated::{CallSpec, Party, SimulatedCall},
};

conformance_suite!(
    simulated_stage,
    verbs: [
        holding_and_resuming,
        a_phone_that_holds,
        answering_a_ringing_phone,
        transferring_a_call,
        transferring_to_a_busy_phone,
        transferring_to_nobody,
        wishes_during_a_transfer,
        losing_the_transferred_party,
        transferring_to_a_leg_of_another_call,
        legs_that_cannot_be_joined,
        parking_and_retrieving,
        slots_that_are_taken,
        sending_digits,
        a_phone_that_presses_a_key,
        playing_a_sound,
        recording_a_leg,
        placing_a_recorded_call,
        ending_after_call_work,
        verbs_for_legs_that_ring,
        verbs_for_legs_that_have_ended,
        many_wishes_at_once,
    ],
    lacking: []
);

/// The devices that behave in each manner, when a command has them called.
const MANNERS: [(Manner, RangeInclusive<u32>); 3] =
    [(Manner::Answers, 1..=99), (Manner::Busy, 100..=199), (Manner::Rings, 200..=299)];

const HOLD: Duration = Duration::from_secs(3);

struct SimulatedStage {
    switch: SimulatedSwitch,
    events: Option<EventSource>,
    /// How many phones are in use.
    phones: u32,
}

async fn simulated_stage() -> SimulatedStage {
    let (sink, events) = event_channel(10_000);
    let switch = SimulatedSwitch::builder(sink).resolver(parties).manners(manner).build();
    SimulatedStage { switch, events: Some(events), phones: 2 }
}

#[async_trait]
impl Stage for SimulatedStage {
    fn switch(&self) -> SharedSwitch {
        Arc::new(self.switch.clone())
    }

    fn events(&mut self) -> EventSource {
        self.events.take().expect("asked once")
    }

    async fn play(&mut self, play: Play) {
        self.phones += 2;
        let spec = spec(play, phone(self.phones - 1), phone(self.phones));
        let call = self.switch.place(spec).expect("it takes calls");
        act(play, &call);
        if play == Play::EndsWork {
            let ended = self.switch.end_work(phone(self.phones), call.id(), Duration::ZERO);
            ended.expect("it takes calls");
        }
    }

    async fn ready_to_originate(&mut self) -> Originated {
        let [from, to] = [DeviceId(1), DeviceId(2)].map(Target::Device);
        Originated { account: AccountId(10), from, to }
    }

    async fn phone(&mut self, manner: Manner) -> Target {
        self.phones += 1;
        let (_, devices) =
            MANNERS.into_iter().find(|(known, _)| *known == manner).expect("it is one of them");
        Target::Device(DeviceId(devices.start() + self.phones))
    }

    fn sound(&self) -> Sound {
        Sound::Local("music".into())
    }
}

fn parties(_: AccountId, target: &Target) -> Vec<Party> {
    let Target::Device(id) = target else { return Vec::new() };
    let is_there = MANNERS.iter().any(|(_, devices)| devices.contains(&id.0));
    is_there.then(|| phone(id.0)).into_iter().collect()
}

fn manner(endpoint: &Endpoint) -> Manner {
    let is_of = |devices: &RangeInclusive<u32>| endpoint.device().is_some_and(|id| devices.contains(&id.0));
    MANNERS.into_iter().find(|(_, devices)| is_of(devices)).map_or(Manner::Waits, |(manner, _)| manner)
}

fn spec(play: Play, caller: Party, called: Party) -> CallSpec {
    match play {
        Play::NoRoute => CallSpec::without_route(caller, "4711".into()),
        Play::Unregistered => {
            let mut spec = CallSpec::without_route(caller, "1003".into());
            spec.routed.termination = Some(owner());
            spec
        }
        _ => CallSpec::new(caller, called),
    }
}

fn act(play: Play, call: &SimulatedCall) {
    match play {
        Play::CallerHangsUp | Play::EndsWork => call.ring().answer().end(Side::Origination),
        Play::CalleeHangsUp => call.ring().answer().end(Side::Termination),
        Play::Busy => call.busy(),
        Play::Rejected => call.ring().refuse(EndCause::Rejected),
        Play::NoAnswer => call.ring().no_answer(),
        Play::Cancelled => call.ring().end(Side::Origination),
        Play::NoRoute | Play::Unregistered => call,
        Play::Rings | Play::AnswersWhenTold => call.ring(),
        Play::Talks => call.ring().answer(),
        Play::HoldsAndResumes => {
            call.ring().answer().hold(Side::Termination).after(HOLD);
            call.resume(Side::Termination).end(Side::Termination)
        }
        Play::PressesKey => call.ring().answer().press(Side::Origination, "5"),
    };
}

fn owner() -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(10), center: None }
}

fn phone(id: u32) -> Party {
    Party::phone(owner(), id, "somebody", &format!("1{id:03}"))
}
