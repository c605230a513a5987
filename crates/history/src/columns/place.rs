//! Where a field of a row lies, and how it is tested there.

use call::{event::Side, rating::Rate};

use super::{
    cell::{Cell, of_rate},
    matcher::{Kind, Matcher, Matching, kind},
    scan::Key,
};
use crate::{
    Annotations,
    query::{RateField, RecordField},
    scaled,
};

/// Where a field lies.
pub(super) enum Place {
    Numbers,
    Texts,
    Id,
    Rate(Side, RateField),
    Noted(NotedField),
}

#[derive(Clone, Copy)]
pub(super) enum NotedField {
    Notes,
    IsFlagged,
    FlagNotes,
    Work,
}

pub(super) fn place(field: RecordField) -> Place {
    match field {
        RecordField::CallId => Place::Id,
        RecordField::Rate(side, field) => Place::Rate(side, field),
        RecordField::Notes => Place::Noted(NotedField::Notes),
        RecordField::IsFlagged => Place::Noted(NotedField::IsFlagged),
        RecordField::FlagNotes => Place::Noted(NotedField::FlagNotes),
        RecordField::Work => Place::Noted(NotedField::Work),
        _ if kind(field) == Kind::Text => Place::Texts,
        _ => Place::Numbers,
    }
}

/// What is tested first drops most for least.
pub(super) fn cost(matcher: &Matcher) -> u8 {
    match place(matcher.field) {
        Place::Numbers => 0,
        Place::Rate(..) => 1,
        Place::Texts => 2,
        Place::Id => 3,
        Place::Noted(_) => 4,
    }
}

pub(super) fn rate_passes(test: &Matching, rate: &Rate, field: RateField) -> bool {
    match of_rate(rate, field) {
        Cell::Number(number) => test.accepts_number(Some(number)),
        Cell::Amount(amount) => test.accepts_amount(Some(&amount)),
        Cell::Text(text) => test.accepts_text(Some(&text)),
        Cell::Uuid(_) => false,
    }
}

impl NotedField {
    pub(super) fn passes(self, test: &Matching, annotations: &Annotations) -> bool {
        match self {
            Self::Notes => test.accepts_text(annotations.notes.as_deref()),
            Self::IsFlagged => test.accepts_number(Some(annotations.is_flagged.into())),
            Self::FlagNotes => test.accepts_text(annotations.flag_notes.as_deref()),
            Self::Work => test.accepts_number(Some(scaled::stored_length(annotations.work))),
        }
    }

    pub(super) fn key(self, annotations: &Annotations) -> Key {
        match self {
            Self::Notes => annotations.notes.as_deref().map_or(Key::Absent, Key::text),
            Self::IsFlagged => Key::Number(annotations.is_flagged.into()),
            Self::FlagNotes => annotations.flag_notes.as_deref().map_or(Key::Absent, Key::text),
            Self::Work => Key::Number(scaled::stored_length(annotations.work)),
        }
    }
}
