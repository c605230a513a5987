//! `POST /cdr-exports`: asks for an export.

use std::sync::Arc;

use axum::extract::State;
use directory::{Access, Snapshot, model::Account};
use history::{NewExport, export::ExportFormat};
use uuid::Uuid;

use crate::{
    App,
    yeti::{
        answer::Answer,
        body::{JsonBody, NewResource},
        client::Client,
        errors::{Refusal, invalid_relationship},
        export::{CdrCsv, listing::KnownExport, reading, request::StoredExportV1},
        links::Links,
        negotiation::Negotiated,
        present::Presenter,
        query::{Query, selection::Selection},
        resource::CDR_EXPORTS,
        wire::error::ErrorWire,
    },
};

/// Stores the job; the file is written afterwards.
pub async fn create(
    client: Client,
    _: Negotiated,
    links: Links,
    query: Query,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody,
) -> Result<Answer, Refusal> {
    let selection = Selection::read(&query, &CDR_EXPORTS)?;
    let wanted = NewResource::read(&body, &CDR_EXPORTS)?;
    let (account, request) = read(&wanted, &client.access, &app.directory())?;
    let job = NewExport {
        customer: account.customer,
        account: account.id,
        format: CdrCsv.name().to_owned(),
        request: request.print(),
        created_at: app.now(),
    };
    let job = app.history.create_export(job).await?;
    let export = KnownExport { job, request, account };
    let presenter = Presenter { links: &links, selection: &selection };
    let document = presenter.document(&CDR_EXPORTS, &export.id(), export.attributes(), &export.account);
    Ok(Answer::created(&links.resource(CDR_EXPORTS.kind, &export.id()), &document))
}

fn read(
    wanted: &NewResource,
    access: &Access,
    directory: &Snapshot,
) -> Result<(Account, StoredExportV1), Refusal> {
    let request = reading::read(&wanted.attributes);
    match (request, account(wanted.account, access, directory)) {
        (Ok(request), Ok(account)) => Ok((account.clone(), request)),
        (request, account) => {
            let errors = request.err().into_iter().flatten().chain(account.err());
            Err(Refusal::all(errors.collect()).unwrap_or_else(Refusal::internal))
        }
    }
}

fn account<'a>(
    wanted: Option<Uuid>,
    access: &Access,
    directory: &'a Snapshot,
) -> Result<&'a Account, ErrorWire> {
    let uuid = wanted.ok_or_else(|| invalid_relationship("account", "can't be blank"))?;
    let account = directory.account_by_uuid(uuid).filter(|account| access.allows(account.id));
    account.ok_or_else(|| invalid_relationship("account", "is invalid"))
}
