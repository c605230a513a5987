//! The active-call series against counting by hand.

use std::time::Duration;

use call::{
    Timestamp,
    series::{Changes, Grid, Interval, changes, counts, sums},
};
use proptest::{collection::vec, prelude::*};

/// Microseconds near one of the points where arithmetic could go wrong.
fn micros() -> impl Strategy<Value = i64> {
    let near = |center: i64| (-40..=40_i64).prop_map(move |off| center.saturating_add(off));
    prop_oneof![4 => near(0), 2 => near(1_790_000_000_000_000), 1 => near(i64::MIN), 1 => near(i64::MAX)]
}

fn at() -> impl Strategy<Value = Timestamp> {
    micros().prop_map(Timestamp::from_micros)
}

fn interval() -> impl Strategy<Value = Interval> {
    (at(), at()).prop_map(|(start, end)| Interval { start, end })
}

/// Two instants at most eighty microseconds apart, in either order, and a step.
fn range() -> impl Strategy<Value = (i64, i64, u64)> {
    (micros(), -80..=80_i64, prop_oneof![0..20_u64, 40..200_u64])
        .prop_map(|(from, length, step)| (from, from.saturating_add(length), step))
}

fn grid(from: i64, to: i64, step: u64) -> Grid {
    Grid::aligned(Timestamp::from_micros(from), Timestamp::from_micros(to), Duration::from_micros(step))
}

