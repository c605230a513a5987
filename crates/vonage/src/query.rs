//! The query of a list: which part of it, in which order, and which page.

use axum::{extract::Query, http::Uri};
use call::Timestamp;

use super::errors::Failure;

/// Items on a page when the request does not say.
const USUAL_SIZE: u64 = 100;
/// Most items on a page.
const MOST: u64 = 1_000;
/// Greatest number of a page.
const LAST_PAGE: u64 = 2_147_483_647;
/// Longest extension or number that is looked for.
const LONGEST_NUMBER: usize = 128;

/// What a client wants of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Items on a page, at most.
    pub page_size: u64,
    /// The order.
    pub order: Order,
    /// The page, counted from the list's first one.
    pub page: u64,
    /// What happened at this instant or later.
    pub from: Option<Timestamp>,
    /// What happened before this instant.
    pub until: Option<Timestamp>,
    /// Calls with this extension or number.
    pub extension: Option<String>,
    /// The filters as the client wrote them, for links.
    pub filters: Vec<(&'static str, String)>,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    #[default]
    Descending,
}

/// The query of a list of calls.
pub const CALL_FILTERS: &[&str] = &["extension", "start_time", "end_time"];
/// The query of a list of devices.
pub const DEVICE_FILTERS: &[&str] = &["start_time", "end_time"];

impl Order {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

impl ListQuery {
    /// Reads the query of a list that has these filters and whose first page has this number. Parameters of
    /// other names are not looked at.
    pub fn read(uri: &Uri, filters: &[&'static str], first_page: u64) -> Result<Self, Failure> {
        let sent = Parameters::of(uri);
        let given =
            |name: &&'static str| Some(sent.one(name).transpose()?.map(|text| (*name, text.to_owned())));
        let filters = filters.iter().filter_map(given).collect::<Result<Vec<_>, _>>()?;
        let filter = |name| filters.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        let instant = |name| filter(name).map(|text| instant(name, text)).transpose();
        Ok(Self {
            page_size: sent.one("page_size")?.map_or(Ok(USUAL_SIZE), page_size)?,
            order: sent.one("order")?.map_or(Ok(Order::default()), order)?,
            page: sent.one("page")?.map_or(Ok(0), |text| page(text, first_page))?,
            from: instant("start_time")?,
            until: instant("end_time")?,
            extension: filter("extension").map(extension).transpose()?,
            filters,
        })
    }

    /// Whether an instant lies in the asked-for time. The end is not part of it, so that windows that touch
    /// neither lose nor repeat anything.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }

    /// Whether only a part of time is asked for.
    pub fn is_bounded(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }
}

struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(uri: &Uri) -> Self {
        let pairs = Query::try_from_uri(uri).map(|Query(pairs)| pairs);
        Self(pairs.unwrap_or_default())
    }

    fn one(&self, name: &str) -> Result<Option<&str>, Failure> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (Some(_), Some(second)) => Err(Failure::bad_value(name, second, "one value, not two")),
            (value, _) => Ok(value),
        }
    }
}

fn page_size(text: &str) -> Result<u64, Failure> {
    match count(text) {
        // The vendor's own links say 0 and mean the usual size.
        Some(0) => Ok(USUAL_SIZE),
        Some(size) => Ok(size.min(MOST)),
        None => Err(Failure::bad_value("page_size", text, "a whole number from 0 (the usual 100) to 1000")),
    }
}

fn order(text: &str) -> Result<Order, Failure> {
    match text.to_ascii_lowercase().as_str() {
        "asc" => Ok(Order::Ascending),
        "desc" => Ok(Order::Descending),
        _ => Err(Failure::bad_value("order", text, "`asc` or `desc`")),
    }
}

fn page(text: &str, first: u64) -> Result<u64, Failure> {
    let page = count(text).filter(|page| *page <= LAST_PAGE).and_then(|page| page.checked_sub(first));
    let accepted = || format!("a whole number from {first} to {LAST_PAGE}");
    page.ok_or_else(|| Failure::bad_value("page", text, &accepted()))
}

fn extension(text: &str) -> Result<String, Failure> {
    if text.is_empty() || text.chars().count() > LONGEST_NUMBER {
        return Err(Failure::bad_value(
            "extension",
            text,
            "an extension or number, at most 128 characters long",
        ));
    }
    Ok(text.to_owned())
}

/// An instant in seconds since 1970; also in milliseconds or microseconds, which clients hold as well and
/// which are told by their magnitude.
fn instant(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let accepted = "seconds since 1970-01-01 UTC, in digits alone";
    let epoch = digits(text).and_then(|digits| digits.parse::<i64>().ok());
    match epoch {
        Some(seconds @ ..100_000_000_000) => Ok(Timestamp::from_seconds(seconds)),
        Some(millis @ ..100_000_000_000_000) => Ok(Timestamp::from_micros(millis.saturating_mul(1_000))),
        Some(micros) => Ok(Timestamp::from_micros(micros)),
        None => Err(Failure::bad_value(name, text, accepted)),
    }
}

/// A count in digits; one too large to hold is as large as can be held.
fn count(text: &str) -> Option<u64> {
    digits(text).map(|digits| digits.parse().unwrap_or(u64::MAX))
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}
