//! Between the vendor's words and ours.

mod query;
mod record;

pub use query::query;
pub use record::Viewer;
