//! `GET /cdr-exports/{id}/download`: the file. No `Content-Encoding`: the client wants it compressed.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::CdrExport;
use crate::yeti::{
    errors::Refusal,
    request::{FileRequest, SentId},
    resource::Resource,
    routes::resource::find,
};

/// The compressed CSV; 404 without a body if there is no file, not yet or no longer.
pub async fn download(FileRequest(request): FileRequest, id: SentId) -> Result<Response, Refusal> {
    let export: CdrExport = find(&request, &id).await?;
    let accounts = request.access().accounts().to_vec();
    let path = request.app.history.export_file(accounts, export.job.id).await?;
    let Some(path) = path else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    match File::open(path).await {
        Ok(file) => Ok(send(file, &export.id()).await),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(StatusCode::NOT_FOUND.into_response())
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an export's file cannot be read");
            Err(Refusal::internal())
        }
    }
}

async fn send(file: File, id: &str) -> Response {
    let length = file.metadata().await.ok().map(|metadata| HeaderValue::from(metadata.len()));
    let disposition = format!("attachment; filename=\"{id}.csv.gz\"");
    let labels = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let mut response = (labels, Body::from_stream(ReaderStream::new(file))).into_response();
    response.headers_mut().extend(length.map(|length| (header::CONTENT_LENGTH, length)));
    response
}
