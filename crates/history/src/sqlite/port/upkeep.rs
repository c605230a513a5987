//! How the store is, and its end.

use std::{fs, path::Path, sync::atomic::Ordering};

use async_trait::async_trait;

use crate::{
    StoreFigures, Upkeep,
    sqlite::{SqliteHistory, backup},
};

#[async_trait]
impl Upkeep for SqliteHistory {
    fn figures(&self) -> StoreFigures {
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let path = self.readers.path();
        StoreFigures {
            stored_bytes: size(path),
            pending_bytes: size(&path.with_extension("db-wal")),
            exports_waiting: self.exporter.waiting(),
            exports_refused: self.exports_refused.load(Ordering::Relaxed),
            exports_expired: self.exports_expired.load(Ordering::Relaxed),
            unanswered_without_files: self.readers.without_files(),
            backed_up_at: path.parent().and_then(backup::backed_up_at),
            own: self.sealed_figures().told(),
        }
    }

    async fn close(&self) {
        self.sealer.close().await;
        self.exporter.close().await;
        self.readers.close().await;
        self.writer.close().await;
        let thread = self.thread.lock().take();
        // It has ended, or will: what it panicked over is told already.
        let _ = tokio::task::spawn_blocking(move || drop(thread)).await;
    }
}
