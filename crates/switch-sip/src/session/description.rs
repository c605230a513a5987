//! Whether a session description puts the other side on hold, and making it so (RFC 3264 section 8.4).

/// Which way media flows, as the party says that a description comes from.
const DIRECTIONS: [&str; 4] = ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"];

/// Whether it does; `None` if it says nothing of media.
pub(crate) fn holds(sdp: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(sdp).ok()?;
    let mut lines = text.lines().map(str::trim_end);
    if !lines.clone().any(|line| line.starts_with("m=")) {
        return None;
    }
    let is_away =
        |line: &str| matches!(line, "a=sendonly" | "a=inactive") || line.starts_with("c=IN IP4 0.0.0.0");
    Some(lines.any(is_away))
}

/// The description with `direction` for each of its streams.
pub(crate) fn directed(sdp: &[u8], direction: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(sdp) else { return sdp.to_vec() };
    let mut written = String::with_capacity(text.len() + 16);
    let mut is_in_stream = false;
    for line in text.lines().map(str::trim_end).filter(|line| !DIRECTIONS.contains(line)) {
        let begins_stream = line.starts_with("m=");
        if begins_stream && is_in_stream {
            written.extend([direction, "\r\n"]);
        }
        is_in_stream |= begins_stream;
        written.extend([line, "\r\n"]);
    }
    if is_in_stream {
        written.extend([direction, "\r\n"]);
    }
    written.into_bytes()
}

/// The description with media both ways; as it is if it says so already.
pub(crate) fn without_hold(sdp: &[u8]) -> Vec<u8> {
    let is_one_way = |line: &str| DIRECTIONS[1..].contains(&line);
    let is_held = std::str::from_utf8(sdp).is_ok_and(|text| text.lines().map(str::trim_end).any(is_one_way));
    if is_held { directed(sdp, "a=sendrecv") } else { sdp.to_vec() }
}

/// The direction of an answer that would send, to an offer of one who waits.
pub(crate) fn answering_direction(offer: &[u8]) -> &'static str {
    let says = |direction: &str| {
        std::str::from_utf8(offer).is_ok_and(|text| text.lines().any(|line| line.trim_end() == direction))
    };
    match () {
        () if says("a=inactive") => "a=inactive",
        () if says("a=sendonly") => "a=recvonly",
        () => "a=sendonly",
    }
}

/// An answer to `offer` that takes its media and sends none: for a party that waits for another
/// (RFC 3725 section 4.4).
pub(crate) fn waiting_answer(offer: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(offer).ok()?;
    if !text.contains("m=") {
        return None;
    }
    let mut answer = String::with_capacity(text.len() + 16);
    for line in text.lines().map(str::trim_end) {
        let is_address = line.starts_with("c=IN IP4 ");
        answer.extend([if is_address { "c=IN IP4 0.0.0.0" } else { line }, "\r\n"]);
    }
    Some(directed(answer.as_bytes(), "a=inactive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALKING: &[u8] =
        b"v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendrecv\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\n";

    #[test]
    fn each_stream_gets_the_direction_at_its_end() {
        let held = directed(TALKING, "a=sendonly");
        let expected = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=ptime:20\r\na=sendonly\r\n\
m=audio 4002 RTP/AVP 8\r\na=ptime:20\r\na=sendonly\r\n";
        assert_eq!(String::from_utf8(held.clone()).unwrap(), expected);
        assert_eq!((holds(&held), holds(TALKING), holds(b"v=0\r\n")), (Some(true), Some(false), None));
    }

    #[test]
    fn only_what_is_held_is_changed_back() {
        assert_eq!(without_hold(TALKING), TALKING);
        assert_eq!(holds(&without_hold(&directed(TALKING, "a=inactive"))), Some(false));
    }

    #[test]
    fn an_answer_for_one_who_waits_has_no_address() {
        let answer = String::from_utf8(waiting_answer(TALKING).unwrap()).unwrap();
        assert!(answer.contains("c=IN IP4 0.0.0.0\r\n") && answer.contains("a=inactive\r\n"), "{answer}");
        assert_eq!(waiting_answer(b"v=0\r\n"), None);
    }
}
