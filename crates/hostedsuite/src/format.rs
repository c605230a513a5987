//! How answers are written (section 2). Every format walks the same tree of [values](Value).

mod csv;
mod html;
mod json;
mod jsv;
mod negotiation;
mod xml;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_core::formula::Formulas;

pub use html::{STYLE, escaped};
pub use json::JsonStyle;
pub use jsv::dump as dump_jsv;
pub use negotiation::Asked;
pub use xml::dump as dump_xml;

use super::dto::Value;

/// The name of a format, as in suffixes and paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A page for people.
    Html,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// The framework's own: JSON with the quotes of CSV.
    Jsv,
    /// A table.
    Csv,
}

/// How an answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// In which format.
    pub word: Word,
    /// How JSON looks.
    pub style: JsonStyle,
    /// The function that a script gives the JSON to.
    pub callback: Option<String>,
    /// What becomes of formulas in CSV.
    pub formulas: Formulas,
}

/// An answer, and what a page or file with it is called.
pub struct Document<'a> {
    /// The operation.
    pub name: &'a str,
    /// When it was made, as people write it.
    pub made_at: &'a str,
    /// What it says.
    pub value: &'a Value,
}

/// The headers of a page that nobody logged in for.
pub fn page_headers() -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(html::POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

impl Word {
    /// All of them, in the order in which the server prefers them.
    pub const ALL: [Self; 5] = [Self::Html, Self::Json, Self::Xml, Self::Jsv, Self::Csv];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Jsv => "jsv",
            Self::Csv => "csv",
        }
    }

    /// The format of this name, in either case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name().eq_ignore_ascii_case(name))
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Jsv => "text/jsv",
            Self::Csv => "text/csv",
        }
    }
}

impl Format {
    /// A format as it is without any wishes.
    pub fn plain(word: Word) -> Self {
        Self { word, style: JsonStyle::default(), callback: None, formulas: Formulas::default() }
    }

    /// The body.
    pub fn print(&self, document: &Document<'_>) -> String {
        let value = document.value;
        match (self.word, &self.callback) {
            (Word::Json, Some(callback)) => json::script(callback, &self.style.print(value)),
            (Word::Json, None) => self.style.print(value),
            (Word::Xml, _) => xml::print(value),
            (Word::Jsv, _) => jsv::print(value),
            (Word::Csv, _) => csv::print(value, self.formulas),
            (Word::Html, _) => html::print(document),
        }
    }

    /// The headers that go with it. The body holds what people said and did, so nobody may keep it.
    pub fn headers(&self, name: &str) -> HeaderMap {
        let fixed = [
            (header::CONTENT_TYPE, self.content_type()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, "Accept"),
        ];
        let mut headers: HeaderMap =
            fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        headers.extend(self.special_header(name));
        headers
    }

    fn content_type(&self) -> &'static str {
        match self.word {
            Word::Json if self.callback.is_some() => "text/javascript; charset=utf-8",
            Word::Json => "application/json; charset=utf-8",
            Word::Xml | Word::Jsv | Word::Csv | Word::Html => self.word.media_type(),
        }
    }

    fn special_header(&self, name: &str) -> Option<(HeaderName, HeaderValue)> {
        match self.word {
            Word::Csv => {
                let value = HeaderValue::try_from(format!("attachment;filename=\"{name}.csv\"")).ok()?;
                Some((header::CONTENT_DISPOSITION, value))
            }
            Word::Html => Some((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(html::POLICY))),
            Word::Json | Word::Xml | Word::Jsv => None,
        }
    }

    /// The status that carries it: a script tag cannot read a failed load.
    pub fn status(&self, status: StatusCode) -> StatusCode {
        if self.callback.is_some() { StatusCode::OK } else { status }
    }
}
