//! Each machine by a table of what comes when and what goes out, and all of them in any order.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use crate::{Cancelled, Heard, Key, Kind, Output, Response, Timing, Transactions, Way};

const T1: Duration = Duration::from_millis(500);
const KEY: Key = Key(1);
const ACK: Key = Key(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Udp,
    Tcp,
}

impl Way for Over {
    fn is_reliable(&self) -> bool {
        *self == Self::Tcp
    }
}

type Layer = Transactions<Over, u32, u32>;

fn layer() -> Layer {
    Transactions::new(Timing::of(T1))
}

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn ok() -> Response {
    Response::Success(bytes("200"), ACK)
}

/// What goes out until `end`, with when, in milliseconds.
fn until(layer: &mut Layer, end: Duration) -> Vec<(u64, String)> {
    let mut seen = Vec::new();
    let mut now = Duration::ZERO;
    loop {
        while let Some(output) = layer.poll_output() {
            let text = match output {
                Output::Send(_, bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Output::TimedOut(user) => format!("timed out {user}"),
                Output::NeverAcknowledged(user) => format!("never acknowledged {user}"),
            };
            seen.push((u64::try_from(now.as_millis()).unwrap(), text));
        }
        match layer.deadline().filter(|due| *due <= end) {
            Some(due) => {
                now = due;
                layer.handle_timeout(now);
            }
            None => return seen,
        }
    }
}

fn times(seen: &[(u64, String)], what: &str) -> Vec<u64> {
    seen.iter().filter(|(_, text)| text == what).map(|(at, _)| *at).collect()
}

const FOREVER: Duration = Duration::from_secs(3_600);

#[test]
fn an_invite_of_ours_is_repeated_twice_as_late_each_time_and_given_up_after_64_t1() {
    let mut layer = layer();
    layer.begin(KEY, Kind::Invite, Over::Udp, bytes("INVITE"), 7, Duration::ZERO);
    let seen = until(&mut layer, FOREVER);
    assert_eq!(times(&seen, "INVITE"), [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    assert_eq!((times(&seen, "timed out 7"), layer.count()), (vec![32_000], 0));
}

#[test]
fn another_request_is_repeated_no_later_than_every_t2_also_when_somebody_is_there() {
    let mut layer = layer();
    layer.begin(KEY, Kind::Other, Over::Udp, bytes("BYE"), 7, Duration::ZERO);
    let seen = until(&mut layer, at(8_000));
    assert_eq!(times(&seen, "BYE"), [0, 500, 1_500, 3_500, 7_500]);
    assert_eq!(layer.on_response(KEY, (100, 0), at(8_000), |_| bytes("ACK")), Heard::Provisional(&7));
    let seen = until(&mut layer, FOREVER);
    assert_eq!(times(&seen, "BYE"), [11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!((times(&seen, "timed out 7"), layer.count()), (vec![32_000], 0));
}

#[test]
fn what_goes_over_tcp_is_sent_once() {
    for (kind, text) in [(Kind::Invite, "INVITE"), (Kind::Other, "BYE")] {
        let mut layer = layer();
        layer.begin(KEY, kind, Over::Tcp, bytes(text), 7, Duration::ZERO);
        let seen = until(&mut layer, FOREVER);
        assert_eq!((times(&seen, text), times(&seen, "timed out 7")), (vec![0], vec![32_000]));
    }
}

#[test]
fn a_provisional_response_ends_the_repeats_of_an_invite_and_is_told_once() {
    let mut layer = layer();
    layer.begin(KEY, Kind::Invite, Over::Udp, bytes("INVITE"), 7, Duration::ZERO);
    for (mark, heard) in [(1, Heard::Provisional(&7)), (1, Heard::Nothing), (2, Heard::Provisional(&7))] {
        assert_eq!(layer.on_response(KEY, (180, mark), at(100), |_| bytes("ACK")), heard);
    }
    let seen = until(&mut layer, FOREVER);
    assert_eq!(seen.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 180_100]);
    assert_eq!(seen[1].1, "timed out 7");
}

#[test]
fn a_refusal_is_acknowledged_as_often_as_it_comes_and_told_once() {
    let mut layer = layer();
    layer.begin(KEY, Kind::Invite, Over::Udp, bytes("INVITE"), 7, Duration::ZERO);
    assert_eq!(layer.on_response(KEY, (486, 0), at(100), |_| bytes("ACK")), Heard::Final(7));
    for late in [200, 32_000] {
        assert_eq!(layer.on_response(KEY, (486, 0), at(late), |_| bytes("other")), Heard::Nothing);
    }
    assert_eq!(times(&until(&mut layer, FOREVER), "ACK").len(), 3);
    assert_eq!(layer.count(), 0);
    assert_eq!(layer.on_response(KEY, (486, 0), at(40_000), |_| bytes("ACK")), Heard::Nothing);
}

#[test]
fn a_success_ends_an_invite_of_ours_at_once() {
    let mut layer = layer();
    layer.begin(KEY, Kind::Invite, Over::Udp, bytes("INVITE"), 7, Duration::ZERO);
    assert_eq!(layer.on_response(KEY, (200, 0), at(100), |_| bytes("ACK")), Heard::Final(7));
    assert_eq!((layer.count(), layer.deadline()), (0, None));
}

#[test]
fn what_was_sent_over_a_connection_ends_with_it() {
    let mut layer = layer();
    layer.begin(Key(3), Kind::Invite, Over::Udp, bytes("INVITE"), 3, Duration::ZERO);
    layer.begin(Key(4), Kind::Other, Over::Tcp, bytes("BYE"), 4, Duration::ZERO);
    assert_eq!(layer.lose(|way| *way == Over::Tcp), [4]);
    assert_eq!(layer.count(), 1);
}

/// An INVITE of a peer that somebody attends to.
fn invited(over: Over) -> Layer {
    let mut layer = layer();
    assert!(layer.accept(KEY, Kind::Invite, &over, Duration::ZERO));
    layer.attend(KEY, 7);
    layer
}

#[test]
fn a_2xx_is_repeated_over_any_transport_until_its_ack_comes() {
    for over in [Over::Udp, Over::Tcp] {
        let mut layer = invited(over);
        layer.respond(KEY, ok(), Duration::ZERO);
        let seen = until(&mut layer, at(8_000));
        assert_eq!(times(&seen, "200"), [0, 500, 1_500, 3_500, 7_500]);
        assert_eq!(layer.acknowledge(Key(9), ACK, at(8_000)), Some(7));
        assert_eq!(layer.acknowledge(Key(9), ACK, at(8_100)), None, "a second ACK says nothing");
        assert!(until(&mut layer, FOREVER).is_empty());
        assert_eq!(layer.count(), 0);
    }
}

#[test]
fn a_2xx_that_nobody_acknowledges_is_told_after_64_t1() {
    let mut layer = invited(Over::Udp);
    layer.respond(KEY, ok(), Duration::ZERO);
    let seen = until(&mut layer, FOREVER);
    assert_eq!(
        times(&seen, "200"),
        [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    );
    assert_eq!((times(&seen, "never acknowledged 7"), layer.count()), (vec![32_000], 0));
    assert_eq!(layer.acknowledge(Key(9), ACK, FOREVER), None);
}

#[test]
fn an_ack_that_has_the_branch_of_an_answered_invite_and_names_another_answer_says_nothing() {
    let mut layer = invited(Over::Udp);
    layer.respond(KEY, ok(), Duration::ZERO);
    assert_eq!(layer.acknowledge(KEY, Key(9), at(1)), None);
    assert_eq!(times(&until(&mut layer, at(500)), "200"), [0, 500], "it is repeated still");
    assert_eq!(layer.acknowledge(KEY, ACK, at(600)), Some(7));
    until(&mut layer, FOREVER);
    assert!(layer.unacknowledged.is_empty());
}

#[test]
fn a_refusal_of_ours_is_repeated_over_datagrams_alone() {
    for (over, repeats) in [(Over::Udp, vec![0, 500, 1_500]), (Over::Tcp, vec![0])] {
        let mut layer = invited(over);
        layer.respond(KEY, Response::Final(bytes("486")), Duration::ZERO);
        assert_eq!(times(&until(&mut layer, at(2_000)), "486"), repeats);
        assert_eq!(layer.acknowledge(KEY, ACK, at(2_000)), None, "it is nobody's but ours");
        assert!(until(&mut layer, FOREVER).is_empty());
        assert_eq!(layer.count(), 0);
    }
}

#[test]
fn a_repeated_request_gets_the_latest_response_again() {
    let mut layer = invited(Over::Udp);
    let again = |layer: &mut Layer, now| {
        assert!(!layer.accept(KEY, Kind::Invite, &Over::Udp, now));
        until(layer, now).into_iter().map(|(_, text)| text).collect::<Vec<_>>()
    };
    assert!(again(&mut layer, at(1)).is_empty());
    layer.respond(KEY, Response::Provisional(bytes("180")), at(2));
    assert_eq!(again(&mut layer, at(3)), ["180", "180"]);
    layer.respond(KEY, Response::Final(bytes("486")), at(4));
    assert_eq!(again(&mut layer, at(5)), ["486", "486"]);
    assert_eq!(layer.acknowledge(KEY, ACK, at(6)), None);
    assert!(again(&mut layer, at(7)).is_empty(), "what is acknowledged is not repeated");
    until(&mut layer, FOREVER);
    assert!(layer.accept(KEY, Kind::Invite, &Over::Udp, FOREVER), "long after, it is a request of its own");
}

#[test]
fn an_answered_request_other_than_an_invite_answers_its_repeats_for_64_t1() {
    let mut layer = layer();
    assert!(layer.accept(KEY, Kind::Other, &Over::Udp, Duration::ZERO));
    layer.respond(KEY, Response::Final(bytes("200")), at(10));
    assert!(!layer.accept(KEY, Kind::Other, &Over::Udp, at(32_000)));
    assert_eq!(times(&until(&mut layer, at(32_000)), "200").len(), 2);
    layer.handle_timeout(at(32_010));
    assert_eq!(layer.count(), 0);
}

#[test]
fn a_cancel_meets_an_open_invite_an_answered_one_or_none() {
    let mut layer = invited(Over::Udp);
    assert_eq!(layer.cancel(Key(9)), Cancelled::Unknown);
    assert_eq!(layer.cancel(KEY), Cancelled::Open(7));
    layer.respond(KEY, Response::Final(bytes("487")), at(1));
    assert_eq!(layer.cancel(KEY), Cancelled::Answered);
}

#[test]
fn a_second_final_response_is_not_sent() {
    let mut layer = invited(Over::Udp);
    layer.respond(KEY, Response::Final(bytes("486")), at(1));
    layer.respond(KEY, ok(), at(1));
    assert_eq!(until(&mut layer, at(1)).len(), 1);
}

#[derive(Clone, Debug)]
enum Act {
    Accept(u8, bool, bool),
    Respond(u8, u8),
    /// An ACK with the branch of one INVITE that names the answer to another, or the same.
    Acknowledge(u8, u8),
    Cancel(u8),
    Abandon(u8),
    Begin(u8, bool, bool),
    Hear(u8, u16),
    Lose,
    Pass(u16),
}

fn act() -> impl Strategy<Value = Act> {
    let key = 0u8..6;
    prop_oneof![
        (key.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(key, invite, tcp)| Act::Accept(key, invite, tcp)),
        (key.clone(), 0u8..3).prop_map(|(key, kind)| Act::Respond(key, kind)),
        (key.clone(), key.clone()).prop_map(|(invite, answer)| Act::Acknowledge(invite, answer)),
        key.clone().prop_map(Act::Cancel),
        key.clone().prop_map(Act::Abandon),
        (key.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(key, invite, tcp)| Act::Begin(key, invite, tcp)),
        (key, prop_oneof![Just(100u16), Just(180), Just(200), Just(486)])
            .prop_map(|(key, status)| Act::Hear(key, status)),
        Just(Act::Lose),
        (0u16..5_000).prop_map(Act::Pass),
    ]
}

fn kind(is_invite: bool) -> Kind {
    if is_invite { Kind::Invite } else { Kind::Other }
}

fn over(is_tcp: bool) -> Over {
    if is_tcp { Over::Tcp } else { Over::Udp }
}

fn play(layer: &mut Layer, act: &Act, now: &mut Duration) {
    let id = |key: u8| Key(key.into());
    let ack = |key: u8| Key(100 + u128::from(key));
    match *act {
        Act::Accept(key, invite, tcp) => {
            layer.accept(id(key), kind(invite), &over(tcp), *now);
            layer.attend(id(key), key.into());
        }
        Act::Respond(key, 0) => layer.respond(id(key), Response::Provisional(bytes("180")), *now),
        Act::Respond(key, 1) => layer.respond(id(key), Response::Success(bytes("200"), ack(key)), *now),
        Act::Respond(key, _) => layer.respond(id(key), Response::Final(bytes("486")), *now),
        Act::Acknowledge(invite, answer) => drop(layer.acknowledge(id(invite), ack(answer), *now)),
        Act::Cancel(key) => drop(layer.cancel(id(key))),
        Act::Abandon(key) => layer.abandon(id(key)),
        Act::Begin(key, invite, tcp) => {
            layer.begin(id(key), kind(invite), over(tcp), bytes("request"), key.into(), *now);
        }
        Act::Hear(key, status) => drop(layer.on_response(id(key), (status, 0), *now, |_| bytes("ACK"))),
        Act::Lose => drop(layer.lose(|way| *way == Over::Tcp)),
        Act::Pass(ms) => {
            *now += at(ms.into());
            layer.handle_timeout(*now);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_ends_in_nothing(acts in prop::collection::vec(act(), 0..60)) {
        let (mut layer, mut now) = (layer(), Duration::ZERO);
        for act in &acts {
            play(&mut layer, act, &mut now);
        }
        for key in 0..6 {
            layer.abandon(Key(key));
        }
        until(&mut layer, now + FOREVER);
        prop_assert_eq!((layer.count(), layer.deadline()), (0, None));
        prop_assert!(layer.unacknowledged.is_empty());
    }
}
