//! The memory: the journal of unfinished calls, call records, search, active-call series and exports.
//!
//! [`History`] is the port, in parts ([`port`]); its adapter on SQLite keeps it on disk.

pub mod annotations;
pub mod billing;
mod bits;
mod columns;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod error;
pub mod export;
pub mod log;
pub mod port;
pub mod query;
mod retention;
pub mod run;
mod scaled;
pub mod spill;
pub mod sqlite;
pub mod stored;

pub use annotations::{Annotation, AnnotationChange, AnnotationEdit, Annotations};
pub use billing::{Billed, BilledParts, BillingQuery};
pub use error::HistoryError;
pub use export::{Export, ExportId, ExportPage, ExportStatus, NewExport, Progress};
pub use log::{Concerned, Happening, LogEntry, LogFilter, LogPage, LogQuery, Told};
pub use port::{
    Annotator, Batch, Census, EventLog, ExportFile, Exports, Figure, FigureKind, FigureValue, History,
    Journal, Records, Reports, StoreFigures, Upkeep,
};
pub use query::{
    Condition, FoundRecord, Grain, LegField, QualityField, RateField, RecordField, RecordPage, RecordQuery,
    Sort, Test, Value,
};
pub use retention::{Keep, Retention};
pub use run::{Heartbeat, JournalEvent, LeftByRun, RunSpan};
pub use spill::{SpillError, SpillFile};
pub use sqlite::{OpenError, OpenOptions, Retaining, Sealing, SqliteHistory};
