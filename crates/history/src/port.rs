//! The port, by what is asked: each part is a trait of its own, so that one store may keep the journal and another the
//! records, and an adapter is written one part at a time.

mod annotator;
mod event_log;
mod exports;
mod journal;
mod records;
mod reports;
mod upkeep;

pub use self::{
    annotator::Annotator,
    event_log::EventLog,
    exports::{ExportFile, Exports},
    journal::{Batch, Journal},
    records::{Census, Records},
    reports::Reports,
    upkeep::{Figure, FigureKind, FigureValue, StoreFigures, Upkeep},
};

/// The whole store: whatever has every part of it.
///
/// Every question is bound to accounts; there is no other.
pub trait History: Journal + EventLog + Records + Reports + Annotator + Exports + Upkeep {}

impl<T: Journal + EventLog + Records + Reports + Annotator + Exports + Upkeep> History for T {}
