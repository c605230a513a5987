//! Who finds a place, and who has to make one.

use std::net::IpAddr;

use guard::{Place, Room, RoomLimits};
use proptest::prelude::*;

fn host(number: u32) -> IpAddr {
    IpAddr::from((0x0a00_0000 + number).to_be_bytes())
}

fn room(total: usize, of_source: usize) -> Room {
    Room::new(RoomLimits { total, of_source })
}

#[test]
fn a_source_beyond_its_share_pushes_out_its_own_oldest_idle_connection() {
    let room = room(100, 2);
    let places: Vec<_> = (0..3).map(|_| room.enter(host(1)).expect("a place")).collect();
    let has_to_leave: Vec<_> = places.iter().map(|place| place.leave().is_cancelled()).collect();
    assert_eq!(has_to_leave, [true, false, false]);
    assert_eq!((room.held(), room.turned_away()), (2, (0, 1)));
}

#[test]
fn busy_connections_are_never_pushed_out() {
    let room = room(100, 1);
    let place = room.enter(host(1)).expect("a place");
    place.set_busy(true);
    assert!(room.enter(host(1)).is_none());
    assert!(!place.leave().is_cancelled());
    place.set_busy(false);
    assert!(room.enter(host(1)).is_some());
    assert!(place.leave().is_cancelled());
}

#[test]
fn in_a_full_room_the_source_that_idles_most_makes_place_for_others() {
    let room = room(10, 10);
    let crowd: Vec<_> = (0..10).map(|_| room.enter(host(1)).expect("a place")).collect();
    let honest = room.enter(host(2)).expect("a place");
    assert!(crowd[0].leave().is_cancelled() && !honest.leave().is_cancelled());
    assert!(room.enter(host(1)).is_none(), "the crowd pushes out others");
}

#[test]
fn places_are_free_again() {
    let room = room(1, 1);
    drop(room.enter(host(1)));
    assert_eq!(room.held(), 0);
    assert!(room.enter(host(2)).is_some());
}

proptest! {
    /// Whoever comes and goes: the limits hold, nothing leaks, and a newcomer finds a place while another
    /// source idles with two or more.
    #[test]
    fn limits_hold_and_nothing_leaks(steps in proptest::collection::vec((0u32..6, 0usize..4, any::<proptest::sample::Index>()), 0..400)) {
        let room = room(12, 5);
        let mut places: Vec<Place> = Vec::new();
        for (from, what, which) in steps {
            match what {
                0 | 1 => places.extend(room.enter(host(from))),
                2 if !places.is_empty() => drop(places.swap_remove(which.index(places.len()))),
                3 if !places.is_empty() => places[which.index(places.len())].set_busy(from % 2 == 0),
                _ => {}
            }
            places.retain(|place| !place.leave().is_cancelled());
            prop_assert_eq!(room.held(), places.len());
            prop_assert!(places.len() <= 12);
        }
        places.clear();
        prop_assert_eq!(room.held(), 0);
        for from in 0..6 {
            places.extend((0..5).filter_map(|_| room.enter(host(from))));
        }
        prop_assert!(room.enter(host(99)).is_some());
    }
}
