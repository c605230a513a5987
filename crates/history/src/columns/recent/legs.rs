//! What SIP said on the legs of rows in memory.

use std::ops::Range;

use call::record::LegFacts;

use super::{
    NO_CODE,
    kept::{Lines, Repeated, picked},
    some,
};
use crate::{
    LegField,
    columns::{
        array::Array,
        cell::{Cell, of_leg},
        texts::Texts,
    },
};

/// Texts that many calls have the same of.
const REPEATED: [LegField; 12] = [
    LegField::Reason,
    LegField::Address,
    LegField::UserAgent,
    LegField::FromDomain,
    LegField::ToDomain,
    LegField::RuriDomain,
    LegField::Diversion,
    LegField::Asserted,
    LegField::Preferred,
    LegField::Privacy,
    LegField::RemoteParty,
    LegField::RemotePartyPrivacy,
];

/// Nothing, in a column of ports.
const NO_PORT: i32 = -1;

/// The legs of one side.
#[derive(Default)]
pub(super) struct LegColumns {
    codes: Vec<u16>,
    ports: Vec<i32>,
    transports: Vec<u16>,
    sip_call_ids: Lines,
    local_tags: Lines,
    repeated: [Repeated; REPEATED.len()],
}

impl LegColumns {
    pub(super) fn push(&mut self, leg: Option<&LegFacts>) {
        let number = |field| match leg.and_then(|leg| of_leg(leg, field)) {
            Some(Cell::Number(number)) => Some(number),
            _ => None,
        };
        let code = |field| number(field).and_then(|number| u16::try_from(number).ok()).unwrap_or(NO_CODE);
        self.codes.push(code(LegField::Code));
        self.transports.push(code(LegField::Transport));
        let port = number(LegField::Port).and_then(|port| i32::try_from(port).ok());
        self.ports.push(port.unwrap_or(NO_PORT));
        self.sip_call_ids.push(leg.and_then(|leg| leg.sip_call_id.as_deref()));
        self.local_tags.push(leg.and_then(|leg| leg.local_tag.as_deref()));
        for (column, field) in self.repeated.iter_mut().zip(REPEATED) {
            match leg.and_then(|leg| of_leg(leg, field)) {
                Some(Cell::Text(text)) => column.push(Some(&text)),
                _ => column.push(None),
            }
        }
    }

    pub(super) fn numbers(&self, field: LegField, rows: Range<usize>) -> Option<Array<i64>> {
        Some(match field {
            LegField::Code => some(&self.codes[rows], NO_CODE),
            LegField::Port => some(&self.ports[rows], NO_PORT),
            LegField::Transport => some(&self.transports[rows], NO_CODE),
            _ => return None,
        })
    }

    pub(super) fn texts(&self, field: LegField, rows: Range<u32>) -> Option<Texts> {
        Some(match field {
            LegField::SipCallId => self.sip_call_ids.texts(rows),
            LegField::LocalTag => self.local_tags.texts(rows),
            _ => self.repeated[REPEATED.iter().position(|repeated| *repeated == field)?].texts(rows),
        })
    }

    /// The same of these rows alone.
    pub(super) fn picked(&self, rows: &[u32]) -> Self {
        Self {
            codes: picked(&self.codes, rows),
            ports: picked(&self.ports, rows),
            transports: picked(&self.transports, rows),
            sip_call_ids: self.sip_call_ids.picked(rows),
            local_tags: self.local_tags.picked(rows),
            repeated: self.repeated.each_ref().map(|column| column.picked(rows)),
        }
    }

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        let numbers = self.codes.len() * (2 * size_of::<u16>() + size_of::<i32>());
        let lines = self.sip_call_ids.bytes() + self.local_tags.bytes();
        numbers + lines + self.repeated.iter().map(Repeated::bytes).sum::<usize>()
    }
}
