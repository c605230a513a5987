//! `page[number]` and `page[size]`, and the links to other pages (contract yeti.md, section 4).

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Parameter, Query};
use crate::{errors::Refusal, wire::document::PageLinksWire};

const DEFAULT_SIZE: u64 = 50;
const MAX_SIZE: u64 = 1_000;

/// Characters that Ruby's form encoding changes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which, from 1.
    pub number: u64,
    /// How many items it holds.
    pub size: u64,
}

impl Page {
    /// Reads `page[number]` and `page[size]`; a bare `page` is the number.
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        let mut page = Self { number: 1, size: DEFAULT_SIZE };
        for parameter in query.named("page") {
            match keys(parameter).as_slice() {
                [] | ["number"] => page.number = number(&parameter.value)?,
                // A list of pages is no page.
                [""] => return Err(invalid_number(&parameter.value)),
                ["size"] => page.size = size(&parameter.value)?,
                _ => {}
            }
        }
        Ok(page)
    }

    /// How many items come before it.
    pub fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The items of the page.
    pub fn of<T>(&self, items: Vec<T>) -> Vec<T> {
        let clamp = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        items.into_iter().skip(clamp(self.offset())).take(clamp(self.size)).collect()
    }

    /// Links to the pages around this one of a list of `total` items.
    pub fn links(&self, list_url: &str, query: &Query, total: u64) -> PageLinksWire {
        let last = total.div_ceil(self.size).max(1);
        let link = |number: u64| format!("{list_url}?{}", self.query(query, number));
        PageLinksWire {
            first: link(1),
            prev: (self.number > 1).then(|| link(self.number - 1)),
            next: (self.number < last).then(|| link(self.number + 1)),
            last: link(last),
        }
    }

    fn query(&self, query: &Query, number: u64) -> String {
        let kept = ["fields", "filter", "include", "sort"];
        let own = query.parameters().filter(|parameter| kept.contains(&parameter.name.as_str()));
        let own = own.map(|parameter| (parameter.full_name(), parameter.value.clone()));
        let page = [("page[number]", number), ("page[size]", self.size)];
        let page = page.map(|(name, value)| (name.to_owned(), value.to_string()));
        let pairs = own.chain(page).map(|(name, value)| format!("{}={}", escape(&name), escape(&value)));
        pairs.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("&")
    }
}

fn keys(parameter: &Parameter) -> Vec<&str> {
    parameter.keys.iter().map(String::as_str).collect()
}

fn number(text: &str) -> Result<u64, Refusal> {
    whole(text).ok_or_else(|| invalid_number(text))
}

fn size(text: &str) -> Result<u64, Refusal> {
    match whole(text) {
        None => Err(invalid(format!("{text} is not a valid value for size page parameter."))),
        Some(size) if size > MAX_SIZE => {
            Err(invalid(format!("size exceeds maximum page size of {MAX_SIZE}.")))
        }
        Some(size) => Ok(size),
    }
}

fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}

fn invalid_number(text: &str) -> Refusal {
    invalid(format!("{text} is not a valid value for number page parameter."))
}

fn invalid(detail: String) -> Refusal {
    Refusal::invalid(118, "Invalid page value", detail)
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string().replace("%20", "+")
}
