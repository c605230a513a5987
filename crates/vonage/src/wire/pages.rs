//! What a page says of the others.

use serde::Serialize;

use super::Digits;

/// The ways from a page to the others. What does not exist is left out.
#[derive(Clone, Debug, Serialize)]
pub struct PagesWire {
    /// The first page.
    pub first_page_uri: String,
    /// Number of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page: Option<Digits>,
    /// The next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_uri: Option<String>,
    /// `asc` or `desc`.
    pub order: &'static str,
    /// Items on a page, at most.
    pub page_size: Digits,
    /// How many pages there are.
    pub pages: Digits,
    /// The page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_page_uri: Option<String>,
}
