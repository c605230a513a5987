//! `ListCallRecordsRequest` and its answer (section 1).

mod record;
mod request;

pub use record::{CallRecordInfo, CallRecordInteractionInfo};
pub use request::{CallType, ListCallRecordsRequest, SortDir};

use super::Value;

/// One page of records.
#[derive(Clone, PartialEq)]
pub struct CallRecordPage {
    /// The records.
    pub items: Vec<CallRecordInfo>,
    /// Which page it is, from 0.
    pub page: u32,
    /// Records in all; 0 if it was not to be counted.
    pub total_count: u64,
    /// Pages in all; 0 if it was not to be counted.
    pub total_pages: u64,
}

impl From<CallRecordPage> for Value {
    fn from(page: CallRecordPage) -> Self {
        let whole = |number: u64| Self::Int(i64::try_from(number).unwrap_or(i64::MAX));
        Self::Object(vec![
            ("Items", page.items.into()),
            ("Page", page.page.into()),
            ("TotalCount", whole(page.total_count)),
            ("TotalPages", whole(page.total_pages)),
        ])
    }
}
