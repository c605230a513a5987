//! Whether a client would rather have plain text than JSON (RFC 9110 section 12.5.1).

use axum::http::{HeaderMap, header};

/// Whether `Accept` wants plain text more than JSON.
pub fn prefers_plain_text(headers: &HeaderMap) -> bool {
    let sent = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = sent.flat_map(|text| text.split(',')).map(Range::of).collect();
    quality(&ranges, "text/plain") > quality(&ranges, "application/json")
}

struct Range<'a> {
    media: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    fn of(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Self { media, quality: quality.map_or(1.0, |text| text.parse().unwrap_or(0.0)) }
    }
}

/// How much a media type is wanted: as the most specific range that it falls in says, else not at all.
fn quality(ranges: &[Range<'_>], media: &str) -> f32 {
    let kind = media.split('/').next().unwrap_or_default();
    let named = |name: &str| ranges.iter().find(|range| range.media.eq_ignore_ascii_case(name));
    let range = named(media).or_else(|| named(&format!("{kind}/*"))).or_else(|| named("*/*"));
    range.map_or(0.0, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_sent_only_where_it_is_wanted_more_than_json() {
        let wants = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            prefers_plain_text(&headers)
        };
        let plain = ["text/plain", "TEXT/plain; q=0.3", "text/*", "application/json;q=0.5, text/plain"];
        let json = [
            "*/*",
            "text/plain, */*",
            "text/plain;q=0.5, application/json",
            "",
            "text/html",
            "text/plain;q=0",
        ];
        assert!(plain.into_iter().all(wants));
        assert!(!json.into_iter().any(wants));
        assert!(!prefers_plain_text(&HeaderMap::new()));
    }
}
