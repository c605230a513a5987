//! Messages in pieces.

use proptest::prelude::*;

use crate::fragments::{Assembly, Message, fragments};

/// A piece of a message as it comes.
fn piece(message: &Message, from: usize, to: usize) -> Vec<u8> {
    let three = |number: usize| number.to_be_bytes()[5..].to_vec();
    let number = message.number.to_be_bytes();
    let lengths = [three(from), three(to - from)].concat();
    [&[message.kind], &three(message.body.len())[..], &number, &lengths, &message.body[from..to]].concat()
}

fn add(assembly: &mut Assembly, payload: &[u8]) {
    fragments(payload).for_each(|fragment| assembly.add(&fragment));
}

fn message(number: u16, length: usize) -> Message {
    let body = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
    Message { kind: 11, number, body }
}

#[test]
fn messages_are_taken_in_their_order_and_once() {
    let mut assembly = Assembly::default();
    let messages = [message(0, 3), message(1, 0), message(2, 500)];
    for message in messages.iter().rev() {
        assert_eq!(assembly.take(), None);
        add(&mut assembly, &message.bytes());
    }
    for message in &messages {
        assert_eq!(assembly.take().as_ref(), Some(message));
        assert!(assembly.is_old(message.number));
        add(&mut assembly, &message.bytes());
    }
    assert_eq!(assembly.take(), None);
}

#[test]
fn what_strangers_send_fills_no_memory() {
    let mut assembly = Assembly::default();
    let long = message(0, 16_000);
    for count in 0..10_000_usize {
        let number = u16::try_from(count % 50).unwrap();
        let from = 1 + count % 14_000;
        let stray = Message { number, ..long.clone() };
        add(&mut assembly, &piece(&stray, from, from + count % 1_400));
        assert!(assembly.held() <= 8 * 1_024, "{} bytes after {count}", assembly.held());
    }
    // What is next is still taken.
    for from in (0..16_000).step_by(1_000) {
        add(&mut assembly, &piece(&long, from, from + 1_000));
    }
    assert_eq!(assembly.take(), Some(long));
}

proptest! {
    #[test]
    fn pieces_may_come_in_any_order_and_overlap(
        pieces in proptest::collection::vec((0_usize..900, 0_usize..300), 0..7),
        step in 100_usize..300,
        is_backwards in any::<bool>(),
    ) {
        let (mut assembly, whole) = (Assembly::default(), message(0, 900));
        for (from, length) in pieces {
            add(&mut assembly, &piece(&whole, from, (from + length).min(900)));
        }
        let mut starts: Vec<_> = (0..900).step_by(step).collect();
        if is_backwards {
            starts.reverse();
        }
        for from in starts.iter().chain(&starts) {
            add(&mut assembly, &piece(&whole, *from, (from + step).min(900)));
        }
        prop_assert_eq!(assembly.take(), Some(whole));
    }
}
