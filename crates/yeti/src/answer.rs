//! An answer with a body: its text, its ETag and the headers that hang on them (contract yeti.md, 1.2
//! and 1.4).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_core::layer::conditional::{REVALIDATE, etag};
use serde::Serialize;

/// How a body is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/vnd.api+json`: the JSON:API family.
    JsonApi,
    /// `application/json; charset=utf-8`: `auth` and the reports.
    PlainJson,
}

/// The JSON:API media type.
pub const JSON_API: &str = "application/vnd.api+json";

const PLAIN_JSON: &str = "application/json; charset=utf-8";
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// A body with its status, label and place.
pub struct Answer {
    status: StatusCode,
    media: Media,
    body: Bytes,
    location: Option<HeaderValue>,
}

impl Answer {
    /// The compact JSON text of `body`.
    pub fn new(status: StatusCode, media: Media, body: &impl Serialize) -> Self {
        let text = serde_json::to_vec(body).expect("wire types have text keys and no failing parts");
        Self { status, media, body: text.into(), location: None }
    }

    /// A JSON:API document.
    pub fn ok(document: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, Media::JsonApi, document)
    }

    /// The JSON:API document of a new resource, which is found under `location` (its `links.self`).
    pub fn created(location: &str, document: &impl Serialize) -> Self {
        let location = HeaderValue::from_str(location).ok();
        Self { location, ..Self::new(StatusCode::CREATED, Media::JsonApi, document) }
    }

    /// A body of a report or of `auth`.
    pub fn plain(status: StatusCode, body: &impl Serialize) -> Self {
        Self::new(status, Media::PlainJson, body)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let label = match self.media {
            Media::JsonApi => JSON_API,
            Media::PlainJson => PLAIN_JSON,
        };
        let has_etag = matches!(self.status, StatusCode::OK | StatusCode::CREATED);
        let etag = has_etag.then(|| etag(&self.body));
        let mut response = (self.status, [(header::CONTENT_TYPE, label)], self.body.clone()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, self.body.len().into());
        headers.insert(header::CACHE_CONTROL, if has_etag { REVALIDATE } else { NO_CACHE });
        headers.extend(etag.map(|etag| (header::ETAG, etag)));
        headers.extend(self.location.map(|location| (header::LOCATION, location)));
        response
    }
}
