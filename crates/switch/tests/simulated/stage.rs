//! A simulated switch with a clock that is moved by hand, and who takes part in its calls.

use std::sync::Arc;

use call::{
    AccountId, Applied, CallEvent, CallRecord, CustomerId, Registry, Timestamp, command::Target, party::Owner,
};
use switch::{EventSource, ManualClock, SimulatedSwitch, event_channel, simulated::Party};

pub struct Stage {
    pub switch: SimulatedSwitch,
    pub clock: Arc<ManualClock>,
    pub events: EventSource,
    pub registry: Registry,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(change: impl FnOnce(switch::simulated::Builder) -> switch::simulated::Builder) -> Self {
        let (sink, events) = event_channel(1_000_000);
        let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(1_700_000_000)));
        let builder = SimulatedSwitch::builder(sink).clock(clock.clone()).resolver(resolve).seed(1);
        Self { switch: change(builder).build(), clock, events, registry: Registry::default() }
    }

    /// Everything that has been reported since this was last asked; each event must be news to the
    /// registry.
    pub async fn told(&mut self) -> (Vec<Arc<CallEvent>>, Vec<CallRecord>) {
        let mut events = Vec::new();
        tokio::select! {
            biased;
            _ = tokio::task::unconstrained(self.events.receive(&mut events, usize::MAX)) => (),
            () = std::future::ready(()) => (),
        }
        let records = events.iter().filter_map(|event| match self.registry.apply(event) {
            Applied::Changed => None,
            Applied::Ended(record) => Some(*record),
            odd => panic!("{odd:?}: {event:?}"),
        });
        let records = records.collect();
        (events, records)
    }

    pub async fn only_record(&mut self) -> CallRecord {
        let (_, mut records) = self.told().await;
        assert_eq!(records.len(), 1);
        records.remove(0)
    }
}

pub fn owner(account: u32) -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(account), center: None }
}

pub fn anna() -> Party {
    Party::phone(owner(10), 1, "Anna", "1001")
}

pub fn ben() -> Party {
    Party::phone(owner(10), 2, "Ben", "1002")
}

pub fn carla() -> Party {
    Party::phone(owner(10), 3, "Carla", "1003")
}

pub fn other_account() -> Party {
    Party::phone(owner(11), 4, "Dora", "1004")
}

pub fn outside() -> Party {
    Party::behind_trunk(owner(20), 7, "carrier", "+14155550199")
}

pub fn resolve(account: AccountId, target: &Target) -> Vec<Party> {
    let known = [anna(), ben(), carla(), outside()];
    let is_meant = |party: &Party| match target {
        Target::Device(id) => party.endpoint.device() == Some(*id),
        Target::Extension(number) => party.owner.account == account && party.number == *number,
        Target::Number(number) | Target::FeatureCode(number) => party.number == *number,
    };
    known.into_iter().filter(is_meant).collect()
}
