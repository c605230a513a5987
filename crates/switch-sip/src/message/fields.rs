//! Reading header fields.

use std::{net::SocketAddr, sync::Arc};

use rsipstack::sip::{HasHeaders, Header, Method, Request, Response, Uri, headers::Path};

pub(crate) use sip::sdp::MEDIA_TYPE as SDP;
use sip::{multipart::session_description, name_addr::split_list};

use super::{NameAddr, uri};

/// The first value of a header.
macro_rules! first {
    ($message:expr, $variant:ident) => {
        ::rsipstack::sip::HasHeaders::headers($message).iter().find_map(|header| match header {
            ::rsipstack::sip::Header::$variant(value) => Some(value.value()),
            _ => None,
        })
    };
}
pub(crate) use first;

pub(crate) fn call_id(message: &impl HasHeaders) -> &str {
    first!(message, CallId).unwrap_or_default()
}

pub(crate) fn from(message: &impl HasHeaders) -> Option<NameAddr<'_>> {
    first!(message, From).and_then(NameAddr::parse)
}

pub(crate) fn to(message: &impl HasHeaders) -> Option<NameAddr<'_>> {
    first!(message, To).and_then(NameAddr::parse)
}

/// The first Contact, unless it is `*`.
pub(crate) fn contact(message: &impl HasHeaders) -> Option<NameAddr<'_>> {
    split_list(first!(message, Contact)?).next().filter(|value| *value != "*").and_then(NameAddr::parse)
}

/// Number and method of CSeq.
pub(crate) fn cseq(message: &impl HasHeaders) -> Option<(u32, Method)> {
    let (number, method) = first!(message, CSeq)?.trim().split_once([' ', '\t'])?;
    Some((number.parse().ok()?, method.parse().ok()?))
}

/// Max-Forwards of a request of ours (RFC 3261 section 8.1.1.6), and of one that sets no bound.
pub(crate) use b2bua::message::MAX_FORWARDS;

/// Hops that are left.
pub(crate) fn max_forwards(request: &Request) -> u8 {
    first!(request, MaxForwards).and_then(|value| value.trim().parse().ok()).unwrap_or(MAX_FORWARDS)
}

/// What the peer calls itself.
pub(crate) fn user_agent(message: &impl HasHeaders) -> Option<Arc<str>> {
    first!(message, UserAgent).or_else(|| first!(message, Server)).map(Arc::from)
}

/// A header that has no name of its own in the stack.
pub(crate) fn other<'a>(message: &'a impl HasHeaders, name: &str) -> Option<&'a str> {
    message.headers().iter().find_map(|header| match header {
        Header::Other(known, value) if known.eq_ignore_ascii_case(name) => Some(value.as_str()),
        _ => None,
    })
}

/// The values of all headers of a name.
pub(crate) fn values<'a>(message: &'a impl HasHeaders, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = message.headers().iter().filter(move |header| header.name().eq_ignore_ascii_case(name));
    named.map(Header::value)
}

/// The same, comma-joined; `None` if there is none.
pub(crate) fn joined(message: &impl HasHeaders, name: &str) -> Option<Arc<str>> {
    let values: Vec<_> = values(message, name).collect();
    (!values.is_empty()).then(|| values.join(", ").into())
}

/// All `Diversion` headers, comma-joined (RFC 5806).
pub(crate) fn diversion(request: &Request) -> Option<Arc<str>> {
    joined(request, "Diversion")
}

/// All `History-Info` headers, comma-joined (RFC 7044).
pub(crate) fn history(request: &Request) -> Option<Arc<str>> {
    joined(request, "History-Info")
}

/// The places that a redirection names, the best liked first (RFC 3261 section 8.1.3.4).
pub(crate) fn redirect_targets(response: &Response) -> Vec<Uri> {
    let values = response.headers.iter().filter_map(|header| match header {
        Header::Contact(contact) => Some(contact.value()),
        _ => None,
    });
    let targets = values.flat_map(split_list).filter_map(NameAddr::parse).filter_map(|contact| {
        let preference: f32 = contact.param("q").and_then(|q| q.parse().ok()).unwrap_or(1.0);
        Some((preference, uri::parse(contact.uri)?))
    });
    let mut targets: Vec<_> = targets.collect();
    targets.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    targets.into_iter().map(|(_, target)| target).collect()
}

/// The Record-Route values of a message, topmost first.
pub(crate) fn record_route(message: &impl HasHeaders) -> Vec<String> {
    let headers = message.headers().iter().filter_map(|header| match header {
        Header::RecordRoute(value) => Some(value.value()),
        _ => None,
    });
    headers.flat_map(split_list).map(str::to_owned).collect()
}

/// The Path values of a REGISTER, topmost first (RFC 3327).
pub(crate) fn path(request: &Request) -> Vec<String> {
    let headers = request.headers.iter().filter_map(|header| match header {
        Header::Path(value) => Some(value.value()),
        _ => None,
    });
    headers.flat_map(split_list).map(str::to_owned).collect()
}

