//! How things look on any page: times, lengths, numbers, fields of forms.

use std::{iter, time::Duration};

use axum::http::{HeaderMap, header};
use call::{Timestamp, state::Phase, time::whole_seconds};
use http_core::time::{in_zone, rfc3339};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use rust_decimal::Decimal;

use crate::{routes, words};

/// An instant: in UTC, and by the module in the reader's zone.
pub fn instant(at: Timestamp) -> Markup {
    let text = in_zone(at, &TimeZone::UTC).strftime("%F %T").to_string();
    html! { time datetime=(rfc3339(at)) data-local="" { (text) } }
}

/// The time of day of an instant, or its day where `with_day`.
pub fn moment(at: Timestamp, with_day: bool) -> Markup {
    let (form, kind) = if with_day { ("%F %H:%M", "day") } else { ("%H:%M", "time") };
    let text = in_zone(at, &TimeZone::UTC).strftime(form).to_string();
    html! { time datetime=(rfc3339(at)) data-local=(kind) { (text) } }
}

/// How long ago something was, which the module counts on.
pub fn age(since: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(rfc3339(since)) data-age { (length(now.since(since))) } }
}

/// A length: `0:07`, `12:30`, `1:02:03`.
pub fn length(length: Duration) -> String {
    let seconds = whole_seconds(length);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A length with its thousandths: `0.120 s`.
pub fn exact(length: Duration) -> String {
    format!("{:.3} s", length.as_secs_f64())
}

/// A length in whole milliseconds.
pub fn ms(length: Duration) -> String {
    format!("{:.0} ms", length.as_secs_f64() * 1_000.0)
}

/// A whole number, its digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = Some(head.to_owned()).filter(|head| !head.is_empty());
    head.into_iter().chain(groups).collect::<Vec<_>>().join("\u{202f}")
}

/// Bytes, in the unit that suits them.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if unit == 0 { format!("{number} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A part of a whole: `62.5 %`.
pub fn percent(part: u64, whole: u64) -> Option<String> {
    (whole > 0).then(|| format!("{:.1} %", part as f64 * 100.0 / whole as f64))
}

/// An amount of money.
pub fn money(amount: Decimal) -> String {
    amount.round_dp(4).normalize().to_string()
}

/// The name of a country (ISO 3166-1 numeric).
pub fn country(code: u16) -> Option<&'static str> {
    isocountry::CountryCode::for_id(code.into()).ok().map(|country| country.name())
}

/// The mark of what a call does.
pub fn phase(phase: Phase) -> Markup {
    html! { span class={ "mark " (words::phase_class(phase)) } { (words::phase(phase)) } }
}

/// A choice of one value of a form's field, or of any.
pub fn choice<'a>(
    name: &str,
    label: &str,
    options: impl IntoIterator<Item = (String, &'a str)>,
    chosen: Option<&str>,
) -> Markup {
    let any = (String::new(), words::ANY);
    choice_of(name, label, iter::once(any).chain(options), chosen)
}

/// A choice of one of these values of a form's field; the first one unless another is chosen.
pub fn choice_of<'a>(
    name: &str,
    label: &str,
    options: impl IntoIterator<Item = (String, &'a str)>,
    chosen: Option<&str>,
) -> Markup {
    html! {
        label { span { (label) }
            select name=(name) {
                @for (value, text) in options {
                    option value=(value) selected[chosen == Some(value.as_str())] { (text) }
                }
            }
        }
    }
}

/// What is said for a field that is left empty, and what else can be chosen.
pub fn or_else<T>(
    empty: &'static str,
    known: &[(&'static str, T)],
) -> impl Iterator<Item = (String, &'static str)> {
    iter::once((String::new(), empty)).chain(named(known))
}

/// What can be chosen, by its names in a query.
pub fn named<T>(known: &[(&'static str, T)]) -> impl Iterator<Item = (String, &'static str)> {
    known.iter().map(|(name, _)| ((*name).to_owned(), words::of_choice(name)))
}

/// A field of text.
pub fn field(name: &str, label: &str, kind: &str, value: Option<&str>) -> Markup {
    html! { label { span { (label) } input name=(name) type=(kind) value=[value] autocomplete="off"; } }
}

/// What a page says where there is nothing to show.
pub fn nothing(text: &str) -> Markup {
    html! { p class="nothing" { (text) } }
}

/// The page that a form was sent from, to go back to; the first page if the browser does not say.
pub fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok()).unwrap_or_default();
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    routes::own_page(path.unwrap_or_default()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_numbers_read_as_people_write_them() {
        let lengths = [(0, "0:00"), (7, "0:07"), (750, "12:30"), (3_723, "1:02:03")];
        for (seconds, expected) in lengths {
            assert_eq!(length(Duration::from_secs(seconds)), expected);
        }
        let counts =
            [(0, "0"), (999, "999"), (1_000, "1\u{202f}000"), (12_345_678, "12\u{202f}345\u{202f}678")];
        for (number, expected) in counts {
            assert_eq!(count(number), expected);
        }
        let sizes = [(999, "999 B"), (1_000, "1.0 KB"), (2_500_000, "2.5 MB")];
        for (number, expected) in sizes {
            assert_eq!(bytes(number), expected);
        }
    }

    #[test]
    fn one_goes_back_to_pages_of_the_console_alone() {
        let cases = [
            ("https://a.example/console/history?x=1", "/console/history?x=1"),
            ("https://a.example/console", "/console"),
            ("https://a.example/consoles", "/console"),
            ("https://a.example//evil.example/console", "/console"),
            ("nonsense", "/console"),
        ];
        for (referer, expected) in cases {
            let headers = HeaderMap::from_iter([(header::REFERER, referer.parse().unwrap())]);
            assert_eq!(back(&headers), expected, "{referer}");
        }
    }
}
