//! How well the sound of a leg arrives.

use std::time::Duration;

/// How well the sound of a leg has arrived, both ways between its party and the switch, from the first packet on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegQuality {
    /// What the party sends, as the switch counts it; `None` while nothing has come.
    pub received: Option<StreamQuality>,
    /// What the party is sent, as its reports say (RTCP); `None` if it has sent none.
    pub sent: Option<StreamQuality>,
    /// The time to the party and back, on the average; `None` if its reports do not tell.
    pub round_trip: Option<Duration>,
}

/// How well one direction has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamQuality {
    /// Packets that should have come.
    pub packets: u32,
    /// Packets of those that have not.
    pub lost: u32,
    /// By how much the time on the way changed from packet to packet (RFC 3550 section 6.4.1), on the average.
    pub jitter: Duration,
}

/// How people would judge a conversation: from 1.00, bad, to 4.50, excellent (ITU-T P.800, G.107). Kept in
/// hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mos(u16);

/// The rating of a conversation that nothing disturbs (G.107 section 7.7, default values of all parameters).
const UNDISTURBED: f64 = 93.2;
/// How well G.711 bears that packets are lost one by one, with concealment (G.113 appendix I).
const ROBUSTNESS: f64 = 25.1;
/// Sound in a packet.
const PACKET_MS: f64 = 20.0;
/// What is lost on the way through a buffer that evens out jitter, in multiples of that.
const BUFFER: f64 = 2.0;
/// Delay in ms from which on it disturbs a conversation.
const NOTICED_MS: f64 = 177.3;

impl LegQuality {
    /// What people would say of the worse of the two directions; `None` while nothing has come or is known.
    pub fn mos(&self) -> Option<Mos> {
        let directions = [self.received, self.sent];
        directions.into_iter().flatten().map(|direction| direction.mos(self.round_trip)).min()
    }
}

impl StreamQuality {
    /// The part of the packets that was lost, from 0 to 1.
    pub fn loss(&self) -> f64 {
        f64::from(self.lost.min(self.packets)) / f64::from(self.packets.max(1))
    }

    /// What people would say of it, as the E-model of ITU-T G.107 estimates, made simple:
    ///
    /// * every codec is taken for G.711 with concealment of lost packets, and losses for independent of each other
    ///   (`Ie` = 0, `Bpl` = 25.1, `BurstR` = 1);
    /// * of delay, the piecewise linear form of Cole and Rosenbluth (2001), with half the round trip (none if it is not
    ///   known), twice the jitter for a buffer, and one packet of 20 ms;
    /// * all else has its default value.
    pub fn mos(&self, round_trip: Option<Duration>) -> Mos {
        let ms = |length: Duration| length.as_secs_f64() * 1_000.0;
        let delay = ms(round_trip.unwrap_or_default()) / 2.0 + BUFFER * ms(self.jitter) + PACKET_MS;
        let by_delay = 0.024 * delay + 0.11 * (delay - NOTICED_MS).max(0.0);
        let loss = self.loss() * 100.0;
        let by_loss = 95.0 * loss / (loss + ROBUSTNESS);
        Mos::of_rating(UNDISTURBED - by_delay - by_loss)
    }
}

impl Mos {
    /// As a number from 1 to 4.5.
    pub fn value(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// In hundredths.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Of a transmission rating `R` (G.107 annex B). Below 6.5 the formula would rise again.
    fn of_rating(rating: f64) -> Self {
        let rating = rating.clamp(0.0, 100.0);
        let mos = 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6;
        let hundredths = (mos.max(1.0) * 100.0).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 100 and 450")]
        Self(hundredths as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(lost: u32, jitter_ms: u64) -> StreamQuality {
        StreamQuality { packets: 1_000, lost, jitter: Duration::from_millis(jitter_ms) }
    }

    /// Ratings and what they come to, as table B.1 of G.107 and G.109 have them.
    #[test]
    fn a_rating_comes_to_what_the_recommendation_says() {
        let cases = [(93.2, 4.41), (90.0, 4.34), (80.0, 4.02), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)];
        for (rating, mos) in cases {
            assert!((Mos::of_rating(rating).value() - mos).abs() < 0.011, "{rating}");
        }
        assert_eq!([-20.0, 0.0, 3.0].map(|rating| Mos::of_rating(rating).hundredths()), [100; 3]);
        assert_eq!(Mos::of_rating(140.0).hundredths(), 450);
    }

    #[test]
    fn loss_jitter_and_distance_make_it_worse() {
        let near = Some(Duration::from_millis(20));
        let best = stream(0, 0).mos(near);
        assert!(best.value() > 4.35 && best.value() < 4.5, "{best:?}");
        let mut before = best;
        for lost in [5, 10, 30, 100, 300, 1_000] {
            let mos = stream(lost, 0).mos(near);
            assert!(mos < before, "{lost}");
            before = mos;
        }
        assert!(stream(0, 80).mos(near) < best);
        assert!(stream(0, 0).mos(Some(Duration::from_millis(600))) < stream(0, 0).mos(None));
        // 5 % of G.711 with concealment: R = 93.2 - 95 * 5 / 30.1 - 0.5.
        assert_eq!(stream(50, 0).mos(None).hundredths(), 390);
    }

    #[test]
    fn a_leg_is_as_good_as_its_worse_direction() {
        let quality =
            LegQuality { received: Some(stream(0, 0)), sent: Some(stream(100, 0)), round_trip: None };
        assert_eq!(quality.mos(), Some(stream(100, 0).mos(None)));
        assert_eq!(LegQuality::default().mos(), None);
    }
}
