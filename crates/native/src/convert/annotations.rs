//! What was noted about a call.

use std::time::Duration;

use call::CallId;
use history::{
    AnnotationChange, AnnotationEdit,
    annotations::{Author, WorkEdit},
};
use http_core::{body::kind, time::rfc3339};
use live::Noted;
use serde_json::{Map, Value};

use crate::{
    errors::Failure,
    wire::annotations::{AnnotationsWire, AuthorWire, ChangeWire, EditWire},
};

/// What a body may say.
const MEMBERS: &str =
    "notes, flagged, flag_notes, completed_form_ids, removed_form_ids or work_time_in_seconds";

/// The edit that a body asks for. A member that is absent leaves things as they are; null removes a text.
pub fn edit(members: &Map<String, Value>) -> Result<AnnotationEdit, Failure> {
    let mut edit = AnnotationEdit::default();
    for (name, value) in members {
        match name.as_str() {
            "notes" => edit.notes = Some(text(name, value)?),
            "flagged" => edit.is_flagged = Some(flag(name, value)?),
            "flag_notes" => edit.flag_notes = Some(text(name, value)?),
            "completed_form_ids" => edit.added_forms = form_ids(name, value)?,
            "removed_form_ids" => edit.removed_forms = form_ids(name, value)?,
            "work_time_in_seconds" => edit.work = Some(WorkEdit::Is(length(name, value)?)),
            _ => return Err(Failure::bad_member(name, "unknown", MEMBERS)),
        }
    }
    Ok(edit)
}

fn text(name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        other => Err(Failure::bad_member(name, kind(other), "a string or null")),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool, Failure> {
    value.as_bool().ok_or_else(|| Failure::bad_member(name, kind(value), "true or false"))
}

fn form_ids(name: &str, value: &Value) -> Result<Vec<String>, Failure> {
    let refuse = |found: &Value| Failure::bad_member(name, kind(found), "an array of strings");
    let ids = value.as_array().ok_or_else(|| refuse(value))?;
    ids.iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(|| refuse(id))).collect()
}

fn length(name: &str, value: &Value) -> Result<Duration, Failure> {
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0);
    let length = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    length.ok_or_else(|| match value {
        Value::Number(number) => Failure::bad_member(name, number.to_string(), "seconds, 0 or more"),
        other => Failure::bad_member(name, kind(other), "a number of seconds"),
    })
}

/// What was noted, for the client.
pub fn wire(call_id: CallId, noted: Noted) -> AnnotationsWire {
    let annotations = noted.annotations;
    AnnotationsWire {
        call_id: call_id.to_string(),
        notes: annotations.notes,
        flagged: annotations.is_flagged,
        flag_notes: annotations.flag_notes,
        completed_form_ids: annotations.form_ids,
        work_time_in_seconds: annotations.work.as_secs_f64(),
        changes: noted.changes.into_iter().map(change).collect(),
    }
}

fn change(change: AnnotationChange) -> ChangeWire {
    ChangeWire { at: rfc3339(change.at), by: author(change.by), edit: edit_wire(change.edit) }
}

fn author(author: Author) -> AuthorWire {
    match author {
        Author::User { id, login } => AuthorWire::User { id: id.0, login },
        Author::Token => AuthorWire::Token,
        Author::Device { id, name } => AuthorWire::Device { id: id.0, name },
    }
}

fn edit_wire(edit: AnnotationEdit) -> EditWire {
    let (set, added) = match edit.work {
        Some(WorkEdit::Is(work)) => (Some(work), None),
        Some(WorkEdit::More(more)) => (None, Some(more)),
        None => (None, None),
    };
    EditWire {
        notes: edit.notes,
        flagged: edit.is_flagged,
        flag_notes: edit.flag_notes,
        completed_form_ids: edit.added_forms,
        removed_form_ids: edit.removed_forms,
        work_time_in_seconds: set.map(|work| work.as_secs_f64()),
        added_work_time_in_seconds: added.map(|more| more.as_secs_f64()),
    }
}
