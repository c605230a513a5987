//! Calls that other switches have recorded: from their files to call records.
//!
//! A [`Source`] gives the calls of a file one after the other, each as a [`ForeignCall`]; [`Parties`] knows whose they
//! are, and [`ForeignCall::record`] tells a call again as events and projects them, as for a call of our own. What
//! cannot be understood is a [`Mistake`], and stops nothing.
//!
//! Pure but for the reading of files: nothing here knows a store or a clock.

mod events;
mod field;
mod foreign;
mod formats;
mod identity;
mod mapping;
mod parties;
mod source;

pub use self::{
    field::Mistake,
    foreign::{EndedBy, ForeignCall, ForeignParty},
    formats::Format,
    mapping::{Mapping, MappingError},
    parties::Parties,
    source::{Found, Passed, Source, SourceError, Understood},
};
