//! After-call work that a phone tells of: what is noted about the call that was worked on.

use call::{CallEvent, EventKind, Registry, party::Endpoint};
use history::{
    Annotation, AnnotationChange, AnnotationEdit,
    annotations::{Author, WorkEdit},
};

/// What an event that was applied says to note: for the phone's account, beside the work of others on that call.
pub(crate) fn noted(event: &CallEvent, calls: &Registry) -> Option<Annotation> {
    let EventKind::WorkEnded { leg, of, work } = event.kind else { return None };
    let offer = &calls.get(event.call_id)?.leg(leg)?.offer;
    let Endpoint::Device { id, name } = &offer.endpoint else { return None };
    let by = Author::Device { id: *id, name: name.to_string() };
    let edit = AnnotationEdit { work: Some(WorkEdit::More(work)), ..AnnotationEdit::default() };
    let change = AnnotationChange { at: event.at, by, edit };
    Some(Annotation { accounts: vec![offer.owner.account], call: of, change })
}
