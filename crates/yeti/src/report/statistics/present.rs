//! Statistics as they are sent: what is counted, and how it is rounded.

use std::time::Duration;

use call::statistics::{Statistics, Tally};
use rust_decimal::Decimal;

use crate::{
    convert,
    wire::{
        attribute::DecimalWire,
        statistics::{
            QualityColumnsWire, QualityRowWire, QualityWire, StatisticsColumnsWire, StatisticsRowWire,
            StatisticsWire,
        },
    },
};

/// Places of prices, minutes and average seconds.
const CENTS: u32 = 2;
/// Places of the answered part, before it is made percent.
const PER_MILLE: u32 = 3;
/// Places of calls per second.
const MILLIONTHS: u32 = 6;
const SECONDS_PER_MINUTE: u32 = 60;

/// The answer of the statistics.
pub(super) fn statistics(statistics: &Statistics) -> StatisticsWire {
    let mut data = StatisticsColumnsWire::default();
    for (start, tally) in statistics.stretches() {
        let row = statistics_row(start.as_seconds(), tally);
        data.t.push(row.t);
        data.total_calls.push(row.total_calls);
        data.successful_calls.push(row.successful_calls);
        data.failed_calls.push(row.failed_calls);
        data.total_duration.push(row.total_duration);
        data.acd.push(row.acd);
        data.asr.push(row.asr);
        data.total_price.push(row.total_price);
    }
    StatisticsWire { rows: data.t.len(), data, totals: statistics_row(0, &statistics.total()) }
}

fn statistics_row(t: i64, tally: &Tally) -> StatisticsRowWire {
    StatisticsRowWire {
        t,
        total_calls: tally.calls,
        successful_calls: tally.answered,
        failed_calls: tally.failed(),
        total_duration: rounded(Decimal::from(tally.seconds) / Decimal::from(SECONDS_PER_MINUTE), CENTS),
        acd: average(tally),
        asr: percent_answered(tally),
        total_price: rounded(tally.price, CENTS),
    }
}

/// The answer of the quality form.
pub(super) fn quality(statistics: &Statistics) -> QualityWire {
    let length = statistics.sampling().length().unwrap_or_default();
    let mut data = QualityColumnsWire::default();
    for (start, tally) in statistics.stretches() {
        let row = quality_row(start.as_seconds(), tally, length);
        data.t.push(row.t);
        data.total_calls.push(row.total_calls);
        data.acd.push(row.acd);
        data.asr.push(row.asr);
        data.cps.push(row.cps);
    }
    QualityWire { rows: data.t.len(), data, totals: quality_row(0, &statistics.total(), length) }
}

fn quality_row(t: i64, tally: &Tally, length: Duration) -> QualityRowWire {
    let per_second = Decimal::from(tally.calls).checked_div(length.as_secs().into());
    QualityRowWire {
        t,
        total_calls: tally.calls,
        acd: average(tally),
        asr: percent_answered(tally),
        cps: rounded(per_second.unwrap_or_default(), MILLIONTHS),
    }
}

fn average(tally: &Tally) -> Option<DecimalWire> {
    tally.average_seconds().map(|seconds| rounded(seconds, CENTS))
}

fn percent_answered(tally: &Tally) -> Option<DecimalWire> {
    let ratio = tally.answered_ratio()?;
    Some(DecimalWire(convert::rounded(ratio, PER_MILLE) * Decimal::ONE_HUNDRED))
}

fn rounded(number: Decimal, places: u32) -> DecimalWire {
    DecimalWire(convert::rounded(number, places))
}
