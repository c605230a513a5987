//! `/cdr-exports`: exports of an account's call records (contract yeti.md, 6.3).

mod create;
mod delete;
mod download;

use directory::{Snapshot, model::Account};
use history::{Export, ExportId, ExportStatus, Progress, export::UnreadableRequest};

pub use self::{create::create, delete::delete, download::download};
use super::{accounts::AccountView, resource::Listed};
use crate::{
    convert,
    errors::Refusal,
    export::{CdrFile, request::StoredExportV1},
    query::wanted::{Found, Sieve, Wanted},
    request::ApiRequest,
    resource::{
        Follow, Relationship, Resource,
        attribute::{Attribute, Kind},
        value::Value,
    },
    wire::cdr_export::{FileFormatWire, StatusWire, TimeFormatWire},
};

const STATUSES: &[&str] = &[
    StatusWire::Pending.name(),
    StatusWire::Completed.name(),
    StatusWire::Failed.name(),
    StatusWire::Deleted.name(),
];
const TIME_FORMATS: &[&str] = &[
    TimeFormatWire::WithTimezone.name(),
    TimeFormatWire::WithoutTimezone.name(),
    TimeFormatWire::RoundToSeconds.name(),
];

/// Jobs that are looked through at once when not all are wanted, or in another order.
const PART: u64 = 500;

/// An export, its request and its account.
pub struct CdrExport {
    /// The job.
    pub job: Export,
    /// What was asked for.
    pub request: StoredExportV1,
    /// What its file is.
    pub file: CdrFile,
    /// Whose it is.
    pub account: Account,
}

impl Resource for CdrExport {
    const KIND: &'static str = "cdr-exports";
    const ID: &'static Attribute<Self> =
        &Attribute::uuid("id", |export: &Self| export.job.id.0.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[
        Attribute::json("filters", |export| Value::json(&export.request.filters())),
        Attribute::new("status", Kind::Word(STATUSES), |export| status(export.job.status).name().into()),
        Attribute::integer("rows-count", |export| export.job.rows.into()),
        Attribute::time("created-at", |export| export.job.created_at.into()),
        Attribute::time("updated-at", |export| export.job.updated_at.into()),
        Attribute::new("time-format", Kind::Word(TIME_FORMATS), |export: &Self| {
            export.request.time_format().name().into()
        })
        .plain()
        .sent_if(|export| export.request.time_format.is_some()),
        Attribute::text("time-zone-name", |export: &Self| export.request.zone_name().flatten().into())
            .sent_if(|export| export.request.zone_name().is_some()),
        Attribute::text("format", |export: &Self| export.file.0.name().into())
            .sent_only()
            .sent_if(|export| export.file.0 != FileFormatWire::default()),
        Attribute::json("fields", |export: &Self| Value::json(&export.request.fields))
            .sent_if(|export| export.request.fields.is_some()),
        Attribute::integer("progress", |export: &Self| export.percent().into())
            .sent_only()
            .sent_if(|_| false),
        Attribute::integer("rows-written", |export: &Self| export.rows_written().into())
            .sent_only()
            .sent_if(|_| false),
        Attribute::integer("file-size", |export: &Self| export.job.file.map(|file| file.bytes).into())
            .sent_only()
            .sent_if(|_| false),
        Attribute::text("sha-256", |export: &Self| {
            export.job.file.map(|file| hex::encode(file.sha256)).into()
        })
        .sent_only()
        .sent_if(|_| false),
        Attribute::uuid("account-id", |export: &Self| export.account.uuid.into()).filter_only(),
    ];
    const RELATIONSHIPS: &'static [Relationship<Self>] = &[Relationship {
        name: "account",
        kind: AccountView::KIND,
        follow: Follow::ToOne(|export, known| known.account(export.account.id)),
    }];
    const CREATABLE: &'static [&'static str] =
        &["filters", "time-format", "time-zone-name", "format", "fields"];
    const DEFAULT_SORT: &'static str = "-created-at";
}

impl Listed for CdrExport {
    async fn list(request: &ApiRequest, wanted: &Wanted<Self>) -> Result<Found<Self>, Refusal> {
        if wanted.is_plain {
            let (items, total) = jobs(request, wanted.page.offset(), wanted.page.size).await?;
            return Ok(Found { items, total });
        }
        let (mut sieve, mut offset) = (Sieve::new(wanted), 0);
        loop {
            let (part, total) = jobs(request, offset, PART).await?;
            sieve.take(part);
            offset += PART;
            if offset >= total {
                return Ok(sieve.found());
            }
        }
    }

    async fn find(request: &ApiRequest, id: &str) -> Result<Option<Self>, Refusal> {
        let Some(uuid) = convert::uuid(id) else { return Ok(None) };
        let accounts = request.access().accounts().to_vec();
        let job = request.app.history.export(accounts, ExportId(uuid)).await?;
        Ok(job.map(|job| Self::read(job, &request.directory)).transpose()?.flatten())
    }
}

/// Some of the jobs that the client may see, newest first, and how many there are.
async fn jobs(request: &ApiRequest, offset: u64, limit: u64) -> Result<(Vec<CdrExport>, u64), Refusal> {
    let accounts = request.access().accounts().to_vec();
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let page = request.app.history.exports(accounts, offset, limit).await?;
    let known =
        page.exports.into_iter().filter_map(|job| CdrExport::read(job, &request.directory).transpose());
    Ok((known.collect::<Result<_, _>>()?, page.total))
}

impl CdrExport {
    /// Reads a job; `None` if it is another dialect's or its account is gone.
    pub fn read(job: Export, directory: &Snapshot) -> Result<Option<Self>, UnreadableRequest> {
        let Some(file) = CdrFile::of(&job) else { return Ok(None) };
        let request = StoredExportV1::parse(&job.request)?;
        let account = directory.account(job.account).cloned();
        Ok(account.map(|account| Self { job, request, file, account }))
    }

    /// How much of it is done; `None` if it will never be.
    fn percent(&self) -> Option<u64> {
        match self.job.status {
            ExportStatus::Pending => {
                let Progress { rows, expected } = self.job.progress.unwrap_or_default();
                Some((rows * 100).checked_div(expected).unwrap_or(0).min(100))
            }
            ExportStatus::Completed => Some(100),
            ExportStatus::Failed | ExportStatus::Deleted => None,
        }
    }

    /// Rows that are written by now.
    fn rows_written(&self) -> Option<u64> {
        match self.job.status {
            ExportStatus::Pending => Some(self.job.progress.unwrap_or_default().rows),
            _ => self.job.rows,
        }
    }
}

fn status(status: ExportStatus) -> StatusWire {
    match status {
        ExportStatus::Pending => StatusWire::Pending,
        ExportStatus::Completed => StatusWire::Completed,
        ExportStatus::Failed => StatusWire::Failed,
        ExportStatus::Deleted => StatusWire::Deleted,
    }
}

impl From<UnreadableRequest> for Refusal {
    fn from(error: UnreadableRequest) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "an export cannot be shown");
        Self::internal()
    }
}
