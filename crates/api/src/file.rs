//! Sends a file, whole or the part that is asked for (RFC 9110, section 14).

use std::{convert::Infallible, io, io::SeekFrom, ops::RangeInclusive};

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use tokio_util::io::ReaderStream;

/// Which part of a file a request asks for.
pub struct WantedPart {
    range: Option<RangeSpec>,
    if_range: Option<HeaderValue>,
}

/// A range of bytes, before it is known how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RangeSpec {
    /// From this byte to the end, or to that byte.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

/// What is sent of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Bytes(RangeInclusive<u64>),
    /// There are no such bytes.
    Outside,
}

impl<S: Sync> FromRequestParts<S> for WantedPart {
    type Rejection = Infallible;

    /// A range is only for `GET`. What cannot be read, and several ranges, are passed over, as the RFC allows.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let range = parts.headers.get(header::RANGE).filter(|_| parts.method == Method::GET);
        let range = range.and_then(|range| RangeSpec::parse(range.to_str().ok()?));
        Ok(Self { range, if_range: parts.headers.get(header::IF_RANGE).cloned() })
    }
}

impl WantedPart {
    /// The answer with what is wanted of `file`, whose content is known by the strong `etag`.
    pub async fn of(self, mut file: File, etag: Option<HeaderValue>) -> io::Result<Response> {
        let length = file.metadata().await?.len();
        let mut response = match self.part(length, etag.as_ref()) {
            Part::Whole => with_length(StatusCode::OK, length, Body::from_stream(ReaderStream::new(file))),
            Part::Bytes(bytes) => {
                let count = bytes.end() - bytes.start() + 1;
                file.seek(SeekFrom::Start(*bytes.start())).await?;
                let body = Body::from_stream(ReaderStream::new(file.take(count)));
                let range = format!("bytes {}-{}/{length}", bytes.start(), bytes.end());
                with_range(with_length(StatusCode::PARTIAL_CONTENT, count, body), &range)
            }
            Part::Outside => {
                let refused = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
                with_range(refused, &format!("bytes */{length}"))
            }
        };
        let headers = response.headers_mut();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.extend(etag.map(|etag| (header::ETAG, etag)));
        Ok(response)
    }

    /// A range under the condition of another content is passed over (13.1.5); one with a date is too, as no
    /// date of the file is told.
    fn part(&self, length: u64, etag: Option<&HeaderValue>) -> Part {
        match self.range {
            Some(range) if self.if_range.is_none() || self.if_range.as_ref() == etag => range.of(length),
            _ => Part::Whole,
        }
    }
}

impl RangeSpec {
    /// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count`.
    fn parse(field: &str) -> Option<Self> {
        let (unit, range) = field.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first, last) {
            ("", count) => Some(Self::Last(number(count)?)),
            (first, "") => Some(Self::From(number(first)?, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The bytes of a file of this length.
    fn of(self, length: u64) -> Part {
        let first = match self {
            Self::From(first, _) => first,
            Self::Last(count) => length.saturating_sub(count),
        };
        let last = match self {
            Self::From(_, Some(last)) => last.min(length.saturating_sub(1)),
            _ => length.saturating_sub(1),
        };
        if first < length { Part::Bytes(first..=last) } else { Part::Outside }
    }
}

/// Digits alone; more than there can be bytes are as good as the most.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

fn with_length(status: StatusCode, length: u64, body: Body) -> Response {
    (status, [(header::CONTENT_LENGTH, length.to_string())], body).into_response()
}

fn with_range(mut response: Response, range: &str) -> Response {
    let range = HeaderValue::from_str(range).ok();
    response.headers_mut().extend(range.map(|range| (header::CONTENT_RANGE, range)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_bytes_of_the_file() {
        let cases = [
            ("bytes=0-0", Part::Bytes(0..=0)),
            ("bytes=0-9", Part::Bytes(0..=9)),
            ("bytes=4-", Part::Bytes(4..=9)),
            ("bytes=4-99999999999999999999999", Part::Bytes(4..=9)),
            ("bytes=-3", Part::Bytes(7..=9)),
            ("bytes=-30", Part::Bytes(0..=9)),
            ("Bytes = 4-5", Part::Bytes(4..=5)),
            ("bytes=10-", Part::Outside),
            ("bytes=10-12", Part::Outside),
            ("bytes=-0", Part::Outside),
        ];
        for (field, expected) in cases {
            assert_eq!(RangeSpec::parse(field).unwrap().of(10), expected, "{field}");
        }
        assert_eq!(RangeSpec::parse("bytes=-5").unwrap().of(0), Part::Outside);
    }

    #[test]
    fn what_is_not_one_range_of_bytes_is_passed_over() {
        for field in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=+1-2", "bytes=1-2,4-5", "items=1-2"]
        {
            assert_eq!(RangeSpec::parse(field), None, "{field}");
        }
    }
}