proptest! {
    #[test]
    fn a_grid_has_every_multiple_of_its_step_in_its_range_and_nothing_else((from, to, step) in range()) {
        let step_micros = i64::try_from(step.max(1)).expect("steps are short");
        let expected: Vec<_> = (from..=to).filter(|at| at % step_micros == 0).map(Timestamp::from_micros).collect();
        let grid = grid(from, to, step);
        prop_assert_eq!(grid.instants().collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(grid.len(), expected.len());
        prop_assert_eq!(grid.is_empty(), expected.is_empty());
    }

    #[test]
    fn counts_are_those_of_looking_at_each_instant(
        (from, to, step) in range(),
        intervals in vec(interval(), 0..30),
    ) {
        let grid = grid(from, to, step);
        let active = |at: Timestamp| intervals.iter().filter(|interval| interval.contains(at)).count();
        let expected: Vec<_> = grid.instants().map(|at| u32::try_from(active(at)).expect("few")).collect();
        prop_assert_eq!(counts(intervals.iter().copied(), &grid), expected);
    }

    #[test]
    fn peaks_are_those_of_looking_at_each_microsecond_of_each_step(
        (from, length, step) in (-40..40_i64, 0..80_i64, 1..20_u64),
        intervals in vec((-60..140_i64, -60..140_i64), 0..30),
    ) {
        let intervals: Vec<_> = intervals
            .into_iter()
            .map(|(start, end)| Interval { start: Timestamp::from_micros(start), end: Timestamp::from_micros(end) })
            .collect();
        let grid = grid(from, from + length, step);
        let active = |at: i64| intervals.iter().filter(|one| one.contains(Timestamp::from_micros(at))).count();
        let within = |start: i64| (start..start + step as i64).map(active).max().unwrap_or_default();
        let expected: Vec<_> =
            grid.instants().map(|at| u32::try_from(within(at.as_micros())).expect("few")).collect();
        prop_assert_eq!(counts(intervals.iter().copied(), &grid.of_peaks()), expected);
    }

    #[test]
    fn what_begins_is_counted_in_its_step_alone(
        (from, length, step, floor) in (-40..40_i64, 0..80_i64, 1..20_u64, -60..60_i64),
        intervals in vec((-60..140_i64, 1..60_i64), 0..30),
    ) {
        let at = Timestamp::from_micros;
        let grid = grid(from, from + length, step).of_starts();
        let begins = |start: i64| intervals.iter().filter(|(at, _)| (start..start + step as i64).contains(at)).count();
        let expected: Vec<_> =
            grid.instants().map(|at| u32::try_from(begins(at.as_micros())).expect("few")).collect();
        let all = intervals.iter().map(|(start, length)| Interval { start: at(*start), end: at(start + length) });
        prop_assert_eq!(counts(all.clone(), &grid), expected.clone());
        // The same in two halves, one of which knows that none of its own begins before some instant.
        let (late, early): (Vec<_>, Vec<_>) = all.partition(|interval| interval.start >= at(floor));
        let mut since = Changes::since(&grid, at(floor));
        late.into_iter().for_each(|interval| since.add(&grid, interval));
        prop_assert_eq!(sums([changes(early, &grid), since], &grid), expected);
    }

    #[test]
    fn a_grid_has_the_peaks_of_its_parts(
        (from, length, step, long) in (-40..40_i64, 0..80_i64, 1..20_u64, 1..30_u64),
        intervals in vec((-60..140_i64, -60..140_i64), 0..30),
    ) {
        let intervals: Vec<_> = intervals
            .into_iter()
            .map(|(start, end)| Interval { start: Timestamp::from_micros(start), end: Timestamp::from_micros(end) })
            .collect();
        let whole = grid(from, from + length, step).of_peaks();
        let (parts, each) = whole.parts(Duration::from_micros(long));
        let found: Vec<_> = parts.flat_map(|part| counts(intervals.iter().copied(), &part)).collect();
        let found: Vec<_> = found.chunks(each).map(|some| some.iter().copied().max().expect("some")).collect();
        prop_assert_eq!(found, counts(intervals.iter().copied(), &whole));
    }

    #[test]
    fn counts_are_right_on_a_grid_over_all_of_time(intervals in vec(interval(), 0..10)) {
        let grid = grid(i64::MIN, i64::MAX, 1 << 58);
        let active = |at: Timestamp| intervals.iter().filter(|interval| interval.contains(at)).count();
        let expected: Vec<_> = grid.instants().map(|at| u32::try_from(active(at)).expect("few")).collect();
        prop_assert_eq!(grid.len(), 64);
        prop_assert_eq!(counts(intervals.iter().copied(), &grid), expected);
    }

    #[test]
    fn what_two_intervals_have_in_common_lies_in_both(a in interval(), b in interval(), at in at()) {
        let common = a.intersect(&b);
        prop_assert_eq!(common.contains(at), a.contains(at) && b.contains(at));
        prop_assert!(!(common.is_empty() && common.contains(at)));
    }

    #[test]
    fn adding_a_length_to_an_instant_and_asking_for_it_gives_it_back(from in any::<i64>(), to in any::<i64>()) {
        let (from, to) = (Timestamp::from_micros(from.min(to)), Timestamp::from_micros(from.max(to)));
        prop_assert_eq!(from + to.since(from), to);
        prop_assert_eq!(to - to.since(from), from);
        prop_assert_eq!(from.since(to), Duration::ZERO);
    }
}

#[test]
fn a_grid_of_minutes_begins_and_ends_on_whole_minutes() {
    let grid =
        Grid::aligned(Timestamp::from_seconds(61), Timestamp::from_seconds(240), Duration::from_secs(60));
    let seconds: Vec<_> = grid.instants().map(Timestamp::as_seconds).collect();
    assert_eq!(seconds, [120, 180, 240]);
}

#[test]
fn the_seconds_of_a_grid_are_those_of_its_steps() {
    let [from, to] = [50, 130].map(Timestamp::from_seconds);
    let seconds = Grid::aligned(from, to, Duration::from_secs(60)).of_starts().seconds();
    let instants: Vec<_> = seconds.instants().map(Timestamp::as_seconds).collect();
    assert_eq!(instants, (60..180).collect::<Vec<_>>());
}

#[test]
fn a_call_counts_at_its_first_instant_and_no_longer_at_its_last() {
    let grid = Grid::aligned(Timestamp::from_seconds(0), Timestamp::from_seconds(4), Duration::from_secs(1));
    let call = Interval { start: Timestamp::from_seconds(1), end: Timestamp::from_seconds(3) };
    let none = Interval { start: Timestamp::from_seconds(2), end: Timestamp::from_seconds(2) };
    assert_eq!(counts([call, none], &grid), [0, 1, 1, 0, 0]);
}
