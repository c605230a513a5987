//! `POST /api/calls/update` (`UpdateCallRecordRequest`, section 5): notes and flags on a call record.

use call::{CallId, ErrorCode};
use directory::model::Role;
use history::{
    AnnotationEdit, Condition, RecordField, RecordPage, RecordQuery, Test, Value,
    annotations::{AnnotationEditError, AnnotationPart, Author},
};
use http_core::auth::LoggedIn;
use live::CommandError;

use super::calls;
use crate::{
    dto::Faults,
    errors::{Failure, Fault, FieldError},
    members::Members,
    state::HostedSuite,
    wire::calls::{CallRecordInfo, UpdateCallRecordRequest},
};

/// The record as it is then. Who may only read may not write.
pub async fn update(
    app: &HostedSuite,
    client: &LoggedIn,
    members: &Members,
) -> Result<CallRecordInfo, Failure> {
    let mut faults = Faults::new(&UpdateCallRecordRequest::DTO, members);
    let asked = UpdateCallRecordRequest::read(&mut faults);
    let asked = faults.finish(asked)?;
    if client.user.role != Role::Manager {
        return Err(Failure::new(ErrorCode::Forbidden, "This user may not change call records"));
    }
    let id = asked.id.as_deref().unwrap_or_default().parse().map_err(|_| unknown())?;
    let found = find(app, client, id).await?;
    let edit = AnnotationEdit {
        notes: asked.notes,
        is_flagged: asked.flagged,
        flag_notes: asked.flag_notes,
        ..AnnotationEdit::default()
    };
    let author = Author::User { id: client.user.id, login: client.user.login.to_string() };
    app.live.annotate(&client.access(), id, author, edit).await?;
    let shown = calls::show(app, client, found.records).await?;
    shown.into_iter().next().ok_or_else(unknown)
}

/// The record, if the user may see it; a call that goes on has none yet.
async fn find(app: &HostedSuite, client: &LoggedIn, id: CallId) -> Result<RecordPage, Failure> {
    let is_id = Condition { field: RecordField::CallId, test: Test::Is(Value::Text(id.to_string())) };
    let newest = RecordQuery::newest(client.access().accounts().to_vec(), 1);
    let found = app.history.search(RecordQuery { conditions: vec![is_id], ..newest }).await?;
    if found.records.is_empty() { Err(unknown()) } else { Ok(found) }
}

fn unknown() -> Failure {
    Failure::new(ErrorCode::NotFound, "There is no call record with this Id")
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Annotation(error) => Self::of_fields(vec![error.into()]),
            CommandError::History(error) => error.into(),
            CommandError::NotFound => unknown(),
            other => Self::new(other.code(), "The call record cannot be changed now"),
        }
    }
}

impl From<AnnotationEditError> for FieldError {
    fn from(error: AnnotationEditError) -> Self {
        let field = match error.part {
            AnnotationPart::FlagNotes => "FlagNotes",
            AnnotationPart::Notes
            | AnnotationPart::AddedForms
            | AnnotationPart::RemovedForms
            | AnnotationPart::Work => "Notes",
        };
        let message = format!("{field} has {}; accepted: {}", error.found, error.accepted);
        Self { fault: Fault::OutOfRange, field, message }
    }
}
