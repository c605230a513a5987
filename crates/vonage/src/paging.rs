//! A list in pages: which items a page has, and the links between pages.

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::ListQuery;

/// Everything that RFC 3986 section 2.3 does not leave unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One page of a list.
#[derive(Debug)]
pub struct Page<'a> {
    /// The list's path, without the prefix that it may be mounted under.
    pub path: &'a str,
    /// What was asked.
    pub query: &'a ListQuery,
    /// Number of the list's first page.
    pub first: u64,
    /// How many items the whole list has.
    pub total: u64,
}

impl Page<'_> {
    /// How many pages there are, at least one.
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.query.page_size).max(1)
    }

    /// The page's number.
    pub fn current(&self) -> u64 {
        self.first.saturating_add(self.query.page)
    }

    /// Number of the next page, if there is one.
    pub fn next(&self) -> Option<u64> {
        let next = self.query.page.saturating_add(1);
        (next < self.pages()).then(|| self.first + next)
    }

    /// Number of the page before; past the end, of the last page.
    pub fn previous(&self) -> Option<u64> {
        let previous = self.query.page.checked_sub(1)?;
        Some(self.first + previous.min(self.pages() - 1))
    }

    /// The link to the first page.
    pub fn first_uri(&self) -> String {
        let query = self.query;
        let mut uri = format!("{}?page_size={}&order={}", self.path, query.page_size, query.order.as_str());
        for (name, value) in &query.filters {
            uri.push_str(&format!("&{name}={}", utf8_percent_encode(value, RESERVED)));
        }
        uri
    }

    /// The link to the page with this number.
    pub fn uri(&self, page: u64) -> String {
        format!("{}&page={page}", self.first_uri())
    }
}

/// The places that a page's items have among `total` sorted ones.
pub fn places(query: &ListQuery, total: usize) -> Range<usize> {
    let size = usize::try_from(query.page_size).unwrap_or(usize::MAX);
    let skipped = usize::try_from(query.page).unwrap_or(usize::MAX).saturating_mul(size);
    let start = skipped.min(total);
    start..start.saturating_add(size).min(total)
}
