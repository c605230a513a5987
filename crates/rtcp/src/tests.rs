//! What is counted, what is reported, and that both sides understand each other.

use std::time::Duration;

use proptest::prelude::*;

use crate::{
    Arrival, Heard, LEAST_INTERVAL, Now, Reception, Session, Tally, feedback,
    packets::{Packet, Verdict, packets},
};

const RATE: u32 = 8_000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(100_000 + ms)
}

/// A packet of a stream with 20 ms of sound in each, the first of which is `first`.
fn arrival(first: u16, number: u32) -> Arrival {
    let sequence = first.wrapping_add(u16::try_from(number & 0xffff).unwrap());
    Arrival { ssrc: 7, sequence, timestamp: number.wrapping_mul(160), rate: RATE }
}

fn received(numbers: impl IntoIterator<Item = u32>, first: u16) -> Reception {
    let mut reception = Reception::default();
    for number in numbers {
        reception.receive(arrival(first, number), ms(u64::from(number) * 20));
    }
    reception
}

fn counted(reception: &Reception) -> (u32, u32) {
    let tally = reception.tally().unwrap();
    (tally.expected, tally.lost)
}

#[test]
fn what_is_missing_between_the_first_and_the_highest_number_is_lost() {
    let cases: [(&[u32], (u32, u32)); 6] = [
        (&[0], (1, 0)),
        (&[0, 1, 2, 3], (4, 0)),
        (&[0, 3], (4, 2)),
        (&[0, 2, 1, 3], (4, 0)),
        (&[0, 1, 1, 1], (2, 0)),
        (&[0, 2_999], (3_000, 2_998)),
    ];
    for (numbers, expected) in cases {
        for first in [0, 1, 65_534, 40_000] {
            assert_eq!(counted(&received(numbers.iter().copied(), first)), expected, "{numbers:?}");
        }
    }
    assert_eq!(Reception::default().tally(), None);
}

#[test]
fn numbers_go_on_over_many_cycles() {
    let every_tenth_is_lost = (0..200_000).filter(|number| number % 10 != 5);
    assert_eq!(counted(&received(every_tenth_is_lost, 65_000)), (200_000, 20_000));
}

#[test]
fn a_source_that_begins_anew_is_no_loss() {
    let mut reception = received([0, 1, 3], 100);
    // One number that does not fit may be a stray packet; the next one after it says that it is none.
    for number in [30_000, 30_001, 30_002] {
        reception.receive(arrival(100, number), ms(100));
    }
    assert_eq!(counted(&reception), (4 + 2, 1));
    reception.receive(Arrival { ssrc: 8, ..arrival(5, 0) }, ms(120));
    assert_eq!(counted(&reception), (4 + 2 + 1, 1));
    reception.receive(Arrival { ssrc: 8, ..arrival(5, 40_000) }, ms(140));
    assert_eq!(counted(&reception), (4 + 2 + 1, 1), "a stray packet counts for nothing");
}

#[test]
fn jitter_is_how_unevenly_packets_come() {
    let come = |late: [u64; 4]| {
        let mut reception = Reception::default();
        for (number, late) in (0..).zip(late) {
            reception.receive(arrival(0, number), ms(u64::from(number) * 20 + late));
        }
        reception.tally().unwrap().jitter
    };
    assert_eq!(come([0, 0, 0, 0]), Duration::ZERO);
    assert_eq!(come([70, 70, 70, 70]), Duration::ZERO, "a long way is no jitter");
    assert_eq!(come([0, 6, 0, 6]), Duration::from_millis(6));
    assert_eq!(come([0, 9, 9, 9]), Duration::from_millis(3));
}

#[test]
fn timestamps_that_stand_or_jump_do_not_count_as_jitter() {
    let mut reception = received([0, 1], 0);
    let key = Arrival { rate: 0, timestamp: 320, ..arrival(0, 2) };
    for number in [2, 3, 4] {
        let sequence = arrival(0, number).sequence;
        reception.receive(Arrival { sequence, ..key }, ms(u64::from(number) * 20));
    }
    reception.receive(Arrival { timestamp: 1 << 31, ..arrival(0, 5) }, ms(100));
    reception.receive(Arrival { timestamp: 9, ..arrival(0, 6) }, ms(120));
    assert_eq!(reception.tally(), Some(Tally { expected: 7, lost: 0, jitter: Duration::ZERO }));
}

