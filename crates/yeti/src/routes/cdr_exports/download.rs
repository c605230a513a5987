//! `GET /cdr-exports/{id}/download`: the file. No `Content-Encoding`: the client wants it compressed.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use history::{Export, ExportFile, export::ExportFormat};
use http_core::file::{Content, Label, WantedPart};
use tokio::fs::File;

use super::CdrExport;
use crate::{
    errors::Refusal,
    export::CdrFile,
    request::{FileRequest, SentId},
    routes::resource::find,
};

/// The file, or the part of it that is asked for; 404 without a body if there is none, not yet or no longer.
pub async fn download(
    FileRequest(request): FileRequest,
    id: SentId,
    wanted: WantedPart,
) -> Result<Response, Refusal> {
    let CdrExport { job: export, file, .. } = find(&request, &id).await?;
    let accounts = request.access().accounts().to_vec();
    let found = request.app.history.export_file(accounts, export.id).await?;
    let Some(ExportFile { file: found, .. }) = found else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let sent =
        async { wanted.of(Content::whole(File::from_std(found)).await?, &label(&export, &file)).await };
    match sent.await {
        Ok(response) => Ok(response),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an export's file cannot be read");
            Err(Refusal::internal())
        }
    }
}

/// The same bytes are the same file.
fn label(export: &Export, file: &CdrFile) -> Label {
    Label {
        media_type: file.media_type(),
        file_name: format!("{}.{}", export.id, file.file_type().extension),
        etag: export.file.map(|file| format!("\"{}\"", hex::encode(file.sha256))),
    }
}
