//! How an answer is written (section 2).
//!
//! JSON is what there is, plain or wrapped for a script tag. A `format` or `Accept` that names something
//! else is passed over, as one is that nobody knows; a path with another suffix than `.json` is no path.

mod json;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};

pub use json::JsonStyle;

use super::wire::Value;

/// How an answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json(JsonStyle),
    /// A script that gives the JSON to a function.
    Jsonp {
        /// The function.
        callback: String,
        /// How the JSON looks.
        style: JsonStyle,
    },
}

impl Format {
    /// What the request asks for: the one place where this is decided.
    pub fn negotiate(query: &[(String, String)]) -> Self {
        let asked = |name: &str| query.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name));
        let style = asked("jsconfig").map(|(_, flags)| JsonStyle::parse(flags)).unwrap_or_default();
        match asked("callback") {
            Some((_, name)) if !name.is_empty() => Self::Jsonp { callback: function_name(name), style },
            _ => Self::Json(style),
        }
    }

    /// The body.
    pub fn print(&self, value: &Value) -> String {
        match self {
            Self::Json(style) => style.print(value),
            Self::Jsonp { callback, style } => format!("{callback}({})", script_safe(style.print(value))),
        }
    }

    /// The headers that go with it.
    pub fn headers(&self) -> [(HeaderName, HeaderValue); 4] {
        let content_type = match self {
            Self::Json(_) => "application/json; charset=utf-8",
            Self::Jsonp { .. } => "text/javascript; charset=utf-8",
        };
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::VARY, HeaderValue::from_static("Accept")),
        ]
    }

    /// The status that carries it: a script tag cannot read a failed load.
    pub fn status(&self, status: StatusCode) -> StatusCode {
        match self {
            Self::Json(_) => status,
            Self::Jsonp { .. } => StatusCode::OK,
        }
    }
}

/// A name that can do nothing but name: other characters than letters, digits, `.` and `_` become `_`.
fn function_name(asked: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    asked.chars().map(|c| if is_safe(c) { c } else { '_' }).collect()
}

/// Two characters that may stand in JSON strings end a line in older scripts.
fn script_safe(json: String) -> String {
    if !json.contains(['\u{2028}', '\u{2029}']) {
        return json;
    }
    json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
