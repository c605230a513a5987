//! Exports: whatever a format prints, it is given the same from either half, in the order of a search.

use std::{sync::Arc, time::Duration};

use call::{AccountId, CallRecord, CustomerId};
use history::{
    ExportStatus, Exports, Grain, NewExport, OpenOptions, RecordField, RecordQuery, Records, SqliteHistory,
    export::{ExportFormat, FieldValue, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
};
use proptest::{collection::vec, prelude::*};

use super::{filling, records, runtime, search::field};
use crate::{
    calls::at,
    support::{self, Filling, options},
};

const ACCOUNT: AccountId = AccountId(1);

/// The call's id and these fields.
#[derive(Clone)]
struct Shown(Vec<RecordField>);

impl ExportFormat for Shown {
    fn name(&self) -> &'static str {
        "shown"
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "txt", packing: Packing::Plain }
    }

    fn open(&self, account: AccountId, _: &str) -> Result<Opened, UnreadableRequest> {
        Ok(Opened { query: query(account), printer: Box::new(self.clone()) })
    }
}

impl RowPrinter for Shown {
    fn fields(&self) -> Vec<RecordField> {
        self.0.clone()
    }

    fn header(&mut self, _: &mut Vec<u8>) {}

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{values:?}\n").as_bytes());
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

fn query(account: AccountId) -> RecordQuery {
    RecordQuery { grain: Grain::Part, ..RecordQuery::newest(vec![account], u32::MAX) }
}

/// What is exported of a store, and the calls that a search finds in it.
async fn exported(all: &[CallRecord], filling: Filling, fields: &[RecordField]) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let formats: Vec<Arc<dyn ExportFormat>> = vec![Arc::new(Shown(fields.to_vec()))];
    let history = SqliteHistory::open(OpenOptions { formats, ..options(folder.path()) }).unwrap();
    support::fill(&history, all, filling).await;
    let job = NewExport {
        customer: CustomerId(1),
        account: ACCOUNT,
        format: "shown".into(),
        request: String::new(),
        created_at: at(500),
    };
    let id = history.create_export(job).await.unwrap().id;
    loop {
        let export = history.export(vec![ACCOUNT], id).await.unwrap().unwrap();
        if export.status != ExportStatus::Pending {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let file = history.export_file(vec![ACCOUNT], id).await.unwrap().unwrap();
    let found = history.search(query(ACCOUNT)).await.unwrap().records;
    let found = found.iter().map(|found| format!("[Call({:?})", found.record.call_id)).collect();
    (std::io::read_to_string(file.file).unwrap(), found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_export_says_the_same_of_sealed_calls_and_of_hot_ones(
        records in records(),
        fields in vec(field(), 0..12),
        filling in filling(),
    ) {
        let fields: Vec<_> = [RecordField::CallId].into_iter().chain(fields).filter(|field| !is_noted(*field)).collect();
        runtime().block_on(async {
            let (hot, _) = exported(&records, Filling::Hot, &fields).await;
            let (text, found) = exported(&records, filling, &fields).await;
            prop_assert_eq!(&text, &hot);
            prop_assert_eq!(text.lines().count(), found.len());
            prop_assert!(text.lines().zip(&found).all(|(line, call)| line.starts_with(call.as_str())));
            Ok(())
        })?;
    }
}

fn is_noted(field: RecordField) -> bool {
    matches!(field, RecordField::Notes | RecordField::IsFlagged | RecordField::FlagNotes | RecordField::Work)
}
