//! Sends a download, whole or the part that is asked for (RFC 9110, section 14). Every download goes this way.
//!
//! Of several ranges in one request the whole is sent, as the RFC allows: who wants several parts asks several
//! times.

use std::{convert::Infallible, io, io::SeekFrom, ops::RangeInclusive, time::UNIX_EPOCH};

use axum::{
    body::{Body, Bytes},
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncSeekExt},
};
use tokio_util::io::ReaderStream;

/// A file to be sent: pieces, one after the other.
#[derive(Debug, Default)]
pub struct Content {
    pieces: Vec<Piece>,
    length: u64,
}

/// What a download is called and known by.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its media type.
    pub media_type: &'static str,
    /// The name that it is saved under.
    pub file_name: String,
    /// The strong ETag of its content, in quotes.
    pub etag: Option<String>,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    File { file: File, start: u64, length: u64 },
}

impl Content {
    /// A file as it is.
    pub async fn whole(file: File) -> io::Result<Self> {
        let length = file.metadata().await?.len();
        let mut content = Self::default();
        content.push_file(file, 0, length);
        Ok(content)
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        self.length += bytes.len() as u64;
        self.pieces.push(Piece::Bytes(bytes));
    }

    /// Adds `length` bytes of a file, from `start` on, at the end.
    pub fn push_file(&mut self, file: File, start: u64, length: u64) {
        self.length += length;
        self.pieces.push(Piece::File { file, start, length });
    }

    /// These bytes of it.
    async fn read(self, wanted: RangeInclusive<u64>) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        let mut reader: Box<dyn AsyncRead + Send + Unpin> = Box::new(tokio::io::empty());
        let mut before = 0;
        for piece in self.pieces {
            let (length, offset) = (piece.len(), before);
            before += length;
            let first = wanted.start().max(&offset) - offset;
            let end = (wanted.end() + 1).min(before).saturating_sub(offset);
            if first < end {
                reader = Box::new(reader.chain(piece.read(first, end).await?));
            }
        }
        Ok(reader)
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    async fn read(self, first: u64, end: u64) -> io::Result<Box<dyn AsyncRead + Send + Unpin>> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        Ok(match self {
            Self::Bytes(bytes) => Box::new(io::Cursor::new(bytes.slice(place(first)..place(end)))),
            Self::File { mut file, start, .. } => {
                file.seek(SeekFrom::Start(start + first)).await?;
                Box::new(file.take(end - first))
            }
        })
    }
}

/// What is the same as long as nobody writes to a file, for files whose content nobody has summed up.
pub async fn fingerprint(file: &File) -> io::Result<String> {
    let metadata = file.metadata().await?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{:x}-{:x}", metadata.len(), changed.as_nanos()))
}

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
    /// The answer with what is wanted of `content`.
    pub async fn of(self, content: Content, label: &Label) -> io::Result<Response> {
        let length = content.len();
        let etag = label.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok());
        let mut response = match self.part(length, etag.as_ref()) {
            Part::Whole => {
                let body = content.read(0..=length.saturating_sub(1)).await?;
                with_length(StatusCode::OK, length, Body::from_stream(ReaderStream::new(body)))
            }
            Part::Bytes(bytes) => {
                let count = bytes.end() - bytes.start() + 1;
                let range = format!("bytes {}-{}/{length}", bytes.start(), bytes.end());
                let body = Body::from_stream(ReaderStream::new(content.read(bytes).await?));
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
        if response.status() != StatusCode::RANGE_NOT_SATISFIABLE {
            response.headers_mut().extend(label.headers());
        }
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

impl Label {
    fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", self.file_name));
        let disposition = disposition.ok().map(|value| (header::CONTENT_DISPOSITION, value));
        disposition.into_iter().chain([(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type))])
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
