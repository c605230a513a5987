//! Encodings of bodies (RFC 9110, section 8.4): those of requests are undone, those of answers are chosen by what the
//! client takes.
//!
//! The limit of a request's body holds for what is unpacked: it is read no further than that.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    decompression::RequestDecompressionLayer,
    map_request_body::MapRequestBodyLayer,
};

/// Answers shorter than this, in bytes, are sent as they are.
const WORTHWHILE: u16 = 1_024;
/// What bodies may be encoded in.
const TAKEN: &str = "gzip, deflate, zstd";

/// Unpacks the bodies of requests; one in an encoding that is not known is 415.
pub fn unpacked(router: Router) -> Router {
    let unpacking = ServiceBuilder::new()
        .layer(RequestDecompressionLayer::new())
        .layer(MapRequestBodyLayer::new(Body::new));
    router.layer(unpacking).layer(from_fn(refuse_unknown))
}

/// Packs answers that are worth it, for clients that take it.
pub fn packed(router: Router) -> Router {
    let worthwhile = SizeAbove::new(WORTHWHILE).and(NotForContentType::SSE).and(is_text);
    router.layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worthwhile))
}

async fn refuse_unknown(request: Request, next: Next) -> Response {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    match (encodings.next(), encodings.next()) {
        (None, _) => next.run(request).await,
        (Some(encoding), None) if is_known(encoding) => next.run(request).await,
        _ => refusal(),
    }
}

fn is_known(encoding: &HeaderValue) -> bool {
    matches!(encoding.as_bytes(), b"gzip" | b"deflate" | b"zstd" | b"identity")
}

fn refusal() -> Response {
    let text =
        "The body's Content-Encoding is not accepted; accepted is one of gzip, deflate, zstd and identity\n";
    let taken: [(HeaderName, _); 1] = [(header::ACCEPT_ENCODING, TAKEN)];
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, taken, text).into_response()
}

/// Whether an answer is a text to read at once: a download is a file as it is, of which parts may be asked for.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_file = [header::ACCEPT_RANGES, header::CONTENT_RANGE, header::CONTENT_DISPOSITION]
        .iter()
        .any(|name| headers.contains_key(name));
    !is_file && headers.contains_key(header::CONTENT_TYPE)
}
