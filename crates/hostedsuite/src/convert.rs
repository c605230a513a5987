//! Between the vendor's words and ours.

mod query;
mod record;
mod wanted;

pub use query::query;
pub use record::Viewer;
pub use wanted::{Wanted, talk_bounds};
