//! How the store is, and its end.

use async_trait::async_trait;
use call::Timestamp;

/// What operators ask of the store.
#[async_trait]
pub trait Upkeep: Send + Sync + 'static {
    /// How large it is, and what waits. Never waits for a question.
    fn figures(&self) -> StoreFigures;

    /// Finishes what is under way, so that nothing is left to be put in order. Whatever is asked later is
    /// [`HistoryError::Closed`](crate::HistoryError::Closed).
    async fn close(&self);
}

/// How large a store is, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Bytes of what it keeps where it writes.
    pub stored_bytes: u64,
    /// Bytes of what is durable and not yet worked into that.
    pub pending_bytes: u64,
    /// Exports that wait or are being made.
    pub exports_waiting: u64,
    /// Exports that were refused since the start, as their account had too many.
    pub exports_refused: u64,
    /// Exports whose files were removed since the start, as they were old.
    pub exports_expired: u64,
    /// Questions that were not answered as no more files can be opened.
    pub unanswered_without_files: u64,
    /// When a backup was last made; `None` if none was.
    pub backed_up_at: Option<Timestamp>,
    /// What only this kind of store tells of itself.
    pub own: Vec<Figure>,
}

/// A figure for `/metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its name, in the terms of Prometheus, without the prefix that all have.
    pub name: &'static str,
    /// What it says.
    pub help: &'static str,
    /// What kind it is.
    pub kind: FigureKind,
    /// What it is now.
    pub value: FigureValue,
}

/// Kinds of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// It goes up and down.
    Gauge,
    /// It only grows.
    Counter,
}

/// A figure's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureValue {
    /// One number.
    Number(u64),
    /// 1 for each of these, by the name of what they are.
    Each(&'static str, Vec<String>),
}
