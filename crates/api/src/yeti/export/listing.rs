//! An account's exports as a list: which are in it, and in which order.

use std::cmp::Ordering;

use directory::{Snapshot, model::Account};
use history::{Export, ExportStatus, export::UnreadableRequest};

use super::request::StoredExportV1;
use crate::yeti::{
    errors::Refusal,
    query::{
        Query,
        filter::{self, Filter, Filterable, Kind, Test},
        sort::{self, Criterion},
    },
    resource::CDR_EXPORTS,
    wire::{
        cdr_export::{CdrExportWire, StatusWire, TimeFormatWire},
        time::TimeWire,
    },
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

/// What exports can be filtered by.
pub const FILTERABLE: [Filterable; 8] = [
    Filterable { name: "id", kind: Kind::PlainUuid },
    Filterable { name: "status", kind: Kind::Enum(STATUSES) },
    Filterable { name: "rows_count", kind: Kind::Number },
    Filterable { name: "created_at", kind: Kind::Time },
    Filterable { name: "updated_at", kind: Kind::Time },
    Filterable { name: "time_format", kind: Kind::PlainEnum(TIME_FORMATS) },
    Filterable { name: "time_zone_name", kind: Kind::Text },
    Filterable { name: "account_id", kind: Kind::Uuid },
];

const SORTABLE: [&str; 7] =
    ["id", "status", "rows_count", "created_at", "updated_at", "time_format", "time_zone_name"];

/// An export, its request and its account.
pub struct KnownExport {
    /// The job.
    pub job: Export,
    /// What was asked for.
    pub request: StoredExportV1,
    /// Whose it is.
    pub account: Account,
}

impl KnownExport {
    /// Reads a job; `None` if its account is gone.
    pub fn read(job: Export, directory: &Snapshot) -> Result<Option<Self>, UnreadableRequest> {
        let request = StoredExportV1::parse(&job.request)?;
        let account = directory.account(job.account).cloned();
        Ok(account.map(|account| Self { job, request, account }))
    }

    /// Its id.
    pub fn id(&self) -> String {
        self.job.id.to_string()
    }

    /// Its attributes.
    pub fn attributes(&self) -> CdrExportWire {
        CdrExportWire {
            filters: self.request.filters(),
            status: status(self.job.status),
            rows_count: self.job.rows,
            created_at: TimeWire(self.job.created_at),
            updated_at: TimeWire(self.job.updated_at),
            time_format: self.request.time_format,
            time_zone_name: self.request.zone_name(),
        }
    }

    fn time_format(&self) -> &'static str {
        self.request.time_format().name()
    }

    fn zone_name(&self) -> Option<String> {
        self.request.zone_name().flatten()
    }

    fn passes(&self, filter: &Filter) -> bool {
        match (&filter.test, filter.attribute) {
            (Test::Uuid(operator, ids), "id") => operator.accepts(Some(&self.job.id.0), ids),
            (Test::Uuid(operator, ids), _) => operator.accepts(Some(&self.account.uuid), ids),
            (Test::Number(operator, numbers), _) => {
                operator.accepts(self.job.rows.map(Into::into).as_ref(), numbers)
            }
            (Test::Time(operator, times), "updated_at") => {
                operator.accepts(Some(&self.job.updated_at), times)
            }
            (Test::Time(operator, times), _) => operator.accepts(Some(&self.job.created_at), times),
            (Test::Text(operator, words), "status") => {
                operator.accepts_text(Some(status(self.job.status).name()), words)
            }
            (Test::Text(operator, words), "time_format") => {
                operator.accepts_text(Some(self.time_format()), words)
            }
            (Test::Text(operator, words), _) => operator.accepts_text(self.zone_name().as_deref(), words),
        }
    }

    fn compare(&self, other: &Self, criterion: &Criterion) -> Ordering {
        let order = match criterion.field.as_str() {
            "id" => self.job.id.0.cmp(&other.job.id.0),
            "status" => status(self.job.status).name().cmp(status(other.job.status).name()),
            "rows_count" => self.job.rows.cmp(&other.job.rows),
            "updated_at" => self.job.updated_at.cmp(&other.job.updated_at),
            "time_format" => self.time_format().cmp(other.time_format()),
            "time_zone_name" => self.zone_name().cmp(&other.zone_name()),
            _ => self.job.created_at.cmp(&other.job.created_at),
        };
        if criterion.descending { order.reverse() } else { order }
    }
}

/// Which exports a client wants to see, and in which order.
pub struct Wanted {
    filters: Vec<Filter>,
    order: Vec<Criterion>,
}

impl Wanted {
    /// Reads `filter` and `sort`; newest first if the client does not say.
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        let mut order = sort::read(query, CDR_EXPORTS.kind, &SORTABLE)?;
        if order.is_empty() {
            order.push(Criterion { field: "created_at".to_owned(), descending: true });
        }
        Ok(Self { filters: filter::read(query, &FILTERABLE)?, order })
    }

    /// The exports that are wanted, in order; ties by id.
    pub fn of(&self, mut exports: Vec<KnownExport>) -> Vec<KnownExport> {
        exports.retain(|export| self.filters.iter().all(|filter| export.passes(filter)));
        exports.sort_by(|one, other| {
            let by = self.order.iter().map(|criterion| one.compare(other, criterion));
            by.fold(Ordering::Equal, Ordering::then).then_with(|| one.job.id.0.cmp(&other.job.id.0))
        });
        exports
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
