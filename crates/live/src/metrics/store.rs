//! What the store of the history tells of itself, which differs from one kind of store to another.

use std::fmt;

use history::{Figure, FigureKind, FigureValue};
use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

/// Its figures, as they were looked at last.
#[derive(Debug, Default)]
pub(super) struct OwnFigures(Mutex<Vec<Figure>>);

impl OwnFigures {
    pub(super) fn show(&self, figures: Vec<Figure>) {
        *self.0.lock() = figures;
    }
}

impl Collector for OwnFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Figure { name, help, kind, value } in self.0.lock().iter() {
            let metric_type = match kind {
                FigureKind::Gauge => MetricType::Gauge,
                FigureKind::Counter => MetricType::Counter,
            };
            let mut encoder = encoder.encode_descriptor(name, &format!("{help}."), None, metric_type)?;
            match value {
                FigureValue::Number(number) => encode(*kind, *number, encoder)?,
                FigureValue::Each(label, names) => {
                    for name in names {
                        encode(*kind, 1, encoder.encode_family(&[(*label, name.as_str())])?)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn encode(kind: FigureKind, number: u64, encoder: MetricEncoder<'_>) -> fmt::Result {
    match kind {
        FigureKind::Gauge => ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX)).encode(encoder),
        FigureKind::Counter => ConstCounter::new(number).encode(encoder),
    }
}
