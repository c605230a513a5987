//! The parts of the port, each answered from where its data lies.

mod annotator;
mod event_log;
mod exports;
mod journal;
mod records;
mod reports;
mod upkeep;