fn now(at: Duration, timestamp: u32) -> Now {
    Now { at, timestamp, rate: RATE }
}

/// The report of a party, and the one that the switch answers it with.
#[test]
fn both_sides_know_of_each_other_how_well_they_are_heard_and_how_far_away_they_are() {
    let (mut ours, mut theirs) = (Session::default(), Session::default());
    let way = Duration::from_millis(30);
    for number in 0..500 {
        let at = ms(u64::from(number) * 20);
        ours.send(7, 160);
        if number % 50 != 7 {
            theirs.receive(arrival(3, number), at + way);
        }
    }
    let mut at = ms(10_000);
    for _ in 0..3 {
        let report = ours.report(now(at, 80_000), "us", || 1);
        at += way;
        assert_eq!(theirs.read(&report, now(at, 0)), Heard::Report);
        at += Duration::from_secs(2);
        let report = theirs.report(now(at, 0), "them", || 2);
        at += way;
        assert_ne!(ours.read(&report, now(at, 0)), Heard::Nothing);
        at += Duration::from_secs(1);
    }
    let quality = ours.quality();
    assert_eq!(quality.received, None);
    assert_eq!(quality.sent.map(|sent| (sent.expected, sent.lost)), Some((500, 10)));
    let trip = quality.round_trip.unwrap();
    assert!(trip.abs_diff(way * 2) < Duration::from_millis(1), "{trip:?}");
    assert_eq!(theirs.quality().round_trip, None, "who sends nothing has no report to be answered");
}

#[test]
fn a_report_says_what_was_sent_and_what_was_heard() {
    let mut session = Session::default();
    for number in 0..256 {
        session.send(9, 100);
        if number % 4 != 1 {
            session.receive(arrival(65_500, number), ms(u64::from(number) * 20));
        }
    }
    let report = session.report(now(ms(6_000), 4_711), "who@where", || 1);
    let read: Vec<_> = packets(&report).collect();
    let [Packet::Sender { ntp, report }, Packet::Other] = &read[..] else { panic!("{read:?}") };
    assert_eq!(*ntp, 106 << 32);
    assert_eq!((report.ssrc(), report.rtp_timestamp()), (9, 4_711));
    assert_eq!((report.packet_count(), report.octet_count()), (256, 25_600));
    let block = report.report_blocks().next().unwrap();
    assert_eq!((block.ssrc(), block.cumulative_lost(), block.fraction_lost()), (7, 64, 64));
    assert_eq!(block.extended_sequence_number() & 0xffff, (65_500 + 255) & 0xffff);

    let again = session.report(now(ms(7_000), 0), "who@where", || 1);
    let read: Vec<_> = packets(&again).collect();
    let [Packet::Sender { report, .. }, _] = &read[..] else { panic!("{read:?}") };
    let block = report.report_blocks().next().unwrap();
    assert_eq!((block.cumulative_lost(), block.fraction_lost()), (64, 0), "nothing was lost since");
}

#[test]
fn who_sends_nothing_reports_as_a_receiver() {
    let mut session = Session::default();
    session.receive(arrival(0, 0), ms(0));
    let datagram = session.report(now(ms(1), 0), "us", || 0xfeed);
    let read: Vec<_> = packets(&datagram).collect();
    let [Packet::Receiver(report), Packet::Other] = &read[..] else { panic!("{read:?}") };
    assert_eq!((report.ssrc(), report.report_blocks().count()), (0xfeed, 1));
}

#[test]
fn lost_packets_that_came_twice_are_fewer_than_none() {
    let mut session = Session::default();
    for _ in 0..3 {
        session.receive(arrival(0, 0), ms(0));
    }
    let datagram = session.report(now(ms(1), 0), "us", || 1);
    let verdicts: Vec<Verdict> = packets(&datagram).flat_map(|packet| packet.verdicts()).collect();
    assert_eq!(verdicts.iter().map(|verdict| verdict.lost).collect::<Vec<_>>(), [-2]);
}

