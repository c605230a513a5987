//! A page's place in its list.

use super::View;
use crate::{
    paging::Page,
    wire::{Digits, PagesWire},
};

impl View {
    /// The ways from a page to the others.
    pub fn pages(self, page: &Page<'_>) -> PagesWire {
        let number = |value: u64| Digits::integer(self.wire, value);
        PagesWire {
            first_page_uri: page.first_uri(),
            next_page: page.next().map(number),
            next_page_uri: page.next().map(|next| page.uri(next)),
            order: page.query.order.as_str(),
            page_size: number(page.query.page_size),
            pages: number(page.pages()),
            previous_page_uri: page.previous().map(|previous| page.uri(previous)),
        }
    }
}
