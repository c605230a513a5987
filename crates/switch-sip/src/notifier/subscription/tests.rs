//! Tables: what happens to a subscription, and which NOTIFY it brings.

use std::time::Duration;

use super::{Delivery, Extent, Notify, Subscription, THROTTLE};

/// What happens at a second.
#[derive(Clone, Copy, Debug)]
enum Step {
    Refresh(u64),
    Change,
    Taken,
    Failed,
    Time,
}

fn full(left: u64) -> Option<Notify> {
    Some(Notify { extent: Extent::Full, left: Some(Duration::from_secs(left)) })
}

fn partial(left: u64) -> Option<Notify> {
    Some(Notify { extent: Extent::Partial, left: Some(Duration::from_secs(left)) })
}

const LAST: Option<Notify> = Some(Notify { extent: Extent::Full, left: None });

/// Begins a subscription of 60 s at second 0, whose first NOTIFY is under way, and goes through a table: when, what,
/// which NOTIFY that brings, and whether it is over then.
fn goes(name: &str, table: &[(u64, Step, Option<Notify>, bool)]) {
    let mut subscription = Subscription::begin(Duration::from_secs(60), Duration::ZERO);
    assert_eq!(subscription.poll(Duration::ZERO), full(60), "{name}");
    for (row, (at, step, expected, is_over)) in table.iter().enumerate() {
        let now = Duration::from_secs(*at);
        match step {
            Step::Refresh(length) => subscription.refresh(Duration::from_secs(*length), now),
            Step::Change => subscription.change(),
            Step::Taken => subscription.delivered(Delivery::Taken),
            Step::Failed => subscription.delivered(Delivery::Failed),
            Step::Time => {}
        }
        let is_due = subscription.deadline().is_some_and(|deadline| deadline <= now);
        let notify = subscription.poll(now);
        assert_eq!((notify, subscription.is_over()), (*expected, *is_over), "{name}, row {row}");
        assert_eq!(is_due, notify.is_some(), "{name}, row {row}: the deadline says when there is something");
        assert_eq!(subscription.poll(now), None, "{name}, row {row}: one at a time");
    }
}

#[test]
fn changes_are_told_once_the_one_before_is_taken_and_not_too_often() {
    use Step::{Change, Taken, Time};
    assert_eq!(THROTTLE, Duration::from_secs(1));
    goes("apart", &[(2, Taken, None, false), (3, Change, partial(57), false), (4, Taken, None, false)]);
    goes(
        "while one is under way",
        &[(2, Change, None, false), (3, Change, None, false), (4, Taken, partial(56), false)],
    );
    goes("at once", &[(0, Taken, None, false), (0, Change, None, false), (1, Time, partial(59), false)]);
    goes("none", &[(1, Taken, None, false), (30, Time, None, false)]);
}

#[test]
fn a_refresh_is_told_all_at_once() {
    use Step::{Change, Refresh, Taken};
    goes("at rest", &[(0, Taken, None, false), (0, Refresh(90), full(90), false)]);
    goes("while one is under way", &[(0, Refresh(90), None, false), (0, Taken, full(90), false)]);
    goes(
        "with changes",
        &[(0, Taken, None, false), (0, Change, None, false), (0, Refresh(90), full(90), false)],
    );
}

#[test]
fn it_ends_at_its_time_or_when_it_is_given_up() {
    use Step::{Change, Refresh, Taken, Time};
    goes(
        "time",
        &[(1, Taken, None, false), (59, Time, None, false), (60, Time, LAST, false), (61, Taken, None, true)],
    );
    goes(
        "time, while one is under way",
        &[(70, Time, None, false), (71, Taken, LAST, false), (72, Taken, None, true)],
    );
    goes("given up", &[(1, Taken, None, false), (2, Refresh(0), LAST, false), (3, Taken, None, true)]);
    goes(
        "given up with changes",
        &[
            (1, Taken, None, false),
            (1, Change, partial(59), false),
            (1, Refresh(0), None, false),
            (2, Taken, LAST, false),
            (3, Change, None, false),
            (4, Taken, None, true),
        ],
    );
    goes(
        "given up, and taken back in time",
        &[(1, Refresh(0), None, false), (1, Refresh(30), None, false), (2, Taken, full(29), false)],
    );
}

#[test]
fn who_does_not_take_a_notification_gets_no_more() {
    use Step::{Change, Failed, Refresh, Time};
    goes(
        "481",
        &[
            (1, Failed, None, true),
            (2, Change, None, true),
            (3, Refresh(60), None, true),
            (99, Time, None, true),
        ],
    );
    goes("the last", &[(70, Step::Taken, LAST, false), (71, Failed, None, true)]);
}

#[test]
fn one_of_no_length_is_told_all_once() {
    let mut subscription = Subscription::begin(Duration::ZERO, Duration::from_secs(5));
    assert_eq!(subscription.poll(Duration::from_secs(5)), LAST);
    assert!(subscription.is_ending() && !subscription.is_over());
    subscription.delivered(Delivery::Taken);
    assert!(subscription.is_over());
}
