//! What the guard does to guessers, and what it must not do to others.

use std::{net::IpAddr, time::Duration};

use guard::{Guard, Offence, Policy, Source, Verdict};
use proptest::prelude::*;

const ANNA: u64 = 1;
const BERT: u64 = 2;

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Guesses at one user until it is kept out; how many tries were checked.
fn guess(guard: &mut Guard, from: IpAddr, user: u64, now: &mut Duration) -> u32 {
    let mut checked = 0;
    for _ in 0..1_000 {
        match guard.check(from, Some(user), *now) {
            Verdict::Pass => {
                checked += 1;
                guard.failed(from, Some(user), Offence::WrongSecret, *now);
            }
            Verdict::Wait(left) => *now += left,
            Verdict::Blocked(_) => return checked,
        }
    }
    checked
}

#[test]
fn guesses_at_one_user_are_kept_out_for_longer_each_time() {
    let (mut guard, mut now) = (Guard::new(Policy::default()), Duration::ZERO);
    let lengths = (0..6).map(|_| {
        assert_eq!(guess(&mut guard, ip("192.0.2.1"), ANNA, &mut now), 10);
        let Verdict::Blocked(left) = guard.check(ip("192.0.2.1"), Some(ANNA), now) else { panic!("let in") };
        now += left;
        left.as_secs()
    });
    assert_eq!(lengths.collect::<Vec<_>>(), [300, 600, 1200, 2400, 3600, 3600]);
}

#[test]
fn a_spray_over_users_is_kept_out_by_its_source() {
    let mut guard = Guard::new(Policy::default());
    let tries = (0..1_000).take_while(|user| {
        guard.failed(ip("192.0.2.1"), Some(*user), Offence::WrongSecret, Duration::ZERO);
        guard.check(ip("192.0.2.1"), Some(user + 1), Duration::ZERO) == Verdict::Pass
    });
    assert_eq!(tries.count(), 29);
    assert_eq!(guard.check(ip("192.0.2.2"), Some(ANNA), Duration::ZERO), Verdict::Pass);
}

#[test]
fn a_scan_that_never_proves_itself_is_kept_out_within_fifty_requests() {
    let mut guard = Guard::new(Policy::default());
    let blocked = (0..50)
        .any(|user| guard.failed(ip("192.0.2.1"), Some(user), Offence::Unproved, Duration::ZERO).is_some());
    assert!(blocked);
}

#[test]
fn phones_that_prove_themselves_when_asked_are_never_kept_out() {
    let mut guard = Guard::new(Policy::default());
    for user in 0..5_000 {
        let now = Duration::from_millis(user);
        assert_eq!(guard.check(ip("192.0.2.1"), Some(user), now), Verdict::Pass);
        assert_eq!(guard.failed(ip("192.0.2.1"), Some(user), Offence::Unproved, now), None);
        guard.succeeded(ip("192.0.2.1"), user, now);
    }
}

#[test]
fn a_user_who_has_proved_itself_passes_whatever_others_at_its_address_do() {
    let (mut guard, mut now) = (Guard::new(Policy::default()), Duration::ZERO);
    guard.succeeded(ip("192.0.2.1"), ANNA, now);
    for user in 100..200 {
        guess(&mut guard, ip("192.0.2.1"), user, &mut now);
    }
    assert!(matches!(guard.check(ip("192.0.2.1"), Some(BERT), now), Verdict::Blocked(_)));
    assert_eq!(guard.check(ip("192.0.2.1"), Some(ANNA), now), Verdict::Pass);
}

#[test]
fn guesses_from_everywhere_slow_strangers_but_not_where_the_user_is_known() {
    let mut guard = Guard::new(Policy::default());
    guard.succeeded(ip("198.51.100.1"), ANNA, Duration::ZERO);
    for host in 0..200u32 {
        let from = IpAddr::from((0x0a00_0000 + host).to_be_bytes());
        guard.failed(from, Some(ANNA), Offence::WrongSecret, Duration::ZERO);
    }
    assert!(matches!(guard.check(ip("203.0.113.9"), Some(ANNA), Duration::ZERO), Verdict::Wait(_)));
    assert_eq!(guard.check(ip("198.51.100.1"), Some(ANNA), Duration::ZERO), Verdict::Pass);
    assert_eq!(guard.check(ip("203.0.113.9"), Some(BERT), Duration::ZERO), Verdict::Pass);
}

#[test]
fn a_phone_with_an_old_secret_that_tries_each_minute_is_not_kept_out() {
    let mut guard = Guard::new(Policy::default());
    for minute in 0..600 {
        let now = at(60 * minute);
        assert!(!matches!(guard.check(ip("192.0.2.1"), Some(ANNA), now), Verdict::Blocked(_)));
        guard.failed(ip("192.0.2.1"), Some(ANNA), Offence::Unproved, now);
        guard.failed(ip("192.0.2.1"), Some(ANNA), Offence::WrongSecret, now);
    }
}

#[test]
fn exempt_networks_are_never_kept_out() {
    let mut guard = Guard::new(Policy { exempt: vec!["192.0.2.0/24".parse().unwrap()], ..Policy::default() });
    for _ in 0..1_000 {
        guard.failed(ip("192.0.2.1"), Some(ANNA), Offence::WrongSecret, Duration::ZERO);
    }
    assert_eq!(guard.check(ip("::ffff:192.0.2.1"), Some(ANNA), Duration::ZERO), Verdict::Pass);
    assert_eq!(guard.remembered(), 0);
}

#[test]
fn blocks_are_listed_end_by_themselves_and_can_be_lifted() {
    let (mut guard, mut now) = (Guard::new(Policy::default()), Duration::ZERO);
    guess(&mut guard, ip("2001:db8::1"), ANNA, &mut now);
    let blocks = guard.blocks(now);
    assert_eq!(blocks.len(), 1);
    assert_eq!((blocks[0].source.to_string().as_str(), blocks[0].is_whole), ("2001:db8::/64", false));
    assert!(guard.lift("2001:db8::2".parse::<Source>().unwrap(), now));
    assert_eq!(guard.check(ip("2001:db8::1"), Some(ANNA), now + at(60)), Verdict::Pass);
    guess(&mut guard, ip("2001:db8::1"), ANNA, &mut now);
    assert_eq!(guard.blocks(now).len(), 1);
    now += Policy::default().block;
    assert!(guard.blocks(now).is_empty());
}

proptest! {
    /// Whatever happens, memory is bounded, and a trusted user is never kept out by others.
    #[test]
    fn memory_is_bounded_and_the_innocent_pass(
        steps in proptest::collection::vec((0u32..400, 2u64..50, 0usize..3, 0u64..20), 0..600),
    ) {
        let policy = Policy { room: 100, ..Policy::default() };
        let mut guard = Guard::new(policy);
        let home = ip("198.51.100.1");
        let mut now = Duration::ZERO;
        for (host, user, offence, seconds) in steps {
            now += at(seconds);
            guard.succeeded(home, ANNA, now);
            let from = if host % 7 == 0 { home } else { IpAddr::from((0x0a00_0000 + host).to_be_bytes()) };
            if guard.check(from, Some(user), now) == Verdict::Pass {
                guard.failed(from, Some(user), Offence::ALL[offence], now);
            }
            prop_assert_eq!(guard.check(home, Some(ANNA), now), Verdict::Pass);
            prop_assert!(guard.remembered() <= 500);
        }
    }
}
