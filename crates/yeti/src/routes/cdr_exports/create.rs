//! `POST /cdr-exports`: asks for an export.

use directory::{Access, Snapshot, model::Account};
use history::{NewExport, export::ExportFormat};
use uuid::Uuid;

use super::CdrExport;
use crate::{
    answer::Answer,
    body::{JsonBody, NewResource},
    errors::{Refusal, invalid_relationship},
    export::reading::{self, ReadExport},
    request::ApiRequest,
    wire::error::ErrorWire,
};

/// Stores the job; the file is written afterwards.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<CdrExport>().await?;
    let wanted = NewResource::read::<CdrExport>(&body)?;
    let (account, read) = read(&wanted, &request)?;
    let job = NewExport {
        customer: account.customer,
        account: account.id,
        format: read.file.name().to_owned(),
        request: read.request.print(),
        created_at: request.app.now(),
    };
    let job = request.app.history.create_export(job).await?;
    let ReadExport { request: stored, file } = read;
    Ok(presenter.created(&CdrExport { job, request: stored, file, account }))
}

fn read(wanted: &NewResource, request: &ApiRequest) -> Result<(Account, ReadExport), Refusal> {
    let read = reading::read(&wanted.attributes, &request.viewer().hidden);
    match (read, account(wanted.linked("account"), request.access(), &request.directory)) {
        (Ok(read), Ok(account)) => Ok((account.clone(), read)),
        (read, account) => {
            let errors = read.err().into_iter().flatten().chain(account.err());
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
