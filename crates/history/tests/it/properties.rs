//! Random questions to a store of random calls, answered a second time by looking at every record.

mod activity;
mod balances;
mod brute_force;
mod exports;
mod search;
mod statistics;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, CallRecord, Number, Timestamp,
    command::RecordingKind,
    event::SipStatus,
    party::{CallerIdentity, Owner, Transport},
    quality::{LegQuality, StreamQuality},
    rating::Rate,
    record::{LegFacts, Part, Recording, Times, TransferredTo},
    state::Sides,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use testkit::texts::TEXTS;

use crate::{
    calls::{Script, at, leg_id, owner, seconds},
    support::Filling,
};

/// Few accounts, so that calls share them.
const ACCOUNTS: u32 = 4;

fn accounts() -> impl Strategy<Value = Vec<AccountId>> {
    vec((1..=ACCOUNTS + 1).prop_map(AccountId), 0..4)
}

fn text() -> impl Strategy<Value = String> {
    select(TEXTS).prop_map(str::to_owned)
}

fn micros(most: u64) -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..most).prop_map(Duration::from_micros),
        (0..most / 500_000).prop_map(|halves| Duration::from_millis(halves * 500)),
    ]
}

fn termination() -> impl Strategy<Value = Option<Owner>> {
    option::weighted(0.9, (1..=ACCOUNTS).prop_map(owner))
}

prop_compose! {
    fn times()(
        pdd in micros(3_000_000),
        ring in micros(9_000_000),
        talk in prop_oneof![9 => micros(20_000_000), 1 => micros(3 * 86_400_000_000)],
        hold in micros(5_000_000),
        transfer in Just(Duration::ZERO),
    ) -> Times {
        Times { pdd, ring, talk, hold, transfer }
    }
}

prop_compose! {
    fn identity()(texts in [option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text())]) -> CallerIdentity {
        let [asserted, preferred, privacy, remote_party, remote_party_privacy] =
            texts.map(|text| text.map(Into::into));
        CallerIdentity { asserted, preferred, privacy, remote_party, remote_party_privacy }
    }
}

prop_compose! {
    fn stream()(packets in 1_u32..4, lost in 0_u32..3, half_seconds in 0_u64..3) -> StreamQuality {
        StreamQuality { packets, lost, jitter: Duration::from_millis(half_seconds * 500) }
    }
}

prop_compose! {
    fn quality()(
        [received, sent] in [option::of(stream()), option::of(stream())],
        round_trip in option::of(0_u64..3),
    ) -> LegQuality {
        LegQuality { received, sent, round_trip: round_trip.map(Duration::from_secs) }
    }
}

prop_compose! {
    fn leg()(
        status in option::of((199_u16..202, text())),
        address in option::of(select(vec!["192.0.2.1:5060", "192.0.2.2:9", "[2001:db8::1]:5060", "[::ffff:192.0.2.1]:5060"])),
        transport in option::of(select(vec![Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws])),
        texts in [option::of(text()), option::of(text()), option::of(text()), option::of(text())],
        more in [option::of(text()), option::of(text()), option::of(text())],
        identity in option::of(identity()),
        quality in option::of(quality()),
    ) -> LegFacts {
        let [user_agent, sip_call_id, local_tag, diversion] = texts.map(|text| text.map(Into::into));
        let [from_domain, to_domain, ruri_domain] = more.map(|text| text.map(Into::into));
        let status = status.map(|(code, reason)| SipStatus { code, reason: reason.into() });
        let address = address.map(|text| text.parse::<SocketAddr>().unwrap());
        LegFacts {
            status, address, transport, user_agent, sip_call_id, local_tag, from_domain, to_domain,
            ruri_domain, diversion, identity: identity.map(Arc::new),
            quality: quality.map(Arc::new),
        }
    }
}

/// The same amount may be written in several ways.
fn amount() -> impl Strategy<Value = Decimal> {
    select(vec!["0", "0.1", "0.10", "0.3", "1", "2.0", "10", "0.000000001"])
        .prop_map(|text| text.parse().unwrap())
}

prop_compose! {
    fn any_rate()(
        prefix in text(),
        (initial, next) in (1_u64..4, 0_u64..3),
        [initial_rate, next_rate, fee, attempt_fee, vat] in [amount(), amount(), amount(), amount(), amount()],
    ) -> Rate {
        let (initial_interval, next_interval) = (seconds(initial * 10), seconds(next * 3));
        Rate { prefix, initial_interval, initial_rate, next_interval, next_rate, fee, attempt_fee, vat }
    }
}

prop_compose! {
    /// A record with the given number as its id.
    fn whole(number: u64)(
        (from, termination) in (1..=ACCOUNTS, termination()),
        start in 0_i64..40,
        times in times(),
        is_answered in any::<bool>(),
        hold_count in 0_u32..3,
        texts in [text(), text(), text(), text()],
        options in [option::of(text()), option::of(text()), option::of(text())],
        countries in [option::of(1_u16..3), option::of(1_u16..3)],
        legs in [leg(), leg()],
        has_called_leg in any::<bool>(),
        rates in [option::of(any_rate()), option::of(any_rate())],
    ) -> CallRecord {
        let [caller_received, caller_routed, called_received, called_routed] = texts.map(Number::from);
        let [name, answered_by, target] = options;
        let [caller_leg, called_leg] = legs;
        let [origination_rate, termination_rate] = rates;
        let record = Script::new(number, at(start), from, 1).record();
        CallRecord {
            termination,
            times,
            ended_at: at(start) + times.total(),
            answered_at: is_answered.then(|| at(start) + times.pdd + times.ring),
            hold_count,
            recordings: vec![recording(at(start)); (hold_count as usize + 1) % 3],
            caller_received, caller_routed, called_received, called_routed,
            caller_name: name.map(Into::into),
            answered_by: answered_by.map(Into::into),
            transferred_to: target.map(|number| TransferredTo { number: number.into(), name: None }),
            caller_country: countries[0],
            called_country: countries[1],
            caller_leg,
            called_leg: has_called_leg.then_some(called_leg),
            origination_rate,
            termination_rate,
            ..record
        }
    }
}

/// A call, now and then with parts.
fn record(number: u64) -> impl Strategy<Value = CallRecord> {
    let sides = select(vec![Sides::Both, Sides::Terminated]);
    let part = (whole(number).boxed(), sides).prop_map(|(record, sides)| Part { sides, record }).boxed();
    let parts = prop_oneof![3 => Just(Vec::new()), 1 => vec(part, 1..4)];
    (whole(number).boxed(), parts.boxed(), any::<bool>()).prop_map(|(record, parts, taken)| {
        let is_taken_in_parts = taken && !parts.is_empty();
        CallRecord { parts, is_taken_in_parts, ..record }
    })
}

fn recording(at: Timestamp) -> Recording {
    let kind = RecordingKind::OnDemand;
    Recording { leg: leg_id(1), kind, file: "a.wav".into(), started_at: at, ended_at: at }
}

fn records() -> impl Strategy<Value = Vec<CallRecord>> {
    let numbers = vec(any::<prop::sample::Index>(), 0..60);
    numbers.prop_flat_map(|order| {
        // The ids are in another order than the calls.
        let mut ids: Vec<u64> = (1..=order.len() as u64).collect();
        for (place, index) in order.iter().enumerate() {
            ids.swap(place, index.index(order.len()));
        }
        ids.into_iter().map(record).collect::<Vec<_>>()
    })
}

fn filling() -> impl Strategy<Value = Filling> {
    select(vec![Filling::Hot, Filling::HalfSealed, Filling::Sealed])
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
