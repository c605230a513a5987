//! Whether client and server speak of the same media type (contract yeti.md, 1.3): 415, then 406.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, Method, header, request::Parts},
};

use super::{answer::JSON_API, errors::Refusal};

/// The request sends and takes JSON:API.
pub struct Negotiated;

impl<S: Sync> FromRequestParts<S> for Negotiated {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if parts.method == Method::POST {
            check_sent(&text(&parts.headers, header::CONTENT_TYPE))?;
        }
        check_accepted(&text(&parts.headers, header::ACCEPT))?;
        Ok(Self)
    }
}

fn check_sent(content_type: &str) -> Result<(), Refusal> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_json_api = media_type.eq_ignore_ascii_case(JSON_API);
    if is_json_api { Ok(()) } else { Err(Refusal::unsupported_media_type(media_type)) }
}

fn check_accepted(accept: &str) -> Result<(), Refusal> {
    let mut parts = accept.split(',').map(str::trim);
    let is_fine = accept.trim().is_empty() || parts.any(|part| part == JSON_API || part.starts_with("*/*"));
    if is_fine { Ok(()) } else { Err(Refusal::not_acceptable(accept)) }
}

fn text(headers: &HeaderMap, name: HeaderName) -> String {
    let lines =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned());
    lines.collect::<Vec<_>>().join(", ")
}
