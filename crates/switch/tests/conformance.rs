//! The simulated switch does what every switch must do.

use std::sync::Arc;

use async_trait::async_trait;
use call::{
    AccountId, CustomerId, DeviceId,
    command::Target,
    event::{EndCause, Side},
    party::Owner,
};
use switch::{
    EventSource, SharedSwitch, SimulatedSwitch,
    conformance::{Originated, Play, Stage},
    conformance_suite, event_channel,
    simulated::{CallSpec, Party, SimulatedCall},
};

conformance_suite!(simulated_stage);

struct SimulatedStage {
    switch: SimulatedSwitch,
    events: Option<EventSource>,
}

async fn simulated_stage() -> SimulatedStage {
    let (sink, events) = event_channel(10_000);
    let parties = |_, target: &Target| {
        [caller(), called()].into_iter().filter(|party| is_meant(party, target)).collect()
    };
    let switch = SimulatedSwitch::builder(sink).resolver(parties).auto_answer().build();
    SimulatedStage { switch, events: Some(events) }
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
        act(play, &self.switch.place(spec(play)).expect("it takes calls"));
    }

    async fn ready_to_originate(&mut self) -> Originated {
        let [from, to] = [DeviceId(1), DeviceId(2)].map(Target::Device);
        Originated { account: AccountId(10), from, to }
    }
}

fn spec(play: Play) -> CallSpec {
    match play {
        Play::NoRoute => CallSpec::without_route(caller(), "4711".into()),
        Play::Unregistered => {
            let mut spec = CallSpec::without_route(caller(), "1003".into());
            spec.routed.termination = Some(owner());
            spec
        }
        _ => CallSpec::new(caller(), called()),
    }
}

fn act(play: Play, call: &SimulatedCall) {
    match play {
        Play::CallerHangsUp => call.ring().answer().end(Side::Origination),
        Play::CalleeHangsUp => call.ring().answer().end(Side::Termination),
        Play::Busy => call.busy(),
        Play::Rejected => call.ring().refuse(EndCause::Rejected),
        Play::NoAnswer => call.ring().no_answer(),
        Play::Cancelled => call.ring().end(Side::Origination),
        Play::NoRoute | Play::Unregistered => call,
        Play::Rings => call.ring(),
        Play::Talks => call.ring().answer(),
    };
}

fn is_meant(party: &Party, target: &Target) -> bool {
    matches!(target, Target::Device(id) if party.endpoint.device() == Some(*id))
}

fn owner() -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(10), center: None }
}

fn caller() -> Party {
    Party::phone(owner(), 1, "Anna", "1001")
}

fn called() -> Party {
    Party::phone(owner(), 2, "Ben", "1002")
}
