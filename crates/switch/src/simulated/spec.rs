//! Who takes part in a simulated call, and what is known of it.

use std::{sync::Arc, time::Duration};

use call::{
    DeviceId, Number, TrunkId,
    event::{CallRouted, CallStarted, Origin},
    party::{Endpoint, Owner, SipFacts},
};

/// A party: a phone or a trunk, and the number behind it.
#[derive(Clone)]
pub struct Party {
    /// The account that it belongs to.
    pub owner: Owner,
    /// The phone or trunk.
    pub endpoint: Endpoint,
    /// The number that it shows and is called by.
    pub number: Number,
    /// What its leg shows of SIP, if it shall show any.
    pub sip: Option<SipFacts>,
}

impl Party {
    /// A phone of `owner`.
    pub fn phone(owner: Owner, id: u32, name: &str, number: &str) -> Self {
        let endpoint = Endpoint::Device { id: DeviceId(id), name: name.into() };
        Self { owner, endpoint, number: number.into(), sip: None }
    }

    /// Someone in the network, behind a trunk of `owner`.
    pub fn behind_trunk(owner: Owner, id: u32, name: &str, number: &str) -> Self {
        let endpoint = Endpoint::Trunk { id: TrunkId(id), name: name.into() };
        Self { owner, endpoint, number: number.into(), sip: None }
    }

    /// The same party, with a leg that shows these facts of SIP.
    #[must_use]
    pub fn with_sip(self, sip: SipFacts) -> Self {
        Self { sip: Some(sip), ..self }
    }
}

/// A call as it comes in. Made with [`CallSpec::new`], then changed where a test wants something special.
#[derive(Clone)]
pub struct CallSpec {
    /// Who calls.
    pub caller: Party,
    /// Who is called: all ring, the first to answer has the call.
    pub called: Vec<Party>,
    /// What is told when the call starts.
    pub started: CallStarted,
    /// What is told when it is routed.
    pub routed: CallRouted,
    /// How long ago it started; its later steps lie as long in the past until [`after`] moves them on.
    ///
    /// [`after`]: super::SimulatedCall::after
    pub age: Duration,
}

impl CallSpec {
    /// A call from one party to another.
    pub fn new(caller: Party, called: Party) -> Self {
        let dialed = called.number.clone();
        let mut spec = Self::without_route(caller, dialed);
        spec.routed.termination = Some(called.owner);
        spec.called.push(called);
        spec
    }

    /// A call to a number that nobody has.
    pub fn without_route(caller: Party, dialed: Number) -> Self {
        let number = caller.number.clone();
        let started = CallStarted {
            origination: caller.owner,
            origin: Origin::Invite,
            caller: number.clone(),
            caller_name: None,
            dialed: dialed.clone(),
        };
        Self {
            caller,
            called: Vec::new(),
            started,
            routed: CallRouted::new(None, number, dialed),
            age: Duration::ZERO,
        }
    }

    /// The same call, with this name shown for the caller.
    #[must_use]
    pub fn caller_name(mut self, name: &str) -> Self {
        self.started.caller_name = Some(Arc::from(name));
        self
    }

    /// The same call, with one more party that rings.
    #[must_use]
    pub fn also_rings(mut self, party: Party) -> Self {
        self.called.push(party);
        self
    }

    /// The same call, begun `age` ago.
    #[must_use]
    pub fn started_ago(self, age: Duration) -> Self {
        Self { age, ..self }
    }
}
