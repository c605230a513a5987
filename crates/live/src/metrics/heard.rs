//! How well legs were heard, as histograms of all that have ended.

use call::quality::{LegQuality, StreamQuality};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds of the buckets.
const LOSS: [f64; 8] = [0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];
const SECONDS: [f64; 9] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const MOS: [f64; 7] = [2.0, 2.5, 3.1, 3.6, 4.0, 4.2, 4.3];

/// The histograms.
pub(crate) struct Heard {
    loss: Family<DirectionLabel, Histogram>,
    jitter: Family<DirectionLabel, Histogram>,
    round_trip: Histogram,
    mos: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabel {
    direction: &'static str,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            loss: Family::new_with_constructor(|| Histogram::new(LOSS)),
            jitter: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            round_trip: Histogram::new(SECONDS),
            mos: Histogram::new(MOS),
        }
    }
}

impl Heard {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "leg_packet_loss_ratio",
            "Packets of sound that were lost, of those of a leg that has ended",
            self.loss.clone(),
        );
        registry.register(
            "leg_jitter_seconds",
            "Mean interarrival jitter of a leg that has ended",
            self.jitter.clone(),
        );
        registry.register(
            "leg_round_trip_seconds",
            "Mean time to the party of a leg that has ended and back",
            self.round_trip.clone(),
        );
        registry.register(
            "leg_mos",
            "Estimated mean opinion score of a leg that has ended",
            self.mos.clone(),
        );
    }

    /// A leg has ended.
    pub(crate) fn observe(&self, quality: &LegQuality) {
        let LegQuality { received, sent, round_trip } = quality;
        for (direction, stream) in [("received", received), ("sent", sent)] {
            if let Some(stream) = stream {
                self.observe_stream(direction, stream);
            }
        }
        if let Some(round_trip) = round_trip {
            self.round_trip.observe(round_trip.as_secs_f64());
        }
        if let Some(mos) = quality.mos() {
            self.mos.observe(mos.value());
        }
    }

    fn observe_stream(&self, direction: &'static str, stream: &StreamQuality) {
        let label = DirectionLabel { direction };
        self.loss.get_or_create(&label).observe(stream.loss());
        self.jitter.get_or_create(&label).observe(stream.jitter.as_secs_f64());
    }
}
