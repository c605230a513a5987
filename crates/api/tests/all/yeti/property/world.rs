//! A server with random calls.

use std::{collections::HashMap, sync::Arc, time::Duration};

use call::{
    AccountId, CallId, CallRecord,
    event::{EndCause, Side},
    record::Times,
};
use history::Batch;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use switch::simulated::{Party, SimulatedCall};

use super::calls::{PARTIES, Told, instant};
use crate::harness::{Server, Talk};

/// A server, and what it should know.
pub struct World {
    pub server: Server,
    pub calls: Vec<Told>,
    /// A minute before all calls.
    pub first_minute: i64,
}

const HOUR: i64 = 60;
/// Accounts of the customer.
const ACCOUNTS: [AccountId; 3] = [AccountId(1001), AccountId(1002), AccountId(1009)];
/// Records in one commit.
const PORTION: usize = 1_000;

impl World {
    /// A few hundred calls on both sides of midnight and shortly before the present, all of them told by the
    /// switch.
    pub async fn played() -> Self {
        let mut rng = StdRng::seed_from_u64(20_260_102);
        let beginnings = [(-13 * HOUR, -11 * HOUR), (-30, 0)];
        let mut random = || {
            let beginning = beginnings[usize::from(rng.random_ratio(1, 3))];
            Told::random(&mut rng, beginning)
        };
        let calls: Vec<_> = (0..300).map(|_| random()).collect();
        let server = Server::start().await;
        play(&server, &calls).await;
        Self { server, calls, first_minute: -14 * HOUR }
    }

    /// A hundred thousand calls within two days, the finished ones put into the store; the rest goes on.
    pub async fn stored() -> Self {
        let mut rng = StdRng::seed_from_u64(20_260_103);
        let calls: Vec<_> = (0..100_000).map(|_| Told::random(&mut rng, (-48 * HOUR, 0))).collect();
        let server = Server::start().await;
        let (finished, live): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call.ended.is_some());
        let templates = templates(&server).await;
        for portion in finished.chunks(PORTION) {
            let records = portion.iter().map(|call| Arc::new(record(&templates, call, &mut rng)));
            let batch = Batch { records: records.collect(), ..Batch::default() };
            server.app.history.append(batch).await.unwrap();
        }
        play(&server, &live).await;
        Self { server, calls, first_minute: -49 * HOUR }
    }

    /// How many of the calls that `is_counted` keeps are active at each whole minute up to the present.
    pub fn counts(&self, is_counted: impl Fn(&Told, i64) -> bool) -> Vec<u32> {
        let mut counts = vec![0; usize::try_from(1 - self.first_minute).unwrap()];
        for call in &self.calls {
            for minute in call.minutes().filter(|minute| is_counted(call, minute * super::calls::MINUTE)) {
                counts[usize::try_from(minute - self.first_minute).unwrap()] += 1;
            }
        }
        counts
    }
}

fn party(server: &Server, place: usize) -> Party {
    match PARTIES[place] {
        (_, _, Some(sip_user)) => server.phone(sip_user),
        (_, number, None) => server.outside("acme-trunk", number),
    }
}

/// Has the switch tell the calls, no faster than they are taken down, and waits until all is known.
async fn play(server: &Server, told: &[Told]) {
    for some in told.chunks(5_000) {
        play_some(server, some).await;
    }
}

async fn play_some(server: &Server, told: &[Told]) {
    server.takes_calls().await;
    let calls: Vec<_> = told.iter().map(|told| (told, play_one(server, told))).collect();
    let is_known = |registry: &call::Registry, told: &Told, call: &SimulatedCall| match told.ended {
        Some(_) => registry.has_ended(call.id()),
        None => registry.get(call.id()).is_some_and(|found| {
            told.answered.is_none() || found.legs().iter().all(|leg| leg.answered_at.is_some())
        }),
    };
    server.until(|registry| calls.iter().all(|(told, call)| is_known(registry, told, call))).await;
}

fn play_one(server: &Server, told: &Told) -> SimulatedCall {
    let Told { began, answered, ended, .. } = *told;
    let spec = server.call(party(server, told.from), party(server, told.to), instant(began));
    let call = server.switch.place(spec).unwrap();
    if let Some(answered) = answered {
        call.after(micros(answered - began)).ring().answer();
    }
    if let Some(ended) = ended {
        call.after(micros(ended - answered.unwrap_or(began)));
        if ended % 2 == 0 {
            call.end(Side::Origination)
        } else {
            call.cut(EndCause::Limit)
        };
    }
    call
}

fn micros(length: i64) -> Duration {
    Duration::from_micros(length.unsigned_abs())
}

/// A record of each pair of parties, long before all calls.
async fn templates(server: &Server) -> HashMap<(usize, usize), Arc<CallRecord>> {
    let talk = Talk {
        began_at: instant(-1_000 * HOUR * super::calls::MINUTE),
        answered_after: Duration::from_secs(1),
        talked: Duration::ZERO,
    };
    let mut templates = HashMap::new();
    for pair in (0..PARTIES.len()).flat_map(|from| (0..PARTIES.len()).map(move |to| (from, to))) {
        let call = server.talked_call(party(server, pair.0), party(server, pair.1), talk).await;
        let record = server.app.history.record(ACCOUNTS.into(), call.id()).await.unwrap();
        templates.insert(pair, record.unwrap());
    }
    templates
}

/// The record of a finished call, but for its legs.
fn record(templates: &HashMap<(usize, usize), Arc<CallRecord>>, told: &Told, rng: &mut StdRng) -> CallRecord {
    let Told { began, answered, ended, .. } = *told;
    let ended = ended.unwrap();
    let wait = micros(answered.unwrap_or(ended) - began);
    let talk = answered.map(|answered| micros(ended - answered)).unwrap_or_default();
    CallRecord {
        call_id: CallId::new(instant(began), rng.random()),
        started_at: instant(began),
        ringing_at: None,
        answered_at: answered.map(instant),
        ended_at: instant(ended),
        times: Times { pdd: wait, talk, ..Times::default() },
        legs: Vec::new(),
        ..(*templates[&(told.from, told.to)]).clone()
    }
}