#[test]
fn reports_are_no_answer_to_what_came_sooner_than_they_may() {
    let mut session = Session::default();
    let theirs = Session::default().report(now(ms(0), 0), "them", || 2);
    assert_eq!(session.read(&theirs, now(ms(0), 0)), Heard::Report);
    session.report(now(ms(0), 0), "us", || 1);
    assert_eq!(session.read(&theirs, now(ms(999), 0)), Heard::Soon);
    assert_eq!(session.read(&theirs, now(ms(0) + LEAST_INTERVAL, 0)), Heard::Report);
    assert_eq!(session.read(b"\x81\xcd\0\x02none of ", now(ms(9_000), 0)), Heard::Nothing);
}

#[test]
fn a_verdict_on_another_stream_or_on_a_report_that_was_never_sent_tells_nothing() {
    let mut session = Session::default();
    session.send(9, 160);
    session.report(now(ms(0), 0), "us", || 1);
    let mut other = Session::default();
    other.receive(Arrival { ssrc: 10, ..arrival(0, 0) }, ms(0));
    session.read(&other.report(now(ms(0), 0), "them", || 2), now(ms(10), 0));
    assert_eq!(session.quality().sent, None);

    let mut liar = Session::default();
    liar.receive(Arrival { ssrc: 9, ..arrival(0, 0) }, ms(0));
    session.read(&liar.report(now(ms(0), 0), "them", || 2), now(ms(10), 0));
    assert!(session.quality().sent.is_some());
    assert_eq!(session.quality().round_trip, None);
}

#[test]
fn what_only_the_other_party_understands_is_kept() {
    let wanted = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    let mut datagram = Session::default().report(now(ms(0), 0), "them", || 2);
    assert_eq!(feedback(&datagram), []);
    datagram.extend(wanted);
    assert_eq!(feedback(&datagram), wanted);
    datagram.truncate(datagram.len() - 1);
    assert_eq!(feedback(&datagram), [], "a part of a packet is none");
}

proptest! {
    /// However packets are lost and however their order changes, each that has not come is lost, and no other.
    #[test]
    fn losses_are_counted(
        first: u16,
        lost in prop::collection::vec(any::<bool>(), 1..400),
        swaps in prop::collection::vec((0..400_usize, 1..50_usize), 0..20),
    ) {
        let count = lost.len();
        let mut order: Vec<u32> = (0..u32::try_from(count).unwrap()).collect();
        for (at, distance) in swaps {
            if at > 0 && at + distance < count {
                order.swap(at, at + distance);
            }
        }
        // The first and the last one say how many there were.
        let is_lost = |number: u32| {
            let number = usize::try_from(number).unwrap();
            lost[number] && number > 0 && number + 1 < count
        };
        let come: Vec<u32> = order.into_iter().filter(|number| !is_lost(*number)).collect();
        let mut highest = 0;
        prop_assume!(come.iter().all(|number| {
            highest = highest.max(*number);
            highest - number < 100
        }));
        let (all, missing) = (u32::try_from(count).unwrap(), u32::try_from(count - come.len()).unwrap());
        prop_assert_eq!(counted(&received(come, first)), (all, missing));
    }

    /// Whatever a party sends is read, and what is lost is never more than what was sent.
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), version in 0..4_usize) {
        let mut session = Session::default();
        session.send(7, 160);
        let mut bytes = bytes;
        if let Some(head) = bytes.get_mut(..4).filter(|_| version > 0) {
            head[0] |= 0x80;
            head[1] = [200, 201, 202][version - 1];
            head[2] = 0;
        }
        session.read(&bytes, now(ms(0), 0));
        let kept = feedback(&bytes);
        prop_assert!(kept.len() <= bytes.len());
        if let Some(sent) = session.quality().sent {
            prop_assert!(sent.lost <= sent.expected);
        }
    }
}
