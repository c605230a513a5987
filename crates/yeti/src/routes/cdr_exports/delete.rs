//! `DELETE /cdr-exports/{id}`: cancels an export, or removes its file.

use axum::http::StatusCode;

use super::CdrExport;
use crate::{
    errors::Refusal,
    request::{ApiRequest, SentId},
    routes::resource::find,
};

/// The export stays in the list with the status `Deleted`. A repeat changes nothing.
pub async fn delete(request: ApiRequest, id: SentId) -> Result<StatusCode, Refusal> {
    let export = find::<CdrExport>(&request, &id).await?.job;
    let accounts = request.access().accounts().to_vec();
    match request.app.history.delete_export(accounts, export.id, request.app.now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::record_not_found(&id.0)),
    }
}
