//! Exports that are watched, and deleted, while they are under way.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    time::Duration,
};

use call::{AccountId, CustomerId};
use history::{
    Export, ExportStatus, Exports, NewExport, OpenOptions, Progress, RecordField, SqliteHistory,
    export::{ExportFormat, FieldValue, FileType, Opened, RowPrinter, UnreadableRequest},
};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    calls::{Script, at},
    support::{self, Starts, options},
};

const ACCOUNT: AccountId = AccountId(1);

/// Like [`Starts`], but each row tells when it is reached and then waits until it may go on.
struct Gated(Mutex<Option<Gate>>);

struct Gate {
    reached: Sender<()>,
    open: Receiver<()>,
}

impl ExportFormat for Gated {
    fn name(&self) -> &'static str {
        "gated"
    }

    fn file_type(&self) -> FileType {
        Starts.file_type()
    }

    fn open(&self, account: AccountId, request: &str) -> Result<Opened, UnreadableRequest> {
        let gate = self.0.lock().unwrap().take().expect("it is opened once");
        Ok(Opened { printer: Box::new(gate), ..Starts.open(account, request)? })
    }
}

impl RowPrinter for Gate {
    fn fields(&self) -> Vec<RecordField> {
        Starts.fields()
    }

    fn header(&mut self, _: &mut Vec<u8>) {}

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        self.reached.send(()).unwrap();
        self.open.recv().unwrap();
        Starts.row(values, out);
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

/// A store with three records, and an export of them that has come to its first row.
struct Halfway {
    history: SqliteHistory,
    folder: TempDir,
    export: Export,
    reached: Receiver<()>,
    go_on: Sender<()>,
}

fn job(format: &str) -> NewExport {
    NewExport {
        customer: CustomerId(1),
        account: ACCOUNT,
        format: format.into(),
        request: "asc 0".into(),
        created_at: at(500),
    }
}

impl Halfway {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (tell, reached) = mpsc::channel();
        let (go_on, open) = mpsc::channel();
        let gated = Gated(Mutex::new(Some(Gate { reached: tell, open })));
        let formats: Vec<Arc<dyn ExportFormat>> = vec![Arc::new(gated), Arc::new(Starts)];
        let history = SqliteHistory::open(OpenOptions { formats, ..options(folder.path()) }).unwrap();
        support::store(&history, [1, 2, 3].map(|n| Script::new(n, at(n as i64), 1, 2).record())).await;
        let export = history.create_export(job("gated")).await.unwrap();
        let halfway = Self { history, folder, export, reached, go_on };
        halfway.next_row();
        halfway
    }

    fn next_row(&self) {
        self.reached.recv_timeout(Duration::from_secs(30)).expect("a row is reached");
    }

    async fn show(&self, export: &Export) -> Export {
        self.history.export(vec![ACCOUNT], export.id).await.unwrap().unwrap()
    }

    async fn delete(&self, export: &Export) {
        assert!(self.history.delete_export(vec![ACCOUNT], export.id, at(600)).await.unwrap());
    }

    async fn until_done(&self, export: &Export) -> Export {
        let done = async {
            loop {
                match self.show(export).await {
                    export if export.status != ExportStatus::Pending => return export,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        timeout(Duration::from_secs(30), done).await.expect("the export ends")
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("exports")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[tokio::test]
async fn a_running_export_tells_how_far_it_is() {
    let halfway = Halfway::new().await;
    assert_eq!(halfway.show(&halfway.export).await.progress, Some(Progress { rows: 0, expected: 3 }));
    halfway.go_on.send(()).unwrap();
    halfway.next_row();
    assert_eq!(halfway.show(&halfway.export).await.progress, Some(Progress { rows: 1, expected: 3 }));
    let listed = halfway.history.exports(vec![ACCOUNT], 0, 1).await.unwrap().exports;
    assert_eq!(listed[0].progress, Some(Progress { rows: 1, expected: 3 }));
    halfway.go_on.send(()).unwrap();
    halfway.go_on.send(()).unwrap();
    let done = halfway.until_done(&halfway.export).await;
    assert_eq!((done.status, done.rows, done.progress), (ExportStatus::Completed, Some(3), None));
}

#[tokio::test]
async fn a_running_export_that_is_deleted_stops_and_leaves_no_file() {
    let halfway = Halfway::new().await;
    halfway.delete(&halfway.export).await;
    halfway.go_on.send(()).unwrap();
    let next = halfway.history.create_export(job("starts")).await.unwrap();
    assert_eq!(halfway.until_done(&next).await.status, ExportStatus::Completed);
    let deleted = halfway.show(&halfway.export).await;
    assert_eq!((deleted.status, deleted.rows), (ExportStatus::Deleted, None));
    assert_eq!(halfway.files(), [format!("{}.csv.gz", next.id)]);
}

#[tokio::test]
async fn an_export_that_is_deleted_while_it_waits_is_never_begun() {
    let halfway = Halfway::new().await;
    let waiting = halfway.history.create_export(job("starts")).await.unwrap();
    halfway.delete(&waiting).await;
    for _ in 0..3 {
        halfway.go_on.send(()).unwrap();
    }
    let next = halfway.history.create_export(job("starts")).await.unwrap();
    halfway.until_done(&next).await;
    assert_eq!(halfway.show(&waiting).await.status, ExportStatus::Deleted);
    assert_eq!(halfway.files().len(), 2);
}

#[tokio::test]
async fn the_file_of_a_deleted_export_that_a_crash_left_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let history = SqliteHistory::open(options(folder.path())).unwrap();
    let export = history.create_export(job("unknown")).await.unwrap();
    assert!(history.delete_export(vec![ACCOUNT], export.id, at(600)).await.unwrap());
    drop(history);
    let left = ["csv.gz", "csv.gz.part"]
        .map(|end| folder.path().join("exports").join(format!("{}.{end}", export.id)));
    let strange = folder.path().join("exports").join("readme.txt");
    for file in left.iter().chain([&strange]) {
        fs::write(file, "left").unwrap();
    }
    let history = SqliteHistory::open(options(folder.path())).unwrap();
    let next = history.create_export(job("starts")).await.unwrap();
    while history.export(vec![ACCOUNT], next.id).await.unwrap().unwrap().status == ExportStatus::Pending {
        tokio::task::yield_now().await;
    }
    assert!(left.iter().all(|file| !file.exists()));
    assert!(strange.exists());
}
