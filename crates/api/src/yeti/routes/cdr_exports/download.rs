//! `GET /cdr-exports/{id}/download`: the file. No `Content-Encoding`: the client wants it compressed.

use std::io::ErrorKind;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use history::{Export, export::ExportFormat};
use tokio::fs::File;

use super::CdrExport;
use crate::{
    file::WantedPart,
    yeti::{
        errors::Refusal,
        export::{CdrFile, hex},
        request::{FileRequest, SentId},
        routes::resource::find,
    },
};

/// The file, or the part of it that is asked for; 404 without a body if there is none, not yet or no longer.
pub async fn download(
    FileRequest(request): FileRequest,
    id: SentId,
    wanted: WantedPart,
) -> Result<Response, Refusal> {
    let CdrExport { job: export, file, .. } = find(&request, &id).await?;
    let accounts = request.access().accounts().to_vec();
    let path = request.app.history.export_file(accounts, export.id).await?;
    let Some(path) = path else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let sent = async { wanted.of(File::open(&path).await?, etag(&export)).await };
    match sent.await {
        Ok(response) => Ok((labels(&export, &file), response).into_response()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an export's file cannot be read");
            Err(Refusal::internal())
        }
    }
}

fn labels(export: &Export, file: &CdrFile) -> [(HeaderName, String); 2] {
    let (media_type, extension) = (file.media_type(), file.file_type().extension);
    let disposition = format!("attachment; filename=\"{}.{extension}\"", export.id);
    [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)]
}

/// The SHA-256 of the file, as the same bytes are the same file.
fn etag(export: &Export) -> Option<HeaderValue> {
    let sha256 = export.file?.sha256;
    HeaderValue::from_str(&format!("\"{}\"", hex(&sha256))).ok()
}
