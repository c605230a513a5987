//! Calls to put into a store.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallEvent, CallId, CallRecord, CenterId, CustomerId, DeviceId, EventKind, LegId, Timestamp,
    TrunkId,
    event::{
        CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side, SipStatus,
    },
    party::{Endpoint, Owner, SipFacts, Transport},
    rating::Rate,
};
use rust_decimal::Decimal;

/// 2026-01-01 12:00:00 UTC and this many seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_767_268_800 + seconds)
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn owner(account: u32) -> Owner {
    Owner { customer: CustomerId(1), account: AccountId(account), center: Some(CenterId(account + 100)) }
}

/// The id of a call or leg; a greater number is a greater id.
pub fn call_id(number: u64) -> CallId {
    CallId::from_uuid(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

pub fn leg_id(number: u64) -> LegId {
    LegId::from_uuid(*call_id(number).as_uuid())
}

pub fn rate() -> Rate {
    Rate {
        prefix: "1415".into(),
        initial_interval: seconds(30),
        initial_rate: Decimal::new(6, 1),
        next_interval: seconds(6),
        next_rate: Decimal::new(3, 1),
        fee: Decimal::new(1, 2),
        attempt_fee: Decimal::ZERO,
        vat: Decimal::from(20),
    }
}

/// A call from account to account: when it starts, how long until it is answered, and how long they talk.
pub struct Script {
    pub number: u64,
    pub start: Timestamp,
    pub from: u32,
    pub to: u32,
    pub answer: Duration,
    pub talk: Duration,
}

impl Script {
    pub fn new(number: u64, start: Timestamp, from: u32, to: u32) -> Self {
        Self { number, start, from, to, answer: seconds(4), talk: seconds(60) }
    }

    pub fn id(&self) -> CallId {
        call_id(self.number)
    }

    /// Everything that happens to it.
    pub fn events(&self) -> Vec<Arc<CallEvent>> {
        let (a, b) = (leg_id(self.number * 2 + 1_000_000), leg_id(self.number * 2 + 1_000_001));
        let answer = self.answer;
        let end = answer + self.talk;
        let status = SipStatus { code: 200, reason: "OK".into() };
        let hung_up = LegEnd::new(Releaser::Party, EndCause::Normal, Some(status));
        let ended = LegEnd { by: Releaser::Switch, ..hung_up.clone() };
        let told = [
            (seconds(0), EventKind::CallStarted(self.started().into())),
            (seconds(0), EventKind::CallRouted(self.routed().into())),
            (seconds(0), EventKind::LegOffered { leg: a, offer: self.offer(Side::Origination).into() }),
            (seconds(0), EventKind::LegOffered { leg: b, offer: self.offer(Side::Termination).into() }),
            (answer / 4, EventKind::LegRinging { leg: b }),
            (answer, EventKind::LegAnswered { leg: b, user_agent: Some("phone/1.0".into()) }),
            (answer, EventKind::LegAnswered { leg: a, user_agent: None }),
            (answer, EventKind::LegsBridged { a, b }),
            (end, EventKind::LegEnded { leg: a, end: hung_up }),
            (end, EventKind::LegEnded { leg: b, end: ended }),
        ];
        let event = |(after, kind)| Arc::new(CallEvent { call_id: self.id(), at: self.start + after, kind });
        told.map(event).to_vec()
    }

    /// Its record.
    pub fn record(&self) -> CallRecord {
        CallRecord::project(self.id(), &self.events()).unwrap()
    }

    fn started(&self) -> CallStarted {
        CallStarted {
            origination: owner(self.from),
            origin: Origin::Invite,
            caller: "00 415 555 0100".into(),
            caller_name: Some("Ada".into()),
            dialed: "+1 415 555 0199".into(),
        }
    }

    fn routed(&self) -> CallRouted {
        CallRouted {
            termination: Some(owner(self.to)),
            caller: "14155550100".into(),
            called: "14155550199".into(),
            caller_country: Some(840),
            called_country: Some(840),
            origination_rate: Some(rate()),
            termination_rate: None,
            screen_pop: Some("Front desk".into()),
        }
    }

    fn offer(&self, side: Side) -> LegOffer {
        let calling = side == Side::Origination;
        LegOffer {
            side,
            direction: if calling { LegDirection::Incoming } else { LegDirection::Outgoing },
            owner: owner(if calling { self.from } else { self.to }),
            endpoint: if calling {
                Endpoint::Device { id: DeviceId(7), name: "Ada".into() }
            } else {
                Endpoint::Trunk { id: TrunkId(3), name: "carrier-a".into() }
            },
            from: "14155550100".into(),
            to: "14155550199".into(),
            sip: Some(self.facts(calling)),
            route: None,
        }
    }

    fn facts(&self, calling: bool) -> SipFacts {
        SipFacts {
            sip_call_id: format!("{}-{calling}@pbx.example", self.number).into(),
            local_tag: format!("tag{}", self.number).into(),
            address: if calling { "192.0.2.10:5060" } else { "198.51.100.1:5060" }.parse().unwrap(),
            transport: Transport::Udp,
            user_agent: Some("phone/1.0".into()),
            from_domain: "pbx.example".into(),
            to_domain: "pbx.example".into(),
            ruri_domain: "carrier.example".into(),
            diversion: None,
            identity: None,
        }
    }
}
