//! How requests are written (section 1.7): each notation is read into the same tree, an object of members or a
//! list of such objects. Nothing here panics, whatever arrives.

pub mod csv;
pub mod form;
pub mod json;
pub mod jsv;
pub mod multipart;
pub mod xml;

use serde_json::Value as Json;

/// How a body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// The framework's own: JSON with the quotes of CSV.
    Jsv,
    /// A line of names and a line of values.
    Csv,
    /// The pairs of a form.
    Form,
    /// The parts of a form, parted by this text.
    Multipart(String),
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// How deep values may be nested.
const DEPTH: usize = 64;

impl Notation {
    /// What a `Content-Type` says; `None` if nobody reads that.
    pub fn of(content_type: &str) -> Option<Self> {
        let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.trim().to_ascii_lowercase();
        Some(match essence.as_str() {
            "application/json" | "text/json" => Self::Json,
            "application/xml" | "text/xml" => Self::Xml,
            "application/jsv" | "text/jsv" => Self::Jsv,
            "application/csv" | "text/csv" => Self::Csv,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart(multipart::boundary(parameters)?),
            json if json.starts_with("application/") && json.ends_with("+json") => Self::Json,
            xml if xml.starts_with("application/") && xml.ends_with("+xml") => Self::Xml,
            _ => return None,
        })
    }

    /// The tree. An empty body has no members.
    pub fn read(&self, body: &[u8]) -> Result<Json, Unreadable> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if body.trim_ascii().is_empty() {
            return Ok(Json::Object(serde_json::Map::new()));
        }
        match self {
            Self::Json => json::parse(body),
            Self::Xml => xml::parse(body),
            Self::Jsv => jsv::parse(body),
            Self::Csv => csv::parse(body),
            Self::Form => Ok(form::parse(body)),
            Self::Multipart(boundary) => multipart::parse(body, boundary),
        }
    }
}

/// An object of texts. Empty ones are left out: a form has all its fields, filled in or not.
fn object(pairs: Vec<(String, String)>) -> Json {
    let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    Json::Object(filled.map(|(name, value)| (name, Json::String(value))).collect())
}

/// Bytes as text, or what is wrong with them.
fn text(body: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(body).map_err(|error| Unreadable(format!("it is not UTF-8: {error}")))
}
