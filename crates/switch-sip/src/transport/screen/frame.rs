//! Cutting a stream into messages (RFC 3261 section 18.3).

use super::head::{MAX_HEAD, fields, head_end, is};

/// What a peer sends to keep a connection open, and what it gets (RFC 5626 section 4.4.1).
pub(in crate::transport) const PING: &[u8] = b"\r\n\r\n";
pub(in crate::transport) const PONG: &[u8] = b"\r\n";

/// The longest message on a stream.
pub(in crate::transport) const MAX_MESSAGE: usize = 65_535;

/// What stands at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) enum Frame {
    /// A message of so many bytes.
    Message(usize),
    /// A keep-alive that wants an answer.
    Ping,
    /// So many bytes that mean nothing.
    Blank(usize),
    /// Not yet a whole one.
    Incomplete,
    /// The stream cannot be cut into messages any more.
    Broken,
}

/// Looks at the front of a stream.
pub(in crate::transport) fn frame(bytes: &[u8]) -> Frame {
    if bytes.starts_with(PING) {
        return Frame::Ping;
    }
    match bytes {
        b"\r" | b"\r\n" | b"\r\n\r" => return Frame::Incomplete,
        [b'\r', b'\n', ..] => return Frame::Blank(2),
        _ => {}
    }
    let Some(end) = head_end(bytes) else {
        return if bytes.len() > MAX_HEAD { Frame::Broken } else { Frame::Incomplete };
    };
    match content_length(&bytes[..end]) {
        Some(length) if end + length > MAX_MESSAGE => Frame::Broken,
        Some(length) if bytes.len() >= end + length => Frame::Message(end + length),
        Some(_) => Frame::Incomplete,
        None => Frame::Broken,
    }
}

/// The Content-Length of a head; 0 if there is none, `None` if it is not a length.
fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let value = fields(head).find(|(name, _)| is(name, "content-length", "l"));
    let Some((_, value)) = value else { return Some(0) };
    value.parse::<u32>().ok().and_then(|length| usize::try_from(length).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nok";

    #[test]
    fn streams_are_cut_where_the_length_says() {
        let one = ONE.as_bytes();
        assert_eq!(frame(&[one, &one[..10]].concat()), Frame::Message(one.len()));
        assert_eq!(frame(&one[..one.len() - 1]), Frame::Incomplete);
        assert_eq!(frame(b"\r\n\r\nOPT"), Frame::Ping);
        assert_eq!(frame(b"\r\nOPT"), Frame::Blank(2));
    }

    #[test]
    fn a_stream_that_cannot_be_cut_is_given_up() {
        for length in ["99999", "x", "-1", "18446744073709551615"] {
            let text = ONE.replace(": 2", &format!(": {length}"));
            assert_eq!(frame(text.as_bytes()), Frame::Broken, "{length}");
        }
        assert_eq!(frame(&[b'x'; MAX_HEAD + 1]), Frame::Broken);
    }
}