/// A Path value as a header.
pub(crate) fn path_header(value: &str) -> Header {
    Header::Path(Path::new(value))
}

/// Whether the message carries a session description, maybe as one of several parts, or nothing at all.
pub(crate) fn has_known_body(request: &Request) -> bool {
    request.body.is_empty()
        || first!(request, ContentType).is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case(SDP) || Body::of_request(request).is_sdp()
        })
}

/// A body with its type, as it is passed from one dialog to the other. Of several parts, only the session
/// description is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) kind: Option<Arc<str>>,
    pub(crate) bytes: Vec<u8>,
}

impl Body {
    pub(crate) fn of(message: &impl HasHeaders, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::default();
        }
        let kind = first!(message, ContentType);
        let is_multipart =
            |kind: &&str| kind.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
        match kind.filter(is_multipart).and_then(|kind| session_description(kind, bytes)) {
            Some(description) => Self { kind: Some(SDP.into()), bytes: description.to_vec() },
            None => Self { kind: kind.map(Arc::from), bytes: bytes.to_vec() },
        }
    }

    pub(crate) fn of_request(request: &Request) -> Self {
        Self::of(request, &request.body)
    }

    pub(crate) fn of_response(response: &Response) -> Self {
        Self::of(response, &response.body)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether it is a session description, alone.
    pub(crate) fn is_sdp(&self) -> bool {
        let kind = self.kind.as_deref().and_then(|kind| kind.split(';').next());
        !self.is_empty() && kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(SDP))
    }
}

/// Makes a request that has come from `source` what the stack can read.
pub(crate) fn normalize(request: &mut Request, source: SocketAddr) {
    stamp_source(request, source);
    tighten_ends(request);
}

/// Writes where the request came from into its topmost Via (RFC 3261 section 18.2.1, RFC 3581).
fn stamp_source(request: &mut Request, source: SocketAddr) {
    let top = request.headers.iter_mut().find_map(|header| match header {
        Header::Via(via) => Some(via),
        _ => None,
    });
    let Some(via) = top else { return };
    let stamped = stamped(via.value(), source);
    via.replace(stamped);
}

/// Takes out the blanks that may stand around `;` and `=` after the URI of From and To; the stack does not
/// find the tag between them.
fn tighten_ends(request: &mut Request) {
    for header in request.headers.iter_mut() {
        let value = match header {
            Header::From(from) => &mut from.0,
            Header::To(to) => &mut to.0,
            _ => continue,
        };
        if let Some(params) = value.rfind('>').or_else(|| value.find(';'))
            && value[params..].contains([' ', '\t'])
        {
            let tight: String = value[params..].split_whitespace().collect();
            value.replace_range(params.., &tight);
        }
    }
}

/// A Via value with the source of its request in its first part.
pub(crate) fn stamped(via: &str, source: SocketAddr) -> String {
    let first = split_list(via).next().unwrap_or_default();
    let rest = via.trim_start().strip_prefix(first).unwrap_or_default();
    let mut pieces = first.split(';');
    let mut stamped = sent_by(pieces.next().unwrap_or_default());
    for (key, value) in pieces.map(|piece| piece.split_once('=').unwrap_or((piece, ""))) {
        let (key, value) = (key.trim(), value.trim());
        if key.is_empty() || key.eq_ignore_ascii_case("received") || key.eq_ignore_ascii_case("rport") {
            continue;
        }
        stamped.extend([";", key]);
        if !value.is_empty() {
            stamped.extend(["=", value]);
        }
    }
    format!("{stamped};received={};rport={}{rest}", source.ip(), source.port())
}

/// Protocol and sent-by of a Via, without the blanks that may stand in it (RFC 3261 section 20.42); the
/// stack does not take them.
fn sent_by(text: &str) -> String {
    let text = text.trim();
    if !text.contains(" /") && !text.contains("/ ") {
        return text.to_owned();
    }
    text.split('/').map(str::trim).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_replaces_what_the_peer_claims_in_the_first_via_only() {
        let via = "SIP/2.0/UDP a:1;rport;received=9.9.9.9;branch=z9hG4bKx , SIP/2.0/UDP b;rport";
        let source = "10.0.0.1:5071".parse().unwrap();
        let expected = "SIP/2.0/UDP a:1;branch=z9hG4bKx;received=10.0.0.1;rport=5071 , SIP/2.0/UDP b;rport";
        assert_eq!(stamped(via, source), expected);
    }

    #[test]
    fn a_source_of_version_6_is_written_without_brackets() {
        let stamped = stamped("SIP/2.0/UDP [::2]:5060;branch=z9hG4bKx", "[::1]:5070".parse().unwrap());
        assert_eq!(stamped, "SIP/2.0/UDP [::2]:5060;branch=z9hG4bKx;received=::1;rport=5070");
    }
}
