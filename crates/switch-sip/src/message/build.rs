//! Writing messages.

use rsipstack::sip::{
    Header, Headers, Method, Request, Response, StatusCode, Uri, Version,
    headers::{
        Allow, CSeq, CallId, Contact, ContentLength, ContentType, From, MaxForwards, RetryAfter, Server, To,
        UserAgent, Via, Warning,
    },
};

use super::{NameAddr, fields::Body};

/// What we call ourselves.
pub(crate) const PRODUCT: &str = concat!("Trunkline/", env!("CARGO_PKG_VERSION"));

/// The methods that we take.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, INFO, MESSAGE, SUBSCRIBE, REFER";

/// A response with the headers that every one has (RFC 3261 section 8.2.6.2). `tag` goes into To if there
/// is none yet.
pub(crate) fn response(request: &Request, status: StatusCode, tag: &str) -> Response {
    let mut headers = Vec::with_capacity(12);
    for header in request.headers.iter() {
        match header {
            Header::Via(_) | Header::From(_) | Header::CallId(_) | Header::CSeq(_) => {
                headers.push(header.clone());
            }
            Header::To(to) => headers.push(Header::To(To::new(tagged(to.value(), tag)))),
            _ => {}
        }
    }
    headers.push(Header::Server(Server::new(PRODUCT)));
    headers.push(Header::ContentLength(ContentLength::new("0")));
    Response {
        status_code: status,
        wire_reason: None,
        version: Version::V2,
        headers: headers.into(),
        body: vec![],
    }
}

fn tagged(to: &str, tag: &str) -> String {
    let has_tag = NameAddr::parse(to).is_some_and(|to| to.param("tag").is_some());
    if has_tag || tag.is_empty() { to.to_owned() } else { format!("{to};tag={tag}") }
}

/// Adds the Record-Route of the request, which a response that makes a dialog repeats (RFC 3261 section
/// 12.1.1), and our Contact.
pub(crate) fn make_dialog(response: &mut Response, request: &Request, contact: &str) {
    let routes = request.headers.iter().filter(|header| matches!(header, Header::RecordRoute(_)));
    response.headers.extend(routes.cloned().collect());
    response.headers.push(Header::Contact(Contact::new(contact)));
    response.headers.push(allow());
}

/// Puts a body into a message.
pub(crate) fn set_body(headers: &mut Headers, target: &mut Vec<u8>, body: Body) {
    if body.is_empty() {
        return;
    }
    if let Some(kind) = &body.kind {
        headers.unique_push(Header::ContentType(ContentType::new(&**kind)));
    }
    headers.unique_push(Header::ContentLength(ContentLength::new(body.bytes.len().to_string())));
    *target = body.bytes;
}

/// `Allow` with the methods that we take.
pub(crate) fn allow() -> Header {
    Header::Allow(Allow::new(ALLOW))
}

/// `Allow` of a refusal with 405: the methods that are taken where this one is not.
pub(crate) fn allow_without(method: Method) -> Header {
    let refused = method.to_string();
    let allowed: Vec<_> = ALLOW.split(", ").filter(|allowed| **allowed != *refused).collect();
    Header::Allow(Allow::new(allowed.join(", ")))
}

/// `Warning` with a text for whoever looks for the fault (RFC 3261 section 20.43).
pub(crate) fn warning(text: &str) -> Header {
    Header::Warning(Warning::new(format!("399 trunkline {}", sip::param::quote(text))))
}

/// `Warning` of a refusal with 488 (RFC 3261 section 20.43).
pub(crate) fn no_common_media() -> Header {
    incompatible("Incompatible media format")
}

/// The same with a text that says more.
pub(crate) fn incompatible(text: &str) -> Header {
    Header::Warning(Warning::new(format!("305 trunkline {}", sip::param::quote(text))))
}

/// `Retry-After` in whole seconds.
pub(crate) fn retry_after(after: std::time::Duration) -> Header {
    Header::RetryAfter(RetryAfter::new(after.as_secs().max(1).to_string()))
}

/// Gives a request of ours another number.
pub(crate) fn renumber(request: &mut Request, cseq: u32) {
    request.headers.unique_push(Header::CSeq(CSeq::new(format!("{cseq} {}", request.method))));
}

/// Gives a request of ours another branch.
pub(crate) fn renew_branch(request: &mut Request, branch: &str) {
    let top = request.headers.iter_mut().find_map(|header| match header {
        Header::Via(via) => Some(via),
        _ => None,
    });
    let Some(via) = top else { return };
    let pieces = via.value().split(';').map(|piece| match piece.starts_with("branch=") {
        true => format!("branch={branch}"),
        false => piece.to_owned(),
    });
    let renewed = pieces.collect::<Vec<_>>().join(";");
    via.replace(renewed);
}

/// What a request of ours is made of.
pub(crate) struct Outline<'a> {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    /// Sent-by and transport of Via, without branch.
    pub(crate) via: &'a str,
    pub(crate) branch: &'a str,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
    pub(crate) max_forwards: u8,
    pub(crate) contact: Option<&'a str>,
}

/// A request with the headers that every one has (RFC 3261 section 8.1.1).
pub(crate) fn request(outline: Outline<'_>) -> Request {
    let via = format!("SIP/2.0/{};branch={};rport", outline.via, outline.branch);
    let mut headers = Vec::with_capacity(12);
    headers.push(Header::Via(Via::new(via)));
    headers.push(Header::MaxForwards(MaxForwards::new(outline.max_forwards.to_string())));
    headers.push(Header::From(From::new(outline.from)));
    headers.push(Header::To(To::new(outline.to)));
    headers.push(Header::CallId(CallId::new(outline.call_id)));
    headers.push(Header::CSeq(CSeq::new(format!("{} {}", outline.cseq, outline.method))));
    if let Some(contact) = outline.contact {
        headers.push(Header::Contact(Contact::new(contact)));
        headers.push(allow());
    }
    headers.push(Header::UserAgent(UserAgent::new(PRODUCT)));
    headers.push(Header::ContentLength(ContentLength::new("0")));
    Request {
        method: outline.method,
        uri: outline.target,
        version: Version::V2,
        headers: headers.into(),
        body: vec![],
    }
}
