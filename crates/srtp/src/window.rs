//! Which packets of a stream have come (RFC 3711 section 3.3.2), and how often its sequence numbers have rolled over
//! (section 3.3.1, appendix A).

/// Packets behind the newest that are known to have come or not.
const DEPTH: u64 = 128;
/// Sequence numbers of RTP.
const ROUND: u64 = 1 << 16;

/// The packets of one stream, by their index.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    newest: Option<u64>,
    /// Which of the packets at and behind the newest have come, that itself first.
    seen: u128,
}

impl Window {
    /// The index that a sequence number most likely has: of those with it the one nearest to the newest.
    pub(crate) fn index(&self, sequence: u16) -> u64 {
        let sequence = u64::from(sequence);
        let Some(newest) = self.newest else { return sequence };
        let here = (newest & !(ROUND - 1)) | sequence;
        match here {
            _ if here + ROUND / 2 < newest => here + ROUND,
            _ if here > newest + ROUND / 2 && here >= ROUND => here - ROUND,
            _ => here,
        }
    }

    /// Whether this one has not come, as far as that is known.
    pub(crate) fn is_new(&self, index: u64) -> bool {
        let Some(newest) = self.newest else { return true };
        match newest.checked_sub(index) {
            None => true,
            Some(behind) => behind < DEPTH && self.seen >> behind & 1 == 0,
        }
    }

    /// Notes that it has come.
    pub(crate) fn note(&mut self, index: u64) {
        let newest = self.newest.unwrap_or(index);
        if index >= newest {
            let ahead = index - newest;
            self.seen = if ahead < DEPTH { self.seen << ahead } else { 0 } | 1;
            self.newest = Some(index);
        } else if newest - index < DEPTH {
            self.seen |= 1 << (newest - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_roll_over_and_late_ones_belong_to_the_round_before() {
        let mut window = Window::default();
        assert_eq!(window.index(65_534), 65_534);
        window.note(65_534);
        for (sequence, index) in [(65_535, 65_535), (0, ROUND), (1, ROUND + 1), (65_533, 65_533)] {
            assert_eq!(window.index(sequence), index, "{sequence}");
        }
        window.note(ROUND + 1);
        assert_eq!(window.index(65_535), 65_535);
        assert_eq!(window.index(30_000), ROUND + 30_000);
    }

    #[test]
    fn what_seems_older_than_the_first_round_is_of_the_first_round() {
        let mut window = Window::default();
        window.note(3);
        assert_eq!(window.index(65_535), 65_535);
    }

    #[test]
    fn each_packet_is_new_once_and_none_is_that_is_too_old() {
        let mut window = Window::default();
        for index in [10, 12, 11, 500, 400] {
            assert!(window.is_new(index), "{index}");
            window.note(index);
            assert!(!window.is_new(index), "{index}");
        }
        assert!(!window.is_new(500 - DEPTH) && window.is_new(500 - DEPTH + 1) && window.is_new(501));
    }

    proptest::proptest! {
        #[test]
        fn in_any_order_within_its_depth_each_packet_passes_once(
            first in 0..1_u64 << 20,
            offsets in proptest::collection::vec(0..100_u64, 1..200),
        ) {
            let (mut window, mut come) = (Window::default(), std::collections::HashSet::new());
            for index in offsets.iter().map(|offset| first + offset) {
                assert_eq!(window.is_new(index), come.insert(index));
                window.note(index);
            }
        }
    }
}
