//! The routes of this dialect.

use crate::route::Route;

/// The routes.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
