//! Between the vendor's words and ours.

mod own;
mod query;
mod record;

pub use query::query;
pub use record::Viewer;
