//! A foreign call told again as events, so that its record is made as any other.

use std::sync::Arc;

use call::{
    CallEvent, CallId, CallRecord, EventKind, LegId, Number,
    event::{CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, Origin, Releaser, Side},
    party::{Endpoint, Owner, SipFacts, Transport},
};
use directory::country::country_of;

use crate::{
    field::Mistake,
    foreign::{EndedBy, ForeignCall, ForeignParty},
    identity,
    parties::{Parties, Party},
};

impl ForeignCall {
    /// The id of its record: the same each time.
    pub fn call_id(&self) -> CallId {
        identity::call_id(self.started_at, &self.identity)
    }

    /// Its record. An error if it is nobody's, or cannot have been so.
    pub fn record(&self, parties: &Parties) -> Result<CallRecord, Mistake> {
        self.check_order()?;
        let (caller, called) = parties.of(self)?;
        let told = Telling { call: self, id: self.call_id(), caller, called };
        let events = told.events();
        let record = CallRecord::project(told.id, &events);
        record.ok_or_else(|| Mistake::new("call", &self.identity, "a call that has begun"))
    }

    fn check_order(&self) -> Result<(), Mistake> {
        let times = [Some(self.started_at), self.ringing_at, self.answered_at, Some(self.ended_at)];
        let times: Vec<_> = times.into_iter().flatten().collect();
        if times.is_sorted() {
            return Ok(());
        }
        let found: Vec<_> = times.iter().map(|at| shown(*at)).collect();
        Err(Mistake::new("times", &found.join(", "), "start, ringing, answer and end in this order"))
    }
}

fn shown(at: call::Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// A call with its parties known.
struct Telling<'a> {
    call: &'a ForeignCall,
    id: CallId,
    caller: Party,
    called: Option<Party>,
}

impl Telling<'_> {
    fn events(&self) -> Vec<Arc<CallEvent>> {
        let call = self.call;
        let [a, b] = ["caller", "called"].map(|leg| identity::leg_id(call.started_at, &call.identity, leg));
        let mut told = vec![
            (call.started_at, EventKind::CallStarted(self.started().into())),
            (call.started_at, EventKind::CallRouted(self.routed().into())),
            (call.started_at, self.offered(a, Side::Origination, &self.caller)),
        ];
        if let Some(called) = &self.called {
            told.push((call.started_at, self.offered(b, Side::Termination, called)));
            told.extend(call.ringing_at.map(|at| (at, EventKind::LegRinging { leg: b })));
            if let Some(at) = call.answered_at {
                told.push((
                    at,
                    EventKind::LegAnswered { leg: b, user_agent: call.called.user_agent.clone() },
                ));
                told.push((at, EventKind::LegAnswered { leg: a, user_agent: None }));
                told.push((at, EventKind::LegsBridged { a, b }));
            }
        }
        told.extend(self.ends(a, b).map(|(leg, end)| (call.ended_at, EventKind::LegEnded { leg, end })));
        told.into_iter().map(|(at, kind)| Arc::new(CallEvent { call_id: self.id, at, kind })).collect()
    }

    fn started(&self) -> CallStarted {
        CallStarted {
            origination: self.caller.owner,
            origin: Origin::Invite,
            caller: (*self.call.caller.number).into(),
            caller_name: self.call.caller_name.clone(),
            dialed: (*self.call.called.number).into(),
        }
    }

    fn routed(&self) -> CallRouted {
        let [caller, called] = [&self.call.caller, &self.call.called].map(number_of);
        let rate = |party: &ForeignParty, is_known: bool| party.rate.clone().filter(|_| is_known);
        CallRouted {
            termination: self.called.as_ref().map(|called| called.owner),
            caller_country: country_of(&caller),
            called_country: country_of(&called),
            caller,
            called,
            origination_rate: rate(&self.call.caller, true),
            termination_rate: rate(&self.call.called, self.called.is_some()),
            screen_pop: None,
        }
    }

    fn offered(&self, leg: LegId, side: Side, party: &Party) -> EventKind {
        let Party { owner, endpoint } = party;
        let offer = self.offer(side, *owner, endpoint.clone());
        EventKind::LegOffered { leg, offer: offer.into() }
    }

    fn offer(&self, side: Side, owner: Owner, endpoint: Endpoint) -> LegOffer {
        let (direction, party) = match side {
            Side::Origination => (LegDirection::Incoming, &self.call.caller),
            Side::Termination => (LegDirection::Outgoing, &self.call.called),
        };
        let [from, to] = [&self.call.caller, &self.call.called].map(number_of);
        LegOffer { side, direction, owner, endpoint, from, to, sip: facts(party), route: None }
    }

    /// Who ended it ended its own leg; the switch ended the other.
    fn ends(&self, a: LegId, b: LegId) -> impl Iterator<Item = (LegId, LegEnd)> {
        let ForeignCall { cause, status, ended_by, answered_at, .. } = self.call;
        let cause = match cause {
            EndCause::Normal if answered_at.is_none() => EndCause::Cancelled,
            cause => *cause,
        };
        let end = |by| LegEnd::new(by, cause, status.clone());
        let (caller, called) = match ended_by {
            EndedBy::Caller => (Releaser::Party, Releaser::Switch),
            EndedBy::Called => (Releaser::Switch, Releaser::Party),
            EndedBy::Switch => (Releaser::Switch, Releaser::Switch),
        };
        let ends = [(a, end(caller)), (b, end(called))];
        let mut ends =
            if *ended_by == EndedBy::Called { [ends[1].clone(), ends[0].clone()] } else { ends }.to_vec();
        if self.called.is_none() {
            ends.retain(|(leg, _)| *leg == a);
        }
        ends.into_iter()
    }
}

fn number_of(party: &ForeignParty) -> Number {
    party.routed.clone().unwrap_or_else(|| Number::from(&*party.number)).without_separators()
}

/// What SIP said, where a file tells so much.
fn facts(party: &ForeignParty) -> Option<SipFacts> {
    let address = party.address?;
    Some(SipFacts {
        sip_call_id: party.sip_call_id.clone()?,
        local_tag: "".into(),
        address,
        transport: Transport::Udp,
        user_agent: party.user_agent.clone(),
        from_domain: "".into(),
        to_domain: "".into(),
        ruri_domain: "".into(),
        diversion: None,
        identity: None,
    })
}
