//! Whether a session description puts the other side on hold (RFC 3264 section 8.4).

/// Whether it does; `None` if it says nothing of media.
pub(super) fn holds(sdp: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(sdp).ok()?;
    let mut lines = text.lines().map(str::trim_end);
    if !lines.clone().any(|line| line.starts_with("m=")) {
        return None;
    }
    let is_away =
        |line: &str| matches!(line, "a=sendonly" | "a=inactive") || line.starts_with("c=IN IP4 0.0.0.0");
    Some(lines.any(is_away))
}

/// An answer to `offer` that takes its media and sends none: for a party that waits for another
/// (RFC 3725 section 4.4).
pub(super) fn waiting_answer(offer: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(offer).ok()?;
    let mut answer = String::with_capacity(text.len() + 16);
    for line in text.lines().map(str::trim_end) {
        match line {
            "a=sendrecv" | "a=sendonly" | "a=recvonly" | "a=inactive" => continue,
            _ if line.starts_with("c=IN IP4 ") => answer.push_str("c=IN IP4 0.0.0.0"),
            _ => answer.push_str(line),
        }
        answer.push_str("\r\n");
        if line.starts_with("m=") {
            answer.push_str("a=inactive\r\n");
        }
    }
    text.contains("m=").then(|| answer.into_bytes())
}
