//! `/cdr-exports`: exports of an account's call records (contract yeti.md, 6.3).

mod create;
mod download;
mod list;
mod show;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use directory::Access;
use history::{ExportId, export::UnreadableRequest};

pub use self::{
    create::create,
    download::download,
    list::list,
    show::{account, relationship, show},
};
use crate::{
    App,
    yeti::{
        convert,
        errors::Refusal,
        export::{CdrCsv, listing::KnownExport},
    },
};

/// The id in a path, as it was sent.
pub struct SentId(String);

impl FromRequestParts<Arc<App>> for SentId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Refusal::record_not_found("?"))
    }
}

/// The export of this id, if the client may see it.
async fn find(app: &App, access: &Access, SentId(id): &SentId) -> Result<KnownExport, Refusal> {
    let not_found = || Refusal::record_not_found(id);
    let uuid = convert::uuid(id).ok_or_else(not_found)?;
    let job = app.history.export(access.accounts().to_vec(), ExportId(uuid)).await?;
    let job = job.filter(|job| job.format == CdrCsv::NAME).ok_or_else(not_found)?;
    KnownExport::read(job, &app.directory())?.ok_or_else(not_found)
}

impl From<UnreadableRequest> for Refusal {
    fn from(error: UnreadableRequest) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "an export cannot be shown");
        Self::internal()
    }
}
