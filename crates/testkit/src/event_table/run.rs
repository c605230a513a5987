//! A table, played.

use std::sync::Arc;

use call::{Applied, CallEvent, CallId, CallRecord, Registry};

use super::{EventTable, Line, Mismatches, field::sum_mismatch, names::call_name, script::Step};

/// The records of the calls that end.
pub(super) fn records(events: &[Arc<CallEvent>]) -> Vec<CallRecord> {
    let mut registry = Registry::default();
    let ended = |event| match registry.apply(event) {
        Applied::Ended(record) => Some(*record),
        Applied::Changed | Applied::Stale | Applied::Unexpected => None,
    };
    events.iter().filter_map(ended).collect()
}

pub(super) fn check(table: &EventTable) -> Result<(), Mismatches> {
    let mut play = Play::default();
    for step in &table.steps {
        play.step(step);
    }
    for block in &table.blocks {
        match play.records.iter().find(|record| record.content.call_id == block.content.call) {
            Some(record) => play.found.extend(block.content.mismatches(block.number, &record.content)),
            None => play.note(block.number, format!("call {} has no record", call_name(block.content.call))),
        }
    }
    if !table.blocks.is_empty() {
        play.check_completeness(table);
    }
    if play.found.is_empty() {
        Ok(())
    } else {
        Err(Mismatches { file: table.file.clone(), found: play.found })
    }
}

#[derive(Default)]
struct Play {
    registry: Registry,
    accepted: Vec<Arc<CallEvent>>,
    records: Vec<Line<CallRecord>>,
    found: Vec<Line<String>>,
}

impl Play {
    fn step(&mut self, step: &Line<Step>) {
        match &step.content {
            Step::Event(event) => self.apply(step.number, event),
            Step::Live(call, check) => {
                for mismatch in check.mismatches(&self.registry, *call) {
                    self.note(step.number, mismatch);
                }
            }
        }
    }

    fn apply(&mut self, number: usize, event: &Arc<CallEvent>) {
        self.accepted.push(event.clone());
        match self.registry.apply(event) {
            Applied::Changed => {}
            Applied::Ended(record) => self.take_record(number, *record),
            Applied::Stale => self.note(number, "the event is taken for a repeat".to_owned()),
            Applied::Unexpected => self.note(number, "the event fits nothing that is known".to_owned()),
        }
    }

    fn take_record(&mut self, number: usize, record: CallRecord) {
        if CallRecord::project(record.call_id, &self.accepted).as_ref() != Some(&record) {
            self.note(number, "the record differs from the projection of the events".to_owned());
        }
        if let Some(mismatch) = sum_mismatch(&record) {
            self.note(number, mismatch);
        }
        self.records.push(Line { number, content: record });
    }

    /// A table with expectations tells of every record, and leaves no call behind.
    fn check_completeness(&mut self, table: &EventTable) {
        let is_told = |id: CallId| table.blocks.iter().any(|block| block.content.call == id);
        let untold = self.records.iter().filter(|record| !is_told(record.content.call_id));
        let mut notes: Vec<_> = untold
            .map(|record| (record.number, record.content.call_id, "has a record that nothing expects"))
            .collect();
        let last_line = table.steps.last().map_or(0, |step| step.number);
        notes.extend(self.registry.calls().map(|call| (last_line, call.id(), "is not over at the end")));
        for (number, call, what) in notes {
            self.note(number, format!("call {} {what}", call_name(call)));
        }
    }

    fn note(&mut self, number: usize, content: String) {
        self.found.push(Line { number, content });
    }
}
