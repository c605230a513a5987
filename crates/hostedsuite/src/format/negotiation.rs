//! In which format an answer is wanted (section 2): the one place where this is decided.

use axum::http::{HeaderMap, Uri, header};

use super::{Format, JsonStyle, Word};
use crate::notation::{Notation, form};

/// Everything in a request that bears on the format of its answer.
pub struct Asked<'a> {
    /// Its address; the suffix counts, and the query.
    pub uri: &'a Uri,
    /// Its headers; `Accept` and `Content-Type` count.
    pub headers: &'a HeaderMap,
    /// The format that a predefined path names.
    pub path: Option<Word>,
}

impl Asked<'_> {
    /// The format of the answer. There is always one.
    pub fn format(&self) -> Format {
        let query = form::pairs(self.uri.query().unwrap_or_default().as_bytes());
        let asked = |name: &str| {
            let mut found = query.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name)).into_iter();
            found.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
        };
        let style = asked("jsconfig").map(JsonStyle::parse).unwrap_or_default();
        let callback = asked("callback").map(function_name);
        let by_query = || asked("format").and_then(|name| Word::parse(name.split('.').next()?));
        let word = match (suffix(self.uri.path()), &callback) {
            (Some(suffix), _) => suffix,
            (None, Some(_)) => Word::Json,
            (None, None) => by_query().or(self.path).unwrap_or_else(|| self.accepted()),
        };
        Format { style, callback: callback.filter(|_| word == Word::Json), ..Format::plain(word) }
    }

    /// By `Accept`, else by the request's own type. Whoever takes anything gets JSON, unless the request is
    /// written in something else: a script that sends a form has no use for a page.
    fn accepted(&self) -> Word {
        let own = self.request_type();
        let accept = self.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        let types: Vec<_> = accept.split(',').map(essence).filter(|media| !media.is_empty()).collect();
        let words: Vec<_> = types.iter().filter_map(|media| word(media)).collect();
        let accepts = |word: &Word| words.contains(word);
        let preferred = [Word::Html, Word::Json, Word::Xml, Word::Jsv];
        let by_request = own.filter(|own| accepts(own) && preferred.contains(own));
        let by_server = || preferred.into_iter().find(accepts);
        let by_wildcard = || {
            let takes_anything = types.is_empty() || types.iter().any(|media| media == "*/*");
            takes_anything.then(|| own.unwrap_or(Word::Json))
        };
        by_request.or_else(by_server).or_else(by_wildcard).or(words.first().copied()).unwrap_or(Word::Html)
    }

    /// The format that the request itself is written in.
    fn request_type(&self) -> Option<Word> {
        answered_in(&Notation::of(self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?)?)
    }
}

/// The format that the last segment of a path ends with.
fn suffix(path: &str) -> Option<Word> {
    let (_, suffix) = path.rsplit('/').next()?.rsplit_once('.')?;
    Word::parse(suffix)
}

/// A media type without its parameters.
fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn word(media: &str) -> Option<Word> {
    match media {
        "text/html" | "application/xhtml+xml" => Some(Word::Html),
        _ => answered_in(&Notation::of(media)?),
    }
}

/// The format of answers that is a notation of requests too.
const fn answered_in(notation: &Notation) -> Option<Word> {
    match notation {
        Notation::Json => Some(Word::Json),
        Notation::Xml => Some(Word::Xml),
        Notation::Jsv => Some(Word::Jsv),
        Notation::Csv => Some(Word::Csv),
        Notation::Form | Notation::Multipart(_) => None,
    }
}

/// A name that can do nothing but name: other characters than letters, digits, `.` and `_` become `_`.
fn function_name(asked: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    asked.chars().map(|c| if is_safe(c) { c } else { '_' }).collect()
}
