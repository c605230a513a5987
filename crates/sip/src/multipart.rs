//! Bodies of several parts (RFC 2046 section 5.1): the session description in one.

use crate::{
    param::{param, unquote},
    sdp::MEDIA_TYPE,
};

/// The session description among the parts of a body of this type; `None` if there is none, or the body
/// cannot be cut into parts.
pub fn session_description<'a>(kind: &str, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let boundary = unquote(param(kind, "boundary")?);
    if boundary.is_empty() {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let mut parts = positions(bytes, delimiter.as_bytes()).collect::<Vec<_>>().into_iter().peekable();
    while let Some(start) = parts.next() {
        let end = *parts.peek()?;
        let part = &bytes[start + delimiter.len()..end];
        if let Some(description) = described(part) {
            return Some(description);
        }
    }
    None
}

/// Where lines begin with `delimiter`.
fn positions(bytes: &[u8], delimiter: &[u8]) -> impl Iterator<Item = usize> {
    let is_start = move |at: &usize| *at == 0 || bytes[at - 1] == b'\n';
    let found = bytes.windows(delimiter.len()).enumerate();
    found.filter(move |(_, window)| *window == delimiter).map(|(at, _)| at).filter(is_start)
}

/// The content of a part, if that is a session description. The line break before the next delimiter belongs
/// to that.
fn described(part: &[u8]) -> Option<&[u8]> {
    let head_end = part.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..head_end]).ok()?;
    let is_description = head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        name.trim().eq_ignore_ascii_case("content-type") && kind.eq_ignore_ascii_case(MEDIA_TYPE)
    });
    let content = &part[head_end + 4..];
    is_description.then(|| content.strip_suffix(b"\r\n").unwrap_or(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/mixed;boundary=\"cut\"";
    const BODY: &str = "--cut\r\nContent-Type: text/plain\r\n\r\nhello --cut\r\n--cut\r\n\
                        Content-Type: application/sdp\r\nContent-ID: <1@x>\r\n\r\nv=0\r\ns=-\r\n\r\n--cut--\r\n";

    #[test]
    fn the_session_description_is_found_among_the_parts() {
        assert_eq!(session_description(KIND, BODY.as_bytes()), Some(&b"v=0\r\ns=-\r\n"[..]));
    }

    #[test]
    fn what_cannot_be_cut_has_none() {
        for (kind, body) in [
            ("multipart/mixed", BODY),
            ("multipart/mixed;boundary=", BODY),
            ("multipart/mixed;boundary=other", BODY),
            (KIND, &BODY[..90]),
            (KIND, &BODY.replace("application/sdp", "application/xml")),
            (KIND, ""),
        ] {
            assert_eq!(session_description(kind, body.as_bytes()), None, "{kind} {body}");
        }
    }
}
